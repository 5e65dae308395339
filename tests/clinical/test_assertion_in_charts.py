"""Turns of phrase of charts that once put somebody else's, a past or an absent condition on the patient's list."""

import pytest

from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.text.spans import Span


def said(marked: str) -> str:
    """Return what the note says of the mention in brackets, as words."""
    head, rest = marked.split("[", 1)
    mention, tail = rest.split("]", 1)
    span = Span(len(head), len(head) + len(mention))
    found = assess(head + mention + tail, [span], reading=Reading.SUMMARY)[0]
    names = [name for name in ("negated", "historical", "hypothetical") if getattr(found, name)]
    return " ".join([*names, *([found.experiencer] if found.experiencer != "patient" else [])]) or "affirmed"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("Caller is the husband. He himself has [diabetes] and takes metformin.", "other"),
        ("Caller is the husband. He himself has diabetes and takes [metformin].", "other"),
        ("Information from the mother. She herself was diagnosed with [lupus].", "family"),
        ("The wife is on the phone, she herself has [asthma].", "other"),
        # The pronoun is of the other sex than the person named, or the patient is named or spoken of so.
        ("The husband is here. She herself has [diabetes].", "affirmed"),
        ("She came with her sister. She herself has [gout].", "affirmed"),
        ("The patient came with a sister. She herself has [gout].", "affirmed"),
        # Who tells something is not who has it.
        ("Caller is the husband. He himself reports that she has [fever].", "affirmed"),
        # Another section speaks of the patient anew.
        ("SOCIAL HISTORY\nLives near a brother.\n\nASSESSMENT\nHe himself has [gout].", "affirmed"),
    ],
)
def test_he_himself_is_whom_the_sentence_before_names(marked: str, expected: str) -> None:
    assert said(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[HIV] 1/2 Ag/Ab: Non-reactive", "negated"),
        ("[HIV] 1/2 antibody non-reactive", "negated"),
        ("[Syphilis] antibody: not reactive", "negated"),
        ("[HIV] NR, hepatitis C NR", "negated"),
        ("[HIV]: reactive", "affirmed"),
        # A virus that treatment holds down is not absent.
        ("[HIV], viral load undetectable", "affirmed"),
        ("[COVID-19] RNA: not detected", "negated"),
    ],
)
def test_a_test_that_does_not_react_denies_what_it_tests_for(marked: str, expected: str) -> None:
    assert said(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Febrile seizure] x1 at 14 mo, none since", "historical"),
        ("[Syncope] once last spring; none since then.", "historical"),
        ("[Angina] before the stent, no recurrence since", "historical"),
        ("[Seizures]: none", "negated"),
        ("No [seizures] since discharge", "negated"),
    ],
)
def test_none_since_tells_that_it_once_was(marked: str, expected: str) -> None:
    assert said(marked) == expected


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[AKI] on CKD 4 (creatinine 3.1 -> 2.2), resolved", "historical"),
        ("AKI on [CKD 4] (creatinine 3.1 -> 2.2), resolved", "affirmed"),
        ("[AKI] on CKD stage 3a has resolved.", "historical"),
        ("AKI on [CKD stage 3a] has resolved.", "affirmed"),
        ("[Rash] on both arms, resolved", "historical"),
        # One name: the chronic failure has not gone.
        ("[Acute on chronic heart failure], resolved", "affirmed"),
        # Here "on" tells what is taken, and the cause of taking it is over.
        ("He was on amoxicillin for [otitis media], resolved", "historical"),
        ("[DVT] in the left leg; resolved", "historical"),
    ],
)
def test_what_resolves_is_the_acute_and_not_what_it_sits_on(marked: str, expected: str) -> None:
    assert said(marked) == expected


@pytest.mark.parametrize(
    "marked",
    [
        "Not taking ibuprofen d/t [gout]",
        "She is not on metformin b/c [CKD]",
        "No NSAIDs 2/2 [peptic ulcer]",
    ],
)
def test_the_reason_of_a_denial_is_not_denied(marked: str) -> None:
    assert said(marked) == "affirmed"


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Breast cancer] of the left side, lumpectomy in 2011", "historical"),
        ("[Breast cancer] s/p mastectomy, HTN, DM2 on metformin", "historical"),
        ("[Prostate cancer] (radiation 2014)", "historical"),
        ("[Colon cancer], status post hemicolectomy, in remission", "historical"),
        ("[Breast cancer], lumpectomy 2011, no recurrence", "historical"),
        # Treatment that goes on, or none that is over.
        ("[Breast cancer], lumpectomy 2011, on letrozole", "affirmed"),
        ("[Breast cancer], lumpectomy 2011, bone metastases 2020", "affirmed"),
        ("[Breast cancer], chemotherapy", "affirmed"),
        ("[Prostate cancer], active surveillance", "affirmed"),
        ("[Breast cancer], mastectomy scheduled", "affirmed"),
        # Another operation of the list says nothing of the tumour.
        ("[Breast cancer], appendectomy 1987", "affirmed"),
        ("[RSV]/bronchiolitis", "historical"),
        ("RSV [bronchiolitis] at 6 months, asthma", "historical"),
        ("RSV bronchiolitis at 6 months, [asthma]", "affirmed"),
        ("Recurrent [otitis media]", "affirmed"),
        ("[CAD], stent 2019", "affirmed"),
        ("[Hypertension]", "affirmed"),
    ],
)
def test_a_past_medical_history_lists_what_is_over(marked: str, expected: str) -> None:
    assert said(f"PAST MEDICAL HISTORY\n{marked}\nGout\n\nASSESSMENT\nPneumonia.") == expected


def test_what_is_over_in_a_history_is_current_in_an_assessment() -> None:
    assert said("PAST MEDICAL HISTORY\nGout\n\nASSESSMENT\n[Bronchiolitis].") == "affirmed"
    assert said("ASSESSMENT\n[Breast cancer], lumpectomy planned.") == "affirmed"


def test_a_tumour_treated_this_year_is_current() -> None:
    assert said("Date: 05/20/2025\n\nPAST MEDICAL HISTORY\n[Breast cancer], lumpectomy in 2025") == "affirmed"
    assert said("Date: 05/20/2025\n\nPAST MEDICAL HISTORY\n[Breast cancer], lumpectomy in 2012") == "historical"


def test_a_heading_of_vital_signs_and_a_short_form_with_a_stroke_compare_nothing() -> None:
    for marked in (
        "VS: [fever] 101.3, HR 110",
        "Reports [N/V]. Diaphoresis today.",
        "Reports N/V. [Diaphoresis] today.",
    ):
        note = marked.replace("[", "").replace("]", "")
        place = Span(marked.index("["), marked.index("]") - 1)
        assert assess(note, [place]) == (Assertion(),)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("albuterol 2 puffs prn wheezing, [levothyroxine] 88 mcg qAM", "affirmed"),
        ("NTG 0.4 SL prn chest pain, Lantus 30u qhs, [metoprolol] 50 mg", "affirmed"),
        ("albuterol 2 puffs prn [wheezing], levothyroxine 88 mcg", "hypothetical"),
        ("Zofran prn nausea, [vomiting] or retching", "hypothetical"),
        ("on IV [furosemide] 80 mg BID with net negative 6 L", "affirmed"),
    ],
)
def test_the_reason_for_one_drug_and_a_balance_say_nothing_of_another(marked: str, expected: str) -> None:
    assert said(marked) == expected
