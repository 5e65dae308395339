"""``python -m openmed_agent.workbench``: the working process of a screen; it speaks on its standard streams only."""

import argparse
import logging
import os
import sys
import warnings
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import BinaryIO, Final

from openmed_agent.secrets.core_files import forbid_core_files
from openmed_agent.settings.paths import find_paths
from openmed_agent.workbench.bench import Bench, BenchOptions
from openmed_agent.workbench.host import run_host

_NICENESS: Final = 2


def main() -> int:
    """Serve the screen that started this process until it closes the pipe; return the exit status."""
    forbid_core_files()
    _let_the_screen_go_first()
    warnings.simplefilter("ignore")
    logging.lastResort = logging.NullHandler()
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--allow", action="append", default=[])
    options = parser.parse_args()
    orders, answers = take_standard_streams()
    # what opens a session takes a second to import; it comes while the person types or looks at a list
    Thread(target=import_module, args=("openmed_agent.workbench.session_desk",), daemon=True).start()
    run_host(lambda: Bench(find_paths(), BenchOptions(options.folder.resolve(), tuple(options.allow))), orders, answers)
    return 0


def take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Return the wire, and leave nothing in its place.

    What a library prints must not reach the wire, and what it starts must not read from it.
    """
    orders = os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, sys.stdin.fileno())
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return orders, answers


def _let_the_screen_go_first() -> None:
    """Take a little less of a busy processor than the screen, so that a key is echoed while an answer streams."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)


if __name__ == "__main__":
    sys.exit(main())
