"""The draft: what a workflow run ends in and a person reviews (schema ``openmed.draft/1``).

All models are immutable and refuse unknown fields. Amounts, scores and doses are text, never floats. Digests
are ``sha256:<hex>``; ids are random and never part of a payload digest.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.text.sources import SourceDocument, sha256_digest
from openmed_agent.workflows.canonical import canonical_json, model_digest

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


def _is_a_time(text: str) -> str:
    datetime.fromisoformat(text)  # a ValueError for the thirtieth of February
    return text


Moment = Annotated[
    str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$"), AfterValidator(_is_a_time)
]
PlainName = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\x00]+$")]

ItemKind = Literal[
    "problem",
    "past_problem",
    "absent_finding",
    "family_history",
    "medication",
    "stopped_medication",
    "allergy",
    "lab",
    "vital",
    "procedure",
    "follow_up",
    "conflict",
    "gap",
    "uncertain_finding",
]
Support = Literal["supported", "contradicted", "unsupported", "uncertain"]
Severity = Literal["high", "normal", "low"]
CardType = Literal["info", "evidence", "suggestion", "uncertainty"]
PhiModeName = Literal["full", "deid", "strict"]


class Record(BaseModel):
    """Base of everything that is signed, stored or exchanged: immutable, no unknown fields."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceSpan(Record):
    """Where a claim comes from: code points ``[start, end)`` of a source, and exactly what stands there."""

    source: Digest
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(gt=0)]
    quote: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _quote_fills_the_span(self) -> Self:
        if self.end - self.start != len(self.quote):
            raise ValueError("the quote is not as long as its span")
        return self


class Code(Record):
    """A code of a code system with the release it was taken from, or ``as stated in the source``."""

    system: str
    code: str
    display: str
    release: str


class Item(Record):
    """One claim with its evidence; ``digest`` covers everything else in it."""

    digest: Digest
    kind: ItemKind
    claim: Annotated[str, Field(min_length=1)]
    support: Support
    severity: Severity
    assertion: Assertion
    codes: tuple[Code, ...]
    evidence: tuple[EvidenceSpan, ...]
    notes: str

    @model_validator(mode="after")
    def _digest_covers_the_rest(self) -> Self:
        if self.digest != model_digest(self, exclude={"digest"}):
            raise ValueError("the digest of an item does not fit its content")
        if self.support == "supported" and not self.evidence:
            raise ValueError("a supported item has no evidence")
        return self


def make_item(
    *,
    kind: ItemKind,
    claim: str,
    support: Support,
    severity: Severity,
    assertion: Assertion,
    codes: tuple[Code, ...] = (),
    evidence: tuple[EvidenceSpan, ...] = (),
    notes: str = "",
) -> Item:
    """Return an item with its digest."""
    content = {
        "kind": kind,
        "claim": claim,
        "support": support,
        "severity": severity,
        "assertion": assertion.model_dump(mode="json"),
        "codes": [code.model_dump(mode="json") for code in codes],
        "evidence": [span.model_dump(mode="json") for span in evidence],
        "notes": notes,
    }
    return Item.model_validate({"digest": sha256_digest(canonical_json(content)), **content})


class SourceReference(Record):
    """A source document: its file name without folder, and its raw bytes' digest."""

    name: PlainName
    media_type: str
    bytes: Annotated[int, Field(ge=0)]
    digest: Digest


class ReleaseReference(Record):
    """A release of a plane that the run used."""

    plane: Literal["inference", "codes"]
    system: str
    version: str
    complete: bool


class Card(Record):
    """A group of items, in the order in which they are shown."""

    id: str
    type: CardType
    title: str
    items: tuple[Digest, ...]


class ArtifactReference(Record):
    """A file that finalizing would write."""

    name: PlainName
    media_type: str
    bytes: Annotated[int, Field(ge=0)]
    digest: Digest


class Draft(Record):
    """A draft revision; ``payload_digest`` covers the fields that a replay must reproduce."""

    schema_: Annotated[Literal["openmed.draft/1"], Field(alias="schema")] = "openmed.draft/1"
    draft_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    workflow: str
    workflow_version: str
    created: Moment
    expires: Moment
    phi_mode: PhiModeName
    inputs: Mapping[str, tuple[str, ...]]
    sources: tuple[SourceReference, ...]
    releases: tuple[ReleaseReference, ...]
    cards: tuple[Card, ...]
    items: tuple[Item, ...]
    artifacts: tuple[ArtifactReference, ...]
    payload_digest: Digest
    destination: str | None = None

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        known = [item.digest for item in self.items]
        if len(set(known)) != len(known):
            raise ValueError("an item is in the draft twice")
        sources = {source.digest for source in self.sources}
        if any(span.source not in sources for item in self.items for span in item.evidence):
            raise ValueError("evidence points to a source that is not in the draft")
        carded = [digest for card in self.cards for digest in card.items]
        if sorted(carded) != sorted(known):
            raise ValueError("the cards do not hold every item exactly once")
        if self.payload_digest != payload_digest(self):
            raise ValueError("the payload digest does not fit the draft")
        return self


_PAYLOAD_FIELDS = frozenset(
    {"workflow", "workflow_version", "inputs", "sources", "releases", "cards", "items", "artifacts"}
)


def payload_digest(draft: Draft) -> str:
    """Return the digest over what a replay must reproduce.

    It covers workflow, version, inputs, source digests, releases, cards, items, and artifact digests with
    their names: a bundle whose files swapped names must not verify.
    """
    content = draft.model_dump(mode="json", include=set(_PAYLOAD_FIELDS))
    content["sources"] = [source.digest for source in draft.sources]
    content["artifacts"] = [{"name": artifact.name, "digest": artifact.digest} for artifact in draft.artifacts]
    return sha256_digest(canonical_json(content))


def check_evidence(draft: Draft, sources: Mapping[str, SourceDocument]) -> None:
    """Check that every quote stands in its source at its offsets; ``sources`` are keyed by digest.

    Raises:
        ValueError: a source is missing or a quote differs from the text.

    """
    for item in draft.items:
        for span in item.evidence:
            source = sources.get(span.source)
            if source is None or source.text[span.start : span.end] != span.quote:
                raise ValueError("a quote does not stand in its source")
