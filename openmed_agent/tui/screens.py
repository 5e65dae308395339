"""Which screen has which name. Each is imported when it is first opened, so the first prompt waits for none."""

from importlib import import_module
from typing import Final

from textual.screen import Screen

_SCREENS: Final = {
    "audit": ("audit", "AuditScreen"),
    "drafts": ("drafts", "DraftsScreen"),
    "help": ("help", "HelpScreen"),
    "instructions": ("first_run", "InstructionsScreen"),
    "models": ("models", "ModelsScreen"),
    "planes": ("planes", "PlanesScreen"),
    "privacy": ("deidentify", "DeidentifyScreen"),
    "sessions": ("sessions", "SessionsScreen"),
    "settings": ("preferences", "SettingsScreen"),
    "setup": ("first_run", "SetupScreen"),
    "skills": ("skills", "SkillsScreen"),
    "workflows": ("workflows", "WorkflowsScreen"),
}
"""The name of a screen: its folder, whose file is ``screen.py``, and its class."""


def make_screen(name: str) -> Screen[None]:
    """Return a new screen by its name, such as ``sessions``."""
    folder, kind = _SCREENS[name]
    made: Screen[None] = getattr(import_module(f"openmed_agent.tui.{folder}.screen"), kind)()
    return made
