"""Signing: a reviewer's approval of the final revision for one destination, recorded in the store."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.settings.configuration import Configuration
from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, Attestation, new_nonce
from openmed_agent.workflows.approval_destination import check_destination
from openmed_agent.workflows.bundle import check_artifact_names
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.drafting import moment, parse_moment
from openmed_agent.workflows.review import ReviewSession, are_interactive, check_open
from openmed_agent.workflows.reviewer import Signer, reviewer_of_key

_LONGEST_LIFETIME: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class SignPolicy:
    """What a site allows: whether scripts may sign, and for how long an approval holds."""

    allow_scripted: bool = True
    lifetime: timedelta = timedelta(minutes=60)


def sign_policy(configuration: Configuration) -> SignPolicy:
    """Return what the settings allow at sign-off."""
    return SignPolicy(
        allow_scripted=configuration.review.allow_scripted,
        lifetime=timedelta(minutes=configuration.review.approval_minutes),
    )


def sign_review(
    store: Store,
    session: ReviewSession,
    signer: Signer,
    *,
    shown: str,
    destination: str,
    attestation: Attestation,
    home: Path,
    now: datetime,
    policy: SignPolicy,
) -> ApprovalToken:
    """Return the approval of the session's revision, recorded in the store.

    ``shown`` is the digest of the review's record (``session.record().digest()``) as it was when the signer looked
    at it, ``destination`` the absolute path of a folder that does not exist yet, ``home`` the store's folder.

    Raises:
        InputError: the destination cannot be used, or an artifact's name is not safe.
        NotPermittedError: the review is not complete or not what was shown, an interactive sign-off rests on a
            decision that a script made, the draft is no longer open, the approval could not be used in time, the
            reviewer is retired or another one, or the policy refuses scripts.
        StoreError: the store cannot be read or written.

    """
    check_attestation(attestation, policy)
    if signer.reviewer != session.reviewer:
        raise NotPermittedError("The review is another reviewer's.", remedy="Sign your own review.")
    check_artifact_names(artifact.name for artifact in session.draft.artifacts)
    check_destination(destination, home=home)
    now = store.note_time(now)
    with store.transaction():
        check_open(store, session.draft, now=now)
        reviewer_of_key(store, signer.reviewer)
        review = session.record()
        if review.digest() != shown:
            raise NotPermittedError(
                "The review was changed since it was shown.", remedy="Look at it again, and sign then."
            )
        if attestation == "interactive" and not are_interactive(store, review.rounds):
            raise NotPermittedError(
                "A script made some of the decisions, so they cannot be signed as made on a terminal.",
                remedy="Decide on these items on a terminal, or run the workflow again.",
            )
        issued, expires = moment(now), moment(_expiry(session.draft, now, policy))
        if parse_moment(issued) >= parse_moment(expires):
            raise NotPermittedError(
                "The approval would expire in the second in which it is given.", remedy="Run the workflow again."
            )
        statement = ApprovalStatement(
            draft_id=session.draft.draft_id,
            revision=session.draft.revision,
            payload_digest=session.draft.payload_digest,
            decisions_digest=review.digest(),
            sources=tuple(source.digest for source in session.draft.sources),
            phi_mode=session.draft.phi_mode,
            destination=destination,
            reviewer=signer.reviewer,
            attestation=attestation,
            issued=issued,
            expires=expires,
            nonce=new_nonce(),
        )
        token = signer.sign(statement)
        store.approvals.record_signed(
            nonce=statement.nonce,
            draft_id=statement.draft_id,
            revision=statement.revision,
            statement=statement.content(),
            signature=token.signature,
            issued=parse_moment(statement.issued),
            expires=parse_moment(statement.expires),
            actor=statement.reviewer.key,
        )
    return token


def check_attestation(attestation: Attestation, policy: SignPolicy) -> None:
    """Check that the policy allows such a sign-off.

    Raises:
        NotPermittedError: it refuses scripts.

    """
    if attestation == "scripted" and not policy.allow_scripted:
        raise NotPermittedError(
            "This installation does not allow scripted sign-off.", remedy="Review and sign on a terminal."
        )


def _expiry(draft: Draft, now: datetime, policy: SignPolicy) -> datetime:
    if not timedelta(0) < policy.lifetime <= _LONGEST_LIFETIME:
        raise InputError("An approval holds for at most 24 hours.", remedy="Correct review.approval_minutes.")
    return min(now + policy.lifetime, parse_moment(draft.expires))
