"""Plant errors into drafts of invented charts, and count what stands in their way.

    .venv/bin/python benchmarks/seeded_errors.py [--misses] [--data ../shared/data]

With ``--data`` the charts are twelve visit notes of aci-bench and a chart of Synthea, which nobody here wrote.

Each planted item is a genuine one with one thing wrong and everything else as it was: its evidence, codes, support
and severity. Dose: an amount of a medicine or result times ten, or a tenth of it. Frequency: once instead of twice a
day, and the like. Negation: what is denied is stated, and the other way round. Side: left instead of right, or a side
that nobody named. Reported: how many the rules put before the reviewer one by one (all of high severity must be),
how many the evidence check contradicts before anyone looks, and how often it warns of a genuine item.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openmed_agent.settings.paths import content_folder
from openmed_agent.text.sources import SourceDocument, read_source
from openmed_agent.workflows.decisions import must_decide_individually
from openmed_agent.workflows.draft import Draft, Item, ItemKind, make_item
from openmed_agent.workflows.review_evidence import contradictions

CHARTS = {
    "knee.txt": """\
Patient: Orla Fennimore    DOB: 02/11/1961    Date of visit: 03/04/2025

HISTORY OF PRESENT ILLNESS
Ms. Fennimore returns with pain of the right knee and swelling of the right calf. She denies fever, chest pain and
shortness of breath. No injury.

PAST MEDICAL HISTORY
1. Deep vein thrombosis of the right leg
2. Essential hypertension
3. Osteoarthritis of the left hip

MEDICATIONS
- Warfarin 5 mg PO daily
- Amlodipine 10 mg PO daily
- Acetaminophen 500 mg PO every 6 hours as needed for pain
- Insulin glargine 20 units subcutaneous at bedtime

ALLERGIES
Penicillin - hives.

LABORATORY
INR 2.6
Potassium 4.4 mmol/L
Hemoglobin 12.1 g/dL

PLAN
Continue warfarin 5 mg PO daily. Repeat INR in 2 weeks. X-ray of the right knee.
""",
    "cough.txt": """\
Patient: Tobias Ravenwood    DOB: 07/23/1949    Date of visit: 10/14/2025

HISTORY OF PRESENT ILLNESS
Mr. Ravenwood has had a productive cough for 5 days. He reports fever and night sweats. He denies hemoptysis, chest
pain and weight loss.

PAST MEDICAL HISTORY
Atrial fibrillation. COPD. Carcinoma of the left lung, resected in 2015. No history of stroke.

MEDICATIONS
- Apixaban 5 mg PO BID
- Digoxin 0.125 mg PO daily
- Tiotropium 18 mcg inhaled once daily
- Prednisone 40 mg PO daily for 5 days

VITAL SIGNS
BP 132/78 mmHg, HR 96 bpm, Temp 38.4 C, SpO2 92% on room air.

ASSESSMENT AND PLAN
1. Pneumonia of the left lower lobe. Start amoxicillin 1000 mg PO TID for 7 days.
2. COPD exacerbation. Start prednisone 40 mg PO daily.
3. Return to clinic in 1 week.
""",
    "discharge.txt": """\
Patient: Imke Aldersholt    DOB: 12/30/1972    Date of discharge: 06/02/2025

HOSPITAL COURSE
Mrs. Aldersholt was admitted with a fracture of the left wrist after a fall. There was no loss of consciousness and
no head injury. CT of the head showed no hemorrhage. Methotrexate was held because of an acute kidney injury.

DIAGNOSES
1. Fracture of the left wrist
2. Rheumatoid arthritis
3. Acute kidney injury

DISCHARGE MEDICATIONS
- Methotrexate 15 mg PO weekly
- Folic acid 5 mg PO weekly
- Morphine 10 mg PO every 4 hours as needed for pain
- Enoxaparin 40 mg subcutaneous once daily

LABORATORY
Creatinine 1.9 mg/dL (H)
Potassium 5.6 mmol/L (H)

FAMILY HISTORY
Mother with breast cancer.

