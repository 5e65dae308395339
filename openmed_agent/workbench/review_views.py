"""Makes what the review screen shows from a draft, its sources and its decisions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from openmed_agent.text.reading_lines import ReadingLine, is_hard_to_read, json_lines, own_lines
from openmed_agent.text.sources import SourceDocument
from openmed_agent.workbench.requests.comparisons import ChangeRow, Comparison
from openmed_agent.workbench.requests.reviews import (
    CodeLine,
    DecisionView,
    EvidencePlace,
    FileRow,
    FileState,
    Group,
    ItemView,
    SignedBundle,
    SignSummary,
    SourceLine,
    SourceView,
)
from openmed_agent.workbench.review_desk import DestinationFound, OpenedReview
from openmed_agent.workflows.bundle import OWN_FILES
from openmed_agent.workflows.decisions import EDITED_NOTE, Decision, must_decide_individually
from openmed_agent.workflows.diff import compare_drafts
from openmed_agent.workflows.draft import Code, Draft, EvidenceSpan, Item
from openmed_agent.workflows.draft_store import StoredDraft
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.review import ReviewSession
from openmed_agent.workflows.review_changes import ReviewChange, changes_of
from openmed_agent.workflows.review_order import conflicts_with, in_order_of_review
from openmed_agent.workflows.review_record import Round
from openmed_agent.workflows.review_trust import KnownKeys, fingerprint
from openmed_agent.workflows.review_words import assertion_words, kind_words
from openmed_agent.workflows.verify import verify_bundle
from openmed_agent.workflows.verify_words import AS_SIGNED, answer_words, file_states, other_problems, signature_lines

_STRUCTURED: Final = "application/fhir+json"


def item_views(opened: OpenedReview, decisions: Mapping[str, Decision]) -> tuple[ItemView, ...]:
    """Return the items in the order of review, with what was decided, by item digest."""
    draft, warnings = opened.stored.draft, opened.warnings
    alone, together = in_order_of_review(draft, warnings)
    complete = {(release.system, release.version): release.complete for release in draft.releases}
    must = [item for item in alone if _group(item, warnings) == "must_decide"]
    not_stated = [item for item in alone if _group(item, warnings) == "not_stated"]
    return tuple(
        _item_view(draft, item, warnings, complete, decisions.get(item.digest))
        for item in (*must, *not_stated, *together)
    )


def source_view(source: SourceDocument) -> SourceView:
    """Return a source with the lines in which it is read."""
    laid_out = source.media_type == _STRUCTURED and is_hard_to_read(source.text)
    lines = json_lines(source.text) if laid_out else own_lines(source.text)
    return SourceView(
        digest=source.digest,
        name=source.name,
        text=source.text,
        lines=tuple(_source_line(line) for line in lines),
        laid_out=laid_out,
    )


def decision_views(session: ReviewSession) -> dict[str, DecisionView]:
    """Return the reviewer's decisions by item digest, as they are on the disk."""
    return {digest: _decision_view(decision) for digest, decision in session.decisions().items()}


