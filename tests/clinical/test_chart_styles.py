"""One table for each class of error that notes of other styles can provoke; every sentence is invented."""

import pytest

from openmed_agent.clinical.allergies import find_allergies
from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.clinical.follow_ups import find_follow_ups
from openmed_agent.clinical.identity import read_identity
from openmed_agent.clinical.measurements import find_measurements
from openmed_agent.clinical.medication_lists import read_medications
from openmed_agent.clinical.medications import MedicationStatement
from openmed_agent.clinical.procedures import find_procedures
from openmed_agent.clinical.sections import find_sections
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.clinical.tables import find_tables
from openmed_agent.text.spans import Span


def _assertion(text: str, mention: str) -> Assertion:
    start = text.index(mention)
    return assess(text, [Span(start, start + len(mention))], reading=Reading.SUMMARY)[0]


def _statements(text: str, *drugs: str) -> tuple[MedicationStatement, ...]:
    spans = []
    at = 0
    for drug in drugs:
        start = text.index(drug, at)
        at = start + len(drug)
        spans.append(Span(start, at))
    return read_medications(text, spans, sentences=split_sentences(text))


@pytest.mark.parametrize(
    ("text", "mention", "negated"),
    [
        ("Pulmonary embolism was considered and\nruled out by scan.", "Pulmonary embolism", True),
        ("Meningitis was initially suspected but excluded.", "Meningitis", True),
        ("Cellulitis was treated and abscess was ruled out.", "Cellulitis", False),
        ("[x] fever [ ] cough [x] rash", "cough", True),
        ("[x] fever [ ] cough [x] rash", "fever", False),
        ("[x] fever [ ] cough [x] rash", "rash", False),
        ("☑ nausea ☐ vomiting", "vomiting", True),
        ("☑ nausea ☐ vomiting", "nausea", False),
        ("No fever, cough x3 days", "cough", False),
        ("No fever, cough x3 days", "fever", True),
        ("No fever, chills, or vomiting x 3 days", "vomiting", True),
        ("rubella immune", "rubella", True),
        ("lupus and immune thrombocytopenia", "lupus", False),
        ("lupus and immune thrombocytopenia", "thrombocytopenia", False),
        ("Dialysis was not needed.", "Dialysis", True),
    ],
)
def test_negation_reaches_what_it_means_and_no_more(text: str, mention: str, negated: bool) -> None:  # noqa: FBT001
    assert _assertion(text, mention).negated is negated


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("She was considered for gastric bypass.", "gastric bypass"),
        ("Sepsis was considered.", "Sepsis"),
        ("Risks including bleeding, infection and nerve injury were discussed.", "bleeding"),
        ("Risks including bleeding, infection and nerve injury were discussed.", "nerve injury"),
        ("enoxaparin 40 mg daily (DVT prophylaxis)", "DVT"),
    ],
)
def test_what_is_weighed_or_guarded_against_is_not_stated(text: str, mention: str) -> None:
    assert _assertion(text, mention).hypothetical


def test_prophylaxis_in_brackets_says_nothing_of_the_drug_before() -> None:
    assert not _assertion("enoxaparin 40 mg daily (DVT prophylaxis)", "enoxaparin").hypothetical


def test_what_a_relative_takes_is_the_relatives() -> None:
    assert _assertion("Her husband takes metformin 1000 mg BID.", "metformin").experiencer == "other"


def test_status_post_ends_with_its_item() -> None:
    assert not _assertion("CAD s/p stent 2019, COPD, gout", "COPD").historical


def test_an_empty_box_in_a_plan_is_a_task() -> None:
    text = "Plan:\n- [ ] Spirometry\n- [x] Labs drawn\n"
    start = text.index("Spirometry")
    assert not assess(text, [Span(start, start + 10)], sections=find_sections(text))[0].negated


