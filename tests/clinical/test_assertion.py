"""Assertions: each case marks the mention in brackets and names what the note says of it."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.text.spans import Span

CASES = [
    ("denies chest pain, fever or [hemoptysis]", "negated"),
    ("no [fever], chills, or cough but has dyspnea", "negated"),
    ("no fever, chills, or [cough] but has dyspnea", "negated"),
    ("no fever, chills, or cough but has [dyspnea]", "affirmed"),
    ("not only [diabetes] but also CHF", "affirmed"),
    ("no increase in [edema]", "affirmed"),
    ("cannot exclude [pneumonia]", "hypothetical"),
    ("[PE] cannot be excluded", "hypothetical"),
    ("[MI] not ruled out", "hypothetical"),
    ("no change in [cough]", "affirmed"),
    ("ambulates without difficulty, has [edema]", "affirmed"),
    ("gram negative [bacteremia]", "affirmed"),
    ("[pneumonia] was ruled out", "negated"),
    ("[MI]: negative", "negated"),
    ("[edema] absent", "negated"),
    ("[edema] is not present", "negated"),
    ("[edema] (-)", "negated"),
    ("CV: +CP -[edema] -orthopnea", "negated"),
    ("CV: +[CP] -edema", "affirmed"),
    ("-fever +[edema]", "affirmed"),
    ("[PE] unlikely", "hypothetical"),
    ("rule out [MI], PE", "hypothetical"),
    ("r/o [sepsis]", "hypothetical"),
    ("possible [pneumonia]", "hypothetical"),
    ("concern for [sepsis]", "hypothetical"),
    ("?[pneumonia]", "hypothetical"),
    ("[CHF] vs pneumonia", "hypothetical"),
    ("CHF vs [pneumonia]", "hypothetical"),
    ("if she develops [fever], call", "hypothetical"),
    ("should she develop [chest pain], call", "hypothetical"),
    ("Return for [fever], chills, or vomiting", "hypothetical"),
    ("at risk for [falls]", "hypothetical"),
    ("history of [MI]", "historical"),
    ("h/o [stroke]", "historical"),
    ("s/p [CABG]", "historical"),
    ("prior [MI]", "historical"),
    ("[MI] in 2015", "historical"),
    ("[stroke] 3 years ago", "historical"),
    ("[cough] 3 weeks ago", "affirmed"),
    ("resolved [pneumonia]", "historical"),
    ("[DVT], resolved", "historical"),
    ("previous [TIA]", "historical"),
    ("mother had [breast cancer]", "family"),
    ("FH: [CAD]", "family"),
    ("grandmother with [breast cancer]", "family"),
    ("sister's [diabetes]", "family"),
    ("family history of [colon cancer]", "family"),
    ("her mother reports that she has [fever]", "affirmed"),
    ("roommate with [flu]", "other"),
    ("husband has [COVID]", "other"),
    ("donor had [hepatitis C]", "other"),
    ("no family history of [colon cancer]", "negated family"),
    ("Denies:\n- chest pain\n- [fever]", "negated"),
    ("ROS: negative for chest pain, [dyspnea].", "negated"),
    ("Cardiac: no [chest pain]", "negated"),
    ("No known history of [CAD]", "negated"),
    ("never had [seizures]", "negated"),
    ("was told he does not have [diabetes]", "negated"),
    ("denies any pain other than [headache]", "affirmed"),
    ("denies [pain] other than headache", "negated"),
    ("Patient has [cough]. Denies fever.", "affirmed"),
    ("She has a history of [MI] and presents with chest pain", "historical"),
    ("She has a history of MI and presents with [chest pain]", "affirmed"),
    ("Mother had [MI], patient has diabetes", "family"),
    ("Mother had MI, patient has [diabetes]", "affirmed"),
    ("No fever, has [cough]", "affirmed"),
    ("No fever; has [cough]", "affirmed"),
    ("[chest pain] resolved", "historical"),
    ("No [fever] or chills are reported", "negated"),
    ("No fever or [chills] are reported", "negated"),
    ("Denies fever and [cough] is improving", "affirmed"),
    ("[diabetes] diagnosed in 2015", "affirmed"),
    ("Family history: Mother with [HTN]", "family"),
    ("PMH: [HTN], DM", "affirmed"),
    ("Denies that she has [fever]", "negated"),
    ("The patient was last seen by mother. [Fever] noted", "affirmed"),
    ("acetaminophen as needed for [pain]", "hypothetical"),
    ("[Fever]: No", "negated"),
    ("no longer has [chest pain]", "negated"),
    ("No acute distress, lungs clear, 2+ [edema]", "affirmed"),
    ("No JVD, trace [edema]", "affirmed"),
    ("No evidence of [pneumonia]", "negated"),
    ("does not deny [alcohol use]", "affirmed"),
    ("Influenza A positive, [influenza B] negative", "negated"),
    ("[Influenza A] positive, influenza B negative", "affirmed"),
    ("Patient has [cough], fever absent", "affirmed"),
    ("[PE] and DVT were ruled out", "negated"),
    ("CT showed [pneumonia], PE was ruled out", "affirmed"),
    ("Father died of [MI] at 50", "family"),
    ("There is no [edema], which was present in 2015", "negated"),
    ("Lives with her mother. Has [COPD]", "affirmed"),
    ("[pneumonia] is suspected", "hypothetical"),
    ("tested negative for [COVID]", "negated"),
    ("chest [pain] free", "negated"),
    ("Positive for cough, negative for [fever]", "negated"),
    ("Positive for [cough], negative for fever", "affirmed"),
    ("[stroke] has been ruled out", "negated"),
    ("no [CP]/SOB/N/V", "negated"),
    ("no CP/SOB/[N]/V", "negated"),
    ("He was told to return for [fever] or chills", "hypothetical"),
    ("Return precautions:\n- fever\n- [vomiting]", "hypothetical"),
    ("Denies:\n  chest pain\n  [fever]\n\nAssessment:\nfever", "negated"),
    ("Denies:\n- chest pain\n\nASSESSMENT\n[Pneumonia]", "affirmed"),
    ("Family History:\n- Father: [CAD]\n- Mother: HTN", "family"),
    ("FAMILY HISTORY\nNo [colon cancer].", "negated family"),
    ("PMH: HTN, [DM2]. Meds: metformin. FH: father MI.", "affirmed"),
    ("PMH: HTN, DM2. Meds: metformin. FH: father [MI].", "family"),
    ("There is no evidence of acute [fracture] or dislocation.", "negated"),
    ("The patient can't recall; she doesn't have [angina].", "negated"),
    ("Neither [fever] nor chills", "negated"),
    ("Neither fever nor [chills]", "negated"),
    ("[Cough] x 3 days, no fever", "affirmed"),
    ("Negative for fever, chills and [night sweats].", "negated"),
    ("Negative for fever except mild [cough]", "affirmed"),
    ("No pain apart from [back pain]", "affirmed"),
    ("denies dyspnea although [cough] persists", "affirmed"),
    ("Note date 05/02/2024. [CABG] in 2015.", "historical"),
    ("Note date 05/02/2024. [CABG] in 2024.", "affirmed"),
    ("[Asthma] as a child", "historical"),
    ("[Appendectomy] twenty years ago", "historical"),
    ("Fell yesterday with [ankle pain]", "affirmed"),
    ("Past medical history significant for [hypertension]", "affirmed"),
    ("History of present illness: [chest pain] today", "affirmed"),
    ("concern for pneumonia, started on [ceftriaxone]", "affirmed"),
    ("aspirin to prevent [stroke]", "hypothetical"),
    ("His father, who had [lung cancer], died", "family"),
    ("Her sister and mother have [lupus]", "family"),
    ("Son reports that the patient has [confusion]", "affirmed"),
    ("The donor had [hepatitis B], the patient is immune", "other"),
    ("Brought in by his wife for [weakness]", "affirmed"),
    ("no [chest pain]; has dyspnea", "negated"),
    ("no chest pain; [dyspnea] on exertion", "affirmed"),
    ("fever (+), [cough] (-)", "negated"),
    ("[Deep vein thrombosis] is not suspected", "negated"),
    ("Chest CT is negative for [pulmonary embolism]", "negated"),
    ("likely [viral URI]", "hypothetical"),
    ("No [DVT]\r\nHas edema", "negated"),
    ("No DVT\r\nHas [edema]", "affirmed"),
]
MARKED = re.compile(r"\[([^\]]+)\]")


def marked(note: str) -> tuple[str, Span]:
    """The note without its brackets, and the span that they marked."""
    match = MARKED.search(note)
    assert match
    return note[: match.start()] + match[1] + note[match.end() :], Span(match.start(), match.end() - 2)


def expected(words: str) -> Assertion:
    stated = set(words.split()) - {"affirmed"}
    person = next((word for word in ("family", "other") if word in stated), "patient")
    flags = {word: word in stated for word in ("negated", "historical", "hypothetical")}
    return Assertion.model_validate({**flags, "experiencer": person})


@pytest.mark.parametrize(("note", "words"), CASES)
def test_assertion(note: str, words: str) -> None:
    text, span = marked(note)
    assert assess(text, [span], reading=Reading.SUMMARY) == (expected(words),)


def test_answers_come_in_the_order_of_the_spans() -> None:
    text = "No fever. Has cough."
    fever, cough = Span(3, 8), Span(14, 19)
    assert [a.negated for a in assess(text, [cough, fever])] == [False, True]


def test_no_spans_no_answers() -> None:
    assert assess("No fever.", []) == ()


@given(st.text(alphabet="no fevr.,;:-+?()\nhistory of if mother", min_size=1), st.data())
def test_any_text_gets_one_answer_a_span(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert len(assess(text, [Span(start, end), Span(0, 1)])) == 2


@given(st.lists(st.sampled_from(["fever", "cough", "dyspnea", "edema", "rash"]), min_size=1, max_size=5))
def test_denial_covers_every_conjunct_and_stops_at_but(findings: list[str]) -> None:
    listed = ", ".join(findings[:-1]) + (" or " if findings[1:] else "") + findings[-1]
    text = f"Patient denies {listed} but has wheezing."
    spans = [Span(m.start(), m.end()) for m in re.finditer("|".join(set(findings)), text)]
    spans.append(Span(text.index("wheezing"), text.index("wheezing") + 8))
    assert [a.negated for a in assess(text, spans)] == [True] * len(findings) + [False]


@pytest.mark.parametrize(
    "piece",
    [
        "no fever, ",
        "history of if mother had ",
        "Denies:\n",
        "NKDA. ",
        "a-b:((",
        "return call seek come ",
        "prior ct scan showed ",
        "no change in as needed ",
        "prn pain, ",
    ],
)
def test_a_megabyte_of_hostile_text_is_quick(piece: str) -> None:
    text = (piece * (1_000_000 // len(piece) + 1))[:1_000_000]
    begun = time.process_time()
    assess(text, [Span(at, at + 2) for at in range(0, len(text) - 2, 20_000)])
    assert time.process_time() - begun < 10  # 5 s on an idle core; cores of a shared machine run at half speed
