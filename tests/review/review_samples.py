"""A synthetic chart, its draft, a renderer and a reviewer, for every test of the review."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.store import Store, open_store
from openmed_agent.store.decisions import Made
from openmed_agent.text.sources import SourceDocument, source_from_bytes
from openmed_agent.workflows.approval import ApprovalToken, Attestation
from openmed_agent.workflows.approval_signing import SignPolicy, sign_review
from openmed_agent.workflows.decisions import Decision, must_decide_individually
from openmed_agent.workflows.draft import Card, Draft, EvidenceSpan, Item, ReleaseReference, make_item
from openmed_agent.workflows.draft_store import load_draft, save_draft
from openmed_agent.workflows.drafting import Artifact, DraftContent, make_draft
from openmed_agent.workflows.review import ReviewSession, start_review
from openmed_agent.workflows.reviewer import Signer, create_reviewer, unlock_reviewer

NOON = datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)
SITE = SignPolicy()  # what a site allows that set nothing
PASSPHRASE = "tulip anvil harbour 73 quartz"
REVIEWER = "Dr. Ada Quill"
OTHER_REVIEWER = "Dr. Ben Okoro"
PATIENT = "Wilhelmina Zzyzxova"
NOTE = (
    f"Patient: {PATIENT}\n"
    "Warfarin 5 mg PO daily.\n"
    "Metformin 500 mg PO BID.\n"
    "Denies chest pain.\n"
    "HbA1c 7.1 %.\n"
    "Maybe early CKD?\n"
)


@dataclass
class Time:
    """A clock that a test sets."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


def source(note: str = NOTE) -> SourceDocument:
    return source_from_bytes("visit.txt", note.encode())


def evidence(document: SourceDocument, quote: str) -> tuple[EvidenceSpan, ...]:
    start = document.text.index(quote)
    return (EvidenceSpan(source=document.digest, start=start, end=start + len(quote), quote=quote),)


def items(document: SourceDocument) -> tuple[Item, ...]:
    """Return one item that must be decided alone for each reason, and two that need not."""
    warfarin = evidence(document, "Warfarin 5 mg PO daily")
    return (
        make_item(
            kind="medication",
            claim="warfarin 5 mg by mouth once a day",
            support="supported",
            severity="high",
            assertion=Assertion(),
            evidence=warfarin,
        ),
        make_item(
            kind="medication",
            claim="metformin 500 mg by mouth twice a day",
            support="supported",
            severity="normal",
            assertion=Assertion(),
            evidence=evidence(document, "Metformin 500 mg PO BID"),
        ),
        make_item(
            kind="lab",
            claim="HbA1c 7.1 %",
            support="supported",
            severity="low",
            assertion=Assertion(),
            evidence=evidence(document, "HbA1c 7.1 %"),
        ),
        make_item(
            kind="uncertain_finding",
            claim="possible early chronic kidney disease",
            support="uncertain",
            severity="normal",
            assertion=Assertion(hypothetical=True),
            evidence=evidence(document, "Maybe early CKD?"),
        ),
        make_item(
            kind="gap",
            claim="no allergies are stated",
            support="unsupported",
            severity="normal",
            assertion=Assertion(),
        ),
    )


def content(document: SourceDocument, chosen: tuple[Item, ...]) -> DraftContent:
    return DraftContent(
        workflow="chart_summary",
        workflow_version="1.0.0",
        inputs={"note_path": (document.name,)},
        sources=(document,),
        releases=(ReleaseReference(plane="codes", system="icd10cm", version="2026", complete=True),),
        cards=(Card(id="all", type="evidence", title="Everything", items=tuple(item.digest for item in chosen)),),
        items=chosen,
    )


def render(draft: DraftContent) -> tuple[Artifact, ...]:
    """Render what the items say, and nothing else."""
    lines = [f"- {item.claim}" for item in draft.items]
    claims = {"claims": [item.claim for item in draft.items]}
    return (
        Artifact("summary.md", "text/markdown", "\n".join(["# Summary", *lines, ""]).encode()),
        Artifact("summary.json", "application/json", json.dumps(claims).encode()),
    )


def new_draft(store: Store, *, now: datetime = NOON, hours: int = 24, note: str = NOTE) -> Draft:
    document = source(note)
    chosen = content(document, items(document))
    artifacts = render(chosen)
    draft = make_draft(chosen, artifacts, phi_mode="deid", created=now, expires=now + timedelta(hours=hours))
    save_draft(store, draft, (document,), artifacts)
    return draft


@dataclass
class Ward:
    """A store with one draft and one reviewer, and a folder for bundles."""

    home: Path
    store: Store
    time: Time
    draft: Draft
    signer: Signer
    other: Signer
    out: Path

    def session(self, signer: Signer | None = None, *, made: Made = "interactive") -> ReviewSession:
        name = (signer or self.signer).reviewer.name
        return start_review(self.store, self.draft.draft_id, name, made=made, now=self.time.now)

    def reviewed(self) -> ReviewSession:
        session = self.session()
        accept_all(session, now=self.time.now)
        return session

    def sign(
        self,
        session: ReviewSession,
        name: str = "bundle",
        *,
        signer: Signer | None = None,
        attestation: Attestation = "interactive",
        policy: SignPolicy = SITE,
        shown: str | None = None,
    ) -> ApprovalToken:
        return sign_review(
            self.store,
            session,
            signer or self.signer,
            shown=shown or session.record().digest(),
            destination=str(self.out / name),
            attestation=attestation,
            home=self.home,
            now=self.time.now,
            policy=policy,
        )

    def artifacts(self, draft: Draft) -> dict[str, bytes]:
        stored = load_draft(self.store, draft.draft_id, draft.revision)
        return {artifact.name: artifact.content for artifact in stored.artifacts}


@dataclass(frozen=True)
class Template:
    """A store with two reviewers, made once, since wrapping a key takes its time."""

    home: Path
    signer: Signer
    other: Signer


def make_template(home: Path) -> Template:
    with open_store(home, custody="file", clock=Time()) as store:
        for name in (REVIEWER, OTHER_REVIEWER):
            create_reviewer(store, name, PASSPHRASE, now=NOON)
        signer, other = (unlock_reviewer(store, name, PASSPHRASE) for name in (REVIEWER, OTHER_REVIEWER))
        return Template(home, signer, other)


def open_ward(folder: Path, template: Template) -> Ward:
    """Copy a store into ``folder`` and put a draft into it; the caller closes the store."""
    home, out, time = folder / "home", folder / "out", Time()
    out.mkdir(parents=True)
    shutil.copytree(template.home, home)
    store = open_store(home, custody="file", clock=time)
    draft = new_draft(store)
    return Ward(home, store, time, draft, template.signer, template.other, out)


def accept(item: Item) -> Decision:
    return Decision(item=item.digest, action="accept", reason="seen" if must_decide_individually(item) else None)


def accept_all(session: ReviewSession, *, now: datetime) -> None:
    for item in session.draft.items:
        session.decide(accept(item), now=now)


def folder_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
