"""Precision, recall and F of negation, history, hypothesis, doubt and family on our own sentences, with speed.

    python benchmarks/assertion.py [FILE ...] [--summary] [--errors]

A FILE is CSV: a sentence with one mention in brackets, and what is expected of it, joined by "+" (``affirmed``,
``negated``, ``historical``, ``listed``, ``hypothetical``, ``uncertain``, ``family``, ``other``). ``listed`` is what a
past history tells without saying that it is over, or denies: historical in the reading of a mention (the default,
after the guidelines of ConText), not in that of a summary (``--summary``), in which what is uncertain is hypothetical.
Without FILE they are the lists of our tests, tests/clinical/assertion_*.csv.
"""

import argparse
import csv
import re
from collections import Counter
from pathlib import Path
from time import process_time

from openmed_agent.clinical.assertion import Assertion, Reading, assess
from openmed_agent.text.spans import Span

LISTS = Path(__file__).parent.parent / "tests/clinical"
LABELS = ("negated", "historical", "hypothetical", "uncertain", "family", "other")
# A bracket behind capitals is a placeholder of de-identified text: "**DATE[Mar 03 2007]".
MENTION = re.compile(r"(?<![A-Z])\[([^\]]+)\]")


def read(path: Path, reading: Reading) -> list[tuple[str, Span, frozenset[str]]]:
    """Return the sentences without brackets, where their mention stands, and what is expected of it."""
    found = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            mark = MENTION.search(row["text"])
            if mark is None:
                raise ValueError(f"{path.name} has a sentence without a mention in brackets.")
            text = row["text"][: mark.start()] + mark[1] + row["text"][mark.end() :]
            found.append((text, Span(mark.start(), mark.end() - 2), expected(row["expected"], reading)))
    return found


def expected(labels: str, reading: Reading) -> frozenset[str]:
    """Return what is expected in a reading, of the labels of a list."""
    renamed = {"listed": "historical"} if reading is Reading.MENTION else {"uncertain": "hypothetical", "listed": ""}
    return frozenset(renamed.get(label, label) for label in labels.split("+")) - {""} or frozenset({"affirmed"})


def labels_of(assertion: Assertion) -> frozenset[str]:
    """Return the names of what an assertion says; ``affirmed`` where it says nothing."""
    said = {label for label in LABELS[:4] if getattr(assertion, label)}
    if assertion.experiencer != "patient":
        said.add(assertion.experiencer)
    return frozenset(said or {"affirmed"})


def measure(path: Path, reading: Reading, *, errors: bool) -> None:
    """Print the table of one list."""
    sentences = read(path, reading)
    right, found, gold = Counter[str](), Counter[str](), Counter[str]()
    began = process_time()
    for text, span, wanted in sentences:
        said = labels_of(assess(text, [span], reading=reading)[0])
        right.update(said & wanted)
        found.update(said)
        gold.update(wanted)
        if errors and said != wanted:
            shown = f"{text[: span.start]}[{span.of(text)}]{text[span.end :]}"
            print(f"  expected {'+'.join(sorted(wanted))}, said {'+'.join(sorted(said))}: {shown}")
    seconds = process_time() - began
    print(
        f"{path.name}: {len(sentences)} sentences, {sum(len(one[0]) for one in sentences) / seconds:,.0f} characters/s"
    )
    for label in (*LABELS, "affirmed"):
        precision, recall = right[label] / max(1, found[label]), right[label] / max(1, gold[label])
        f = 2 * precision * recall / max(1e-9, precision + recall)
        print(f"{label:13} {gold[label]:4}  P {precision:.3f}  R {recall:.3f}  F {f:.3f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("files", type=Path, nargs="*", default=sorted(LISTS.glob("assertion_*.csv")))
    parser.add_argument("--summary", action="store_true", help="read as a summary of a chart does")
    parser.add_argument("--errors", action="store_true", help="list every sentence that is judged otherwise")
    arguments = parser.parse_args()
    reading = Reading.SUMMARY if arguments.summary else Reading.MENTION
    for path in arguments.files:
        measure(path, reading, errors=arguments.errors)


if __name__ == "__main__":
    main()
