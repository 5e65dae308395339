"""``python -m openmed_agent.cli.web_viewer``: the screen of one browser window, spoken to by ``tui/web/viewers.py``."""

import argparse
import sys
from pathlib import Path

from openmed_agent.errors import OpenMedError
from openmed_agent.secrets.core_files import forbid_core_files
from openmed_agent.tui.launch import run_screen
from openmed_agent.tui.options import ScreenOptions


def main() -> int:
    """Run the screen until the browser leaves; return the exit status."""
    forbid_core_files()
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--folder", type=Path, required=True)
    try:
        return run_screen(ScreenOptions(folder=parser.parse_args().folder))
    except OpenMedError as error:
        return int(error.exit_status)


if __name__ == "__main__":
    sys.exit(main())
