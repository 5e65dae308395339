"""Where a bundle comes from: the run record, and the same as a FHIR Provenance resource (R4B).

Both follow from what was signed, so that a verifier can make them again and compare every byte. One thing
is not signed, because it becomes true after signing: which program wrote the bundle. It is in the run record
and is that program's word.
"""

import base64
from collections import Counter
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from openmed_agent.workflows.approval import ApprovalToken, Attestation
from openmed_agent.workflows.canonical import canonical_json, canonical_model
from openmed_agent.workflows.decisions import Action
from openmed_agent.workflows.draft import (
    Digest,
    Moment,
    PhiModeName,
    Record,
    ReleaseReference,
    SourceReference,
)
from openmed_agent.workflows.review_record import ReviewerReference, ReviewRecord

_AGENT_TYPES: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_SIGNATURE_TYPES: Final = "urn:iso-astm:E1762-95:2013"
_VERIFICATION: Final = "1.2.840.10065.1.12.1.5"
_URI: Final = "urn:ietf:rfc:3986"

ProgramName = Annotated[str, Field(pattern=r"^openmed-agent [0-9A-Za-z.+-]{1,64}$")]


class Reviewed(Record):
    """How the review went: its revisions, and how many items were accepted, edited and rejected."""

    revisions: Annotated[int, Field(ge=1)]
    accepted: Annotated[int, Field(ge=0)]
    edited: Annotated[int, Field(ge=0)]
    rejected: Annotated[int, Field(ge=0)]


class RunRecord(Record):
    """The run behind a bundle, from draft to bundle (schema ``openmed.provenance/1``)."""

    schema_: Annotated[Literal["openmed.provenance/1"], Field(alias="schema")] = "openmed.provenance/1"
    draft_id: str
    revision: int
    payload_digest: Digest
    decisions_digest: Digest
    workflow: str
    workflow_version: str
    phi_mode: PhiModeName
    sources: tuple[SourceReference, ...]
    releases: tuple[ReleaseReference, ...]
    drafted: Moment
    reviewed: Reviewed
    reviewer: ReviewerReference
    attestation: Attestation
    signed: Moment
    program: ProgramName

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    def content(self) -> bytes:
        """Return the canonical JSON, which is the bundle's ``provenance.json``."""
        return canonical_model(self)


def make_run_record(token: ApprovalToken, review: ReviewRecord, *, program: str) -> RunRecord:
    """Return the run record of a signed review; ``program`` is ``openmed-agent`` and its version."""
    statement, draft = token.statement, review.final
    counts: Counter[Action] = Counter()
    for one in review.rounds[:-1]:
        counts.update({action: count for action, count in one.counts().items() if action != "accept"})
    return RunRecord(
        draft_id=statement.draft_id,
        revision=statement.revision,
        payload_digest=statement.payload_digest,
        decisions_digest=statement.decisions_digest,
        workflow=draft.workflow,
        workflow_version=draft.workflow_version,
        phi_mode=statement.phi_mode,
        sources=draft.sources,
        releases=draft.releases,
        drafted=review.rounds[0].draft.created,
        reviewed=Reviewed(
            revisions=len(review.rounds),
            accepted=len(draft.items),
            edited=counts["edit"],
            rejected=counts["reject"],
        ),
        reviewer=statement.reviewer,
        attestation=statement.attestation,
        signed=statement.issued,
        program=program,
    )


def make_fhir_provenance(token: ApprovalToken, review: ReviewRecord) -> bytes:
    """Return a FHIR R4B Provenance of the artifacts, as canonical JSON; it follows from what was signed.

    Documents are named by their SHA-256 digests (RFC 6920); the signature is over the statement in the
    manifest, as ``docs/review.md`` describes.
    """
    statement, draft = token.statement, review.final
    reviewer = _reviewer(statement.reviewer)
    return canonical_json(
        {
            "resourceType": "Provenance",
            "id": statement.draft_id[:32] + f"-{statement.revision}",
            "target": [_named(artifact.digest, artifact.name) for artifact in draft.artifacts],
            "occurredDateTime": review.rounds[0].draft.created,
            "recorded": statement.issued,
            "activity": {"text": f"{draft.workflow} {draft.workflow_version}, {statement.attestation} review"},
            "agent": [
                {"type": _agent_type("verifier"), "who": reviewer},
                {"type": _agent_type("assembler"), "who": {"display": "openmed-agent"}},
            ],
            "entity": [{"role": "source", "what": _named(source.digest, source.name)} for source in draft.sources],
            "signature": [
                {
                    "type": [{"system": _SIGNATURE_TYPES, "code": _VERIFICATION}],
                    "when": statement.issued,
                    "who": reviewer,
                    "targetFormat": "application/json",
                    "sigFormat": "application/octet-stream",
                    "data": base64.b64encode(token.signature).decode(),
                }
            ],
        }
    )


def digest_uri(digest: str) -> str:
    """Return the ``ni`` URI (RFC 6920) of a ``sha256:<hex>`` digest."""
    raw = bytes.fromhex(digest.removeprefix("sha256:"))
    return f"ni:///sha-256;{base64.urlsafe_b64encode(raw).rstrip(b'=').decode()}"


def _named(digest: str, name: str) -> dict[str, Any]:
    return {"identifier": {"system": _URI, "value": digest_uri(digest)}, "display": name}


def _reviewer(reference: ReviewerReference) -> dict[str, Any]:
    return {"identifier": {"value": reference.key}, "display": reference.name}


def _agent_type(code: str) -> dict[str, Any]:
    return {"coding": [{"system": _AGENT_TYPES, "code": code}]}
