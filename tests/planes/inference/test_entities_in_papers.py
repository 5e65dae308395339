"""How papers are read, where charts keep their own rules: borders, repeated names, text set apart, other weights."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import openmed_agent
from openmed_agent.planes.inference.entities.chart_text import in_chart
from openmed_agent.planes.inference.entities.engine import find_entities
from openmed_agent.planes.inference.entities.features import joined, padded, sequences
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.planes.inference.entities.heredity import speaks_of_heredity
from openmed_agent.planes.inference.entities.lexicon import Kind
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.neighbours import NeighbourTables
from openmed_agent.planes.inference.entities.normal import tokenize
from openmed_agent.planes.inference.entities.repeats import repeated_mentions
from openmed_agent.planes.inference.entities.sequence import (
    HEREDITY_WEIGHTS,
    Reading,
    SequenceModel,
    heredity_model,
    sequence_model,
)
from openmed_agent.planes.inference.entities.set_apart import Closed, closed
from openmed_agent.planes.inference.entities.union import united

ROOT = Path(openmed_agent.__file__).parent
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


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("abC1 -,.()'|=\n"), min_size=1, max_size=40))
def test_tables_hold_the_features_of_neighbours(text: str) -> None:
    """Every feature gets a weight of its own, so a sum is right only if each was found once and in its place."""
    for items in sequences(tokenize(text)):
        around = padded(items)
        features = sorted({feature for at in range(len(items)) for feature in joined(around, at)})
        weights = {feature: (2.0**place, 1.0) for place, feature in enumerate(features[:50])}
        expected = [
            (sum(weights.get(one, (0.0, 0.0))[0] for one in own), float(sum(one in weights for one in own)))
            for own in (joined(around, at) for at in range(len(items)))
        ]
        assert NeighbourTables(weights).scores(around) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The mutation of the gene was mapped to chromosome nine.", True),
        ("BRCA1 mutation carrier, mother had breast cancer. Seen by genetics for a second gene panel.", False),
        ("Rats were given lithium for nine weeks.", False),
    ],
)
def test_a_text_about_heredity_is_told(text: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    assert speaks_of_heredity(tokenize(text)) is expected


def test_what_the_corpus_about_heredity_adds_is_that_of_the_model_card() -> None:
    written = (ROOT / "planes/inference/entities/data" / HEREDITY_WEIGHTS).read_bytes()
    assert hashlib.sha256(written).hexdigest() in (ROOT.parent / "docs/models/entities.md").read_text()


def test_further_weights_are_added() -> None:
    tokens = tokenize("Rats slept.")
    stays_outside = "\t".join(["5000", *["0"] * 8])
    both = SequenceModel([stays_outside, "w=rat\t12000\t0"], ["w=rat\t8000\t0"]).read(tokens).inside
    assert both == SequenceModel([stays_outside, "w=rat\t20000\t0"]).read(tokens).inside
    assert both != SequenceModel([stays_outside, "w=rat\t12000\t0"]).read(tokens).inside


def test_the_model_of_heredity_is_another() -> None:
    assert heredity_model() is not sequence_model(Kind.DISEASE)
