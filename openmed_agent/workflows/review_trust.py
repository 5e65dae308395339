"""Public keys of reviewers: how one is handed to another machine, and which ones are known here.

The file of known reviewers holds public data and grants one thing: ``openmed verify`` calls these keys known.
A key is as trustworthy as the way it came, so a person compares its fingerprint before adding it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.secrets.private_files import make_private_folder, read_private_file, write_private_file
from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import public_key
from openmed_agent.workflows.draft import Moment, Record
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.review_record import KeyId, ReviewerName, ReviewerReference
from openmed_agent.workflows.visible import name_skeleton

KNOWN_REVIEWERS_FILE: Final = "known-reviewers.json"
_MAXIMUM_EXPORT_BYTES: Final = 4096
_GROUP: Final = 4
_FINGERPRINT_DIGITS: Final = 40


@dataclass(frozen=True, slots=True)
class KnownKey:
    """Whose key it is, and since when it signs nothing more."""

    name: str
    retired: datetime | None = None


KnownKeys = Mapping[str, KnownKey]
"""What is known of keys, by their ids."""


class ReviewerExport(Record):
    """A reviewer's public key as a file (schema ``openmed.reviewer/1``)."""

    schema_: Annotated[Literal["openmed.reviewer/1"], Field(alias="schema")] = "openmed.reviewer/1"
    name: ReviewerName
    key: KeyId

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class KnownReviewer(ReviewerReference):
    """A key that was added here; ``retired`` is written in by hand when its owner says so."""

    retired: Moment | None = None


class KnownReviewers(Record):
    """The keys that were added here (schema ``openmed.known-reviewers/1``)."""

    schema_: Annotated[Literal["openmed.known-reviewers/1"], Field(alias="schema")] = "openmed.known-reviewers/1"
    reviewers: tuple[KnownReviewer, ...] = ()

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


def export_reviewer(reference: ReviewerReference) -> bytes:
    """Return the public key as the JSON file that ``parse_reviewer_export`` reads."""
    export = ReviewerExport(name=reference.name, key=reference.key)
    return export.model_dump_json(indent=2, by_alias=True).encode() + b"\n"


def parse_reviewer_export(content: bytes) -> ReviewerReference:
    """Return the reviewer in an exported file.

    Raises:
        InputError: it is not such a file, or its key is no key.

    """
    try:
        export = ReviewerExport.model_validate_json(content[:_MAXIMUM_EXPORT_BYTES])
        public_key(export.key)
    except ValueError:  # a ValidationError is one
        raise InputError(
            "This is not a reviewer's public key.", remedy="Pass the file that reviewer export wrote."
        ) from None
    return ReviewerReference(name=export.name, key=export.key)


def fingerprint(key: str) -> str:
    """Return 160 bits of the SHA-256 of a key's id, in groups that can be read out on the telephone."""
    digits = hashlib.sha256(key.encode()).hexdigest()[:_FINGERPRINT_DIGITS].upper()
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def read_known_reviewers(folder: Path) -> KnownKeys:
    """Return the keys known in a configuration folder; none where the file is missing.

    Raises:
        InputError: the file is not what it should be.
        StoreError: it cannot be read, or is open to other users.

    """
    return {
        reviewer.key: KnownKey(reviewer.name, None if reviewer.retired is None else parse_moment(reviewer.retired))
        for reviewer in _read(folder).reviewers
    }


def add_known_reviewer(folder: Path, reviewer: ReviewerReference, *, here: KnownKeys | None = None) -> None:
    """Add a key to those known in a configuration folder; once there, it stays as it is.

    ``here`` are more keys that are known, the ones of this store's reviewers.

    Raises:
        InputError: the key is known under another name; or the name, or one that looks the same, with another key.
        StoreError: the file cannot be written.

    """
    known = _read(folder).reviewers
    names = {**(here or {}), **{other.key: KnownKey(other.name) for other in known}}
    skeleton = name_skeleton(reviewer.name)
    if any(
        other.name != reviewer.name if key == reviewer.key else name_skeleton(other.name) == skeleton
        for key, other in names.items()
    ):
        raise InputError(
            "This name, or one that looks the same, is known with another key, or this key with another name.",
            remedy=f"If the old key counts no longer, remove its entry from {folder / KNOWN_REVIEWERS_FILE} first.",
        )
    if all(other.key != reviewer.key for other in known):
        _write(folder, (*known, KnownReviewer(name=reviewer.name, key=reviewer.key)))


def known_keys(store: Store | None, folder: Path) -> KnownKeys:
    """Return the keys of this store's reviewers, retired ones with the time of it, and those added here.

    Raises:
        InputError: the file of known reviewers is not what it should be.

    """
    own = (
        {}
        if store is None
        else {record.key_id: KnownKey(record.name, record.retired) for record in store.reviewers.list()}
    )
    return {**read_known_reviewers(folder), **own}


def _read(folder: Path) -> KnownReviewers:
    content = read_private_file(folder / KNOWN_REVIEWERS_FILE)
    if content is None:
        return KnownReviewers()
    try:
        return KnownReviewers.model_validate_json(content)
    except ValidationError:
        raise InputError(
            f"{folder / KNOWN_REVIEWERS_FILE} is damaged.",
            remedy="Correct it, or remove it and add the keys again.",
        ) from None


def _write(folder: Path, reviewers: tuple[KnownReviewer, ...]) -> None:
    make_private_folder(folder)
    content = (
        KnownReviewers(reviewers=reviewers).model_dump_json(indent=2, by_alias=True, exclude_none=True).encode() + b"\n"
    )
    write_private_file(folder / KNOWN_REVIEWERS_FILE, content)
