"""A review that a scripted working process opens: an invented patient, a note, and a record in FHIR."""

import json
import random
from typing import Any

from faces import reply

from openmed_agent.text.reading_lines import json_lines, own_lines
from openmed_agent.workbench.requests.comparisons import ChangeRow
from openmed_agent.workbench.requests.reviews import (
    CodeLine,
    Decided,
    DecisionView,
    EvidencePlace,
    FileRow,
    FileState,
    ItemView,
    ReviewView,
    SignedBundle,
    SignSummary,
    SourceLine,
    SourceView,
)

HOSTILE = "\x1b]52;c;b3duZWQ=\x07\u202eevil [@click=app.quit]x[/] [/b]"
REVIEWER = "Dr. Ada Quill"
PASSPHRASE = "tulip anvil harbour 73 quartz"
NOTE = "\n".join(
    (
        "PROGRESS NOTE",
        "Patient: Wilhelmina Zzyzxova    DOB: 1951-03-02",
        "",
        "HISTORY OF PRESENT ILLNESS",
        "Seen for follow-up of diabetes. Says that she stopped metformin last week because of nausea. Legs swollen.",
        "",
        "MEDICATIONS",
        "- Metformin 500 mg PO BID",
        "- Lisinopril 10 mg PO daily",
        "- Furosemide 40 mg PO every morning",
        "",
        "ALLERGIES",
        "Penicillin - hives",
        "",
        "LABS",
        "eGFR 22 mL/min\tpotassium 5.1 mmol/L",
        f"Remark {HOSTILE} end of the remark ⟦not ours⟧ 東京都立病院からの紹介",
        "",
        "ASSESSMENT AND PLAN",
        "CKD stage 4. Refer to nephrology.",
        "Repeat basic metabolic panel in 2 weeks.",
        "",
    )
)
RECORD = json.dumps(
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "medicationCodeableConcept": {"coding": [{"system": "rxnorm", "code": "6809", "display": "metformin"}]},
        "dosageInstruction": [{"text": "500 mg twice a day"}],
    }
)
_NOTE, _RECORD = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def digest(number: int) -> str:
    return f"sha256:{number:064x}"


def place(quote: str, *, against: bool = False, source: str = _NOTE) -> EvidencePlace:
    text = NOTE if source == _NOTE else RECORD
    start = text.index(quote)
    return EvidencePlace(source=source, start=start, end=start + len(quote), against=against)


def item(number: int, claim: str, quote: str, **more: Any) -> ItemView:
    fields = {
        "kind": "medication",
        "says": "present",
        "support": "supported",
        "severity": "normal",
        "group": "supported",
        "alone": False,
        "evidence": (place(quote),) if quote else (),
        **more,
    }
    return ItemView(digest=digest(number), claim=claim, **fields)


