"""What a review was, from the first revision to the signed one (schema ``openmed.review/1``).

A review is a chain of rounds. A round is a revision and a decision on each of its items. Every round but the
last changed something, and what it made of its items is exactly what the next revision holds; the last round
accepts every item. So whoever has the record can follow each signed item back to the draft, and read what was
edited or rejected, by whom and why.
"""

from collections import Counter
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, WithJsonSchema, model_validator

from openmed_agent.errors import InputError
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.decisions import (
    Action,
    DecisionsFile,
    check_decisions,
    decided_items,
    revised_cards,
)
from openmed_agent.workflows.draft import Draft, Record
from openmed_agent.workflows.visible import is_plain_name


def _plain(name: str) -> str:
    if not is_plain_name(name):
        raise ValueError("not a name that can be read in one way only")
    return name


ReviewerName = Annotated[
    str,
    Field(pattern=r"^[^\W_](?:[\w .,'’-]{0,78}[\w.])?$"),
    AfterValidator(_plain),
    # What \w means differs between the readers of a schema.
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 80}),
]
KeyId = Annotated[str, Field(pattern=r"^ed25519:[A-Za-z0-9_-]{43}$")]

_SAME_IN_ALL_ROUNDS: Final = (
    "draft_id",
    "workflow",
    "workflow_version",
    "inputs",
    "sources",
    "releases",
    "phi_mode",
    "expires",
)


class ReviewerReference(Record):
    """A reviewer: the name, and the Ed25519 public key as ``ed25519:<base64url>``."""

    name: ReviewerName
    key: KeyId


class Round(Record):
    """One revision with a reviewer's decision on each of its items."""

    reviewer: ReviewerReference
    draft: Draft
    decisions: DecisionsFile

    @model_validator(mode="after")
    def _decides_every_item(self) -> Self:
        _as_value_error(self)
        return self

    @property
    def changes(self) -> bool:
        """Whether anything was edited or rejected."""
        return any(decision.action != "accept" for decision in self.decisions.decisions)

    def counts(self) -> Counter[Action]:
        """Return how often each action was taken."""
        return Counter(decision.action for decision in self.decisions.decisions)


class FormerRounds(Record):
    """The rounds that led to a revision, as they are kept with it (schema ``openmed.rounds/1``)."""

    schema_: Annotated[Literal["openmed.rounds/1"], Field(alias="schema")] = "openmed.rounds/1"
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class ReviewRecord(Record):
    """The rounds of a review, the signed one last."""

    schema_: Annotated[Literal["openmed.review/1"], Field(alias="schema")] = "openmed.review/1"
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="after")
    def _rounds_follow_each_other(self) -> Self:
        if self.rounds[0].draft.revision != 1:
            raise ValueError("the review does not begin with the first revision")
        for before, after in pairwise(self.rounds):
            _check_follows(before, after)
        if self.rounds[-1].changes:
            raise ValueError("the last round does not accept every item")
        return self

    @property
    def final(self) -> Draft:
        """The revision that is signed."""
        return self.rounds[-1].draft

    def content(self) -> bytes:
        """Return the canonical JSON, which is the bundle's ``decisions.json``."""
        return canonical_model(self)

    def digest(self) -> str:
        """Return the decisions digest, which the reviewer signs."""
        return sha256_digest(self.content())


def _as_value_error(one: Round) -> None:
    try:
        check_decisions(one.draft, one.decisions)
    except InputError as error:
        raise ValueError(error.message) from None


def _check_follows(before: Round, after: Round) -> None:
    if after.draft.revision != before.draft.revision + 1:
        raise ValueError("a revision is missing between two rounds")
    if any(getattr(before.draft, name) != getattr(after.draft, name) for name in _SAME_IN_ALL_ROUNDS):
        raise ValueError("two rounds are of different drafts")
    if not before.changes:
        raise ValueError("a round that changed nothing is followed by another revision")
    becomes = decided_items(before.draft, check_decisions(before.draft, before.decisions))
    kept = tuple(item for item in becomes.values() if item is not None)
    if (after.draft.items, after.draft.cards) != (kept, revised_cards(before.draft, becomes)):
        raise ValueError("a revision does not hold what the decisions before it made of the items")
