"""Verifies a bundle, offline, from nothing but its folder and the keys that are known here.

The manifest carries the signed statement; the statement binds decisions and payload; the decisions hold the
signed revision, and that names each artifact by digest. What a bundle adds to these is made again and
compared byte by byte, so a bundle has one right content for each signature.
"""

import errno
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from openmed_agent.errors import InputError, NotPermittedError, UnavailableError
from openmed_agent.text.sources import sha256_digest
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, Attestation, check_signature
from openmed_agent.workflows.bundle import (
    DECISIONS,
    MANIFEST,
    OWN_FILES,
    PROVENANCE,
    Manifest,
    check_artifact_names,
    make_bundle,
)
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.drafting import Artifact, parse_moment
from openmed_agent.workflows.provenance import RunRecord
from openmed_agent.workflows.review_record import ReviewRecord
from openmed_agent.workflows.review_trust import KnownKeys, fingerprint

_LARGEST_FILE: Final = 256 * 1024 * 1024
_LARGEST_BUNDLE: Final = 512 * 1024 * 1024
_MOST_FILES: Final = 10_000
_FOLDER: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_NO_FOLDER: Final = frozenset({errno.ENOENT, errno.ELOOP, errno.ENOTDIR})
_FILE: Final = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed: ``known_as`` is the name under which the key is known here, None where it is not.

    ``after_retirement`` is whether the time that the signer states is not before the key was retired here. Whoever
    has the key can state an earlier one.
    """

    name: str
    key: str
    fingerprint: str
    known_as: str | None
    after_retirement: bool
    attestation: Attestation
    issued: str


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """What a verification found. Without ``signature`` the bundle has none that holds.

    ``problems`` is a sentence for each fault; a key that is not known here is not a fault of the bundle.
    ``vouched_for`` are the other reviewers in whose names rounds of the review are written: they signed nothing,
    so it is the signer's word that they decided so.
    """

    problems: tuple[str, ...]
    files: int
    signature: Signature | None
    token: ApprovalToken | None
    draft: Draft | None
    vouched_for: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the bundle is exactly what the key in it signed."""
        return not self.problems and self.signature is not None

    @property
    def known(self) -> bool:
        """Whether that key is known here, under the name that signed."""
        return self.signature is not None and self.signature.known_as == self.signature.name

    @property
    def trusted(self) -> bool:
        """Whether the bundle is what a reviewer known here signed: the answer yes of ``openmed verify``."""
        return self.ok and self.known and self.signature is not None and not self.signature.after_retirement


def verify_bundle(folder: Path, known: KnownKeys, *, parent: int | None = None) -> VerificationReport:
    """Return what there is to say about the bundle in ``folder``; ``known`` are the keys known here.

    With ``parent``, an open folder's descriptor, ``folder`` is a name in it.

    Raises:
        InputError: the folder is missing, no folder, a symbolic link, or cannot be read.
        UnavailableError: this system cannot read a folder by its descriptor.

    """
    contents, problems = _read_folder(folder, parent)
    manifest = _manifest(contents, problems)
    if manifest is None:
        return VerificationReport(tuple(problems), len(contents), None, None, None)
    problems.extend(_file_problems(manifest, contents))
    token = _signed(manifest, problems)
    review = _review(contents, problems)
    if token is not None and review is not None:
        problems.extend(_binding_problems(token.statement, review, contents))
        if not problems:
            problems.extend(_made_again_problems(token, review, contents))
    return VerificationReport(
        problems=tuple(problems),
        files=len(contents),
        signature=None if token is None else _signature(token.statement, known),
        token=token,
        draft=None if review is None or problems else review.final,
        vouched_for=() if review is None or problems else _vouched_for(review),
    )


