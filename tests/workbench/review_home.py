"""An installation with two reviewers and a draft of an invented chart, to be reviewed over the wire."""

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "cli"))

from review_desk import NOTE, PASSPHRASE, REVIEWER, add_draft, evidence, items, source

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.settings.paths import content_folder
from openmed_agent.store import Store, open_store
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.reviews import (
    Decide,
    Decided,
    OpenReview,
    PrepareSigning,
    ReviewView,
    SignReview,
    SignSummary,
)
from openmed_agent.workflows.artifacts.registry import artifact_renderer
from openmed_agent.workflows.definition import find_workflow
from openmed_agent.workflows.draft import Card, Draft, Item, ReleaseReference, make_item
from openmed_agent.workflows.draft_store import save_draft
from openmed_agent.workflows.drafting import DraftContent, make_draft
from openmed_agent.workflows.reviewer import create_reviewer

OTHER_REVIEWER = "Dr. Ben Okoro"
OTHER_PASSPHRASE = "copper lantern 19 walrus meadow"
__all__ = ["NOTE", "PASSPHRASE", "REVIEWER", "add_draft"]


@dataclass(frozen=True)
class ReviewHome:
    """The installation in ``home``, its draft, and a folder for bundles."""

    home: Path
    draft: Draft
    out: Path

    def store(self) -> Store:
        return open_store(self.home, custody="file")

    def workbench(self) -> Workbench:
        return Workbench((*PROGRAM, "--folder", str(self.out)))


def make_review_template(folder: Path) -> Draft:
    """Make what ``copy_review_home`` copies: wrapping a reviewer's key takes its time."""
    with open_store(folder / "home", custody="file") as store:
        create_reviewer(store, REVIEWER, PASSPHRASE, now=datetime.now(UTC))
        draft = warned_draft()
        put(store, draft)
    return draft


def copy_review_home(template: Path, draft: Draft, folder: Path) -> ReviewHome:
    home, out = folder / "home", folder / "out"
    shutil.copytree(template / "home", home)
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[privacy]\nphi_mode = "full"\n')
    out.mkdir()
    return ReviewHome(home, draft, out)


def warned_draft() -> Draft:
    """Return the draft of review_desk with one item more, whose dose is not the source's."""
    document = source()
    wrong = make_item(
        kind="medication",
        claim="Atorvastatin 400 mg by mouth at bedtime",
        support="supported",
        severity="normal",
        assertion=Assertion(),
        evidence=evidence(document, "Atorvastatin 40 mg PO at bedtime"),
    )
    conflict = make_item(
        kind="conflict",
        claim="Metformin and CKD do not go together",
        support="contradicted",
        severity="high",
        assertion=Assertion(),
        evidence=(*evidence(document, "Metformin 500 mg PO BID"), *evidence(document, "Maybe early CKD?")),
    )
    chosen = (*items(document), wrong, conflict)
    content = _content(chosen)
    made = datetime.now(UTC)
    return make_draft(content, _artifacts(content), phi_mode="deid", created=made, expires=made + timedelta(hours=12))


def put(store: Store, draft: Draft) -> None:
    content = _content(draft.items)
    save_draft(store, draft, content.sources, _artifacts(content))


def _content(chosen: tuple[Item, ...]) -> DraftContent:
    document = source()
    return DraftContent(
        workflow="chart_summary",
        workflow_version=find_workflow("chart_summary", (content_folder("workflows"),)).definition.version,
        inputs={"note_path": (document.name,)},
        sources=(document,),
        releases=(ReleaseReference(plane="codes", system="icd10cm", version="2026", complete=True),),
        cards=(Card(id="all", type="evidence", title="Everything", items=tuple(item.digest for item in chosen)),),
        items=chosen,
    )


def _artifacts(content: DraftContent):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the renderer's own type
    return artifact_renderer(find_workflow("chart_summary", (content_folder("workflows"),)).definition)(content)


def named(view: ReviewView) -> Mapping[str, str]:
    """Return the digests of a view's items by claim."""
    return {item.claim: item.digest for item in view.items}


def of(view: ReviewView) -> dict[str, object]:
    return {"draft_id": view.draft_id, "revision": view.revision, "reviewer": view.reviewer}


async def opened(bench: Workbench, draft: Draft, reviewer: str = "") -> ReviewView:
    return await bench.ask(OpenReview(draft_id=draft.draft_id, reviewer=reviewer), ReviewView)


async def accept_all(bench: Workbench, view: ReviewView) -> Decided:
    """Accept every item one by one."""
    done = Decided(decisions={})
    for item in view.items:
        reason = None if item.support == "supported" else "seen in the chart"
        request = Decide(**of(view), item=item.digest, action="accept", reason=reason)  # type: ignore[arg-type]
        done = await bench.ask(request, Decided)
    return done


async def prepared(bench: Workbench, view: ReviewView) -> SignSummary:
    return await bench.ask(PrepareSigning(**of(view)), SignSummary)  # type: ignore[arg-type]


def sign_request(summary: SignSummary, destination: Path, passphrase: str = PASSPHRASE, **other: object) -> SignReview:
    fields = {
        "draft_id": summary.draft_id,
        "revision": summary.revision,
        "reviewer": summary.reviewer,
        "shown": summary.shown,
        "destination": str(destination),
        "passphrase": passphrase,
    }
    return SignReview.model_validate({**fields, **other})
