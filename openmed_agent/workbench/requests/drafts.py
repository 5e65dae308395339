"""What the screen asks about drafts: a list, the difference of two, and whether a bundle holds."""

from typing import ClassVar, Literal

from openmed_agent.workbench.wire import Request, WireModel

DraftStateName = Literal["draft", "finalizing", "committed", "expired"]


class ListDrafts(Request):
    """Answered by ``DraftList``, the newest first; ``draft_id`` asks for one draft only."""

    kind: ClassVar[str] = "drafts.list"
    draft_id: str = ""


class DraftRow(WireModel):
    """The latest revision of a draft; times are ISO 8601 in UTC."""

    draft_id: str
    revision: int
    workflow: str
    sources: tuple[str, ...]
    created: str
    expires: str
    items: int
    left: int
    """Items that no reviewer has decided yet, for the reviewer who is furthest."""
    state: DraftStateName
    destination: str = ""
    """Where its bundle is, or was to be."""


class DraftList(WireModel):
    """Drafts, the newest first."""

    drafts: tuple[DraftRow, ...]


class CompareDrafts(Request):
    """Compare two runs. Answered by ``comparisons.Comparison``; each side is ``ID`` or ``ID@REVISION``."""

    kind: ClassVar[str] = "drafts.compare"
    before: str
    after: str


class VerifyBundle(Request):
    """Answered by ``BundleReport``; needs nothing but the folder and the keys that are known here."""

    kind: ClassVar[str] = "drafts.verify"
    folder: str


class BundleReport(WireModel):
    """What a verification found, in words; the answer is yes only where ``trusted``."""

    folder: str
    trusted: bool
    answer: str
    files: tuple[tuple[str, str], ...]
    """Each file with its state; ``as signed`` is the good one."""
    facts: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
