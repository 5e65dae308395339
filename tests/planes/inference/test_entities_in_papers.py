"""How papers are read, where charts keep their own rules: borders, repeated names, text set apart, other weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.inference.entities.chart_text import in_chart
from openmed_agent.planes.inference.entities.engine import find_entities
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import tokenize
from openmed_agent.planes.inference.entities.repeats import repeated_mentions
from openmed_agent.planes.inference.entities.sequence import Reading, SequenceModel
from openmed_agent.planes.inference.entities.set_apart import Closed, closed
from openmed_agent.planes.inference.entities.union import united

DISEASE = "disease_detection_superclinical"
CHEMICAL = "chemical_detection_pubmed"


@pytest.mark.parametrize(
    ("text", "model", "mentions"),
    [
        ("Patients with Parkinson ' s disease were treated with L - dopa .", DISEASE, ["Parkinson ' s disease"]),
        ("Patients with Parkinson ' s disease were treated with L - dopa .", CHEMICAL, ["L - dopa"]),
        ("Two rats died , one of hepatotoxicity ( 12 % ) .", DISEASE, ["hepatotoxicity"]),
    ],
)
def test_text_that_was_set_apart_is_found_where_it_stands(text: str, model: str, mentions: list[str]) -> None:
    found = [text[one.start : one.end] for one in find_entities(text, model=model)]
    assert set(mentions) <= set(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L - dopa ( 50 mg ) was given .", "L-dopa (50 mg) was given."),
        ("Parkinson ' s disease , stable ; see [ 3 ] .", "Parkinson's disease, stable; see [3]."),
        ("( both ) and / or 5 % .", "(both) and/or 5%."),
    ],
)
def test_marks_close_up(text: str, expected: str) -> None:
    apart = closed(text)
    assert apart is not None
    assert apart.text == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Osteoporosis - DEXA T -2.5 in 2020",
        "- Gout - allopurinol\n- Asthma - inhaler",
        "Diagnosis : gout - resolved",
        "Right knee - swelling , hip pain. No fever.",
    ],
)
def test_ordinary_text_is_read_as_it_is(text: str) -> None:
    assert closed(text) is None


@given(st.text(alphabet=st.sampled_from("ab .,-/()[]'s%\n"), max_size=60))
def test_what_is_found_in_closed_text_is_the_same_but_for_blanks(text: str) -> None:
    apart = Closed.of(text)
    assert apart.text.replace(" ", "") == text.replace(" ", "")
    for start in range(len(apart.text)):
        for end in range(start + 1, min(len(apart.text), start + 6) + 1):
            found = apart.restored(EntityFinding(start, end, "DISEASE", 0.9, ("mesh",)))
            given_words = text[found.start : found.end]
            assert given_words.replace(" ", "") == apart.text[start:end].replace(" ", "")
            assert (given_words[0], given_words[-1]) == (apart.text[start], apart.text[end - 1])


def place(text: str, word: str) -> Mention:
    index = tokenize(text).words.index(word)
    return Mention(index, index, 0.9, ("mesh",))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She was seen today for gout of the left foot and for a rash.", True),
        ("Of twelve patients one had gout, and she was given colchicine for nine days.", False),
        ("Assessment: gout of the left foot, worse on the side of the toe.", True),
        ("Results: gout of the left foot was seen nine times in the trial.", False),
        ("Gout was seen less often in this trial than in the two before it.", False),
        ("HPI: gout\nPMH: asthma\nMeds: none\nAllergies: none known to the family", True),
    ],
)
def test_a_chart_is_told_from_a_paper(text: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    assert in_chart(tokenize(text), place(text, "gout")) is expected


def test_sentences_in_lines_are_no_chart() -> None:
    line = (
        "Nine rats with gout were kept in the dark for nine long weeks of the winter and then for nine more of spring."
    )
    text = "\n".join([line] * 5)
    assert not in_chart(tokenize(text), place(text, "gout"))


PAPER = "Rats with chronic glaucoma were kept in the dark for nine long weeks."


@pytest.mark.parametrize(("inside", "first"), [(0.1, 3), (0.4, 2)])
def test_in_a_paper_a_joined_word_needs_the_support_of_the_model(inside: float, first: int) -> None:
    tokens = tokenize(PAPER)
    support = tuple(inside if at == 2 else 0.0 for at in range(len(tokens)))
    known = [Mention(2, 3, 0.9, ("formation",))]
    both = united(tokens, known, Reading((Mention(3, 3, 0.9, ("model",)),), support), refused=frozenset())
    assert [(one.first, one.last) for one in both] == [(first, 3)]


def test_the_cause_of_a_disease_is_no_part_of_its_name_in_a_paper() -> None:
    tokens = tokenize("Heparin-induced thrombocytopenia was seen in two patients of the trial on ward nine.")
    reading = Reading((Mention(2, 2, 0.9, ("model",)),), (0.0,) * len(tokens))
    both = united(tokens, [Mention(0, 2, 0.9, ("mesh",))], reading, refused=frozenset())
    assert [(one.first, one.last) for one in both] == [(2, 2)]


TWICE = "Rats got AX9 for nine weeks in the dark; then the AX9 groups were weighed against ax9 groups."


def repeated(inside: dict[int, float], refused: frozenset[int] = frozenset()) -> list[int]:
    tokens = tokenize(TWICE)
    reading = Reading((), tuple(inside.get(at, 0.0) for at in range(len(tokens))))
    known = [Mention(2, 2, 0.9, ("model",))]
    return [one.first for one in repeated_mentions(tokens, known, reading, refused=refused)]


def test_a_name_read_with_certainty_counts_again() -> None:
    second = tokenize(TWICE).words.index("ax9", 3)
    assert repeated({2: 0.9, second: 0.3}) == [second]
    assert repeated({2: 0.5, second: 0.3}) == []
    assert repeated({2: 0.9, second: 0.01}) == []
    assert repeated({2: 0.9, second: 0.3}, refused=frozenset({second})) == []


def test_other_weights_can_be_read_with() -> None:
    text = "Rats were kept in the dark for nine weeks."
    assert find_entities(text, model=CHEMICAL) == ()
    stays_outside = "\t".join(["5000", *["0"] * 8])
    reader = SequenceModel([stays_outside, "w=rat\t20000\t0"])
    (found,) = find_entities(text, model=CHEMICAL, reader=reader)
    assert text[found.start : found.end] == "Rats"
