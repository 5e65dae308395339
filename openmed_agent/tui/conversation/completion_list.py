"""The list over the prompt: what could be meant, one of it marked."""

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from openmed_agent.text.fuzzy import match
from openmed_agent.text.terminal import cell_width, terminal_safe
from openmed_agent.tui.conversation.completion import Candidate
from openmed_agent.tui.safe_text import shown_line

MOST_ROWS: Final = 8
_KEYS: Final = "↑ ↓ move · ⏎ or tab take · esc close"
_WIDEST_NAME: Final = 36
_MARK: Final = 2
"""Cells of the mark before each row."""


class CompletionList(Static):
    """Lies over what is above the prompt, so that nothing moves when it opens."""

    DEFAULT_CSS = """
    CompletionList { display: none; overlay: screen; height: auto; width: 100%; background: $surface;
                     text-wrap: nowrap; text-overflow: ellipsis; padding: 0 1; }
    """

    class Picked(Message):
        """A row was clicked."""

        def __init__(self, candidate: Candidate) -> None:
            super().__init__()
            self.candidate = candidate

    def __init__(self) -> None:
        super().__init__()
        self._candidates: tuple[Candidate, ...] = ()
        self._query = ""
        self._note = ""
        self._marked = 0
        self._first = 0

    @property
    def marked(self) -> Candidate | None:
        """The one that would be taken."""
        return self._candidates[self._marked] if self._candidates else None

    def offer(self, candidates: Sequence[Candidate], query: str, note: str = "") -> None:
        """Show candidates, the first one marked; ``note`` stands below. With neither the list closes."""
        self._candidates, self._query, self._note = tuple(candidates), query, note
        self._marked = self._first = 0
        self._draw()

    def close(self) -> None:
        """Show nothing."""
        if self.display:
            self.offer((), "")

    def move(self, rows: int) -> None:
        """Mark another one; past an end it goes on at the other."""
        if self._candidates:
            self._marked = (self._marked + rows) % len(self._candidates)
            self._first = min(max(self._first, self._marked - MOST_ROWS + 1), self._marked)
            self._draw()

    def on_resize(self) -> None:
        """Fit the rows to another width."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Take the row that was clicked."""
        place = self._first + event.y
        if event.y < MOST_ROWS and place < len(self._candidates):
            self.post_message(self.Picked(self._candidates[place]))

    def _draw(self) -> None:
        shown = self._candidates[self._first : self._first + MOST_ROWS]
        self.display = bool(shown or self._note)
        if not self.display:
            return
        widest = min(max((cell_width(_safe(one.name)) for one in shown), default=0), _WIDEST_NAME)
        rows = [self._row(one, place, widest) for place, one in enumerate(shown, start=self._first)]
        rows.append(Content.assemble(" " * _MARK, (self._below(), "$secondary")))
        self.styles.offset = (0, -len(rows))
        self.update(Content("\n").join(rows))

    def _row(self, candidate: Candidate, place: int, widest: int) -> Content:
        marked = place == self._marked
        width = (self.size.width or self.app.size.width) - _MARK
        room = min(width, _WIDEST_NAME) if candidate.detail else width
        name = _name(candidate.name, self._query, room)
        detail = Content("")
        if candidate.detail:
            gap = " " * (widest - cell_width(name.plain) + 2)
            detail = Content.assemble(gap, shown_line(candidate.detail, "$secondary"))
        row = Content.assemble(("▸ ", "$accent bold") if marked else " " * _MARK, name, detail)
        if not marked:
            return row
        return Content.assemble(row, " " * max(0, width + _MARK - cell_width(row.plain))).stylize("on $accent 20%")

    def _below(self) -> str:
        if not self._candidates:
            return _safe(self._note)
        hidden = len(self._candidates) - MOST_ROWS
        count = f"{self._marked + 1} of {len(self._candidates)} · " if hidden > 0 else ""
        return f"{count}{_KEYS}" + (f" · {_safe(self._note)}" if self._note else "")


def _safe(text: str) -> str:
    return terminal_safe(text, single_line=True)


def _name(name: str, query: str, room: int) -> Content:
    """Return the name with the letters that were typed made bold; the end of a long one matters more."""
    safe = _safe(name)
    offset = 1 if safe.startswith("/") and not query.startswith("/") else 0
    found = match(query, safe[offset:].partition(" ")[0] if offset else safe) if query else None
    content = Content(safe)
    for place in found.at if found else ():
        content = content.stylize("$accent bold", place + offset, place + offset + 1)
    if cell_width(safe) <= room:
        return content
    cut = len(safe)
    left = room - 1
    while cut and (left := left - cell_width(safe[cut - 1])) >= 0:
        cut -= 1
    return Content.assemble("…", content[cut:])
