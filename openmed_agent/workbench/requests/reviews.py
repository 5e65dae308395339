"""What the review screen asks: open a draft, decide on its items, sign it, see how revisions differ.

All of these come from a person's key presses. No tool of a model reaches them.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from openmed_agent.workbench.requests.comparisons import ChangeRow
from openmed_agent.workbench.wire import Request, WireModel

Group = Literal["must_decide", "not_stated", "supported"]
Action = Literal["accept", "edit", "reject"]
Secret = Annotated[str, Field(repr=False)]
"""A passphrase: it goes over the pipe once and is in no text form of its request."""


class OpenReview(Request):
    """Open the review of a draft's latest revision. Answered by ``ReviewView``.

    Without ``reviewer`` it is the only one there is; where there are none or several, the draft can be read and
    nothing decided.
    """

    kind: ClassVar[str] = "reviews.open"
    draft_id: str
    reviewer: str = ""


class SourceLine(WireModel):
    """One line as it is shown: code points ``[start, end)`` of the source, moved right by ``indent`` cells."""

    start: int
    end: int
    indent: int = 0


class SourceView(WireModel):
    """A source document. ``laid_out`` where its lines are not its own: JSON written on one line is broken up."""

    digest: str
    name: str
    text: str
    lines: tuple[SourceLine, ...]
    laid_out: bool = False


class EvidencePlace(WireModel):
    """Where evidence stands: code points of a source. ``against`` where a conflict stands on it, not the claim."""

    source: str
    start: int
    end: int
    against: bool = False


class CodeLine(WireModel):
    """A code with its release; ``complete`` is None where the source itself states the code."""

    system: str
    code: str
    display: str
    release: str
    complete: bool | None = None


class DecisionView(WireModel):
    """What was decided on an item."""

    action: Action
    text: str = ""
    reason: str = ""


class ItemView(WireModel):
    """One item with what stands around it in the draft. ``says`` and ``kind`` are words for people."""

    digest: str
    kind: str
    claim: str
    says: str
    support: Literal["supported", "contradicted", "unsupported", "uncertain"]
    severity: Literal["high", "normal", "low"]
    group: Group
    alone: bool
    """Whether it must be decided one by one."""
    codes: tuple[CodeLine, ...] = ()
    evidence: tuple[EvidencePlace, ...] = ()
    conflicts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: str = ""
    decision: DecisionView | None = None


class ReviewView(WireModel):
    """A draft's revision as a reviewer sees it; items in the order of review."""

    draft_id: str
    revision: int
    workflow: str
    expires: str
    """UTC, as ``2026-11-22 14:05``."""
    minutes_left: int
    phi_mode: str
    destination: str
    reviewer: str
    """Empty where nobody is chosen yet, so nothing can be decided."""
    reviewers: tuple[str, ...]
    items: tuple[ItemView, ...]
    sources: tuple[SourceView, ...]
    notices: tuple[str, ...] = ()


class OfReview(Request):
    """Base of what is asked of an open review: the revision that is on the screen, and who reviews it."""

    draft_id: str
    revision: int
    reviewer: str


class Decide(OfReview):
    """Record one decision. Answered by ``Decided`` when it is on the disk."""

    kind: ClassVar[str] = "reviews.decide"
    item: str
    action: Action
    text: str | None = None
    reason: str | None = None


class AcceptTogether(OfReview):
    """Accept items that need not be decided one by one, all or none. Answered by ``Decided``."""

    kind: ClassVar[str] = "reviews.accept_together"
    items: tuple[str, ...]


class Decided(WireModel):
    """The reviewer's decisions as they are on the disk now, by item digest; those that were not asked for left out."""

    decisions: dict[str, DecisionView]


class CreateReviewer(Request):
    """Make a reviewer with a key of their own. Answered by ``ReviewerCreated``."""

    kind: ClassVar[str] = "reviews.create_reviewer"
    model_config = ConfigDict(hide_input_in_errors=True)
    name: str
    passphrase: Secret


class ReviewerCreated(WireModel):
    """Who can sign now, and the key's fingerprint to read out."""

    name: str
    fingerprint: str


class PrepareSigning(OfReview):
    """Make the final revision where something was edited or rejected, and say what would be signed.

    Answered by ``SignSummary``; refused while an item is undecided.
    """

    kind: ClassVar[str] = "reviews.prepare"


class FileRow(WireModel):
    """A file that would be written."""

    name: str
    bytes: int


class SignSummary(WireModel):
    """What would be signed. ``shown`` is the digest of the whole review, to be sent back with the signature."""

    draft_id: str
    revision: int
    reviewer: str
    fingerprint: str
    shown: str
    payload_digest: str
    phi_mode: str
    accepted: int
    """Items that are signed as they were drafted."""
    edited: int
    rejected: int
    changes: tuple[ChangeRow, ...]
    files: tuple[FileRow, ...]
    own_files: tuple[str, ...]
    destination: str
    """Where it would go; empty where it cannot go there, and ``destination_fault`` says why."""
    destination_fault: str
    approval_minutes: int
    texts: tuple[tuple[str, str], ...]
    """Name and content of each file of text, as it would be written."""


class CheckDestination(Request):
    """Resolve what a person typed as a destination. Answered by ``Destination``."""

    kind: ClassVar[str] = "reviews.destination"
    path: str


class Destination(WireModel):
    """An absolute path at which nothing is yet and whose folder can be written."""

    path: str


class SignReview(OfReview):
    """Sign what was shown and write it to the destination that was shown. Answered by ``SignedBundle``."""

    kind: ClassVar[str] = "reviews.sign"
    model_config = ConfigDict(hide_input_in_errors=True)
    shown: str
    destination: str
    passphrase: Secret


class FileState(WireModel):
    """A file of a bundle and what the verification found of it."""

    name: str
    state: str
    good: bool


class SignedBundle(WireModel):
    """A bundle that was written, and what verifying it said: ``facts`` are labels and words."""

    destination: str
    files: tuple[FileState, ...]
    facts: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]
    trusted: bool
    answer: str


class CompareRevisions(Request):
    """Compare a revision of a draft with the one before it, or with ``before``. Answered by ``Comparison``."""

    kind: ClassVar[str] = "reviews.compare"
    draft_id: str
    revision: int
    before: int | None = None