def carried_approval(name: str, parent: int) -> ApprovalToken | None:
    """Return the approval in the manifest of the folder ``name`` in ``parent``, whatever else is in the folder.

    None where there is no such folder, or no manifest in it that can be read as one. Nothing is verified.

    Raises:
        InputError: it cannot be told, since the folder or its manifest is closed to this user or the disk fails.

    """
    try:
        descriptor = os.open(name, _FOLDER, dir_fd=parent)
    except OSError as error:
        if error.errno in _NO_FOLDER:
            return None
        raise _folder_error(Path(name), error) from None
    try:
        content = _read_file(descriptor, MANIFEST, room=_LARGEST_FILE)
    except OSError as error:
        if error.errno in _NO_FOLDER:
            return None
        raise InputError(
            "The manifest at the destination cannot be read.", remedy="Check its permissions and the disk."
        ) from None
    finally:
        os.close(descriptor)
    try:
        return None if content is None else Manifest.model_validate_json(content).token()
    except ValueError:  # a ValidationError is one
        return None


def _read_folder(folder: Path, parent: int | None) -> tuple[dict[str, bytes], list[str]]:
    """Return the plain files of a folder by name, and a problem for everything else in it."""
    if os.open not in os.supports_dir_fd or os.listdir not in os.supports_fd:
        raise UnavailableError("Bundles cannot be verified safely on this system yet.")
    try:
        descriptor = os.open(folder, _FOLDER, dir_fd=parent)
    except (OSError, ValueError) as error:
        raise _folder_error(folder, error) from None
    contents: dict[str, bytes] = {}
    problems: list[str] = []
    room = _LARGEST_BUNDLE
    try:
        names = sorted(os.listdir(descriptor))  # noqa: PTH208 - pathlib cannot list a descriptor
        if len(names) > _MOST_FILES:
            raise InputError("The folder holds too many files for a bundle.")
        for name in names:
            try:
                content = _read_file(descriptor, name, room=room)
            except (OSError, ValueError):
                content = None
            if content is None:
                problems.append(f"{_shown(name)} is not a plain file that can be read.")
            else:
                contents[name] = content
                room -= len(content)
    finally:
        os.close(descriptor)
    return contents, problems


def _read_file(folder: int, name: str, *, room: int) -> bytes | None:
    """Return a plain file's bytes; None where it is none, or larger than ``room`` or than any file of a bundle.

    Its size counts and not what it takes on the disk, so a sparse file is as large as it reads.
    """
    most = min(_LARGEST_FILE, room)
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            content = file.read(status.st_size + 1)  # one more than it had: it must not grow meanwhile
        return content if len(content) == status.st_size else None
    finally:
        os.close(descriptor)


def _manifest(contents: Mapping[str, bytes], problems: list[str]) -> Manifest | None:
    content = contents.get(MANIFEST)
    if content is None:
        problems.append("There is no manifest.json, so this is not a bundle.")
        return None
    try:
        manifest = Manifest.model_validate_json(content)
        same = manifest.content() == content
    except (ValidationError, ValueError):
        problems.append("manifest.json is not a manifest.")
        return None
    if not same:
        problems.append("manifest.json is not in its canonical form.")
    return manifest


def _file_problems(manifest: Manifest, contents: Mapping[str, bytes]) -> list[str]:
    problems = []
    listed = {file.name: file for file in manifest.files}
    if len(listed) != len(manifest.files):
        problems.append("The manifest lists a file twice.")
    problems.extend(f"{_shown(name)} is missing." for name in sorted(listed.keys() - contents.keys()))
    extra = contents.keys() - listed.keys() - {MANIFEST}
    problems.extend(f"{_shown(name)} is not in the manifest." for name in sorted(extra))
    for name, file in listed.items():
        content = contents.get(name)
        if content is not None and (len(content), sha256_digest(content)) != (file.bytes, file.digest):
            problems.append(f"{_shown(name)} was changed.")
    try:
        check_artifact_names(name for name in listed if name not in OWN_FILES)
    except InputError as error:
        problems.append(error.message)
    return problems


def _signed(manifest: Manifest, problems: list[str]) -> ApprovalToken | None:
    try:
        token = manifest.token()
        check_signature(token)
    except (NotPermittedError, ValueError):
        problems.append("The signature does not hold: the key in the manifest did not sign this statement.")
        return None
    return token


