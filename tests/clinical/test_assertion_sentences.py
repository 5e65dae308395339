"""Our own list of sentences, written before any output was seen, judged as a whole and by rule."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from openmed_agent.clinical.assertion import Assertion, assess
from openmed_agent.text.spans import Span

SENTENCES = Path(__file__).parent / "assertion_sentences.csv"


def judged(marked: str) -> frozenset[str]:
    head, rest = marked.split("[", 1)
    mention, tail = rest.split("]", 1)
    return labels(assess(head + mention + tail, [Span(len(head), len(head) + len(mention))])[0])


def labels(assertion: Assertion) -> frozenset[str]:
    said = {name for name in ("negated", "historical", "hypothetical") if getattr(assertion, name)}
    if assertion.experiencer != "patient":
        said.add(assertion.experiencer)
    return frozenset(said or {"affirmed"})


@pytest.mark.parametrize(
    ("label", "least"), [("negated", 0.95), ("historical", 0.72), ("hypothetical", 0.85), ("family", 0.9)]
)
def test_the_list_is_judged_as_the_project_asks(label: str, least: float) -> None:
    counts: Counter[str] = Counter()
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 200
    for row in rows:
        expected, said = label in row["expected"].split("+"), label in judged(row["text"])
        counts[f"{expected} {said}"] += 1
    right = counts["True True"]
    assert 2 * right / (2 * right + counts["True False"] + counts["False True"]) >= least


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
