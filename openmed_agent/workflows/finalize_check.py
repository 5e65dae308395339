"""Whether an approval holds, and the bundle that it approves.

What is written are the approved bytes: the bundle is made from what the store keeps, and every digest in the
signed statement is compared with it anew.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.store.store import Store
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.approval import ApprovalToken, check_signature, same_token
from openmed_agent.workflows.approval_signing import SignPolicy, check_attestation
from openmed_agent.workflows.bundle import BundleFile, make_bundle
from openmed_agent.workflows.draft import SourceReference
from openmed_agent.workflows.draft_store import load_draft
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.review import check_open, review_record
from openmed_agent.workflows.reviewer import reviewer_of_key

CurrentSource = Callable[[SourceReference], bytes | None]
"""Returns what a source's file holds now, or None where the caller does not know its path."""

_SIGN_AGAIN: Final = "Review and sign the draft again."


def check_approval(
    store: Store,
    token: ApprovalToken,
    *,
    now: datetime,
    policy: SignPolicy,
    current_source: CurrentSource | None = None,
) -> tuple[BundleFile, ...]:
    """Check everything that an approval binds, and return the bundle that it approves, manifest last.

    ``now`` is the store's time, which a clock that was moved back does not lower. The destination is not
    looked at here.

    Raises:
        NotPermittedError: something does not hold; the sentence says what.
        StoreError: the store cannot be read.

    """
    statement = token.statement
    check_recorded(store, token)
    if not store.audit.verify().ok:
        raise StoreError("The store is not what its audit chain records.", remedy="Run: openmed audit verify")
    reviewer_of_key(store, statement.reviewer)
    check_attestation(statement.attestation, policy)
    if now < parse_moment(statement.issued):
        raise NotPermittedError("The approval is not valid yet.", remedy="Set the clock right.")
    if now >= parse_moment(statement.expires):
        raise NotPermittedError("The approval has expired.", remedy=_SIGN_AGAIN)
    files = approved_bundle(store, token)
    draft = load_draft(store, statement.draft_id, statement.revision).draft
    check_open(store, draft, now=now)
    for source in draft.sources:
        _check_unchanged(source, current_source)
    return files


def check_recorded(store: Store, token: ApprovalToken) -> None:
    """Check that a token carries a true signature, and is byte for byte one that was signed in this store.

    Raises:
        NotPermittedError: it is not.

    """
    check_signature(token)
    signed = store.approvals.get(token.statement.nonce)
    if not same_token(token, signed.statement, signed.signature):
        raise NotPermittedError("The approval is not the one that was signed here.", remedy=_SIGN_AGAIN)


def approved_bundle(store: Store, token: ApprovalToken) -> tuple[BundleFile, ...]:
    """Return the bundle of a recorded approval, made from what the store keeps, manifest last.

    Raises:
        NotPermittedError: the store keeps another draft, other decisions or other sources than were signed.
        StoreError: the store cannot be read.

    """
    statement = token.statement
    try:
        stored = load_draft(store, statement.draft_id, statement.revision)
    except InputError:
        raise NotPermittedError("The draft that was approved is not here.", remedy=_SIGN_AGAIN) from None
    draft = stored.draft
    if (draft.draft_id, draft.payload_digest, draft.phi_mode) != (
        statement.draft_id,
        statement.payload_digest,
        statement.phi_mode,
    ):
        raise NotPermittedError("The draft is not the one that was approved.", remedy=_SIGN_AGAIN)
    if tuple(source.digest for source in draft.sources) != statement.sources:
        raise NotPermittedError("The sources are not the ones that were approved.", remedy=_SIGN_AGAIN)
    review = review_record(store, draft, statement.reviewer)
    if review.digest() != statement.decisions_digest:
        raise NotPermittedError("The decisions were changed after signing.", remedy=_SIGN_AGAIN)
    return make_bundle(token, review, stored.artifacts)


def _check_unchanged(source: SourceReference, current_source: CurrentSource | None) -> None:
    content = current_source(source) if current_source is not None else None
    if content is not None and sha256_digest(content) != source.digest:
        raise NotPermittedError(
            "A source was changed after the draft was made.", remedy="Run the workflow again on the new text."
        )
