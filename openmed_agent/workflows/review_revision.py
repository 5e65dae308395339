"""The final revision: what a draft becomes by the edits and rejections of its review.

Its artifacts are rendered anew from the items that are left, so that the bundle says what was decided and
nothing else. The decisions on it need no second look at what did not change: an accepted item keeps its
digest and its decision, and an edited one is accepted as what its editor wrote; a script's decision stays a
script's. The reviewer sees the revision before signing, and may decide differently, which makes another one.
"""

from datetime import datetime
from typing import Final

from openmed_agent.errors import NotPermittedError
from openmed_agent.store.store import Store
from openmed_agent.text.sources import SourceDocument
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.decisions import Decision, check_decisions, decided_items, revised_cards
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.draft_store import load_draft, save_draft
from openmed_agent.workflows.drafting import (
    Artifact,
    ArtifactRenderer,
    DraftContent,
    make_draft,
    parse_moment,
)
from openmed_agent.workflows.review import (
    ReviewSession,
    check_open,
    former_rounds,
    how_made,
    put_decision,
    review_round,
)
from openmed_agent.workflows.review_record import FormerRounds, Round
from openmed_agent.workflows.reviewer import reviewer_of_key

_REASON: Final = "edited by reviewer in revision {revision}"


def final_session(store: Store, session: ReviewSession, renderer: ArtifactRenderer, *, now: datetime) -> ReviewSession:
    """Return the session on the revision that can be signed.

    That is the session itself where every item was accepted. Else the next revision is made and stored with
    the rounds that led to it and the decisions that carry over, all of it or nothing.

    Raises:
        InputError: an edit makes an item equal to another one.
        NotPermittedError: an item is not decided yet, every item was rejected, the draft has expired, has a
            newer revision or is finalized, or the reviewer is retired.

    """
    now = store.note_time(now)
    with store.transaction():
        check_open(store, session.draft, now=now)
        reviewer_of_key(store, session.reviewer)
        session.file()  # which also holds that an interactive session decided on every item itself
        one = review_round(store, session.draft, session.reviewer)
        if not one.changes:
            return session
        sources = load_draft(store, one.draft.draft_id, one.draft.revision).sources
        revision, artifacts = final_revision(one, sources, renderer, now=now)
        history = canonical_model(FormerRounds(rounds=(*former_rounds(store, one.draft), one)))
        save_draft(store, revision, sources, artifacts, others=(history,), actor=session.reviewer.key)
        made = how_made(store, one.draft, session.reviewer)
        for former, decision in _carried(one, revision):
            put_decision(store, revision, session.reviewer, decision, made=made[former], now=now)
    return ReviewSession(store, revision, session.reviewer, made=session.made)


def final_revision(
    one: Round, sources: tuple[SourceDocument, ...], renderer: ArtifactRenderer, *, now: datetime
) -> tuple[Draft, tuple[Artifact, ...]]:
    """Return the revision that a round leads to, and its artifacts.

    Raises:
        InputError: an edit makes an item equal to another one.
        NotPermittedError: every item was rejected.

    """
    draft = one.draft
    becomes = decided_items(draft, check_decisions(draft, one.decisions))
    items = tuple(item for item in becomes.values() if item is not None)
    if not items:
        raise NotPermittedError(
            "Every item was rejected, so nothing is left to sign.", remedy="Run the workflow again."
        )
    content = DraftContent(
        workflow=draft.workflow,
        workflow_version=draft.workflow_version,
        inputs=draft.inputs,
        sources=sources,
        releases=draft.releases,
        cards=revised_cards(draft, becomes),
        items=items,
    )
    artifacts = renderer(content)
    revision = make_draft(
        content,
        artifacts,
        phi_mode=draft.phi_mode,
        created=now,
        expires=parse_moment(draft.expires),  # a review does not prolong a draft
        draft_id=draft.draft_id,
        revision=draft.revision + 1,
        destination=draft.destination,
    )
    return revision, artifacts


def _carried(one: Round, revision: Draft) -> tuple[tuple[str, Decision], ...]:
    """Return the acceptance of every item of the new revision, each after the former item that it carries over."""
    becomes = decided_items(one.draft, check_decisions(one.draft, one.decisions))
    reasons = {decision.item: decision.reason for decision in one.decisions.decisions}
    kept = {item.digest: former for former, item in becomes.items() if item is not None}
    edited = _REASON.format(revision=one.draft.revision)
    return tuple(
        (
            kept[item.digest],
            Decision(
                item=item.digest,
                action="accept",
                reason=reasons[item.digest] if kept[item.digest] == item.digest else edited,
            ),
        )
        for item in revision.items
    )
