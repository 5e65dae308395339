"""What commands print: results on standard output, everything else on standard error.

Rich markup is never interpreted: text is handed to Rich as ``Text`` objects whose content went through
``terminal_safe``.
"""

import json
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from openmed_agent.text.terminal import json_terminal_safe, terminal_safe

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from openmed_agent.planes.supervisor import PlaneWatcher, Preparation


def output() -> "Console":
    """Return the console of standard output, at most 100 columns wide so that lines stay readable."""
    from rich.console import Console

    class OutputConsole(Console):
        """A console that leaves it to the command what a reader that has gone away means."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    console = OutputConsole(highlight=False, markup=False, emoji=False, soft_wrap=False)
    if not console.is_terminal:
        console.width = 100
    console.width = min(console.width, 100)
    return console


def safe(text: str, style: str = "") -> "Text":
    """Return untrusted ``text`` for a Rich console, on one line."""
    from rich.text import Text

    return Text(terminal_safe(text, single_line=True), style=style)


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Print ``value`` as indented JSON; control characters are escaped by JSON itself."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    sys.stdout.write(json_terminal_safe(text) + "\n")


def notice(sentence: str) -> None:
    """Print one sentence on standard error, on a terminal without breaking its words."""
    line = f"openmed: {terminal_safe(sentence, single_line=True)}"
    if sys.stderr.isatty():
        width = max(20, shutil.get_terminal_size().columns)
        line = textwrap.fill(line, width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def progress() -> Iterator[tuple["PlaneWatcher", Callable[[str], None]]]:
    """Yield who is told of planes that prepare themselves, and who is told of the present step.

    On a terminal both are one line that is rewritten; elsewhere only long preparations are said, once.
    """
    from openmed_agent.planes.supervisor import PlaneWatcher

    if not sys.stderr.isatty():
        said: set[str] = set()

        def say_once(preparation: "Preparation") -> None:
            if preparation.what not in said:
                said.add(preparation.what)
                notice(f"{preparation.what} (once)...")

        yield PlaneWatcher(prepared=say_once, notice=notice), lambda _: None
        return

    from rich.console import Console

    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with console.status(safe("Starting"), spinner="dots") as status:

        def show(preparation: "Preparation") -> None:
            share = f" {100 * preparation.done // preparation.total} %" if preparation.total else ""
            status.update(safe(f"{preparation.what}{share}"))

        watcher = PlaneWatcher(prepared=show, notice=lambda sentence: console.print(safe(sentence)))
        yield watcher, lambda step: status.update(safe(step))
