"""Answers what the screen asks about drafts and bundles."""

import asyncio
from pathlib import Path

from openmed_agent.errors import StoreError
from openmed_agent.store.layout import StoreLayout
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handlers.paths import given_path
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.drafts import (
    BundleReport,
    CompareDrafts,
    DraftList,
    DraftRow,
    ListDrafts,
    VerifyBundle,
)
from openmed_agent.workbench.review_views import comparison_of
from openmed_agent.workbench.wire import StoreLockedError
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.draft_state import draft_state, left_to_decide
from openmed_agent.workflows.draft_store import each_draft, load_draft
from openmed_agent.workflows.review_trust import KnownKeys, known_keys
from openmed_agent.workflows.verify import verify_bundle
from openmed_agent.workflows.verify_words import answer_words, file_states, other_problems, signature_lines


async def list_all(bench: Bench, request: ListDrafts) -> DraftList:
    """Return the latest revision of every draft, the newest first, or of the one that was asked for."""
    rows: list[DraftRow] = []
    for draft in each_draft(bench.store):
        if request.draft_id in {"", draft.draft_id}:
            rows.append(_row(bench, draft))
        await asyncio.sleep(0)  # a turn that streams meanwhile goes on
    return DraftList(drafts=tuple(rows))


async def compare(bench: Bench, request: CompareDrafts) -> Comparison:
    """Return the difference of two drafts."""
    before, after = _draft(bench, request.before), _draft(bench, request.after)
    return await asyncio.to_thread(comparison_of, before, after, names=(_name(before), _name(after)))


async def verify(bench: Bench, request: VerifyBundle) -> BundleReport:
    """Return what there is to say about a bundle."""
    folder = given_path(request.folder, bench.options.folder)
    known = _known_here(bench)
    return await asyncio.to_thread(_report, folder, known)


def _report(folder: Path, known: KnownKeys) -> BundleReport:
    report = verify_bundle(folder, known)
    return BundleReport(
        folder=str(folder),
        trusted=report.trusted,
        answer=answer_words(report),
        files=tuple(file_states(folder, report)),
        facts=tuple(signature_lines(report)),
        problems=other_problems(report),
    )


def _known_here(bench: Bench) -> KnownKeys:
    """Return the keys known here; a store that cannot be had makes its reviewers unknown, a locked one is asked for."""
    if not StoreLayout(bench.paths.root).database.exists():
        return known_keys(None, bench.paths.configuration)
    try:
        return known_keys(bench.store, bench.paths.configuration)
    except StoreLockedError:
        raise
    except StoreError:
        return known_keys(None, bench.paths.configuration)


def _draft(bench: Bench, name: str) -> Draft:
    identifier, _, revision = name.partition("@")
    return load_draft(bench.store, identifier, int(revision) if revision else None).draft


def _row(bench: Bench, draft: Draft) -> DraftRow:
    state, destination = draft_state(bench.store, draft)
    return DraftRow(
        draft_id=draft.draft_id,
        revision=draft.revision,
        workflow=draft.workflow,
        sources=tuple(source.name for source in draft.sources),
        created=draft.created,
        expires=draft.expires,
        items=len(draft.items),
        left=0 if state in {"committed", "finalizing"} else left_to_decide(bench.store, draft),
        state=state,
        destination=destination or "",
    )


def _name(draft: Draft) -> str:
    return f"{draft.draft_id[:8]} revision {draft.revision}, {draft.created.replace('T', ' ')[:16]} UTC"


HANDLERS: tuple[Handler, ...] = (
    answered_by(ListDrafts, list_all),
    answered_by(CompareDrafts, compare),
    answered_by(VerifyBundle, verify),
)
