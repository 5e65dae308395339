"""Work that runs beside the screen, so that keys are answered meanwhile."""

from collections.abc import Callable, Coroutine
from typing import Any

from textual.dom import DOMNode


def run_beside(node: DOMNode, work: Callable[[], Coroutine[Any, Any, None]], *, group: str) -> None:
    """Run work as long as ``node`` is there; newer work of its group takes the place of older.

    It is given as a function: a coroutine whose worker is replaced before it began would never be awaited. Textual
    is handed one of ours, since a worker's repr shows what it runs, and a partial its arguments.
    """

    async def run() -> None:
        await work()

    node.run_worker(run, group=group, exclusive=True)  # type: ignore[arg-type] # mypy cannot choose of the three kinds
