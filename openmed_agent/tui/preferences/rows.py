"""How the settings look in the list: what holds, where it comes from, and how it is changed."""

from collections.abc import Mapping
from typing import Final

from textual.content import Content

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.preferences.theme_dialog import THEME_WORDS
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.preferences import SettingLine, SettingsReport

COLUMNS: Final = (Column(22), Column(), Column(12, needs=64))
"""Name, value, source."""

CHANGED_HERE: Final[Mapping[str, str]] = {"PHI mode": "phi", "Permission mode": "permission"}
"""Settings of the file that this screen can change, and their rows' identifiers."""


def preference_rows(preferences: ScreenPreferences) -> list[Row]:
    """Return the rows of a person's own choices."""
    minutes = preferences.idle_lock_minutes
    changed = len(preferences.keys)
    return [
        _heading("This screen"),
        _own("Colours", THEME_WORDS.get(preferences.theme, preferences.theme), "theme"),
        _own("Lock when idle", f"after {minutes} minutes without a key" if minutes else "never", "lock"),
        _own("Screen reader mode", "on: every event as a line" if preferences.screen_reader else "off", "reader"),
        _own("Keys", f"{changed} changed" if changed else "as delivered", "keys"),
        _own("Reasoning effort", preferences.reasoning_effort or "as the settings say", "effort"),
    ]


def setting_rows(report: SettingsReport) -> list[Row]:
    """Return the rows of the settings, and of the files that they come from."""
    files = [("Your file", report.file if report.file_exists else f"{report.file} (none yet)")]
    files += [(name, file) for name, file in (("Project", report.project_file), ("Site", report.site_file)) if file]
    return [
        Row(()),
        _heading("Settings"),
        *(_setting(one) for one in report.lines),
        Row(()),
        _heading("Files"),
        *(Row((Content(f"  {name:<20}"), shown_line(file)), f"file:{name}") for name, file in files),
    ]


def _setting(line: SettingLine) -> Row:
    identifier = CHANGED_HERE.get(line.name, f"setting:{line.name}")
    return Row(
        (shown_line(f"  {line.name}"), shown_line(line.value), Content.styled(line.source, "$secondary")), identifier
    )


def _own(name: str, value: str, identifier: str) -> Row:
    return Row((Content(f"  {name}"), shown_line(value), Content.styled("yours", "$secondary")), identifier)


def _heading(title: str) -> Row:
    return Row((Content(title),), heading=True)
