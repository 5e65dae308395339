"""Answers what the review screen asks. Every act here is a key press of a person; nothing of it is a tool."""

from datetime import UTC, datetime

from openmed_agent.errors import InputError
from openmed_agent.store.store import Store
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.reviews import (
    AcceptTogether,
    CheckDestination,
    CompareRevisions,
    CreateReviewer,
    Decide,
    Decided,
    Destination,
    OpenReview,
    PrepareSigning,
    ReviewerCreated,
    ReviewView,
    SignedBundle,
    SignReview,
    SignSummary,
)
from openmed_agent.workbench.review_views import (
    comparison_of,
    decision_views,
    expiry_words,
    item_views,
    minutes_left,
    sign_summary,
    signed_bundle,
    source_view,
)
from openmed_agent.workflows.approval_signing import SignPolicy, sign_policy
from openmed_agent.workflows.draft_store import load_draft
from openmed_agent.workflows.review import former_rounds
from openmed_agent.workflows.review_trust import fingerprint, known_keys
from openmed_agent.workflows.reviewer import active_reviewers, create_reviewer


async def open_review(bench: Bench, request: OpenReview) -> ReviewView:
    """Open a draft with all that is shown of it."""
    async with bench.reviews.in_turn:
        return await bench.beside(lambda store: _open_review(bench, store, request))


def _open_review(bench: Bench, store: Store, request: OpenReview) -> ReviewView:
    notices = bench.reviews.recover(store)
    opened = bench.reviews.open(store, request.draft_id, request.reviewer)
    draft, session = opened.stored.draft, opened.session(store)
    return ReviewView(
        draft_id=draft.draft_id,
        revision=draft.revision,
        workflow=draft.workflow,
        expires=expiry_words(draft),
        minutes_left=minutes_left(draft),
        phi_mode=draft.phi_mode,
        destination=bench.reviews.default_destination(draft),
        reviewer="" if session is None else session.reviewer.name,
        reviewers=active_reviewers(store),
        items=item_views(opened, {} if session is None else session.decisions()),
        sources=tuple(source_view(source) for source in opened.stored.sources),
        notices=notices,
    )


async def decide(bench: Bench, request: Decide) -> Decided:
    """Record one decision."""
    async with bench.reviews.in_turn:
        return Decided(decisions=decision_views(bench.reviews.decide(bench.store, request)))


async def accept_together(bench: Bench, request: AcceptTogether) -> Decided:
    """Accept several items at once."""
    async with bench.reviews.in_turn:
        return Decided(decisions=decision_views(bench.reviews.accept_together(bench.store, request)))


async def create(bench: Bench, request: CreateReviewer) -> ReviewerCreated:
    """Make a reviewer; to wrap the key takes some tenths of a second on purpose."""
    name, passphrase, now = request.name.strip(), request.passphrase, datetime.now(UTC)
    async with bench.reviews.in_turn:
        reviewer = await bench.beside(lambda store: create_reviewer(store, name, passphrase, now=now))
    return ReviewerCreated(name=reviewer.name, fingerprint=fingerprint(reviewer.key))


async def prepare(bench: Bench, request: PrepareSigning) -> SignSummary:
    """Say what would be signed; the final revision is made first where something was edited or rejected."""
    minutes = bench.configuration.review.approval_minutes
    async with bench.reviews.in_turn:
        return await bench.beside(lambda store: _prepare(bench, store, request, approval_minutes=minutes))


def _prepare(bench: Bench, store: Store, request: PrepareSigning, *, approval_minutes: int) -> SignSummary:
    session = bench.reviews.prepare(store, request)
    return sign_summary(
        bench.reviews.stored,
        session,
        former_rounds(store, session.draft),
        place=bench.reviews.usable_destination(session.draft),
        approval_minutes=approval_minutes,
    )


async def check_destination(bench: Bench, request: CheckDestination) -> Destination:
    """Resolve a destination."""
    return Destination(path=bench.reviews.resolve(request.path))


async def sign(bench: Bench, request: SignReview) -> SignedBundle:
    """Sign, write, verify."""
    policy = sign_policy(bench.configuration)
    async with bench.reviews.in_turn:
        return await bench.beside(lambda store: _sign(bench, store, request, policy))


def _sign(bench: Bench, store: Store, request: SignReview, policy: SignPolicy) -> SignedBundle:
    folder = bench.reviews.sign(store, request, policy)
    return signed_bundle(folder, known_keys(store, bench.paths.configuration))


async def compare(bench: Bench, request: CompareRevisions) -> Comparison:
    """Compare two revisions of a draft.

    Raises:
        InputError: there is no revision before it.

    """
    before = request.revision - 1 if request.before is None else request.before
    if before < 1:
        raise InputError("This is the first revision of the draft; there is none before it.")
    return await bench.beside(lambda store: _compare(store, request.draft_id, before, request.revision))


def _compare(store: Store, draft_id: str, before: int, after: int) -> Comparison:
    old, new = load_draft(store, draft_id, before).draft, load_draft(store, draft_id, after).draft
    return comparison_of(old, new, names=(f"revision {old.revision}", f"revision {new.revision}"))


HANDLERS: tuple[Handler, ...] = (
    answered_by(OpenReview, open_review),
    answered_by(Decide, decide),
    answered_by(AcceptTogether, accept_together),
    answered_by(CreateReviewer, create),
    answered_by(PrepareSigning, prepare),
    answered_by(CheckDestination, check_destination),
    answered_by(SignReview, sign),
    answered_by(CompareRevisions, compare),
)
