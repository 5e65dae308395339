"""Reviewers: named persons with an Ed25519 key each, wrapped by a passphrase that only they know."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import TypeAdapter, ValidationError

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.secrets.passphrase import unwrap_key, wrap_key
from openmed_agent.store.reviewers import ReviewerRecord
from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, key_id, sign_statement
from openmed_agent.workflows.review_passphrase import check_passphrase
from openmed_agent.workflows.review_record import ReviewerName, ReviewerReference
from openmed_agent.workflows.visible import name_skeleton

_NAME: Final = TypeAdapter[str](ReviewerName)


@dataclass(frozen=True, slots=True, repr=False)
class Signer:
    """A reviewer whose key is unlocked, for as long as one sign-off takes."""

    reviewer: ReviewerReference
    key: Ed25519PrivateKey

    def __repr__(self) -> str:
        """Return whose key it is, and nothing of the key."""
        return f"Signer({self.reviewer.key})"

    def sign(self, statement: ApprovalStatement) -> ApprovalToken:
        """Return the token of a statement that names this reviewer."""
        return sign_statement(statement, self.key)


def create_reviewer(store: Store, name: str, passphrase: str, *, now: datetime) -> ReviewerReference:
    """Make a key for a new reviewer and keep it, wrapped by the passphrase.

    Raises:
        InputError: the name, or one that looks the same, is taken; it is not a name; or the passphrase is too weak.
        StoreError: the store cannot be written.

    """
    name = check_reviewer_name(name)
    if any(name_skeleton(reviewer.name) == name_skeleton(name) for reviewer in store.reviewers.list()):
        raise InputError(
            "A reviewer with this name, or one that looks the same, exists.", remedy="Choose another name."
        )
    check_passphrase(passphrase, reviewer=name)
    key = Ed25519PrivateKey.generate()
    reference = ReviewerReference(name=name, key=key_id(key.public_key()))
    store.reviewers.add(
        name=name,
        key_id=reference.key,
        public_key=key.public_key().public_bytes_raw(),
        wrapped_key=wrap_key(key.private_bytes_raw(), passphrase, context=_context(reference)),
        created=now,
    )
    return reference


def check_reviewer_name(name: str) -> str:
    """Return the name in Unicode's composed form.

    Raises:
        InputError: it is not a name that could be read unambiguously on a signature.

    """
    composed = unicodedata.normalize("NFKC", name)
    try:
        return _NAME.validate_python(composed)
    except ValidationError:
        raise InputError(
            "This is not a reviewer's name.",
            remedy="Use up to 80 letters of one alphabet, digits, spaces, dots, commas, apostrophes and hyphens.",
        ) from None


def active_reviewer(store: Store, name: str) -> ReviewerReference:
    """Return a reviewer who may decide and sign.

    Raises:
        InputError: no reviewer has this name.
        NotPermittedError: the reviewer is retired.

    """
    return _active(store.reviewers.get(unicodedata.normalize("NFKC", name)))


def active_reviewers(store: Store) -> tuple[str, ...]:
    """Return the names of the reviewers who are not retired."""
    return tuple(reviewer.name for reviewer in store.reviewers.list() if reviewer.retired is None)


def reviewer_of_key(store: Store, reference: ReviewerReference) -> ReviewerReference:
    """Return the reviewer of this store who has this name and this key, and is not retired.

    Raises:
        NotPermittedError: there is none.

    """
    for record in store.reviewers.list():
        if record.key_id == reference.key and record.name == reference.name:
            return _active(record)
    raise NotPermittedError(
        "The approval was signed by a key that is not a reviewer's of this store.",
        remedy="Sign the draft here.",
    )


def unlock_reviewer(store: Store, name: str, passphrase: str) -> Signer:
    """Return a reviewer ready to sign.

    Raises:
        InputError: no reviewer has this name.
        NotPermittedError: the reviewer is retired.
        StoreError: the passphrase is wrong, or the key in the store is damaged.

    """
    reference = active_reviewer(store, name)
    wrapped = store.reviewers.get(reference.name).wrapped_key
    try:
        raw = unwrap_key(wrapped, passphrase, context=_context(reference))
    except StoreError:
        store.audit.append(reference.key, "reviewer.not_unlocked", reference.key)
        raise
    key = Ed25519PrivateKey.from_private_bytes(raw)
    if key_id(key.public_key()) != reference.key:
        raise StoreError("The reviewer's key is damaged.", remedy="Restore the store from a backup.")
    return Signer(reviewer=reference, key=key)


def retire_reviewer(store: Store, name: str, *, now: datetime) -> None:
    """Retire a reviewer for good: the key signs nothing more, and approvals not yet finalized are void.

    Raises:
        InputError: no reviewer has this name, or the reviewer is retired already.

    """
    store.reviewers.retire(unicodedata.normalize("NFKC", name), now)


def _active(record: ReviewerRecord) -> ReviewerReference:
    if record.retired is not None:
        raise NotPermittedError(
            f"The reviewer {record.name} is retired and can no longer sign.",
            remedy="Sign as another reviewer.",
        )
    try:
        return ReviewerReference(name=record.name, key=record.key_id)
    except ValidationError:
        raise NotPermittedError(
            "The reviewer's name is not one that can be read in one way only.",
            remedy="Create a reviewer under another.",
        ) from None


def _context(reference: ReviewerReference) -> str:
    """Bind a wrapped key to its reviewer, so that one cannot be put in the place of another."""
    return f"openmed.reviewer/1\n{reference.key}\n{reference.name}"
