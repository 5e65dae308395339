"""What the help says: keys, commands, PHI modes, places."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from textual.content import Content

from openmed_agent.settings.paths import Paths
from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.commands import COMMANDS, Command
from openmed_agent.tui.keymap import EVERY, label_of
from openmed_agent.tui.phi_words import PHI_CHOICES, PHI_NOTES, PHI_TABLE
from openmed_agent.tui.safe_text import shown_line

COLUMNS: Final = (Column(27), Column())


def help_rows(remapped: Mapping[str, str], paths: Paths, query: str) -> list[Row]:
    """Return the groups with the lines that fit a search."""
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
            rows += [Row(()), Row((Content(title),), heading=True), *(_row(*line) for line in fitting)]
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


def _row(left: str, right: str) -> Row:
    return Row((Content(f"  {left}").stylize("$accent"), shown_line(right)))


def _fits(query: str, *texts: str) -> bool:
    wanted = query.casefold().split()
    text = " ".join(texts).casefold()
    return all(word in text for word in wanted)
