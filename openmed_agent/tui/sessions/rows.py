"""How a session looks in the list."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from textual.content import Content

from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.sessions import SessionRow

COLUMNS: Final = (
    Column(),
    Column(16),
    Column(6),
    Column(20, needs=100),
    Column(7, "right"),
)
"""Title, when, PHI mode, model, number of events."""

HEADINGS: Final = ("Title", "Last used", "PHI", "Model", "Events")
UNTITLED: Final = "Untitled"
PAGE: Final = 300
"""Sessions that are asked for at once; more come when the end of the list is reached."""


def session_rows(sessions: Iterable[SessionRow]) -> list[Row]:
    """Return the heading and a row for each session."""
    heading = Row(tuple(Content.styled(word, "$secondary") for word in HEADINGS))
    return [heading, *(_row(one) for one in sessions)]


def detail_of(session: SessionRow) -> Content:
    """Return what a row has no room for."""
    parts = [f"{session.agent_mode} mode", session.model or "no model", f"made {_when(session.created)}"]
    if session.forked_from is not None:
        parts.append("a fork")
    line = shown_line(" · ".join(parts))
    match session.held:
        case "elsewhere":
            return Content.assemble(line, ("\n▸ open in another window; fork it to go on here", "$warning"))
        case "here":
            return Content.assemble(line, ("\n● open in this window", "$accent"))
    return line


def _row(session: SessionRow) -> Row:
    marks = {"here": ("● ", "$accent"), "elsewhere": ("▸ ", "$warning")}
    mark = marks.get(session.held, ("", ""))
    title = shown_line(session.title) if session.title else Content.styled(UNTITLED, "$secondary italic")
    return Row(
        (
            Content.assemble(mark, title) if mark[0] else title,
            Content.styled(_when(session.updated), "$secondary"),
            shown_line(session.phi_mode),
            shown_line(session.model, "$secondary"),
            Content.styled(f"{session.events:,}", "$secondary"),
        ),
        session.session_id,
    )


def _when(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
