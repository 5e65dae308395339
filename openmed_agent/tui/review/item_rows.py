"""The list of items in rows of a terminal: headings, and each claim on at most two rows. Wrapped once for a width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workbench.requests.reviews import DecisionView, ItemView

HEADINGS: Final = {
    "must_decide": "MUST DECIDE",
    "not_stated": "NOT STATED IN THE SOURCE",
    "supported": "SUPPORTED",
}
MARKS: Final = {"accept": "✓", "edit": "✎", "reject": "✗"}
BEFORE_CLAIM: Final = 4  # cells: pointer, blank, mark, blank
WORD: Final = 6  # cells at the right for severity and warning
_ROWS: Final = 2


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One row: a heading, or a row of the item with this number; ``first`` where the item begins."""

    text: str
    item: int = -1
    first: bool = False

    @property
    def is_heading(self) -> bool:
        """Whether no item stands in the row."""
        return self.item < 0


def item_rows(items: Sequence[ItemView], width: int) -> tuple[ItemRow, ...]:
    """Return the rows of a list of items for a width in cells."""
    rows: list[ItemRow] = []
    group = ""
    room = max(8, width - BEFORE_CLAIM - WORD - 1)
    for number, item in enumerate(items):
        if item.group != group:
            if rows:
                rows.append(ItemRow(""))
            group = item.group
            count = sum(1 for one in items if one.group == group)
            rows.append(ItemRow(f"{HEADINGS[group]} · {count}"))
        lines = _lines(item, room)
        rows.extend(ItemRow(line, number, first=at == 0) for at, line in enumerate(lines))
    return tuple(rows)


def mark_of(decision: DecisionView | None) -> str:
    """Return the mark of a decision; a blank where none was made."""
    return MARKS[decision.action] if decision else " "


def word_of(item: ItemView) -> str:
    """Return severity and warning as a word."""
    if item.warnings:
        return "⚠ high" if item.severity == "high" else "⚠"
    return "high" if item.severity == "high" else ""


def _lines(item: ItemView, room: int) -> tuple[str, ...]:
    codes = " ".join(code.code for code in item.codes[:1])
    text = terminal_safe(f"{item.claim} · {codes}" if codes else item.claim, single_line=True)
    lines: list[str] = []
    while text and len(lines) < _ROWS:
        head, text = _broken(text, room)
        lines.append(head)
    if text:
        lines[-1] = set_cell_size(lines[-1], room - 1).rstrip() + "…"
    return tuple(lines) or ("",)


def _broken(text: str, room: int) -> tuple[str, str]:
    """Return what fits the room, up to a blank where there is one, and the rest."""
    if cell_len(text) <= room:
        return text, ""
    end = used = 0
    for end, character in enumerate(text):  # noqa: B007 - where it stopped counts
        used += cell_len(character)
        if used > room:
            break
    blank = text.rfind(" ", 0, end + 1)
    cut = blank if blank > 0 else end
    return text[:cut], text[cut:].lstrip(" ")