@pytest.mark.parametrize(
    ("text", "drugs", "expected"),
    [
        ("He stopped metformin, continues lisinopril 10 mg daily.", ("metformin", "lisinopril"), ("stopped", "taken")),
        ("Metformin and glipizide were stopped.", ("Metformin", "glipizide"), ("stopped", "stopped")),
        (
            "Furosemide 40 mg daily, enalapril and aspirin were held.",
            ("Furosemide", "enalapril", "aspirin"),
            ("held",) * 3,
        ),
        (
            "Stopped metformin, glipizide, and pioglitazone.",
            ("metformin", "glipizide", "pioglitazone"),
            ("stopped",) * 3,
        ),
        ("lisinopril (stopped), amlodipine 5 mg daily", ("lisinopril", "amlodipine"), ("stopped", "unknown")),
        ("She was on metformin in the past.", ("metformin",), ("stopped",)),
        ("She was on apixaban until May, now on warfarin.", ("apixaban", "warfarin"), ("stopped", "taken")),
        ("Hold metformin until Monday.", ("metformin",), ("held",)),
        ("She used to take prednisone.", ("prednisone",), ("stopped",)),
        ("Prednisone was tried, but she has been off it since May.", ("Prednisone",), ("stopped",)),
        ("He was given ceftriaxone 1 g IV in the ED.", ("ceftriaxone",), ("given",)),
        ("He was diuresed with furosemide 80 mg twice daily.", ("furosemide",), ("given",)),
        ("Cefazolin 2 g was given before incision.", ("Cefazolin",), ("given",)),
        ("Insulin lispro 4 units given.", ("Insulin lispro",), ("given",)),
        (
            "Given aspirin 324 mg PO x1, heparin 4000 units IV, nitroglycerin gtt.",
            ("aspirin", "heparin", "nitroglycerin"),
            ("given",) * 3,
        ),
        (
            "aspirin 81 mg daily, labetalol 100 mg BID -> today \u2191 to 200",
            ("aspirin", "labetalol"),
            ("unknown", "changed"),
        ),
        ("metformin and glipizide were increased", ("metformin", "glipizide"), ("changed", "changed")),
        ("She received infliximab 400 mg every 8 weeks.", ("infliximab",), ("taken",)),
        ("Started on lisinopril given his diabetes.", ("lisinopril",), ("taken",)),
        ("Switched from metformin to glipizide 5 mg daily.", ("metformin", "glipizide"), ("stopped", "taken")),
        ("Tamoxifen was switched to letrozole.", ("Tamoxifen", "letrozole"), ("stopped", "taken")),
        ("We talked about starting adalimumab 40 mg weekly.", ("adalimumab",), ("planned",)),
        ("I recommend increasing levothyroxine to 88 mcg daily.", ("levothyroxine",), ("planned",)),
        ("He was never started on insulin.", ("insulin",), ("not_taking",)),
        ("| Tramadol | 50 mg | PO | q6h | Hold |", ("Tramadol",), ("held",)),
        ("| Chlorthalidone | 25 mg | PO | daily | Discontinue |", ("Chlorthalidone",), ("stopped",)),
        ("~~theophylline~~ (stopped 2019)", ("theophylline",), ("stopped",)),
    ],
)
def test_status_belongs_to_its_drug(text: str, drugs: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert tuple(statement.status for statement in _statements(text, *drugs)) == expected


@pytest.mark.parametrize(
    ("text", "drug", "sig", "previous"),
    [
        ("Increase lisinopril to 40 mg daily.", "lisinopril", "40 mg once daily", None),
        ("lisinopril 10 -> 20 mg daily", "lisinopril", "20 mg once daily", "10 mg"),
        ("Amiodarone 200 mg daily was reduced to 100 mg daily.", "Amiodarone", "100 mg once daily", "200 mg"),
        ("Lantus 20 units at bedtime, increased to 24 units at bedtime", "Lantus", "24 units at bedtime", "20 units"),
        (
            "warfarin 2.5 mg Mon/Wed/Fri; 5 mg other days",
            "warfarin",
            "2.5 mg 3 times weekly, then 5 mg other days",
            None,
        ),
        (
            "torsemide 40 mg in the morning and 20 mg in the evening",
            "torsemide",
            "40 mg in the morning, then 20 mg in the evening",
            None,
        ),
        ("prednisone 40 mg x 5 days, then 20 mg x 5 days", "prednisone", "40 mg for 5 days, then 20 mg x 5 days", None),
        ("Lasix 20 mg qam / 40 mg qpm", "Lasix", "20 mg every morning, then 40 mg every evening", None),
        ("switched to letrozole in 05/2024", "letrozole", "", None),
    ],
)
def test_the_new_dose_and_every_dose_of_a_direction_is_read(
    text: str, drug: str, sig: str, previous: str | None
) -> None:
    statement = _statements(text, drug)[0]
    assert statement.normalised_sig == sig
    assert (statement.previous_dose.text if statement.previous_dose else None) == previous


@pytest.mark.parametrize(
    ("text", "drugs", "sig"),
    [
        (
            "IV furosemide 80 mg twice daily and then oral torsemide.",
            ("furosemide", "torsemide"),
            "80 mg intravenous twice daily",
        ),
        ("metformin 500 mg, IV vancomycin", ("metformin", "vancomycin"), "500 mg"),
    ],
)
def test_words_before_the_next_drug_are_its_own(text: str, drugs: tuple[str, ...], sig: str) -> None:
    assert _statements(text, *drugs)[0].normalised_sig == sig


def test_a_wrapped_line_keeps_dose_and_drug_together() -> None:
    text = "Medications: carvedilol 25 mg twice daily, amiodarone 100 mg daily, rosuvastatin\n20 mg at bedtime."
    assert _statements(text, "rosuvastatin")[0].normalised_sig == "20 mg at bedtime"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Allergies   Penicillins   Hives   High\n", [("Penicillins", ["Hives"])]),
        ("Allergies: amoxicillin - rash; no food allergies\n", [("amoxicillin", ["rash"]), (None, [])]),
        ("Allergies - latex (itching), NKDA. Not pregnant. Smokes daily.", [("latex", ["itching"]), (None, [])]),
        ("Allergies: NKDA\n\nDischarge weight: 81 kg.\nPending at discharge: cultures.\n", [(None, [])]),
        ("ALLERGIES:\nPenicillin: rash\nFood: peanuts\nDiet: regular\n", [("Penicillin", ["rash"]), ("peanuts", [])]),
        ("Codeine makes her nauseated.", [("Codeine", ["nauseated"])]),
        ("Codeine makes her mother nauseated.", []),
    ],
)
def test_allergies_are_neither_missed_nor_invented(text: str, expected: list[tuple[str | None, list[str]]]) -> None:
    found = find_allergies(text, find_sections(text))
    stated = [(a.allergen.of(text) if a.allergen else None, [r.of(text) for r in a.reactions]) for a in found]
    assert stated == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "LAB\t9/2/2025\t9/3/2025\nSodium\t141\t138\nPotassium\t4.9 H\t4.1\n",
            [
                ("sodium", "141", "9/2/2025"),
                ("sodium", "138", "9/3/2025"),
                ("potassium", "4.9", "9/2/2025"),
                ("potassium", "4.1", "9/3/2025"),
            ],
        ),
        (
            "| Test | 1/2/2025 | 1/3/2025 |\n|---|---|---|\n| Creatinine | 2.2 | |\n",
            [("creatinine", "2.2", "1/2/2025")],
        ),
        ("| BP | HR |\n|---|---|\n| 124/78 | 66 |\n", [("blood pressure", "124/78", None), ("heart rate", "66", None)]),
        (
            "Date      BP      HR\n1/3/2025  124/78  66\n",
            [("blood pressure", "124/78", "1/3/2025"), ("heart rate", "66", "1/3/2025")],
        ),
        ("Body height 158.4033427123 cm", [("body height", "158.4033427123", None)]),
        (
            "vs t 98.9 hr 84 rr 18 bp 118/64",
            [
                ("body temperature", "98.9", None),
                ("heart rate", "84", None),
                ("respiratory rate", "18", None),
                ("blood pressure", "118/64", None),
            ],
        ),
        ("K 3.3 (L), CR 1.4", [("potassium", "3.3", None), ("creatinine", "1.4", None)]),
        ("diltiazem CR 180 mg", []),
        ("A/P: 70M admitted with pneumonia", []),
        ("metoprolol held for sbp <100 per parameters", []),
        ("fundal height 28 cm", []),
        ("BP at home 148/80", [("blood pressure", "148/80", None)]),
        ("Labs show potassium\n4.8 and no more", [("potassium", "4.8", None)]),
        ("Potassium\n2. Hypertension", []),
    ],
)
def test_values_are_read_from_tables_and_shorthand(text: str, expected: list[tuple[str, str, str | None]]) -> None:
    found = find_measurements(text)
    assert [(m.name_canonical, m.value, m.date.of(text) if m.date else None) for m in found] == expected


