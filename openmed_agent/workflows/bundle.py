"""The bundle: the approved artifacts, and beside them everything that proves what they are.

A bundle is a flat folder. ``manifest.json`` names every other file and carries the signed statement; all of
it follows from what was signed, except for the name of the program that wrote it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from openmed_agent import __version__
from openmed_agent.errors import InputError
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, decode, encode
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.draft import Digest, PlainName, Record
from openmed_agent.workflows.drafting import Artifact
from openmed_agent.workflows.provenance import make_fhir_provenance, make_run_record
from openmed_agent.workflows.review_record import ReviewRecord

MANIFEST: Final = "manifest.json"
DECISIONS: Final = "decisions.json"
PROVENANCE: Final = "provenance.json"
FHIR_PROVENANCE: Final = "provenance.fhir.json"
PROGRAM: Final = f"openmed-agent {__version__}"

OWN_FILES: Final = frozenset({MANIFEST, DECISIONS, PROVENANCE, FHIR_PROVENANCE})
_JSON: Final = "application/json"
# What every file system takes as it is, and no shell or viewer reads as anything but a name.
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?: *\..*)?", re.IGNORECASE)  # of Windows
_SAFE_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ -]{0,126}[A-Za-z0-9_]|[A-Za-z0-9_]")


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle."""

    name: str
    media_type: str
    content: bytes


class ManifestFile(Record):
    """What the manifest says of a file."""

    name: PlainName
    media_type: str
    bytes: Annotated[int, Field(ge=0)]
    digest: Digest


class Manifest(Record):
    """What a bundle holds, and the signature for it (schema ``openmed.manifest/1``)."""

    schema_: Annotated[Literal["openmed.manifest/1"], Field(alias="schema")] = "openmed.manifest/1"
    files: tuple[ManifestFile, ...]
    decisions_digest: Digest
    statement: ApprovalStatement
    signature: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{86}$")]

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    def content(self) -> bytes:
        """Return the canonical JSON, which is the bundle's ``manifest.json``."""
        return canonical_model(self)

    def token(self) -> ApprovalToken:
        """Return the approval that the manifest carries, which nothing has verified yet.

        Raises:
            ValueError: the signature is not in the one form of base64url.

        """
        return ApprovalToken(statement=self.statement, signature=decode(self.signature))


def make_bundle(
    token: ApprovalToken,
    review: ReviewRecord,
    artifacts: tuple[Artifact, ...],
    *,
    program: str = PROGRAM,
) -> tuple[BundleFile, ...]:
    """Return the files of the bundle, the manifest last.

    Raises:
        InputError: the name of an artifact is not safe in a bundle.

    """
    check_artifact_names(artifact.name for artifact in artifacts)
    run = make_run_record(token, review, program=program)
    files = (
        *(BundleFile(artifact.name, artifact.media_type, artifact.content) for artifact in artifacts),
        BundleFile(DECISIONS, _JSON, review.content()),
        BundleFile(PROVENANCE, _JSON, run.content()),
        BundleFile(FHIR_PROVENANCE, "application/fhir+json", make_fhir_provenance(token, review)),
    )
    return (*files, BundleFile(MANIFEST, _JSON, make_manifest(token, files).content()))


def make_manifest(token: ApprovalToken, files: tuple[BundleFile, ...]) -> Manifest:
    """Return the manifest of the other files, which it lists by name."""
    listed = tuple(
        ManifestFile(
            name=file.name,
            media_type=file.media_type,
            bytes=len(file.content),
            digest=sha256_digest(file.content),
        )
        for file in sorted(files, key=lambda file: file.name)
    )
    return Manifest(
        files=listed,
        decisions_digest=token.statement.decisions_digest,
        statement=token.statement,
        signature=encode(token.signature),
    )


def check_artifact_names(names: Iterable[str]) -> None:
    """Check that artifacts can be written into one folder beside the bundle's own files.

    Raises:
        InputError: a name could leave the folder or be read differently elsewhere, is one of the bundle's
            own, or is there twice where upper and lower case are the same.

    """
    taken = {name.casefold() for name in OWN_FILES}
    for name in names:
        if not _SAFE_NAME.fullmatch(name) or ".." in name or _DEVICE.fullmatch(name):
            raise InputError(
                "An artifact of the workflow has a name that is not safe in a bundle.",
                remedy="Correct the workflow's artifact names: letters, digits, dot, hyphen, underscore.",
            )
        if name.casefold() in taken:
            raise InputError(
                f"The artifact {name} has the name of another file of the bundle.",
                remedy="Correct the workflow's artifact names.",
            )
        taken.add(name.casefold())
