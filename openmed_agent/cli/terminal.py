"""Plain ``openmed`` on a terminal: the screen."""

import argparse
import sys

from openmed_agent.cli.sitting import working_folder


def open_screen(options: argparse.Namespace) -> int:
    """Open the screen and return the exit status when the person has left."""
    from openmed_agent.tui.launch import run_screen
    from openmed_agent.tui.options import ScreenOptions

    return run_screen(
        ScreenOptions(
            folder=working_folder(options.folder),
            session=options.session,
            resume_last=options.resume_last,
            phi_mode=options.phi_mode,
            agent_mode=options.agent,
            permission_mode=options.permission_mode,
            model=options.model,
            allow=tuple(options.allow or ()),
        )
    )


def is_on_terminal() -> bool:
    """Return whether a person can see and type here."""
    return sys.stdin.isatty() and sys.stdout.isatty()