def test_a_table_needs_two_rows_divided_alike() -> None:
    text = "a | b\n\nc\td\ne\tf\n"
    (table,) = find_tables(text)
    assert [[cell.of(text) if cell else None for cell in row] for row in table.rows] == [["c", "d"], ["e", "f"]]


@pytest.mark.parametrize(
    ("text", "kind", "action"),
    [
        (
            "If leg swelling returns or breathing worsens, call the clinic.",
            "return_precaution",
            "If leg swelling returns or breathing worsens, call the clinic",
        ),
        (
            "If she develops a fever she should call the office.",
            "return_precaution",
            "If she develops a fever she should call the office",
        ),
        (
            "Should he faint he is to go to the\nemergency department.",
            "return_precaution",
            "Should he faint he is to go to the\nemergency department",
        ),
        (
            "Follow-up: Cardiology with Dr. Ana Whitlock on 01/22/2025.",
            "appointment",
            "Cardiology with Dr. Ana Whitlock on 01/22/2025",
        ),
        ("PCP f/u 1 week.", "appointment", "PCP f/u 1 week"),
        ("Plan:\n- PT referral\n", "referral", "PT referral"),
        ("TSH should be repeated in 6-8 weeks.", "test", "TSH should be repeated in 6-8 weeks"),
        ("Plan: Recheck ear in 2 weeks.", "test", "Recheck ear in 2 weeks"),
    ],
)
def test_follow_ups_are_whole_statements(text: str, kind: str, action: str) -> None:
    (found,) = find_follow_ups(text, find_sections(text))
    assert (found.kind, found.action) == (kind, action)


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for referring Ms. Ibarra for evaluation of a goiter.",
        "When she returned to clinic she reported pain, and called her son.",
    ],
)
def test_what_has_happened_is_no_follow_up(text: str) -> None:
    assert find_follow_ups(text, find_sections(text)) == ()


