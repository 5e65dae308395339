"""Directions of medications: what the words mean, and that every part points back at them."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.medications import MedicationStatement, read_medication, same_dose
from openmed_agent.text.spans import Span


def read(marked: str) -> tuple[str, MedicationStatement]:
    """Read the drug between « and »; the text has no next drug, so the limit is its end."""
    start, end = marked.index("«"), marked.index("»") - 1
    text = marked.replace("«", "").replace("»", "")
    return text, read_medication(text, Span(start, end), limit=len(text))


SIGS = [
    ("«Metformin» 500 mg PO BID", "500 mg by mouth twice daily"),
    ("«metformin» 500mg twice a day", "500 mg twice daily"),
    ("«metformin» 1,000 mg po b.i.d. with meals", "1000 mg by mouth twice daily with meals"),
    (
        "«metformin» 500 mg tablet, take 2 tablets by mouth twice a day",
        ("2 tablets (500 mg each) by mouth twice daily"),
    ),
    (
        "«Norco» 7.5/325 1-2 tabs q 4-6 hours PRN pain",
        ("1-2 tablets (7.5/325 each) every 4 to 6 hours as needed for pain"),
    ),
    ("«hydrocodone-acetaminophen» 5-325 mg 1 tab q6h prn", "1 tablet (5/325 mg each) every 6 hours as needed"),
    ("«Tylenol» 500 mg, 2 tablets, 3 times daily", "2 tablets (500 mg each) 3 times daily"),
    (
        "«insulin glargine» 100 units/mL 20 units subcutaneously at bedtime",
        ("20 units (100 units/mL) subcutaneous at bedtime"),
    ),
    ("«Synthroid» .5 mg daily", "0.5 mg once daily"),
    ("«Coumadin» 5.0 mg QOD", "5 mg every other day"),
    ("«aspirin» 81 mg every other day", "81 mg every other day"),
    (
        "«albuterol» HFA 90 mcg/actuation 2 puffs q4-6h prn wheezing",
        ("2 puffs (90 mcg/puff) every 4 to 6 hours as needed for wheezing"),
    ),
    ("500 mg of «amoxicillin» 3 times a day for 10 days", "500 mg 3 times daily for 10 days"),
    ("IV «ceftriaxone» 1 g daily x7d", "1 g intravenous once daily for 7 days"),
    ("«vancomycin» 1 g IV q12h", "1 g intravenous every 12 hours"),
    ("«latanoprost» 0.005% 1 drop in both eyes nightly", "1 drop (0.005%) in both eyes at bedtime"),
    ("«amoxicillin» 400 mg/5 mL, 10 mL PO BID x 10 days", ("10 mL (400 mg/5 mL) by mouth twice daily for 10 days")),
    ("«simvastatin» 40mg nocte", "40 mg at bedtime"),
    ("«fentanyl» 25 mcg/hr patch q72h", "25 mcg/hr every 72 hours"),
    ("«methotrexate» 15 mg weekly", "15 mg weekly"),
    ("«alendronate» 70 mg once a week", "70 mg weekly"),
    ("«furosemide» 40 mg po q AM", "40 mg by mouth every morning"),
    ("«nitroglycerin» 0.4 mg SL q5min prn chest pain", ("0.4 mg sublingual every 5 minutes as needed for chest pain")),
    ("«heparin» 5,000 units subq every eight hours", "5000 units subcutaneous every 8 hours"),
    ("«finasteride» 5 mg half tablet daily", "0.5 tablet (5 mg each) once daily"),
    ("«oxycodone» 5 mg every 6 (six) hours as needed for pain", "5 mg every 6 hours as needed for pain"),
    ("«lisinopril» 10 mg daily for hypertension", "10 mg once daily for hypertension"),
    ("«Carafate» 1 gram 4 times daily for 1 month", "1 g 4 times daily for 1 month"),
    ("«metformin» 500 MG Oral Tablet", "500 mg by mouth"),
    ("«paracetamol» 1 g qds", "1 g 4 times daily"),
    ("«ramipril» 5 mg od", "5 mg once daily"),
    ("«aspirin»", ""),
    ("«metformin».", ""),
    ("«aspirin» and he walks 3 times daily", ""),
    ("«glucose» 180 mg/dL", ""),
    ("One tablet of «Bactrim» DS twice a day", "1 tablet twice daily"),
    ("«cyanocobalamin» 1000 mcg IM monthly", "1000 mcg intramuscular monthly"),
    ("«acetaminophen» 650 mg PR q6h PRN fever", "650 mg rectal every 6 hours as needed for fever"),
    ("«hydrocortisone» 1% cream topically twice daily", "1% topical twice daily"),
    ("«prednisone» 40 mg once", "40 mg once"),
]


@pytest.mark.parametrize(("marked", "expected"), SIGS)
def test_directions_are_read(marked: str, expected: str) -> None:
    assert read(marked)[1].normalised_sig == expected


STATUSES = [
    ("stop «aspirin»", "stopped"),
    ("«lisinopril» was stopped last week due to cough", "stopped"),
    ("«Lisinopril» 10 mg daily - discontinued", "stopped"),
    ("D/c'd «simvastatin» because of myalgia", "stopped"),
    ("Discontinue the use of «Norvasc»", "stopped"),
    ("The patient came off «Plavix» in May", "stopped"),
    ("Hold «metformin» before contrast", "held"),
    ("«Aspirin» 81mg daily - on hold for surgery", "held"),
    ("«warfarin» was held", "held"),
    ("will start «atorvastatin» 40 mg nightly", "planned"),
    ("Start «lisinopril» 5 mg daily", "planned"),
    ("consider «gabapentin» if pain persists", "planned"),
    ("Increase «lisinopril» from 10 to 20 mg", "changed"),
    ("We will increase «metformin» to 1000 mg twice a day", "changed"),
    ("«Lasix» was decreased to 20 mg daily", "changed"),
    ("Patient is not taking «warfarin»", "not_taking"),
    ("She no longer takes «Zoloft»", "not_taking"),
    ("He ran out of «insulin»", "not_taking"),
    ("She refuses «statins»", "not_taking"),
    ("Denies taking «ibuprofen»", "not_taking"),
    ("allergic to «penicillin»", "not_taking"),
    ("«Lipitor» 80 mg nightly; ran out 2 weeks ago", "not_taking"),
    ("Continue «metoprolol» 25 mg BID", "taken"),
    ("He takes «aspirin» daily", "taken"),
    ("He is still on his «metformin».", "taken"),
    ("Do not stop «carvedilol»", "taken"),
    ("He stopped smoking. «Aspirin» 81 mg daily", "unknown"),
    ("lisinopril was stopped, «losartan» 50 mg daily", "unknown"),
    ("«Metformin» 500 mg BID", "unknown"),
    ("He stopped lisinopril but takes «losartan»", "taken"),
]


@pytest.mark.parametrize(("marked", "expected"), STATUSES)
def test_the_words_around_a_drug_tell_its_status(marked: str, expected: str) -> None:
    text, statement = read(marked)
    assert statement.status == expected
    assert (statement.status_cue is None) == (expected == "unknown")
    if statement.status_cue:
        assert statement.status_cue.of(text).strip()


CAUTIONS = [
    ("«warfarin» 5.0 mg daily", "trailing zero"),
    ("«digoxin» .125 mg daily", "no leading zero"),
    ("«insulin» 10 U at bedtime", "U for units"),
    ("«lasix» 20 mg QD", "QD for daily"),
    ("«lasix» 20 mg Q.O.D.", "QOD"),
    ("«MSO4» 4 mg IV", "MSO4"),
    ("«MS» 4 mg IV", "MSO4"),
    ("«heparin» 5000 units SQ TID", "SQ"),
    ("«fentanyl» 50 µg IV once", "µg"),
]


@pytest.mark.parametrize(("marked", "words"), CAUTIONS)
def test_error_prone_forms_are_reported(marked: str, words: str) -> None:
    assert any(words in caution for caution in read(marked)[1].cautions)


@pytest.mark.parametrize(
    "marked", ["«warfarin» 5 mg daily", "«digoxin» 0.125 mg once daily", ("«Metformin» 500 mg BID")]
)
def test_safe_forms_raise_no_caution(marked: str) -> None:
    assert read(marked)[1].cautions == ()


def test_a_change_keeps_the_old_dose_apart_from_the_new() -> None:
    text, statement = read("Increase «metformin» from 500 mg daily to 1000 mg twice a day.")
    assert statement.dose is not None
    assert statement.dose.text == "1000 mg"
    assert statement.previous_dose is not None
    assert statement.previous_dose.text == "500 mg"
    assert statement.previous_dose.span.of(text) == "500 mg"
    assert statement.frequency is not None
    assert statement.frequency.text == "twice daily"


def test_parts_point_at_their_words() -> None:
    text, statement = read("Take «Norco» 7.5/325 one to two tabs PO q4h prn pain x 5 days")
    parts = [
        statement.dose,
        statement.strength,
        statement.route,
        statement.frequency,
        statement.as_needed,
        statement.reason,
        statement.duration,
    ]
    assert [part.span.of(text) for part in parts if part] == [
        "one to two tabs",
        "7.5/325",
        "PO",
        "q4h",
        "prn",
        "pain",
        "x 5 days",
    ]
    assert statement.span.of(text) == "Norco 7.5/325 one to two tabs PO q4h prn pain x 5 days"


def test_nothing_beyond_the_limit_is_read() -> None:
    text = "aspirin, metformin 500 mg BID"
    statement = read_medication(text, Span(0, 7), limit=text.index("metformin"))
    assert (statement.dose, statement.frequency, statement.normalised_sig) == (None, None, "")


SAME = [
    ("«m» 500 mg BID", "«m» 500 mg twice a day", True),
    ("«m» 500 mg BID", "«m» 500 mg every 12 hours", True),
    ("«m» 500 mg BID", "«m» 1000 mg daily", False),
    ("«m» 1 g daily", "«m» 1000 mg once a day", True),
    ("«m» 500 mg tablet take 2 tablets BID", "«m» 1000 mg BID", True),
    ("«m» 10 mg daily", "«m» 20 mg daily", False),
    ("«m» 10 mg", "«m» daily", True),
    ("«m» 10 mg PO daily", "«m» 10 mg IV daily", False),
    ("«m» 10 mg every morning", "«m» 10 mg at bedtime", False),
    ("«m» 10 mg daily", "«m» 10 mg nightly", True),
    ("«m» 800 mg TID", "«m» 800 mg TID prn", False),
    ("«m» 0.5 mg daily", "«m» 500 mcg daily", True),
    ("«m» 5-325 mg q6h", "«m» 5/325 mg q6h", True),
    ("«m» 15 mg weekly", "«m» 15 mg daily", False),
]


@pytest.mark.parametrize(("first", "second", "expected"), SAME)
def test_directions_are_compared_by_meaning(first: str, second: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    a, b = read(first)[1], read(second)[1]
    assert same_dose(a, b) is expected
    assert same_dose(b, a) is expected


WORDS = st.sampled_from(
    [
        "500",
        "mg",
        ".5",
        "1/2",
        "½",
        "tabs",
        "PO",
        "BID",
        "q4-6h",
        "prn",
        "for",
        "pain",
        "x",
        "10",
        "days",
        ("from"),
        ("to"),
        ("->"),
        "\n",
        "(",
        ")",
        ",",
        ".",
        "stop",
        "hold",
        "was",
        "µg",
        "U",
        "%",
        "/",
        "-",
        "one",
        "half",
        "1,000",
        "9" * 12,
        ("ſ"),
        ("K"),
    ]
)


@given(st.one_of(st.text(max_size=120), st.lists(WORDS, max_size=25).map(" ".join)), st.integers(0, 200))
def test_any_text_gives_spans_inside_it(tail: str, limit: int) -> None:
    text = f"stop metformin {tail}"
    statement = read_medication(text, Span(5, 14), limit=limit)
    parts = [
        statement.dose,
        statement.strength,
        statement.previous_dose,
        statement.form,
        statement.route,
        statement.frequency,
        statement.timing,
        statement.as_needed,
        statement.reason,
        statement.duration,
        statement.indication,
    ]
    assert statement.span.contains(statement.drug)
    assert statement.span.end <= max(14, min(limit, len(text)))
    for part in parts:
        assert part is None or (part.text and statement.span.contains(part.span))
    assert same_dose(statement, statement)


@pytest.mark.parametrize("unit", ["1-", "500 mg ", "from 1 to ", "1/2", "a ", " ", "(", "q4-", "\n"])
def test_a_long_hostile_text_is_read_quickly(unit: str) -> None:
    text = "metformin " + unit * (1_000_000 // len(unit))
    started = time.process_time()
    for start in range(0, len(text) - 10, len(text) // 200):
        read_medication(text, Span(start, start + 9), limit=len(text))
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("text", "dose", "former", "sig"),
    [
        ("metoprolol 25 mg PO BID (increased from 12.5 mg)", "25 mg", "12.5 mg", "25 mg by mouth twice daily"),
        ("Reduce metoprolol to 25 mg (from 50 mg) daily", "25 mg", "50 mg", "25 mg once daily"),
        ("metoprolol 25 mg BID (was 50 mg daily)", "25 mg", "50 mg", "25 mg twice daily"),
        ("Reduce oxaliplatin to 65 mg/m2 (from 85 mg/m2), then rest", "65 mg/m2", "85 mg/m2", "65 mg/m2"),
        ("paclitaxel 80 mg/m² IV weekly", "80 mg/m²", None, "80 mg/m² intravenous weekly"),
    ],
)
def test_a_dose_in_brackets_is_the_one_before_and_surface_stays_in_the_unit(
    text: str, dose: str, former: str | None, sig: str
) -> None:
    drug = next(name for name in ("metoprolol", "oxaliplatin", "paclitaxel") if name in text)
    at = text.index(drug)
    statement = read_medication(text, Span(at, at + len(drug)), limit=len(text))
    assert statement.dose
    assert statement.dose.text == dose
    assert (statement.previous_dose.text if statement.previous_dose else None) == former
    assert statement.normalised_sig == sig


@pytest.mark.parametrize(
    ("marked", "status"),
    [
        ("Given «ASA» 324 mg PO x1", "given"),
        ("Given his «lisinopril», cough is no surprise", "unknown"),
        ("100 mL «Omnipaque» IV", "given"),
        ("narrowed to «ceftriaxone» 1 g IV daily", "given"),
        ("narrowed to «cefpodoxime» 200 mg PO BID", "taken"),  # a drug by mouth goes home with the patient
        ("«Prednisone» 10 mg daily was last used in March 2024", "stopped"),
        ("«Ibuprofen» was last taken this morning", "unknown"),
        ("Plan: drop «5-FU» bolus", "stopped"),
        ("1 drop «timolol» in both eyes twice daily", "unknown"),
        ("metformin 500 mg PO BID (stopped last week), «lisinopril» 10 mg daily", "unknown"),
        ("lisinopril (held since Tuesday for AKI), metformin 1 g BID, «metoprolol» 25 mg BID", "unknown"),
        ("metformin 500 mg, stopped last week, «lisinopril» 10 mg daily", "unknown"),
        ("«metformin» 500 mg PO BID (stopped last week), lisinopril 10 mg daily", "stopped"),
        ("Stopped last week, «lisinopril» 10 mg daily", "stopped"),
    ],
)
def test_single_doses_and_ended_medicines_are_told_from_those_taken(marked: str, status: str) -> None:
    assert read(marked)[1].status == status


@pytest.mark.parametrize(
    ("marked", "sig"),
    [
        ("«losartan» 100", "100"),
        ("«losartan» 100, takes it", "100"),
        ("«naproxen» 220 BID", "220 twice daily"),
        ("«Tylenol» 650 prn", "650 as needed"),
        ("«atenolol» 25 and", "25"),
        ("«Tylenol» 3 for pain", "for pain"),  # the name of a product
        ("«warfarin» 2019", ""),  # a year
        ("«potassium» 40", ""),  # may be a value; a level never reaches the amount of a tablet
        ("«lithium» 0.8", ""),
        ("«potassium» 20 daily", "20 once daily"),
    ],
)
def test_a_number_without_unit_is_kept_as_written(marked: str, sig: str) -> None:
    assert read(marked)[1].normalised_sig == sig


def test_an_arrow_behind_an_amount_leads_to_the_new_dose() -> None:
    _, labetalol = read("«labetalol» 100 mg BID -> today ↑ to 200")
    assert (labetalol.status, labetalol.normalised_sig) == ("changed", "200 mg")
    assert labetalol.previous_dose is not None
    assert labetalol.previous_dose.text == "100 mg"
    _, pressure = read("«labetalol» 10 mg -> 150/80")
    assert (pressure.previous_dose, pressure.normalised_sig) == (None, "10 mg")


def test_a_taper_says_that_it_ends() -> None:
    _, taper = read("«escitalopram» 20 mg daily, taper to 10 mg x 2 weeks then stop")
    assert taper.normalised_sig == "10 mg for 2 weeks, then stop"
    assert (taper.status, taper.previous_dose and taper.previous_dose.text) == ("changed", "20 mg")


def test_a_dose_without_unit_agrees_with_the_same_number() -> None:
    _, bare = read("«losartan» 100 daily")
    assert same_dose(bare, read("«losartan» 100 mg daily")[1])
    assert not same_dose(bare, read("«losartan» 50 mg daily")[1])
