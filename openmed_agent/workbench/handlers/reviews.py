"""Answers what the review screen asks. Every act here is a key press of a person; nothing of it is a tool."""

from datetime import UTC, datetime

from openmed_agent.errors import InputError
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
from openmed_agent.workflows.draft_store import load_draft
from openmed_agent.workflows.review import former_rounds
from openmed_agent.workflows.review_trust import fingerprint, known_keys
from openmed_agent.workflows.reviewer import active_reviewers, create_reviewer


async def open_review(bench: Bench, request: OpenReview) -> ReviewView:
    """Open a draft with all that is shown of it."""
    notices = bench.reviews.recover()
    opened = bench.reviews.open(request.draft_id, request.reviewer)
    draft = opened.stored.draft
    return ReviewView(
        draft_id=draft.draft_id,
        revision=draft.revision,
        workflow=draft.workflow,
        expires=expiry_words(draft),
        minutes_left=minutes_left(draft),
        phi_mode=draft.phi_mode,
        destination=bench.reviews.default_destination(draft),
        reviewer="" if opened.session is None else opened.session.reviewer.name,
        reviewers=active_reviewers(bench.store),
        items=item_views(opened),
        sources=tuple(source_view(source) for source in opened.stored.sources),
        notices=notices,
    )


async def decide(bench: Bench, request: Decide) -> Decided:
    """Record one decision."""
    return Decided(decisions=decision_views(bench.reviews.decide(request)))


async def accept_together(bench: Bench, request: AcceptTogether) -> Decided:
    """Accept several items at once."""
    return Decided(decisions=decision_views(bench.reviews.accept_together(request)))


async def create(bench: Bench, request: CreateReviewer) -> ReviewerCreated:
    """Make a reviewer."""
    reviewer = create_reviewer(bench.store, request.name.strip(), request.passphrase, now=datetime.now(UTC))
    return ReviewerCreated(name=reviewer.name, fingerprint=fingerprint(reviewer.key))


async def prepare(bench: Bench, request: PrepareSigning) -> SignSummary:
    """Say what would be signed; the final revision is made first where something was edited or rejected."""
    session = bench.reviews.prepare(request)
    stored = bench.reviews.stored
    return sign_summary(
        stored,
        session,
        former_rounds(bench.store, session.draft),
        place=bench.reviews.usable_destination(session.draft),
        approval_minutes=bench.configuration.review.approval_minutes,
    )


async def check_destination(bench: Bench, request: CheckDestination) -> Destination:
    """Resolve a destination."""
    return Destination(path=bench.reviews.resolve(request.path))


async def sign(bench: Bench, request: SignReview) -> SignedBundle:
    """Sign, write, verify."""
    folder = bench.reviews.sign(request)
    return signed_bundle(folder, known_keys(bench.store, bench.paths.configuration))


async def compare(bench: Bench, request: CompareRevisions) -> Comparison:
    """Compare two revisions of a draft.

    Raises:
        InputError: there is no revision before it.

    """
    before = request.revision - 1 if request.before is None else request.before
    if before < 1:
        raise InputError("This is the first revision of the draft; there is none before it.")
    old = load_draft(bench.store, request.draft_id, before).draft
    new = load_draft(bench.store, request.draft_id, request.revision).draft
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