FOLLOW-UP
Follow up with orthopedics in 10 days. Repeat creatinine in 3 days.
""",
}
_SIDE = re.compile(r"\b(left|right)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"(?<![\w.,/])(\d{1,6}(?:\.\d{1,4})?)(?= (?:mg|mcg|g|units|mL|mmol/L|mg/dL|g/dL|%)(?!\w))")
_OFTEN = (
    ("twice daily", "once daily"),
    ("three times daily", "once daily"),
    ("once daily", "twice daily"),
    ("every morning", "twice daily"),
    ("every 6 hours", "every 4 hours"),
    ("every 4 hours", "every 6 hours"),
    ("weekly", "once daily"),
)
_VISITS = 12
_SIDELESS: frozenset[ItemKind] = frozenset({"problem", "past_problem", "procedure"})


@dataclass(frozen=True)
class Planted:
    """An item with one thing wrong."""

    error: str
    genuine: Item
    item: Item


def plant(item: Item) -> Iterator[Planted]:
    """Yield the item with each error that fits it, one at a time."""
    if item.kind in {"conflict", "gap"}:
        return
    for factor, name in ((Decimal(10), "dose x 10"), (Decimal("0.1"), "dose / 10")):
        changed = _AMOUNT.sub(lambda match, factor=factor: format(Decimal(match[1]) * factor, "f"), item.claim, count=1)
        if changed != item.claim and item.kind in {"medication", "stopped_medication", "lab"}:
            yield Planted(name, item, _with(item, claim=changed))
    for right, wrong in _OFTEN:
        if item.kind == "medication" and right in item.claim:
            yield Planted("frequency", item, _with(item, claim=item.claim.replace(right, wrong, 1)))
            break
    if item.kind == "absent_finding" and item.claim.startswith("No "):
        yield Planted("denied -> stated", item, _with(item, claim=item.claim[3:], kind="problem", negated=False))
    if item.kind == "problem":
        yield Planted(
            "stated -> denied", item, _with(item, claim=f"No {item.claim}", kind="absent_finding", negated=True)
        )
    if _SIDE.search(item.claim):
        swapped = _SIDE.sub(lambda match: "right" if match[1].casefold() == "left" else "left", item.claim)
        yield Planted("side swapped", item, _with(item, claim=swapped))
    elif item.kind in _SIDELESS:
        yield Planted("side made up", item, _with(item, claim=f"{item.claim}, left"))


def _with(item: Item, *, claim: str, kind: ItemKind | None = None, negated: bool | None = None) -> Item:
    assertion = item.assertion if negated is None else item.assertion.model_copy(update={"negated": negated})
    return make_item(
        kind=kind or item.kind,
        claim=claim,
        support=item.support,
        severity=item.severity,
        assertion=assertion,
        codes=item.codes,
        evidence=item.evidence,
        notes=item.notes,
    )


def draft_of(documents: Sequence[Path], home: Path) -> Draft:
    """Return the draft that the command makes of documents."""
    inputs = [word for document in documents for word in ("--input", f"note_path={document}")]
    done = subprocess.run(
        [sys.executable, "-m", "openmed_agent.cli.main", "run", "chart_summary", *inputs, "--json"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "OPENMED_HOME": str(home), "LANG": "C.UTF-8"},
        capture_output=True,
        check=True,
    )
    return Draft.model_validate(json.loads(done.stdout))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--misses", action="store_true", help="print each planted error that the check lets pass")
    parser.add_argument("--data", type=Path, help="the folder with dialogue/ and fhir/ whose charts are used instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        charts = list(_charts_of(options.data, Path(folder)) if options.data else _own_charts(Path(folder)))
        planted, warned, genuine = [], [], 0
        for documents in charts:
            draft = draft_of(documents, home)
            sources = sources_of(documents)
            genuine += len(draft.items)
            warned += [item for item in draft.items if contradictions(item, sources)]
            planted += [(one, contradictions(one.item, sources)) for item in draft.items for one in plant(item)]
    _report(planted, misses=options.misses)
    print(f"\n{len(charts)} charts, {genuine} genuine items; the check warns of {len(warned)} of them")
    for item in warned:
        print(f"  {item.kind}: {item.claim}")


def _own_charts(folder: Path) -> Iterator[list[Path]]:
    for name in ("progress_note.txt", "discharge_summary.txt"):
        yield [content_folder("examples") / name]
    for name, text in CHARTS.items():
        (folder / name).write_text(text)
        yield [folder / name]


def _charts_of(data: Path, folder: Path) -> Iterator[list[Path]]:
    visits = json.loads((data / "dialogue" / "aci_bench_train.json").read_text())["data"]
    for number, visit in enumerate(visits[:_VISITS], start=1):
        note = folder / f"visit-{number}.txt"
        note.write_text(visit["tgt"])
        yield [note]
    yield [data / "fhir" / "Eboni_Brekke.json"]


def _report(planted: Sequence[tuple[Planted, tuple[str, ...]]], *, misses: bool) -> None:
    columns = ("planted", "high", "high alone", "contradicted", "alone in all")
    counts: dict[str, Counter[str]] = {}
    for one, found in planted:
        high, alone = one.item.severity == "high", must_decide_individually(one.item)
        for row in (one.error, "all"):
            facts = (True, high, high and alone, bool(found), alone or bool(found))
            counts.setdefault(row, Counter()).update(
                {column: int(fact) for column, fact in zip(columns, facts, strict=True)}
            )
        if misses and not found:
            print(f"missed: {one.error}: {one.genuine.claim} -> {one.item.claim}")
    print(f"{'error':<18}" + "".join(f"{column:>14}" for column in columns))
    for error in sorted(counts, key=lambda name: (name == "all", name)):
        print(f"{error:<18}" + "".join(f"{counts[error][column]:>14}" for column in columns))


def sources_of(documents: Sequence[Path]) -> dict[str, SourceDocument]:
    """Return documents by digest."""
    return {source.digest: source for source in map(read_source, documents)}


if __name__ == "__main__":
    main()
