"""The review of a draft: one reviewer, one revision, one durable decision after the other.

A session holds nothing that the store does not: it can end at any moment and be started again. Decisions are
taken on the latest revision of a draft only, and no more once a bundle of it is being written. Each is kept with
how it was made: to a sitting at a terminal, what a script decided is undecided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from openmed_agent.errors import NotPermittedError, StoreError
from openmed_agent.store.decisions import DecisionRecord, Made
from openmed_agent.store.store import Store
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.decisions import (
    Decision,
    DecisionsFile,
    accept_together,
    check_decision,
    check_decisions,
    must_decide_individually,
)
from openmed_agent.workflows.draft import Draft, Item
from openmed_agent.workflows.draft_store import load_draft
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.review_record import FormerRounds, ReviewerReference, ReviewRecord, Round
from openmed_agent.workflows.reviewer import active_reviewer, reviewer_of_key

_IN_USE: Final = frozenset({"finalizing", "committed"})


@dataclass(frozen=True, slots=True)
class Undecided:
    """What is still to be decided, in the order of the draft.

    ``individually`` must be decided item by item, ``not_stated`` are gaps in the sources (to be decided item
    by item too), and ``together`` may be accepted at once after a look.
    """

    individually: tuple[Item, ...]
    not_stated: tuple[Item, ...]
    together: tuple[Item, ...]

    def __len__(self) -> int:
        """Return how many items are undecided."""
        return len(self.individually) + len(self.not_stated) + len(self.together)


@dataclass(frozen=True, slots=True)
class ReviewSummary:
    """How many items of the revision were accepted, edited and rejected, and how many are undecided."""

    accepted: int
    edited: int
    rejected: int
    undecided: int


class ReviewSession:
    """A reviewer at work on the latest revision of a draft, ``made`` by a script or interactively."""

    def __init__(self, store: Store, draft: Draft, reviewer: ReviewerReference, *, made: Made) -> None:
        self._store = store
        self.draft = draft
        self.reviewer = reviewer
        self.made: Made = made

    def decisions(self) -> Mapping[str, Decision]:
        """Return this reviewer's decisions by item digest, as the store has them.

        In an interactive session these are the ones that were made interactively.

        Raises:
            StoreError: a decision in the store cannot be read.

        """
        return _stored_decisions(self._store, self.draft, self.reviewer, interactive=self.made == "interactive")

    def decide(self, decision: Decision, *, now: datetime) -> None:
        """Record one decision; when this returns, it is on the disk. A later one takes its place.

        Raises:
            InputError: the decision breaks a rule.
            NotPermittedError: the draft has expired, has a newer revision or is finalized, or the reviewer
                is retired.

        """
        self._record((decision,), made=self.made, now=now)

    def accept_together(self, digests: Sequence[str], *, now: datetime) -> None:
        """Accept several items at once, all of them or none.

        Raises:
            InputError: an item is not in the draft.
            NotPermittedError: one of them must be decided on its own; or as for ``decide``.

        """
        self._record(accept_together(self.draft, digests), made=self.made, now=now)

    def decide_all(self, file: DecisionsFile, *, now: datetime) -> None:
        """Record the decisions of a file, all of them or none; they count as scripted in every session.

        Raises:
            InputError: the file does not fit the draft or breaks a rule.
            NotPermittedError: as for ``decide``.

        """
        self._record(check_decisions(self.draft, file), made="scripted", now=now)

    def undecided(self) -> Undecided:
        """Return the items that this reviewer has not decided yet."""
        decided = self.decisions()
        rest = [item for item in self.draft.items if item.digest not in decided]
        alone = [item for item in rest if must_decide_individually(item)]
        return Undecided(
            individually=tuple(item for item in alone if item.kind != "gap"),
            not_stated=tuple(item for item in alone if item.kind == "gap"),
            together=tuple(item for item in rest if not must_decide_individually(item)),
        )

    def summary(self) -> ReviewSummary:
        """Return how far the review is."""
        actions = [decision.action for decision in self.decisions().values()]
        return ReviewSummary(
            accepted=actions.count("accept"),
            edited=actions.count("edit"),
            rejected=actions.count("reject"),
            undecided=len(self.draft.items) - len(actions),
        )

    def file(self) -> DecisionsFile:
        """Return the decisions on every item, in the order of the draft.

        Raises:
            NotPermittedError: an item is not decided yet.

        """
        return decisions_file(self.draft, self.decisions())

    def record(self) -> ReviewRecord:
        """Return the whole review, up to this revision, which accepts every item.

        Raises:
            NotPermittedError: an item is not decided yet, or one was edited or rejected and the final
                revision is not made yet.

        """
        return review_record(self._store, self.draft, self.reviewer)

    def _record(self, decisions: tuple[Decision, ...], *, made: Made, now: datetime) -> None:
        for decision in decisions:
            check_decision(self.draft, decision)
        now = self._store.note_time(now)
        with self._store.transaction():
            check_open(self._store, self.draft, now=now)
            reviewer_of_key(self._store, self.reviewer)
            for decision in decisions:
                put_decision(self._store, self.draft, self.reviewer, decision, made=made, now=now)


def start_review(store: Store, draft_id: str, reviewer: str, *, made: Made, now: datetime) -> ReviewSession:
    """Start the review of a draft's latest revision, or go on where this reviewer left off.

    ``made`` is how the session's decisions are made: interactively only where a person decides on each screen.

    Raises:
        InputError: there is no such draft or reviewer.
        NotPermittedError: the reviewer is retired, the draft has expired or is finalized, or a script made its
            revision, so that no interactive session can come to its end.

    """
    return begin_review(store, load_draft(store, draft_id).draft, reviewer, made=made, now=now)


def begin_review(store: Store, draft: Draft, reviewer: str, *, made: Made, now: datetime) -> ReviewSession:
    """Start the review of a draft that was just read from the store, as ``start_review`` does."""
    reference = active_reviewer(store, reviewer)
    check_open(store, draft, now=store.note_time(now))
    if made == "interactive" and not are_interactive(store, former_rounds(store, draft)):
        raise NotPermittedError(
            "A script changed this draft, so it can no longer be signed as reviewed on a terminal.",
            remedy="Run the workflow again.",
        )
    return ReviewSession(store, draft, reference, made=made)


def decisions_file(draft: Draft, decisions: Mapping[str, Decision]) -> DecisionsFile:
    """Return the file of decisions on every item, in the order of the draft.

    Raises:
        NotPermittedError: an item is not decided yet.

    """
    missing = sum(1 for item in draft.items if item.digest not in decisions)
    if missing:
        raise NotPermittedError(
            f"{missing} of {len(draft.items)} items are not decided yet.", remedy="Go on with the review."
        )
    return DecisionsFile(
        draft_id=draft.draft_id,
        revision=draft.revision,
        payload_digest=draft.payload_digest,
        decisions=tuple(decisions[item.digest] for item in draft.items),
    )


def review_round(store: Store, draft: Draft, reviewer: ReviewerReference) -> Round:
    """Return the reviewer's round on a revision, made from the decisions in the store.

    Raises:
        NotPermittedError: an item is not decided yet.
        StoreError: a decision in the store cannot be read or breaks a rule.

    """
    file = decisions_file(draft, _stored_decisions(store, draft, reviewer))
    try:
        return Round(reviewer=reviewer, draft=draft, decisions=file)
    except ValidationError:
        raise _damaged("decision") from None


def review_record(store: Store, draft: Draft, reviewer: ReviewerReference) -> ReviewRecord:
    """Return the record that the reviewer signs, made anew from what the store has.

    Raises:
        NotPermittedError: an item is not decided yet, or the final revision is not made yet.
        StoreError: something in the store cannot be read.

    """
    last = review_round(store, draft, reviewer)
    if last.changes:
        raise NotPermittedError(
            "Items were edited or rejected, so the final revision has to be made and looked at first.",
            remedy="Go on with the review.",
        )
    try:
        return ReviewRecord(rounds=(*former_rounds(store, draft), last))
    except ValidationError:
        raise _damaged("review") from None


def former_rounds(store: Store, draft: Draft) -> tuple[Round, ...]:
    """Return the rounds that led to a revision; none for the first one.

    They are kept with the revision as the one blob that is neither source nor artifact, in canonical JSON.

    Raises:
        StoreError: they are missing or damaged.

    """
    if draft.revision == 1:
        return ()
    files = {source.digest for source in draft.sources} | {artifact.digest for artifact in draft.artifacts}
    others = [digest for digest in store.drafts.blob_digests(draft.draft_id, draft.revision) if digest not in files]
    if len(others) != 1:
        raise _damaged("review")
    try:
        return FormerRounds.model_validate_json(store.drafts.blob(others[0])).rounds
    except ValidationError:
        raise _damaged("review") from None


def check_open(store: Store, draft: Draft, *, now: datetime) -> None:
    """Check that a revision may be decided on and signed: ``now`` is the store's time.

    Raises:
        NotPermittedError: it has expired or is dated in the future, there is a newer revision, or the draft is
            finalized.

    """
    if now >= parse_moment(draft.expires):
        raise NotPermittedError("The draft has expired.", remedy="Run the workflow again.")
    if now < parse_moment(draft.created):
        raise NotPermittedError("The draft is dated in the future.", remedy="Run the workflow again.")
    if store.drafts.revisions(draft.draft_id)[-1:] != (draft.revision,):
        raise NotPermittedError("There is a newer revision of the draft.", remedy="Review the latest one.")
    if any(approval.state in _IN_USE for approval in store.approvals.of_draft(draft.draft_id)):
        raise NotPermittedError(
            "The draft is finalized, or is being finalized.",
            remedy="Run the workflow again for another bundle.",
        )


def how_made(store: Store, draft: Draft, reviewer: ReviewerReference) -> Mapping[str, Made]:
    """Return how the reviewer's latest decision on each item of a revision was made, by item digest."""
    return {record.item: record.made for record in _records(store, draft, reviewer)}


