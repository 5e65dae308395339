"""Our own lists of sentences, written before any output was seen, judged as a whole and by rule."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.text.spans import Span

LISTS = sorted(Path(__file__).parent.glob("assertion_*.csv"))
# A bracket behind capitals is a placeholder of de-identified text: "**DATE[Mar 03 2007]".
MENTION = re.compile(r"(?<![A-Z])\[([^\]]+)\]")
TARGETS = {"negated": 0.95, "historical": 0.72, "hypothetical": 0.85, "family": 0.9}


def judged(marked: str, reading: Reading = Reading.SUMMARY) -> frozenset[str]:
    mark = MENTION.search(marked)
    assert mark
    text = marked[: mark.start()] + mark[1] + marked[mark.end() :]
    return labels(assess(text, [Span(mark.start(), mark.end() - 2)], reading=reading)[0])


def labels(assertion: Assertion) -> frozenset[str]:
    said = {name for name in ("negated", "historical", "hypothetical", "uncertain") if getattr(assertion, name)}
    if assertion.experiencer != "patient":
        said.add(assertion.experiencer)
    return frozenset(said or {"affirmed"})


def wanted(row: dict[str, str], reading: Reading) -> frozenset[str]:
    """What a list expects: `listed` is history in the reading of a mention only, doubt a hypothesis in a summary."""
    renamed = {"listed": "historical"} if reading is Reading.MENTION else {"uncertain": "hypothetical", "listed": ""}
    return frozenset(renamed.get(label, label) for label in row["expected"].split("+"))


@pytest.mark.parametrize("reading", Reading)
@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_each_list_is_judged_as_the_project_asks(path: Path, reading: Reading) -> None:
    counts: Counter[tuple[str, bool, bool]] = Counter()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 120
    for row in rows:
        expected, said = wanted(row, reading), judged(row["text"], reading)
        counts.update((label, label in expected, label in said) for label in TARGETS)
    for label, least in TARGETS.items():
        right = counts[label, True, True]
        assert 2 * right / (2 * right + counts[label, True, False] + counts[label, False, True]) >= least, label


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("PMH: [gout], psoriasis", {"historical"}),
        ("Past Medical History\n1. Gout\n2. [Psoriasis]", {"historical"}),
        ("A 9-month history of [hoarseness].", {"historical"}),
        ("A 9-day history of [hoarseness].", {"affirmed"}),
        ("No past history of [pleurisy].", {"negated", "historical"}),
        ("She denies prior [pleurisy] or asthma.", {"negated", "historical"}),
        ("An ultrasound last spring revealed [ascites].", {"historical"}),
        ("Today's ultrasound revealed [ascites].", {"affirmed"}),
        ("He had [shingles] 5 weeks ago.", {"historical"}),
        ("He had [shingles] 5 days ago.", {"affirmed"}),
        ("s/p [fall] yesterday", {"affirmed"}),
        ("Possible [pleurisy].", {"uncertain"}),
        ("[Pleurisy] cannot be ruled out.", {"uncertain"}),
        ("If [pleurisy] is suspected, call.", {"hypothetical"}),
        ("Come back to us at once with any [stridor] or drooling.", {"hypothetical"}),
        ("Come back to us in two weeks for the [stridor].", {"affirmed"}),
        ("Ibuprofen for [cramps] or fever as needed.", {"hypothetical"}),
        ("Ibuprofen for [cramps].", {"affirmed"}),
        ("There is a risk of [stridor].", {"hypothetical"}),
        ("[Pleurisy] has now completely resolved.", {"historical"}),
        ("[Pleurisy] is felt to be very unlikely.", {"uncertain"}),
        ("The [pleurisy] workup was negative.", {"negated"}),
        ("[Stridor] was not demonstrated on exertion.", {"negated"}),
        ("No obvious source for the [bacteremia] emerged.", {"affirmed"}),
        ("He denies changes in vision, [stridor] or cramps.", {"negated"}),
        ("He denies changes in his [tremor].", {"affirmed"}),
        ("He denies that his [tremor] wakes him.", {"affirmed"}),
        ("He denies that the patient has [tremor].", {"negated"}),
        ("Not pale, clammy or [cyanotic].", {"negated"}),
        ("She is no longer [bedbound].", {"negated"}),
        ("Five years ago, she suffered a [wrist fracture].", {"historical"}),
        ("Admitted in 2004 with [pleurisy].", {"historical"}),
        ("His uncle, who is a nurse, saw the [rash].", {"affirmed"}),
        ("His uncle, who is diabetic, has [neuropathy].", {"family"}),
        ("No [calculus] or sludge was seen in the duct.", {"negated"}),
        ("No calculus or sludge was seen in the [dilated duct].", {"affirmed"}),
        ("The [mass] that was seen in March is no longer visualized.", {"negated"}),
        ("The risks of stroke, infarction, and [paralysis] were explained.", {"hypothetical"}),
        ("There is a risk of stroke, and the [paralysis] remains.", {"affirmed"}),
        ("His last [syncope] was well over six years ago.", {"historical"}),
        ("He broke his arm last winter in a [skiing accident].", {"affirmed"}),
        ("He had [shingles] last winter.", {"historical"}),
        ("This is unlikely to represent [torsion].", {"uncertain"}),
        ("I do not believe that this is [torsion].", {"negated"}),
        ("Flow is normal bilaterally, ruling out [torsion].", {"negated"}),
        ("[Torsion] never occurred.", {"negated"}),
        ("The [stridor] has subsided.", {"historical"}),
        ("He has three children, one of whom has [asthma].", {"family"}),
        ("A five-week history of [stridor].", {"historical"}),
        ("A 2 week history of [stridor].", {"affirmed"}),
        ("She did not feel [dizzy] or faint.", {"negated"}),
        ("She does not feel the [tremor] is worse.", {"affirmed"}),
        ("In her forties, she had [shingles].", {"historical"}),
        ("As a boy, he had [mumps] twice.", {"historical"}),
        ("A man in his forties with [colic].", {"affirmed"}),
        ("He was treated for signs of [withdrawal].", {"affirmed"}),
        ("History of gout, new onset [diabetes], and psoriasis.", {"historical"}),
        ("Notable for psoriasis; [splenectomy] 1992; no gout.", {"historical"}),
        ("No [residual tumor] remains.", {"negated"}),
        ("No interval enlargement of the [nodule].", {"affirmed"}),
        ("No interval [enlargement] of the nodule.", {"negated"}),
        ("Without ulcers, and a [polyp] at 20 cm.", {"affirmed"}),
        ("He had no falls, and his [vertigo] was mild.", {"affirmed"}),
        ("Denies a fever, a [chill] and a cough.", {"negated"}),
        ("Negative for dysplasia, consistent with [colitis].", {"affirmed"}),
        ("Precautions were given, including [stridor] and drooling.", {"hypothetical"}),
        ("Since the crash five years ago she has had [vertigo].", {"affirmed"}),
        ("Since the [crash] five years ago she has had vertigo.", {"historical"}),
        ("He received a stent in 1999 for [angina].", {"historical"}),
        ("There is no [difficulty swallowing].", {"negated"}),
        ("He has no difficulty with his [colostomy].", {"affirmed"}),
        ("[Perineural spread] cannot be identified.", {"negated"}),
        ("CT shows an [old infarct].", {"historical"}),
        ("CT shows an [infarct].", {"affirmed"}),
        ("# [Ascites]: cytology negative.", {"affirmed"}),
        ("# Ascites: [Malignant cells] negative.", {"negated"}),
        ("[Influenza]: rapid test negative.", {"negated"}),
        ("Prophylaxis: heparin for [thrombosis].", {"hypothetical"}),
        ("[Thrombosis] prophylaxis: heparin.", {"hypothetical"}),
        ("Positive for cramps but not for [stridor].", {"negated"}),
        ("No stridor, several [wheals].", {"affirmed"}),
        ("He underwent gastrectomy in 1992, complicated by [peritonitis].", {"historical"}),
        ("Compared with **DATE[Mar 2003], at which time there was [ascites].", {"historical"}),
        ("s/p [fall] last evening.", {"affirmed"}),
        ("Without a doubt he has [gout].", {"affirmed"}),
        ("ATIVAN 1 MG PO Q.6H. P.R.N. FOR [CRAMPS].", {"hypothetical"}),
        ("Ativan 1 mg p.o. p.r.n. The [cramps] were mild.", {"affirmed"}),
        ("A post-traumatic [cataract].", {"affirmed"}),
        ("Post-CABG [pleural effusion].", {"historical"}),
        ("The natural history of [vitiligo] was explained.", {"affirmed"}),
        ("She is no longer suffering from [cramps].", {"negated"}),
        ("The most likely cause of his [cramps] is exercise.", {"affirmed"}),
        ("His [cramps] are likely due to exercise.", {"affirmed"}),
        ("His cramps are likely due to [hypocalcemia].", {"uncertain"}),
        ("It is [uveitis] given his history, exam and course.", {"affirmed"}),
        ("A five-week history of stridor and a two-day history of [cramps].", {"affirmed"}),
        ("No gallop, a soft [diastolic murmur].", {"affirmed"}),
        ("No gallop, a [thrill] or a click.", {"negated"}),
        ("No polyps, [proctitis] without ulcers.", {"affirmed"}),
        ("No [polyps], proctitis without ulcers.", {"negated"}),
        ("He has not been pale or [cyanotic].", {"negated"}),
        ("At no time did he have [stridor].", {"negated"}),
        ("Findings suggest a cyst rather than an [abscess].", {"negated"}),
        ("The rash was not felt to be due to [lupus].", {"negated"}),
        ("The rash was felt to be due to [lupus].", {"affirmed"}),
        ("We will follow the patient for signs of [withdrawal].", {"hypothetical"}),
        ("[Osteomyelitis] remains a possibility.", {"uncertain"}),
        ("He was well until 1992, when he developed [psoriasis].", {"historical"}),
        ("He has had psoriasis since 1992, when he developed [arthritis].", {"affirmed"}),
        ("No recurrence since her [lobectomy] in 1992.", {"historical"}),
        ("On insulin since her [pancreatitis] in 1992.", {"historical"}),
        ("His last admission was five months ago for [pleurisy].", {"historical"}),
        ("Prior sternotomy and a new [pleural rub].", {"affirmed"}),
        ("A negative [tilt test] was noted.", {"negated"}),
        ("Contact with a nephew with measles, and has had [coryza].", {"affirmed"}),
        ("He lives with his son, who has [epilepsy], and denies falls.", {"family"}),
    ],
)
def test_a_mention_is_read_by_the_guidelines_of_context(marked: str, expected: set[str]) -> None:
    assert judged(marked, Reading.MENTION) == expected


def test_doubt_is_written_only_where_it_is() -> None:
    plain, doubted = (assess(text, [Span(9, 13)])[0] for text in ("There is gout.", "Possibly gout."))
    assert set(plain.model_dump()) == {"negated", "historical", "hypothetical", "experiencer"}
    assert doubted.model_dump()["uncertain"] is True


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("Pt denied having had any [presyncope].", {"negated"}),
        ("He was found not to have [hemochromatosis].", {"negated"}),
        ("MRA excluded a [dissection].", {"negated"}),
        ("[Dissection] excluded by MRA.", {"negated"}),
        ("CT of the chest has ruled out [empyema].", {"negated"}),
        ("[Empyema] ruled out yesterday.", {"negated"}),
        ("Should [hives] develop, stop the drug.", {"hypothetical"}),
        ("His weakness may be due to [myasthenia].", {"hypothetical"}),
        ("Workup for [secondary amenorrhea] has begun.", {"hypothetical"}),
        ("Presents with a 4-day history of [hematuria].", {"affirmed"}),
        ("A three month history of [dysphagia] to solids.", {"affirmed"}),
        ("Hx [kidney stones].", {"historical"}),
        ("Hospitalized last year for [urosepsis].", {"historical"}),
        ("Over the last year her [tremor] worsened.", {"affirmed"}),
        ("She was treated for [syphilis] in the 1990s.", {"historical"}),
        ("On insulin for [diabetes] since 1998.", {"affirmed"}),
        ("[Venous ulcer] has since healed.", {"historical"}),
    ],
)
def test_a_rule_holds_beyond_the_list(marked: str, expected: set[str]) -> None:
    assert judged(marked) == expected
