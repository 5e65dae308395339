"""How a draft looks in the list."""

from collections.abc import Iterable
from typing import Final

from textual.content import Content

from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.drafts import DraftRow, DraftStateName

COLUMNS: Final = (Column(10), Column(14, needs=100), Column(), Column(9, "right"), Column(11), Column(12))
HEADINGS: Final = ("Draft", "Workflow", "Source", "To decide", "Expires", "State")
STATES: Final[dict[DraftStateName, tuple[str, str]]] = {
    "draft": ("○", "$accent"),
    "finalizing": ("▸", "$warning"),
    "committed": ("✓", "$success"),
    "expired": ("✗", "$secondary"),
}


def draft_rows(drafts: Iterable[DraftRow]) -> list[Row]:
    """Return the heading and a row for each draft."""
    heading = Row(tuple(Content.styled(word, "$secondary") for word in HEADINGS))
    return [heading, *(_row(one) for one in drafts)]


def detail_of(draft: DraftRow) -> Content:
    """Return what a row has no room for."""
    sources = shown_line(f"Sources  {', '.join(draft.sources)}")
    expired = f" · expired {moment(draft.expires)}" if draft.state == "expired" else ""
    times = f"made {moment(draft.created)}{expired} UTC"
    lines = [sources, shown_line(f"{draft.workflow} · {draft.items} items · {times}", "$secondary")]
    if draft.destination:
        verb = "Bundle" if draft.state == "committed" else "Was to be written to"
        lines.append(shown_line(f"{verb}  {draft.destination}"))
    return Content("\n").join(lines)


def fits(draft: DraftRow, text: str) -> bool:
    """Return whether a draft has all words of a search in what its row and detail say."""
    said = " ".join((draft.draft_id, draft.workflow, *draft.sources, draft.state, draft.created, draft.destination))
    return all(word in said.casefold() for word in text.casefold().split())


def moment(text: str) -> str:
    """Return an ISO time as ``2026-11-23 09:10``."""
    return text.replace("T", " ")[:16]


def _row(draft: DraftRow) -> Row:
    mark, style = STATES[draft.state]
    first, *others = draft.sources or ("",)
    more = f" +{len(others)}" if others else ""
    expires = moment(draft.expires)[5:] if draft.state == "draft" else ""
    return Row(
        (
            shown_line(f"{draft.draft_id[:8]}@{draft.revision}"),
            shown_line(draft.workflow, "$secondary"),
            Content.assemble(shown_line(first), (more, "$secondary")),
            Content(f"{draft.left} of {draft.items}") if draft.state == "draft" else Content.styled("–", "$secondary"),
            shown_line(expires, "$secondary"),
            Content.assemble((f"{mark} {draft.state}", style)),
        ),
        draft.draft_id,
    )