def are_interactive(store: Store, rounds: Sequence[Round]) -> bool:
    """Return whether every decision of these rounds was made interactively, as the store has it."""
    return all(
        {item.digest for item in one.draft.items} <= made.keys() and "scripted" not in made.values()
        for one in rounds
        for made in (how_made(store, one.draft, one.reviewer),)
    )


def put_decision(
    store: Store, draft: Draft, reviewer: ReviewerReference, decision: Decision, *, made: Made, now: datetime
) -> None:
    """Append a checked decision to the store."""
    store.decisions.put(
        draft.draft_id,
        draft.revision,
        reviewer.name,
        decision.item,
        canonical_model(decision),
        now,
        made=made,
    )


def _records(store: Store, draft: Draft, reviewer: ReviewerReference) -> tuple[DecisionRecord, ...]:
    return store.decisions.all(draft.draft_id, draft.revision, reviewer.name)


def _stored_decisions(
    store: Store, draft: Draft, reviewer: ReviewerReference, *, interactive: bool = False
) -> dict[str, Decision]:
    """Return the latest decisions by item digest; with ``interactive`` those made so."""
    try:
        decisions = [
            Decision.model_validate_json(record.document)
            for record in _records(store, draft, reviewer)
            if not interactive or record.made == "interactive"
        ]
    except ValidationError:
        raise _damaged("decision") from None
    return {decision.item: decision for decision in decisions}


def _damaged(what: str) -> StoreError:
    return StoreError(
        f"A {what} in the store is damaged.", remedy="Run: openmed audit verify, and run the workflow again."
    )
