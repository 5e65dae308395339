"""Starts the linear face: nothing of Textual is loaded."""

import asyncio

from openmed_agent.settings.paths import find_paths
from openmed_agent.tui.linear.face import LinearFace
from openmed_agent.tui.linear.terminal import LineTerminal
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.workbench.client import PROGRAM, Workbench


def run_linear(options: ScreenOptions) -> int:
    """Talk in plain lines until the person leaves; return the exit status.

    Raises:
        OpenMedError: settings are wrong, or ask for what the site does not allow.

    """
    return asyncio.run(_run(options))


async def _run(options: ScreenOptions) -> int:
    workbench = Workbench((*PROGRAM, *options.workbench_arguments()))
    try:
        return await LinearFace(options, find_paths(), workbench, LineTerminal()).run()
    finally:
        await workbench.close()
