"""Allergies from lists, tables and prose, with their reactions; and what only looks like one."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.allergies import Allergy, find_allergies
from openmed_agent.clinical.sections import find_sections
from openmed_agent.text.spans import Span


def find(text: str) -> tuple[Allergy, ...]:
    return find_allergies(text, find_sections(text))


ALLERGENS: list[tuple[str, dict[str, list[str]]]] = [
    ("ALLERGIES: Penicillin (rash), Sulfa (anaphylaxis)", {"Penicillin": ["rash"], "Sulfa": ["anaphylaxis"]}),
    (
        "Allergies:\n- PCN - hives; sulfa -> anaphylaxis\n- Latex",
        {"PCN": ["hives"], "sulfa": ["anaphylaxis"], "Latex": []},
    ),
    ("He is allergic to penicillin, which causes hives. Takes aspirin.", {"penicillin": ["hives"]}),
    ("Patient has a PCN allergy.", {"PCN": []}),
    ("allergic to penicillin and sulfa drugs", {"penicillin": [], "sulfa drugs": []}),
    ("ALLERGIES: Penicillin, sulfa, and codeine.", {"Penicillin": [], "sulfa": [], "codeine": []}),
    ("Anaphylaxis to shellfish in 2010.", {"shellfish": ["Anaphylaxis"]}),
    ("She had hives with amoxicillin as a child.", {"amoxicillin": ["hives"]}),
    ("Allergies: Percocet causes itching", {"Percocet": ["itching"]}),
    (
        ("Allergies:\nAllergen | Reaction | Severity\nAmoxicillin | Rash | Mild\nCodeine | Nausea, vomiting | Severe"),
        {"Amoxicillin": ["Rash"], "Codeine": ["Nausea", "vomiting"]},
    ),
    ("Allergies: peanuts, cats", {"peanuts": [], "cats": []}),
    ("Allergic rhinitis. Seen in the Allergy & Immunology clinic.", {}),
    ("Her mother is allergic to penicillin.", {}),
    ("Allergy list reviewed with patient.", {}),
    ("nasal congestion from allergies", {}),
    ("He has glucose intolerance.", {}),
    ("", {}),
    (
        (
            "Allergies: Oxycodone - infusion reaction (flushing) C4, tolerated with premedication. Latex.\n\n"
            "Labs 10/05: WBC 2.9\nCT C/A/P 10/01: No evidence of recurrence."
        ),
        {"Oxycodone": ["flushing"], "Latex": []},
    ),
    ("Allergies on wristband: PCN, sulfa, shellfish. Turned every 2 hours.", {"PCN": [], "sulfa": [], "shellfish": []}),
    ("Mother reports allergy to amoxicillin.", {"amoxicillin": []}),
    ("Allergies: Peanut: anaphylaxis, carries EpiPen Jr.", {"Peanut": ["anaphylaxis"]}),
    ("Urine culture: E. coli, resistant to ciprofloxacin, sensitive to penicillin\nBlood culture: NGTD", {}),
    ("ALLERGIES\nPenicillin 1995: rash\nSulfa drugs", {"Penicillin 1995": ["rash"], "Sulfa drugs": []}),
]


@pytest.mark.parametrize(("text", "expected"), ALLERGENS)
def test_allergens_are_found_with_their_reactions(text: str, expected: dict[str, list[str]]) -> None:
    found = {
        allergy.allergen.of(text): [reaction.of(text) for reaction in allergy.reactions]
        for allergy in find(text)
        if allergy.allergen
    }
    assert found == expected


@pytest.mark.parametrize(
    "text",
    [
        "NKDA",
        "Allergies: NKDA",
        "No known drug allergies.",
        "ALLERGIES\nNone.\n\nMEDICATIONS\nlisinopril 10 mg daily",
        "She denies any allergies.",
        "No allergies to medications.",
        "Does not have any known drug allergies",
        "Allergies: No known allergies",
        "Allergies reviewed with patient: none",
    ],
)
def test_no_known_allergies_is_a_statement_of_its_own(text: str) -> None:
    assert [(allergy.none_known, allergy.allergen) for allergy in find(text)] == [(True, None)]


@pytest.mark.parametrize(
    ("text", "allergen"),
    [
        ("Daughter states she is NOT allergic to sulfa.", "sulfa"),
        ("She is not allergic to penicillin.", "penicillin"),
        ("Denies latex allergy.", "latex"),
        ("Allergies: none. Tolerates cephalosporins.", "cephalosporins"),
        ("Patient denies history of seasonal allergies.", "seasonal"),
    ],
)
def test_denied_allergies_are_negated(text: str, allergen: str) -> None:
    negated = [found.allergen.of(text) for found in find(text) if found.negated and found.allergen]
    assert negated == [allergen]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("seasonal allergies", "environment"),
        ("latex allergy", "material"),
        ("peanut allergy", "food"),
        ("penicillin allergy", "drug"),
    ],
)
def test_kinds_are_told_apart(text: str, kind: str) -> None:
    assert [allergy.kind for allergy in find(text)] == [kind]


def test_intolerance_and_severity_are_kept_only_where_stated() -> None:
    intolerance = find("Statin intolerance (myalgias).")[0]
    assert intolerance.intolerance
    severe = find("ALLERGIES: Penicillin (severe rash)")[0]
    assert (severe.severity, severe.intolerance) == ("severe", False)
    assert find("ALLERGIES: Penicillin (anaphylaxis)")[0].severity is None


def test_a_dictionary_makes_further_names_known() -> None:
    text = "Zonisamide allergy"
    assert find_allergies(text, find_sections(text)) == ()
    found = find_allergies(text, find_sections(text), substances=[Span(0, 10)])
    assert [(allergy.kind, allergy.allergen) for allergy in found] == [("drug", Span(0, 10))]


WORDS = st.sampled_from(
    [
        "Allergies:",
        "ALLERGIES",
        "allergic",
        "to",
        "penicillin",
        "PCN",
        "(",
        ")",
        "-",
        "->",
        "|",
        ",",
        ";",
        ".",
        "\n",
        "\t",
        "hives",
        "rash",
        "NKDA",
        "none",
        "denies",
        "not",
        "tolerates",
        "latex",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=30).map(" ".join)))
def test_any_text_gives_spans_inside_it(text: str) -> None:
    for allergy in find(text):
        for span in (allergy.span, *([allergy.allergen] if allergy.allergen else []), *allergy.reactions):
            assert span.end <= len(text)
            assert span.of(text).strip()
        assert allergy.none_known == (allergy.allergen is None)


@pytest.mark.parametrize(
    "unit", ["allergic to ", "Allergies: a, ", "PCN allergy ", "a (", "no known ", "tolerates pcn "]
)
def test_a_text_of_nothing_but_cues_is_read_in_linear_time(unit: str) -> None:
    text = "ALLERGIES:\n" + unit * (100_000 // len(unit))
    sections = find_sections(text)
    started = time.process_time()
    find_allergies(text, sections)
    assert time.process_time() - started < 5
