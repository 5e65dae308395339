"""Puts a draft together from its content, and its artifacts from a renderer.

A final revision after a review goes the same way: changed items, the same renderer, the next revision number.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from openmed_agent.text.sources import SourceDocument, sha256_digest
from openmed_agent.workflows.canonical import canonical_json
from openmed_agent.workflows.draft import (
    ArtifactReference,
    Card,
    Draft,
    Item,
    PhiModeName,
    ReleaseReference,
    SourceReference,
    payload_digest,
)

_ID_BYTES: Final = 16
_PLACEHOLDER: Final = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file that finalizing would write."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DraftContent:
    """What a draft says, before it has an id, times and artifacts; a replay must give exactly this."""

    workflow: str
    workflow_version: str
    inputs: Mapping[str, tuple[str, ...]]
    sources: tuple[SourceDocument, ...]
    releases: tuple[ReleaseReference, ...]
    cards: tuple[Card, ...]
    items: tuple[Item, ...]


ArtifactRenderer = Callable[[DraftContent], tuple[Artifact, ...]]
"""Renders a workflow's artifacts from nothing but the content, with no clock, id or randomness."""


def moment(time: datetime) -> str:
    """Return an aware time as ``YYYY-MM-DDTHH:MM:SSZ`` in UTC."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_moment(text: str) -> datetime:
    """Return the aware time that ``moment`` wrote.

    Raises:
        ValueError: it is not such a text.

    """
    return datetime.fromisoformat(text)


def make_draft(
    content: DraftContent,
    artifacts: tuple[Artifact, ...],
    *,
    phi_mode: PhiModeName,
    created: datetime,
    expires: datetime,
    draft_id: str | None = None,
    revision: int = 1,
    destination: str | None = None,
) -> Draft:
    """Return a draft of ``content``; without ``draft_id`` it gets a new random one."""
    references = tuple(
        ArtifactReference(
            name=artifact.name,
            media_type=artifact.media_type,
            bytes=len(artifact.content),
            digest=sha256_digest(artifact.content),
        )
        for artifact in artifacts
    )
    unsigned = Draft.model_construct(
        draft_id=draft_id or secrets.token_hex(_ID_BYTES),
        revision=revision,
        workflow=content.workflow,
        workflow_version=content.workflow_version,
        created=moment(created),
        expires=moment(expires),
        phi_mode=phi_mode,
        inputs=content.inputs,
        sources=tuple(source_reference(source) for source in content.sources),
        releases=content.releases,
        cards=content.cards,
        items=content.items,
        artifacts=references,
        payload_digest=_PLACEHOLDER,
        destination=destination,
    )
    fields = unsigned.model_dump(mode="json", by_alias=True)
    return Draft.model_validate_json(canonical_json({**fields, "payload_digest": payload_digest(unsigned)}))


def source_reference(source: SourceDocument) -> SourceReference:
    """Return what a draft says of a source."""
    return SourceReference(
        name=source.name, media_type=source.media_type, bytes=len(source.content), digest=source.digest
    )
