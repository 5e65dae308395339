"""``openmed web``: the screen in a browser on this machine."""

import argparse
import sys
from pathlib import Path

from openmed_agent.errors import InputError, UnavailableError, UsageError

_LARGEST_PORT = 65_535


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "web",
        help="show the screen in a browser on this machine",
        description="Serves the screen to a browser on this machine. The address holds a secret and works until "
        "Ctrl+C; each window is a screen of its own. Nothing is loaded from elsewhere.",
        allow_abbrev=False,
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: any free one")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the folder that files may be read in")
    parser.set_defaults(command=serve_web)


def serve_web(options: argparse.Namespace) -> int:
    """Serve until Ctrl+C; return the exit status.

    Raises:
        UnavailableError: the packages for it are not installed.

    """
    import asyncio
    from importlib.util import find_spec

    from openmed_agent.cli.sitting import working_folder

    if not 0 <= options.port <= _LARGEST_PORT:
        raise UsageError(f"--port must be between 0 and {_LARGEST_PORT}.")
    if any(find_spec(name) is None for name in ("aiohttp", "textual_serve")):
        raise UnavailableError(
            "The packages for a browser are not installed.",
            remedy="Run 'pip install textual-serve' in the environment of OpenMed Agent.",
        )
    try:
        return asyncio.run(_serve(working_folder(options.folder), options.port))
    except OSError:
        raise InputError(f"Port {options.port} cannot be used.", remedy="Leave --port away, or name another.") from None


async def _serve(folder: Path, port: int) -> int:
    import asyncio
    import contextlib
    import signal

    from openmed_agent.cli.console import notice
    from openmed_agent.tui.web.server import WebFace, serve_until

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
            asyncio.get_running_loop().add_signal_handler(number, ended.set)

    def tell(address: str) -> None:
        print(address, flush=True)  # noqa: T201
        notice("Open this address in a browser on this machine. Who has it can use OpenMed as you. Ctrl+C ends it.")

    command = (sys.executable, "-m", "openmed_agent.cli.web_viewer", "--folder", str(folder))
    await serve_until(WebFace(command), port, ended.wait(), tell)
    return 0
