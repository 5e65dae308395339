"""docs/tui.md shows every key as it is. `python tests/tui/test_tui_document.py` writes its table anew."""

from itertools import groupby
from pathlib import Path

from openmed_agent.tui import keymap
from openmed_agent.tui.keymap import KeyAction, label_of

DOCUMENT = Path(__file__).parents[2] / "docs" / "tui.md"
BEGIN, END = "<!-- keys: made by tests/tui/test_tui_document.py -->\n", "<!-- end of keys -->"


def table() -> str:
    actions = {
        one.identifier: one
        for value in vars(keymap).values()
        if isinstance(value, tuple)
        for one in value
        if isinstance(one, KeyAction)
    }
    rows = ["| where | key | what it does | name |", "|---|---|---|---|"]
    for place, group in groupby(actions.values(), key=lambda one: one.place):
        rows += [f"| {place} | `{label_of(one, {})}` | {one.description} | `{one.identifier}` |" for one in group]
    return "\n".join(rows) + "\n"


def test_every_key_is_in_the_document_as_it_is() -> None:
    text = DOCUMENT.read_text()
    assert text[text.index(BEGIN) + len(BEGIN) : text.index(END)] == table(), "run this file to write it anew"


if __name__ == "__main__":
    before = DOCUMENT.read_text()
    DOCUMENT.write_text(before[: before.index(BEGIN) + len(BEGIN)] + table() + before[before.index(END) :])