def minutes_left(draft: Draft) -> int:
    """Return for how many whole minutes the draft can still be signed."""
    return max(0, int((parse_moment(draft.expires) - datetime.now(UTC)).total_seconds() // 60))


def expiry_words(draft: Draft) -> str:
    """Return when the draft expires, in UTC."""
    return draft.expires.replace("T", " ")[:16]


def sign_summary(
    stored: StoredDraft,
    session: ReviewSession,
    former: Iterable[Round],
    *,
    place: DestinationFound,
    approval_minutes: int,
) -> SignSummary:
    """Return what would be signed, with the digest of the review as it is now."""
    draft, rounds = session.draft, tuple(former)
    edited = sum(1 for item in draft.items if item.notes == EDITED_NOTE)
    return SignSummary(
        draft_id=draft.draft_id,
        revision=draft.revision,
        reviewer=session.reviewer.name,
        fingerprint=fingerprint(session.reviewer.key),
        shown=session.record().digest(),
        payload_digest=draft.payload_digest,
        phi_mode=draft.phi_mode,
        accepted=len(draft.items) - edited,
        edited=edited,
        rejected=sum(one.counts()["reject"] for one in rounds),
        changes=tuple(_change_row(change) for change in changes_of(rounds)),
        files=tuple(FileRow(name=file.name, bytes=file.bytes) for file in draft.artifacts),
        own_files=tuple(sorted(OWN_FILES)),
        destination=place.path,
        destination_fault=place.fault,
        approval_minutes=approval_minutes,
        texts=tuple(
            (artifact.name, artifact.content.decode("utf-8", errors="replace"))
            for artifact in stored.artifacts
            if artifact.media_type.startswith("text/")
        ),
    )


def signed_bundle(folder: Path, known: KnownKeys) -> SignedBundle:
    """Verify a bundle that was written and return what there is to say of it."""
    report = verify_bundle(folder, known)
    return SignedBundle(
        destination=str(folder),
        files=tuple(
            FileState(name=name, state=state, good=state == AS_SIGNED) for name, state in file_states(folder, report)
        ),
        facts=tuple(signature_lines(report)),
        problems=other_problems(report),
        trusted=report.trusted,
        answer=answer_words(report),
    )


def comparison_of(before: Draft, after: Draft, *, names: tuple[str, str]) -> Comparison:
    """Return how two drafts differ, what conflicts first."""
    found = compare_drafts(before, after)
    return Comparison(
        before=names[0],
        after=names[1],
        same=found.same,
        rows=(
            *(_pair_row("conflicting", pair.before, pair.after) for pair in found.conflicting),
            *(_pair_row("changed", pair.before, pair.after) for pair in found.changed),
            *(ChangeRow(change="removed", kind=kind_words(item), before=item.claim) for item in found.removed),
            *(ChangeRow(change="added", kind=kind_words(item), after=item.claim) for item in found.added),
        ),
    )


def _item_view(
    draft: Draft,
    item: Item,
    warnings: Mapping[str, tuple[str, ...]],
    complete: Mapping[tuple[str, str], bool],
    decision: Decision | None,
) -> ItemView:
    against = conflicts_with(draft, item)
    own = dict.fromkeys(_at(span) for span in item.evidence)
    others = dict.fromkeys(place for other in against for span in other.evidence if (place := _at(span)) not in own)
    return ItemView(
        digest=item.digest,
        kind=kind_words(item),
        claim=item.claim,
        says="" if item.kind in {"conflict", "gap"} else assertion_words(item.assertion),
        support=item.support,
        severity=item.severity,
        group=_group(item, warnings),
        alone=must_decide_individually(item) or item.digest in warnings,
        codes=tuple(_code_line(code, complete) for code in item.codes),
        evidence=(*(_place(*at) for at in own), *(_place(*at, against=True) for at in others)),
        conflicts=tuple(other.claim for other in against),
        warnings=warnings.get(item.digest, ()),
        notes=item.notes,
        decision=None if decision is None else _decision_view(decision),
    )


def _group(item: Item, warnings: Mapping[str, tuple[str, ...]]) -> Group:
    """Return under which heading an item stands: what the source does not state is no matter of how it was read."""
    if item.kind == "gap" or (item.support == "unsupported" and item.severity != "high"):
        return "not_stated"
    if must_decide_individually(item) or item.digest in warnings:
        return "must_decide"
    return "supported"


def _code_line(code: Code, complete: Mapping[tuple[str, str], bool]) -> CodeLine:
    known = complete.get((code.system, code.release))
    return CodeLine(system=code.system, code=code.code, display=code.display, release=code.release, complete=known)


def _at(span: EvidenceSpan) -> tuple[str, int, int]:
    return span.source, span.start, span.end


def _place(source: str, start: int, end: int, *, against: bool = False) -> EvidencePlace:
    return EvidencePlace(source=source, start=start, end=end, against=against)


def _source_line(line: ReadingLine) -> SourceLine:
    return SourceLine(start=line.start, end=line.end, indent=line.indent)


def _decision_view(decision: Decision) -> DecisionView:
    return DecisionView(action=decision.action, text=decision.text or "", reason=decision.reason or "")


def _change_row(change: ReviewChange) -> ChangeRow:
    kind = kind_words(change.item)
    if change.text is None:
        return ChangeRow(change="removed", kind=kind, before=change.item.claim, note=change.reason or "")
    return ChangeRow(change="changed", kind=kind, before=change.item.claim, after=change.text, note=change.reason or "")


def _pair_row(change: str, before: Item, after: Item) -> ChangeRow:
    kind = kind_words(after)
    return ChangeRow.model_validate({"change": change, "kind": kind, "before": before.claim, "after": after.claim})