def _review(contents: Mapping[str, bytes], problems: list[str]) -> ReviewRecord | None:
    content = contents.get(DECISIONS)
    if content is None:
        return None
    try:
        review = ReviewRecord.model_validate_json(content)
        same = review.content() == content
    except (ValidationError, ValueError):
        problems.append("decisions.json is not the record of a review.")
        return None
    if not same:
        problems.append("decisions.json is not in its canonical form.")
    return review


def _binding_problems(statement: ApprovalStatement, review: ReviewRecord, contents: Mapping[str, bytes]) -> list[str]:
    """Return where the statement, the decisions, the signed revision and the artifacts disagree."""
    draft, last = review.final, review.rounds[-1]
    artifacts = {artifact.name: artifact for artifact in draft.artifacts}
    agreements = (
        (statement.decisions_digest == review.digest(), "The decisions are not the ones that were signed."),
        (statement.payload_digest == draft.payload_digest, "The draft is not the one that was signed."),
        (
            (statement.draft_id, statement.revision) == (draft.draft_id, draft.revision),
            "The revision is not the one that was signed.",
        ),
        (
            statement.sources == tuple(source.digest for source in draft.sources),
            "The sources are not the ones that were signed.",
        ),
        (statement.phi_mode == draft.phi_mode, "The PHI mode is not the one that was signed."),
        (statement.reviewer == last.reviewer, "The decisions are not the signing reviewer's."),
        (
            contents.keys() - OWN_FILES == artifacts.keys(),
            "The artifacts are not the ones of the draft that was signed.",
        ),
        (
            all(
                (len(contents[name]), sha256_digest(contents[name])) == (artifact.bytes, artifact.digest)
                for name, artifact in artifacts.items()
                if name in contents
            ),
            "An artifact is not the one that was signed.",
        ),
    )
    return [problem for agrees, problem in agreements if not agrees]


def _made_again_problems(token: ApprovalToken, review: ReviewRecord, contents: Mapping[str, bytes]) -> list[str]:
    """Return which files differ from what the signed facts give when the bundle is made again."""
    try:
        run = RunRecord.model_validate_json(contents.get(PROVENANCE, b""))
    except ValidationError:
        return ["provenance.json is not a run record."]
    artifacts = tuple(
        Artifact(artifact.name, artifact.media_type, contents[artifact.name]) for artifact in review.final.artifacts
    )
    try:
        again = make_bundle(token, review, artifacts, program=run.program)
    except (InputError, ValueError):  # a ValidationError is one
        return ["decisions.json holds a draft of which no bundle can be made."]
    return [
        f"{file.name} is not what the signed facts give." for file in again if contents.get(file.name) != file.content
    ]


def _vouched_for(review: ReviewRecord) -> tuple[str, ...]:
    """Return the reviewers of rounds who are not the last one's, each once, in the order of the rounds."""
    signer = review.rounds[-1].reviewer
    return tuple(dict.fromkeys(one.reviewer.name for one in review.rounds if one.reviewer != signer))


def _signature(statement: ApprovalStatement, known: KnownKeys) -> Signature:
    reviewer = statement.reviewer
    key = known.get(reviewer.key)
    retired = None if key is None else key.retired
    return Signature(
        name=reviewer.name,
        key=reviewer.key,
        fingerprint=fingerprint(reviewer.key),
        known_as=None if key is None else key.name,
        after_retirement=retired is not None and parse_moment(statement.issued) >= retired,
        attestation=statement.attestation,
        issued=statement.issued,
    )


def _folder_error(folder: Path, error: OSError | ValueError) -> InputError:
    shown = _shown(str(folder))
    match getattr(error, "errno", None):
        case errno.ENOENT:
            return InputError(f"There is no folder {shown}.", remedy="Check the path.")
        case errno.ELOOP | errno.ENOTDIR:
            return InputError(f"{shown} is a link or not a folder.", remedy="Pass the bundle's folder itself.")
        case _:
            return InputError(f"{shown} cannot be read.", remedy="Check its permissions.")


def _shown(text: str) -> str:
    return terminal_safe(text, single_line=True)[:300]