def test_a_plan_orders_what_stands_at_the_head_of_its_line() -> None:
    text = "Plan:\n- MRI right knee\n- I reviewed her colonoscopy\n"
    found = find_procedures(text, sections=find_sections(text))
    assert [procedure.timing for procedure in found] == ["planned", "unknown"]


@pytest.mark.parametrize(
    ("text", "name", "sex"),
    [
        ("Dental note. Pt: Noelle Fairbrother, 29 F. CC: broken tooth.", "Noelle Fairbrother", "female"),
        ("Caller: Joyce Tillman (daughter) re: patient Edwin Tillman, 84 yo.", "Edwin Tillman", None),
        ("This is a visit for Delphine Arceneaux who is a 59-year-old woman.", "Delphine Arceneaux", "female"),
        ("72F COPD, here for cough.", None, "female"),
        ("Temp: 99 F, HR 70.", None, None),
    ],
)
def test_the_patient_is_named_in_running_lines(text: str, name: str | None, sex: str | None) -> None:
    identity = read_identity(text)
    assert (identity.name.value if identity.name else None) == name
    assert (identity.sex.value if identity.sex else None) == sex


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Her mother had cancer at age 61. She is well.", ["Her mother had cancer at age 61.", "She is well."]),
        ("HR 72. Temp 98.4.", ["HR 72.", "Temp 98.4."]),
        ("Plan: 1. HTN stable 2. Gout quiet", ["Plan: 1. HTN stable", "2. Gout quiet"]),
    ],
)
def test_a_number_may_end_a_sentence_or_open_an_item(text: str, expected: list[str]) -> None:
    assert [sentence.of(text) for sentence in split_sentences(text)] == expected