ALONE = {"group": "must_decide", "alone": True}
RXNORM = CodeLine(system="RxNorm", code="6809", display="metformin", release="subset of 2026-11", complete=False)
ICD = CodeLine(
    system="ICD-10-CM", code="N18.4", display="Chronic kidney disease, stage 4", release="FY2026", complete=True
)
ITEMS = (
    item(
        1,
        "Metformin: taken and stopped",
        "Metformin 500 mg PO BID",
        kind="conflict",
        says="",
        support="contradicted",
        severity="high",
        evidence=(
            place("Metformin 500 mg PO BID"),
            place("stopped metformin last week"),
            place("500 mg twice a day", source=_RECORD),
        ),
        notes="the sources contradict each other",
        **ALONE,
    ),
    item(2, "CKD stage 4", "CKD stage 4", kind="problem", severity="high", codes=(ICD,), **ALONE),
    item(
        3,
        "Furosemide 400 mg by mouth every morning",
        "Furosemide 40 mg PO every morning",
        warnings=("the claim says 400 mg, the source 40 mg",),
        **ALONE,
    ),
    item(4, f"Remark {HOSTILE}", f"Remark {HOSTILE}", kind="uncertain_finding", support="uncertain", **ALONE),
    item(
        5,
        "Indication for furosemide",
        "",
        kind="gap",
        says="",
        support="unsupported",
        group="not_stated",
        alone=True,
    ),
    item(
        6,
        "Metformin 500 mg by mouth twice daily",
        "Metformin 500 mg PO BID",
        codes=(RXNORM,),
        conflicts=("Metformin: taken and stopped",),
        evidence=(place("Metformin 500 mg PO BID"), place("stopped metformin last week", against=True)),
    ),
    item(7, "Lisinopril 10 mg by mouth once daily", "Lisinopril 10 mg PO daily"),
    item(8, "Allergy: Penicillin (hives)", "Penicillin - hives", kind="allergy"),
    item(9, "Potassium 5.1 mmol/L", "potassium 5.1 mmol/L", kind="lab", severity="low"),
)
VIEW = ReviewView(
    draft_id="7f3a" * 8,
    revision=2,
    workflow="chart_summary",
    expires="2026-11-23 12:00",
    minutes_left=1380,
    phi_mode="deid",
    destination="/home/quill/charts/zzyzxova-2026-11-20",
    reviewer=REVIEWER,
    reviewers=(REVIEWER,),
    items=ITEMS,
    sources=(
        SourceView(
            digest=_NOTE,
            name="progress_note.txt",
            text=NOTE,
            lines=tuple(SourceLine(start=one.start, end=one.end) for one in own_lines(NOTE)),
        ),
        SourceView(
            digest=_RECORD,
            name="request.json",
            text=RECORD,
            lines=tuple(SourceLine(start=one.start, end=one.end, indent=one.indent) for one in json_lines(RECORD)),
            laid_out=True,
        ),
    ),
)
ACCEPTED = DecisionView(action="accept")
SUMMARY = SignSummary(
    draft_id=VIEW.draft_id,
    revision=2,
    reviewer=REVIEWER,
    fingerprint="23FA 5DB1 1A2B 8714 CE3B 0BCA DA0E 7BE5 C9D6 CDB1",
    shown="sha256:" + "9c" * 32,
    payload_digest="sha256:" + "4b" * 32,
    phi_mode="deid",
    accepted=8,
    edited=1,
    rejected=1,
    changes=(
        ChangeRow(change="changed", kind="medication", before="Furosemide 400 mg", after="Furosemide 40 mg"),
        ChangeRow(change="removed", kind="conflict", before="Metformin: taken and stopped", note="she stopped it"),
    ),
    files=(FileRow(name="chart_summary.md", bytes=2314), FileRow(name="chart_summary.fhir.json", bytes=11_950)),
    own_files=("decisions.json", "manifest.json", "provenance.fhir.json", "provenance.json"),
    destination=VIEW.destination,
    destination_fault="",
    approval_minutes=60,
    texts=(("chart_summary.md", "# Chart summary\n\n- CKD stage 4\n"),),
)
BUNDLE = SignedBundle(
    destination=VIEW.destination,
    files=(FileState(name="chart_summary.md", state="as signed", good=True),),
    facts=(("Signed by", REVIEWER), ("Key", "known here"), ("Signed", "2026-11-22 12:30 UTC")),
    problems=(),
    trusted=True,
    answer=f"Yes: this is exactly what {REVIEWER} signed.",
)


def decided(*numbers: int, **actions: str) -> Decided:
    """Return decisions: the numbered items accepted, and by ``reject5="why"`` or ``edit5="text"`` otherwise."""
    decisions = {digest(number): ACCEPTED for number in numbers}
    for name, words in actions.items():
        action, number = name[:-1], int(name[-1])
        field = "text" if action == "edit" else "reason"
        decisions[digest(number)] = DecisionView.model_validate({"action": action, field: words})
    return Decided(decisions=decisions)


def with_decisions(view: ReviewView, done: Decided) -> ReviewView:
    items = tuple(one.model_copy(update={"decision": done.decisions.get(one.digest)}) for one in view.items)
    return view.model_copy(update={"items": items})


def script(*decisions: Decided, view: ReviewView = VIEW, **more: Any) -> dict[str, Any]:
    """Return a script in which every decision is answered with the next of ``decisions``."""
    answers = [reply(one) for one in decisions] or [reply(decided())]
    return {
        "reviews.open": reply(view),
        "reviews.decide": list(answers),
        "reviews.accept_together": list(answers),
        "reviews.prepare": reply(SUMMARY),
        "reviews.sign": reply(BUNDLE),
        **more,
    }


def large_view(items: int = 300, size: int = 200_000) -> ReviewView:
    """Return a view of many items on a large note."""
    chance = random.Random(7)
    words = ("metformin", "lisinopril", "chronic", "kidney", "potassium", "edema", "and", "of", "the", "denies")
    lines: list[str] = []
    while size > 0:
        lines.append(" ".join(chance.choices(words, k=chance.randint(0, 30))))
        size -= len(lines[-1]) + 1
    text = "\n".join(lines)
    made = []
    for number in range(items):
        starts = [chance.randrange(len(text) - 80) for _ in range(2)]
        evidence = tuple(EvidencePlace(source=_NOTE, start=start, end=start + 40) for start in starts)
        alone = number < items // 4
        claim = f"{number} " + " ".join(chance.choices(words, k=8))
        made.append(
            ItemView(
                digest=digest(number),
                kind="medication",
                claim=claim,
                says="present",
                support="supported",
                severity="high" if alone else "normal",
                group="must_decide" if alone else "supported",
                alone=alone,
                codes=(RXNORM,),
                evidence=evidence,
                notes="from the note",
            )
        )
    source = SourceView(
        digest=_NOTE,
        name="long_note.txt",
        text=text,
        lines=tuple(SourceLine(start=one.start, end=one.end) for one in own_lines(text)),
    )
    return VIEW.model_copy(update={"items": tuple(made), "sources": (source,)})
