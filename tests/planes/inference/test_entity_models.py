"""The trained models: what was shipped, what they add to the lists, and how both are united."""

import gzip
import hashlib
import re
from math import exp
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import openmed_agent
from openmed_agent.planes.inference.contract import PHARMA_MODEL, AnalyzeRequest
from openmed_agent.planes.inference.engine import Engine
from openmed_agent.planes.inference.entities.engine import find_entities
from openmed_agent.planes.inference.entities.lexicon import Kind
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import tokenize
from openmed_agent.planes.inference.entities.sequence import WEIGHTS, Reading, SequenceModel, sequence_model
from openmed_agent.planes.inference.entities.union import united

DISEASE = "disease_detection_superclinical"
CHEMICAL = "chemical_detection_pubmed"
DATA = Path(openmed_agent.__file__).parent / "planes/inference/entities/data"
CARD = Path(__file__).parents[3] / "docs/models/entities.md"


def found(text: str, model: str = DISEASE) -> list[str]:
    return [text[entity.start : entity.end] for entity in find_entities(text, model=model)]


@pytest.mark.parametrize("name", WEIGHTS.values())
def test_the_shipped_weights_are_those_of_the_model_card(name: str) -> None:
    written = (DATA / name).read_bytes()
    assert len(written) < 3_000_000
    assert hashlib.sha256(written).hexdigest() in CARD.read_text()


@pytest.mark.parametrize("name", WEIGHTS.values())
def test_the_weights_hold_words_and_pairs_of_words_but_no_sentence(name: str) -> None:
    for line in gzip.decompress((DATA / name).read_bytes()).decode().splitlines()[1:]:
        feature = line.split("\t")[0]
        assert len(re.findall(r"\w+", feature)) <= 4, feature


@pytest.mark.parametrize(
    ("text", "mention", "model"),
    [
        ("Exposure to methoxyphenethyltramine caused convulsions in mice.", "methoxyphenethyltramine", CHEMICAL),
        ("Two patients developed drug-induced hepatotoxicity after the second cycle.", "hepatotoxicity", DISEASE),
        ("Impairment of renal function was seen in the treated group.", "Impairment of renal function", DISEASE),
    ],
)
def test_a_model_reads_what_no_list_holds(text: str, mention: str, model: str) -> None:
    assert mention in found(text, model)


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("Assessment: acute bacterial sinusitis, worse on the left side of the face.", "acute bacterial sinusitis"),
        ("She was seen for recurrent left knee osteoarthritis that limits her at work.", "left knee osteoarthritis"),
    ],
)
def test_a_chart_keeps_the_words_that_belong_to_its_names(text: str, mention: str) -> None:
    assert any(mention in name for name in found(text))


@pytest.mark.parametrize(
    "text",
    [
        "PSYCHIATRIC: calm and cooperative.\nNEUROLOGIC: alert.",
        "Got the pneumonia vaccine and a tetanus booster.",
        "Sat 96% on RA, seen by Dr. Addison.",
        "Labs: Na 138, K 4.2, Cr 0.9. Follow up in two weeks.",
    ],
)
def test_a_model_does_not_bring_back_what_the_guards_refuse(text: str) -> None:
    assert found(text) == []


def mention(first: int, last: int, *sources: str) -> Mention:
    return Mention(first, last, 0.9, sources)


def test_a_listed_name_stands_whole_and_the_model_adds_its_own() -> None:
    tokens = tokenize("Rats with closed angle glaucoma and with tremorosis were kept for nine long weeks.")
    reading = Reading((mention(3, 4, "model"), mention(7, 7, "model")), (0.0,) * len(tokens))
    both = united(tokens, [mention(2, 4, "mesh")], reading, refused=frozenset())
    assert [(one.first, one.last, one.sources) for one in both] == [(2, 4, ("mesh",)), (7, 7, ("model",))]


def test_in_a_paper_the_course_of_a_disease_is_no_part_of_its_name() -> None:
    tokens = tokenize("Rats with progressive glaucoma were kept in the dark for nine long weeks.")
    reading = Reading((mention(3, 3, "model"),), (0.0,) * len(tokens))
    both = united(tokens, [mention(2, 3, "clinical", "modifier")], reading, refused=frozenset())
    assert [(one.first, one.last) for one in both] == [(3, 3)]


def test_what_only_a_list_found_needs_some_support_in_a_paper() -> None:
    tokens = tokenize("Rats were kept at a low stress level in the dark for nine long weeks.")
    alone = [mention(6, 6, "mesh")]
    assert united(tokens, alone, Reading((), (0.0,) * len(tokens)), refused=frozenset()) == ()
    assert united(tokens, alone, Reading((), (0.5,) * len(tokens)), refused=frozenset()) == tuple(alone)


def test_what_the_model_alone_is_unsure_of_is_left_out() -> None:
    tokens = tokenize("Rats with tremorosis were kept in the dark for nine long weeks of winter.")
    for confidence, expected in ((0.54, 0), (0.56, 1)):
        reading = Reading((Mention(2, 2, confidence, ("model",)),), (0.0,) * len(tokens))
        assert len(united(tokens, [], reading, refused=frozenset())) == expected


def test_a_refused_word_is_in_no_mention() -> None:
    tokens = tokenize("Rats got hepatitis vaccine in the dark for nine long weeks of their lives.")
    reading = Reading((mention(2, 2, "model"),), (0.0,) * len(tokens))
    assert united(tokens, [], reading, refused=frozenset({2})) == ()


def test_probabilities_are_those_of_the_chain() -> None:
    """Two words, one weight and one transition: the sum over all nine ways is small enough to write down."""
    rows = ["0\t0\t0\t0\t0\t1000\t0\t0\t0", "w=alpha\t2000\t0"]
    first, second = SequenceModel(rows).read(tokenize("alpha beta")).inside
    begins = exp(2.0)
    total = (1 + 1) * (1 + 1 + 1) + begins * (1 + 1 + exp(1.0))
    assert first == pytest.approx(1 - 3 / total)
    assert second == pytest.approx(1 - (2 + begins) / total)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("abcdN -,.()/\n'’\u200bé1")), st.sampled_from([DISEASE, CHEMICAL]))
def test_any_text_is_read_in_order_and_without_overlap(text: str, model: str) -> None:
    end = 0
    for entity in find_entities(text, model=model):
        assert end <= entity.start < entity.end <= len(text)
        assert 0 <= entity.confidence <= 1
        end = entity.end


def test_a_model_that_a_kind_lacks_is_none() -> None:
    assert sequence_model(Kind.ANATOMY) is None


def test_the_plane_tells_the_direction_of_a_drug() -> None:
    request = AnalyzeRequest(text="Start metformin 500 mg PO BID with meals.", model_name=PHARMA_MODEL)
    (entity,) = Engine(key=bytes(32)).analyze(request).entities
    assert entity.metadata is not None
    direction = entity.metadata.direction
    assert direction is not None
    assert (direction.dose, direction.route, direction.frequency) == ("500 mg", "by mouth", "twice daily")
    assert direction.status == "planned"
