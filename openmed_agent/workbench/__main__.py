"""``python -m openmed_agent.workbench``: the working process of a screen; it speaks on its standard streams only."""

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path

from openmed_agent.secrets.core_files import forbid_core_files
from openmed_agent.settings.paths import find_paths
from openmed_agent.workbench.bench import Bench, BenchOptions
from openmed_agent.workbench.host import run_host


def main() -> int:
    """Serve the screen that started this process until it closes the pipe; return the exit status."""
    forbid_core_files()
    warnings.simplefilter("ignore")
    logging.lastResort = logging.NullHandler()
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--folder", type=Path, default=Path.cwd())
    parser.add_argument("--allow", action="append", default=[])
    options = parser.parse_args()
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what a library prints must not reach the wire
    run_host(lambda: Bench(find_paths(), BenchOptions(options.folder.resolve(), tuple(options.allow))), answers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
