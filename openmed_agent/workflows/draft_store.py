"""Keeps drafts in the store and reads them back, every byte checked against its digest."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.store.drafts import DraftRecord
from openmed_agent.store.store import Store
from openmed_agent.text.sources import SourceDocument, sha256_digest, source_from_bytes
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.draft import Draft, check_evidence
from openmed_agent.workflows.drafting import Artifact, DraftContent, parse_moment


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft as it lies in the store, with its sources and the bytes of its artifacts."""

    draft: Draft
    sources: tuple[SourceDocument, ...]
    artifacts: tuple[Artifact, ...]

    @property
    def content(self) -> DraftContent:
        """What the draft says, without ids and times: what a renderer works from."""
        return DraftContent(
            workflow=self.draft.workflow,
            workflow_version=self.draft.workflow_version,
            inputs=self.draft.inputs,
            sources=self.sources,
            releases=self.draft.releases,
            cards=self.draft.cards,
            items=self.draft.items,
        )


def save_draft(
    store: Store,
    draft: Draft,
    sources: tuple[SourceDocument, ...],
    artifacts: tuple[Artifact, ...],
    *,
    others: Iterable[bytes] = (),
    actor: str = "openmed",
) -> None:
    """Keep a draft revision with its sources, its artifacts and ``others``, whole or not at all.

    Raises:
        StoreError: the store could not take it.

    """
    blobs = {source.digest: source.content for source in sources}
    contents = {artifact.name: artifact.content for artifact in artifacts}
    blobs |= {reference.digest: contents[reference.name] for reference in draft.artifacts}
    blobs |= {sha256_digest(content): content for content in others}
    record = DraftRecord(
        draft_id=draft.draft_id,
        revision=draft.revision,
        workflow=draft.workflow,
        workflow_version=draft.workflow_version,
        created=parse_moment(draft.created),
        expires=parse_moment(draft.expires),
        payload_digest=draft.payload_digest,
        document=canonical_model(draft),
    )
    store.drafts.add(record, blobs, actor=actor)


def load_draft(store: Store, draft_id: str, revision: int | None = None) -> StoredDraft:
    """Return a revision (the latest by default) of the draft with this id or unique start of an id.

    Raises:
        InputError: there is no such draft.
        StoreError: what the store holds is not what was put there.

    """
    record = store.drafts.get(draft_id, revision)
    draft = _checked(record)
    sources = tuple(source_from_bytes(source.name, store.drafts.blob(source.digest)) for source in draft.sources)
    artifacts = tuple(
        Artifact(reference.name, reference.media_type, store.drafts.blob(reference.digest))
        for reference in draft.artifacts
    )
    _check_against_sources(draft, {source.digest: source for source in sources})
    return StoredDraft(draft=draft, sources=sources, artifacts=artifacts)


def list_drafts(store: Store) -> tuple[Draft, ...]:
    """Return the latest revision of every draft, the newest first."""
    return tuple(each_draft(store))


def each_draft(store: Store) -> Iterator[Draft]:
    """Yield what ``list_drafts`` returns, each read when it is wanted: there may be many, and they are large."""
    for record in store.drafts.list():
        yield _checked(record)


def _checked(record: DraftRecord) -> Draft:
    try:
        draft = Draft.model_validate_json(record.document)
    except ValidationError:
        raise _damaged() from None
    if (draft.draft_id, draft.revision, draft.payload_digest) != (
        record.draft_id,
        record.revision,
        record.payload_digest,
    ):
        raise _damaged()
    return draft


def _check_against_sources(draft: Draft, sources: Mapping[str, SourceDocument]) -> None:
    try:
        check_evidence(draft, sources)
    except ValueError:
        raise _damaged() from None


def _damaged() -> StoreError:
    return StoreError("A draft in the store is damaged.", remedy="Run 'openmed audit verify'.")
