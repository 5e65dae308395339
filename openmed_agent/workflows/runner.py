"""Runs a workflow: documents in, a draft out. Deterministic, and without any language model."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.artifacts.registry import artifact_renderer
from openmed_agent.workflows.definition import ReviewRule, Workflow
from openmed_agent.workflows.draft import Card, Draft, Item, PhiModeName, Severity, check_evidence, make_item
from openmed_agent.workflows.drafting import Artifact, DraftContent, make_draft
from openmed_agent.workflows.steps.registry import STEPS
from openmed_agent.workflows.work import Finding, Services, Work

_RANK: Final[Mapping[Severity, int]] = {"high": 0, "normal": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class WorkflowResult:
    """A finished run: the draft, the bytes it stands on, and what the person should be told."""

    draft: Draft
    sources: tuple[SourceDocument, ...]
    artifacts: tuple[Artifact, ...]
    warnings: tuple[str, ...]


async def run_workflow(
    workflow: Workflow,
    sources: tuple[SourceDocument, ...],
    services: Services,
    *,
    inputs: Mapping[str, tuple[str, ...]],
    phi_mode: PhiModeName,
    now: datetime,
    valid_hours: int,
    destination: str | None = None,
    draft_id: str | None = None,
) -> WorkflowResult:
    """Return the draft of one run.

    ``inputs`` holds the values as the draft shows them: documents by file name, without folders. A ``draft_id`` is
    random; whoever has to find the draft after an interruption draws it before.

    Raises:
        OpenMedError: an input or a plane is not usable; nothing was written.

    """
    work = Work(sources=_distinct(sources))
    for step in workflow.definition.steps:
        services.step(step.uses)
        work = await STEPS[step.uses](work, services)
    content = _content(workflow, work, inputs)
    artifacts = artifact_renderer(workflow.definition)(content)
    draft = make_draft(
        content,
        artifacts,
        phi_mode=phi_mode,
        created=now,
        expires=now + timedelta(hours=valid_hours),
        draft_id=draft_id or new_draft_id(),
        destination=destination,
    )
    check_evidence(draft, {source.digest: source for source in work.sources})
    return WorkflowResult(draft, work.sources, artifacts, work.warnings)


def new_draft_id() -> str:
    """Return an id for a draft."""
    return secrets.token_hex(16)


def _distinct(sources: Sequence[SourceDocument]) -> tuple[SourceDocument, ...]:
    return tuple({source.digest: source for source in reversed(sources)}.values())[::-1]


def _content(workflow: Workflow, work: Work, inputs: Mapping[str, tuple[str, ...]]) -> DraftContent:
    definition = workflow.definition
    order = {source.digest: number for number, source in enumerate(work.sources)}
    items: dict[str, tuple[Item, Finding]] = {}
    for finding in work.findings:
        item = _item(finding, workflow)
        items.setdefault(item.digest, (item, finding))
    placed = sorted(items.values(), key=lambda pair: _position(pair[0], order))
    cards = tuple(
        Card(
            id=card.id,
            type=card.type,
            title=card.title,
            items=tuple(item.digest for item, _ in placed if item.kind in card.kinds),
        )
        for card in definition.cards
    )
    carded = [digest for card in cards for digest in card.items]
    by_digest = {item.digest: item for item, _ in placed}
    return DraftContent(
        workflow=definition.id,
        workflow_version=definition.version,
        inputs={name: tuple(values) for name, values in sorted(inputs.items())},
        sources=work.sources,
        releases=tuple(dict.fromkeys(work.releases)),
        cards=cards,
        items=tuple(by_digest[digest] for digest in carded),
    )


def _position(item: Item, order: Mapping[str, int]) -> tuple[int, int, int, str]:
    first = item.evidence[0] if item.evidence else None
    return (
        _RANK[item.severity],
        order[first.source] if first else len(order),
        first.start if first else 0,
        item.claim,
    )


def _item(finding: Finding, workflow: Workflow) -> Item:
    severity, reason = _severity(finding, workflow)
    notes = (*finding.notes, reason) if reason else finding.notes
    return make_item(
        kind=finding.kind,
        claim=finding.claim,
        support=finding.support,
        severity=severity,
        assertion=finding.assertion,
        codes=finding.codes,
        evidence=finding.evidence,
        notes=terminal_safe("; ".join(notes), single_line=True),
    )


def _severity(finding: Finding, workflow: Workflow) -> tuple[Severity, str]:
    for rule in workflow.definition.review_rules:
        if _fits(finding, rule, workflow):
            return rule.severity, rule.reason
    return "normal", ""


def _fits(finding: Finding, rule: ReviewRule, workflow: Workflow) -> bool:
    if rule.kinds and finding.kind not in rule.kinds:
        return False
    if rule.support and finding.support not in rule.support:
        return False
    words = f" {' '.join(finding.claim.casefold().replace('-', ' ').split())} "
    if rule.words and not any(word.casefold() in words for word in rule.words):
        return False
    if rule.terms_file is None:
        return True
    names = " ".join((words, *(code.display.casefold() for code in finding.codes)))
    return any(f" {term} " in f" {names} " for term in workflow.terms[rule.terms_file])
