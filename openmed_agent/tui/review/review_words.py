"""The short lines around a review: title, place, safety, what is left, what would change."""

from typing import Final

from rich.cells import set_cell_size
from textual.content import Content

from openmed_agent.text.terminal import cell_width, terminal_safe
from openmed_agent.tui.review.source_pane import SourcePane
from openmed_agent.tui.review.standing import Standing
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.comparisons import ChangeRow, Comparison
from openmed_agent.workbench.requests.reviews import ReviewView

_LONGEST_NAME: Final = 32
_SHORTEST_PATH: Final = 12
_HOUR: Final = 60


def title_words(view: ReviewView, *, narrow: bool) -> str:
    """Return which draft this is and for how long."""
    what = f"draft {view.draft_id[:4]} rev {view.revision}"
    return f"Review · {what}" if narrow else f"Review · {view.workflow} · {what} · expires in {_time_left(view)}"


def left_words(standing: Standing) -> str:
    """Return how many items are left to decide."""
    count = len(standing.items)
    return f"{standing.left} of {count} left to decide" if standing.left else f"✓ all {count} decided"


def safety_words(view: ReviewView, *, pane: str, width: int) -> Content:
    """Return the PHI mode, who reviews, where the bundle would go, and which pane the arrow keys move."""
    reviewer = terminal_safe(view.reviewer or "nobody yet, R chooses", single_line=True)
    before = f" · {reviewer} · writes to "
    after = f" · ↑↓ {pane}"
    room = width - len("PHI ") - len(view.phi_mode) - cell_width(before) - cell_width(after)
    return Content.assemble(
        "PHI ",
        shown_line(view.phi_mode, "$accent"),
        before,
        _end_of(terminal_safe(view.destination, single_line=True), max(_SHORTEST_PATH, room)),
        after,
    )


def place_words(standing: Standing, pane: SourcePane) -> Content:
    """Return which source is shown, the line of the evidence, and which piece of it this is."""
    pieces = standing.item.evidence
    if not pieces:
        return shown_line("No place of the sources stands behind this item.", "$warning")
    current = pieces[standing.piece]
    source = next(one for one in standing.view.sources if one.digest == current.source)
    name = terminal_safe(source.name, single_line=True)
    if cell_width(name) > _LONGEST_NAME:
        name = set_cell_size(name, _LONGEST_NAME - 1) + "…"
    lines = f"line {pane.line_of(current)} of {len(source.lines)}{', laid out' if source.laid_out else ''}"
    same = [one for one in pieces if one.against == current.against]
    what = f"{'against it' if current.against else 'evidence'} {same.index(current) + 1} of {len(same)}"
    return Content.assemble(
        (name, "$foreground bold"),
        f" · {lines} · ",
        (what, "$warning" if current.against else "$accent"),
        " · ← → other" if len(pieces) > 1 else "",
    )


def pending_changes(standing: Standing) -> Comparison:
    """Return what the decisions so far would change in the draft."""
    rows: list[ChangeRow] = []
    same = 0
    for item in standing.items:
        decision = standing.decisions.get(item.digest)
        match decision.action if decision else "":
            case "edit" if decision is not None:
                rows.append(ChangeRow(change="changed", kind=item.kind, before=item.claim, after=decision.text))
            case "reject" if decision is not None:
                rows.append(ChangeRow(change="removed", kind=item.kind, before=item.claim, note=decision.reason))
            case _:
                same += 1
    before = f"revision {standing.view.revision}"
    return Comparison(before=before, after="your decisions so far", same=same, rows=tuple(rows))


def _end_of(path: str, room: int) -> str:
    """Return a path, or as much of its end as fits."""
    if cell_width(path) <= room:
        return path
    end = path
    while cell_width(end) > room - 1:
        end = end[1:]
    return f"…{end}"


def _time_left(view: ReviewView) -> str:
    minutes = view.minutes_left
    return f"{minutes // _HOUR} h" if minutes >= 2 * _HOUR else f"{minutes} min"
