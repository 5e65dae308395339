"""Precision, recall and F of negation, history, hypothesis and family on our own sentences, with speed.

    python benchmarks/assertion.py [FILE] [--errors]

FILE is CSV: a sentence with one mention in brackets, and what is expected of it, joined by "+" (``affirmed``,
``negated``, ``historical``, ``hypothetical``, ``family``, ``other``). Without FILE it is the list of our tests,
tests/clinical/assertion_sentences.csv.
"""

import argparse
import csv
from collections import Counter
from pathlib import Path
from time import process_time

from openmed_agent.clinical.assertion import Assertion, assess
from openmed_agent.text.spans import Span

SENTENCES = Path(__file__).parent.parent / "tests/clinical/assertion_sentences.csv"
LABELS = ("negated", "historical", "hypothetical", "family", "other")


def read(path: Path) -> list[tuple[str, Span, frozenset[str]]]:
    """Return the sentences without brackets, where their mention stands, and what is expected of it."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            head, rest = row["text"].split("[", 1)
            mention, tail = rest.split("]", 1)
            span = Span(len(head), len(head) + len(mention))
            found.append((head + mention + tail, span, frozenset(row["expected"].split("+"))))
    return found


def labels_of(assertion: Assertion) -> frozenset[str]:
    """Return the names of what an assertion says; ``affirmed`` where it says nothing."""
    said = {label for label in LABELS[:3] if getattr(assertion, label)}
    if assertion.experiencer != "patient":
        said.add(assertion.experiencer)
    return frozenset(said or {"affirmed"})


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", type=Path, nargs="?", default=SENTENCES)
    parser.add_argument("--errors", action="store_true", help="list every sentence that is judged otherwise")
    arguments = parser.parse_args()
    sentences = read(arguments.file)
    right, found, gold = Counter[str](), Counter[str](), Counter[str]()
    began = process_time()
    for text, span, expected in sentences:
        said = labels_of(assess(text, [span])[0])
        right.update(said & expected)
        found.update(said)
        gold.update(expected)
        if arguments.errors and said != expected:
            shown = f"{text[: span.start]}[{span.of(text)}]{text[span.end :]}"
            print(f"  expected {'+'.join(sorted(expected))}, said {'+'.join(sorted(said))}: {shown}")
    seconds = process_time() - began
    print(f"{len(sentences)} sentences, {sum(len(text) for text, _, _ in sentences) / seconds:,.0f} characters/s")
    for label in (*LABELS, "affirmed"):
        precision, recall = right[label] / max(1, found[label]), right[label] / max(1, gold[label])
        f = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{label:13} {gold[label]:4}  P {precision:.3f}  R {recall:.3f}  F {f:.3f}")


if __name__ == "__main__":
    main()
