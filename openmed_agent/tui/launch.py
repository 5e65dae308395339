"""Starts the screen and says, after it is gone, what a person has to know."""

import sys

from openmed_agent.errors import ExitStatus
from openmed_agent.settings.paths import find_paths
from openmed_agent.settings.screen import load_preferences
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.workbench.client import PROGRAM, Workbench


def run_screen(options: ScreenOptions) -> int:
    """Run the screen until the person leaves; return the exit status.

    Raises:
        InputError: the file of the person's choices cannot be used.

    """
    paths = find_paths()
    workbench = Workbench((*PROGRAM, *options.workbench_arguments()))
    app = OpenMedApp(options, paths, load_preferences(paths), workbench)
    status = app.run()
    if app.crash_report:
        sys.stderr.write(
            f"openmed: The screen stopped on a fault of its own ({terminal_safe(app.crash_report, single_line=True)}). "
            "Your session is kept: openmed --continue. Please report this line.\n"
        )
        return int(ExitStatus.NO)
    return status or 0
