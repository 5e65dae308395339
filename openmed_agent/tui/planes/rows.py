"""How planes and releases look in the list."""

from collections.abc import Iterable, Mapping
from typing import Final

from textual.content import Content

from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.planes import (
    PlaneAnswered,
    PlaneName,
    PlaneSetUp,
    PlanesSetUp,
    PlaneState,
    ReleaseRow,
)

COLUMNS: Final = (Column(12), Column(15), Column())
_STATES: Final[dict[PlaneState, tuple[str, str]]] = {
    "not started": ("○ not started", "$secondary"),
    "running": ("● running", "$success"),
    "failed": ("✗ failed", "$error"),
    "configured": ("○ not asked", "$secondary"),
}
Outcome = PlaneAnswered | str
"""What a plane said, or the sentence that says why it did not; empty while it is asked."""


def plane_rows(set_up: PlanesSetUp, outcomes: Mapping[PlaneName, Outcome]) -> list[Row]:
    """Return the planes, the releases and literature, each under its heading."""
    codes = outcomes.get("codes")
    served = codes.releases if isinstance(codes, PlaneAnswered) else ()
    return [
        _heading("Planes"),
        *(_plane_row(one, outcomes.get(one.name)) for one in set_up.planes),
        _blank(),
        _heading("Code systems"),
        *_release_rows(set_up, served),
        _blank(),
        _heading("Literature"),
        _literature_row(set_up),
    ]


def where(plane: PlaneSetUp) -> str:
    """Return where a plane is, in words."""
    if not plane.address:
        return "embedded, on this machine"
    return f"{plane.address}, {'another machine' if plane.remote else 'this machine'}"


def _plane_row(plane: PlaneSetUp, outcome: Outcome | None) -> Row:
    state, style = _STATES[plane.state]
    words = where(plane)
    if isinstance(outcome, PlaneAnswered):
        state, style, words = "✓ answers", "$success", f"{outcome.service} {outcome.version}, {words}"
    elif outcome == "":
        state, style = "▸ asking", "$accent"
    elif outcome is not None:
        state, style, words = "✗ no answer", "$error", outcome
    return Row((Content(plane.name), Content.styled(state, style), shown_line(words)), plane.name)


def _release_rows(set_up: PlanesSetUp, served: Iterable[ReleaseRow]) -> list[Row]:
    installed = {(one.system, one.version) for one in set_up.releases}
    packaged = [one for one in served if (one.system, one.version) not in installed]
    rows = [_release_row(one, "installed") for one in set_up.releases]
    rows += [_release_row(one, "") for one in packaged]
    if set_up.releases_problem:
        rows.append(Row((Content(), Content.styled("✗ unreadable", "$error"), shown_line(set_up.releases_problem))))
    if not rows:
        rows.append(
            Row((Content.styled("Only what the package carries; ask the codes plane to see it.", "$secondary"),))
        )
    return rows


def _release_row(one: ReleaseRow, origin: str) -> Row:
    state, style = ("● used", "$success") if one.used else ("○ kept", "$secondary")
    count = f"{one.concepts:,} concepts" if one.concepts else ""
    parts = ("complete" if one.complete else "partial", one.version, count, origin, one.stale)
    words = " · ".join(part for part in parts if part)
    mark = Content.styled(state, style)
    return Row((shown_line(one.system), mark, shown_line(words, "" if one.complete and not one.stale else "$warning")))


def _literature_row(set_up: PlanesSetUp) -> Row:
    if not set_up.literature:
        words = "○ off · no public service is asked · enabled under [literature] in config.toml"
        return Row((Content.styled(words, "$secondary"),))
    return Row((Content.assemble(("● on", "$warning"), f" · public services · {set_up.literature_mode}"),))


def _heading(text: str) -> Row:
    return Row((Content(text),), heading=True)


def _blank() -> Row:
    return Row((Content(),))
