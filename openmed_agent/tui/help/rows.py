"""What the help says: keys, commands, PHI modes, places."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import wrap
from typing import Final

from textual.content import Content

from openmed_agent.settings.paths import Paths
from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.commands import COMMANDS, Command
from openmed_agent.tui.keymap import EVERY, label_of
from openmed_agent.tui.phi_words import PHI_CHOICES, PHI_NOTES, PHI_TABLE
from openmed_agent.tui.safe_text import shown_line

COLUMNS: Final = (Column(27), Column())
_TAKEN: Final = 27 + 2 + 4
"""Cells of a line that are not the second column's: the first one, the space between, margins and scrollbar."""
_LEAST: Final = 20


def help_rows(remapped: Mapping[str, str], paths: Paths, query: str, *, width: int) -> list[Row]:
    """Return the groups with the lines that fit a search, folded for a screen of this width."""
    room = max(_LEAST, width - _TAKEN)
    groups = (
        *_key_groups(remapped),
        ("Commands: type / in the prompt", [(_command(one), one.description) for one in COMMANDS]),
        ("PHI modes: what leaves for whom", _phi_lines()),
        ("Where things live", _places(paths)),
    )
    rows: list[Row] = []
    for title, lines in groups:
        fitting = [line for line in lines if _fits(query, title, *line)]
        if fitting:
            rows += [Row(()), Row((Content(title),), heading=True)]
            rows += [row for line in fitting for row in _rows(*line, room)]
    return rows[1:]


def _key_groups(remapped: Mapping[str, str]) -> list[tuple[str, list[tuple[str, str]]]]:
    places = dict.fromkeys(one.place for one in EVERY)
    return [
        (
            f"Keys: {place}",
            [(label_of(one, remapped), one.description) for one in EVERY if one.place == place],
        )
        for place in places
    ]


def _command(command: Command) -> str:
    return f"/{command.name} {command.argument}".rstrip()


def _phi_lines() -> list[tuple[str, str]]:
    modes = [(one.label, one.detail) for one in PHI_CHOICES]
    heading = ("", _columns("full", "deid", "strict"))
    table = [(channel, _columns(full, deid, strict)) for channel, full, deid, strict in PHI_TABLE]
    return [*modes, heading, *table, *(("", note) for note in PHI_NOTES)]


def _columns(full: str, deid: str, strict: str) -> str:
    return f"{full:<16}{deid:<16}{strict}"


def _places(paths: Paths) -> list[tuple[str, str]]:
    files = (
        ("store, encrypted", paths.root / "sessions"),
        ("head of the audit", paths.root / "audit"),
        ("settings", paths.configuration_file),
        ("choices of this screen", paths.configuration / "screen.json"),
        ("your workflows", paths.user_workflows),
        ("codes index", paths.codes_index),
    )
    return [(name, _shortened(path)) for name, path in files]


def _shortened(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)


def _rows(left: str, right: str, room: int) -> list[Row]:
    lines = [right] if len(right) <= room else wrap(right, room) or [""]
    names = [f"  {left}", *("" for _ in lines[1:])]
    return [Row((Content(name).stylize("$accent"), shown_line(line))) for name, line in zip(names, lines, strict=True)]


def _fits(query: str, *texts: str) -> bool:
    wanted = query.casefold().split()
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted)
