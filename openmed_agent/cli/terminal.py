"""Plain ``openmed`` on a terminal: the screen, or plain lines for who listens to it."""

import argparse
import os
import sys
from typing import TYPE_CHECKING, Final

from openmed_agent.cli.sitting import working_folder

if TYPE_CHECKING:
    from openmed_agent.tui.options import ScreenOptions

_WITHOUT_SCREEN: Final = ("", "dumb", "unknown")


def open_screen(options: argparse.Namespace) -> int:
    """Open the screen and return the exit status when the person has left."""
    asked = screen_options(options)
    if options.screen_reader or _listens():
        from openmed_agent.cli.interrupts import load_pydantic_core

        load_pydantic_core()
        from openmed_agent.tui.linear.launch import run_linear

        return run_linear(asked)
    from openmed_agent.tui.launch import run_screen

    return run_screen(asked)


def screen_options(options: argparse.Namespace) -> "ScreenOptions":
    """Return what the command line asked of the screen."""
    from openmed_agent.tui.options import ScreenOptions

    return ScreenOptions(
        folder=working_folder(options.folder),
        session=options.session,
        resume_last=options.resume_last,
        phi_mode=options.phi_mode,
        agent_mode=options.agent,
        permission_mode=options.permission_mode,
        model=options.model,
        allow=tuple(options.allow or ()),
    )


def is_on_terminal() -> bool:
    """Return whether a person can see and type here."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _listens() -> bool:
    """Tell whether the person chose plain lines in the settings, or the terminal can do nothing else."""
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.settings.screen import load_preferences

    if os.name == "posix" and os.environ.get("TERM", "") in _WITHOUT_SCREEN:
        from openmed_agent.cli.console import notice

        notice(
            "This terminal cannot show the screen (TERM is not set, or says so), so everything comes in plain lines."
        )
        return True
    return load_preferences(find_paths()).screen_reader
