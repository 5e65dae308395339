"""Measure the embedded PII detector: recall, precision, leaked documents, speed.

    .venv/bin/python benchmarks/pii.py [FILE.jsonl ...] [--misses N] [--extras N] [--layouts]
    .venv/bin/python benchmarks/pii.py --hostile [--language CODE]

Without files it reads the held-out notes of the tests (layouts, names and places that training never saw), the
held-out documents that are no notes (scripts/write_pii_documents.py) and the development set where that is at hand.
A file holds one JSON object a line: {"id", "text", "spans": [[start, end, type], ...]}; `--layouts` prints the
figures of each kind of document, the words before the colon of its "layout". Figures count letters and digits. "In
scope" leaves out gold spans that the default policy (docs, Safe Harbor) does not act on: bare years, ages under 90,
states and countries; a finding over such a span is neither right nor wrong. Speed is counted in processor time: the
first time a text is seen, and again, when its words are known.
`--hostile` prints what a megabyte of text made to cost time takes, from 100,000 characters of each kind. `--spacy`
unites the detector with the names that spaCy finds, as `openmed serve inference --spacy` does (extra `spacy`).
"""

import argparse
import base64
import collections
import json
import random
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openmed_agent.planes.inference.models.local_models import load_models
from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.merge import unite

ROOT = Path(__file__).parents[1]
HELD_OUT = ROOT / "tests/planes/inference/pii"
SETS = (
    HELD_OUT / "held_out_queries.jsonl",
    HELD_OUT / "held_out_notes.jsonl",
    HELD_OUT / "held_out_documents.jsonl",
    ROOT.parent / "shared/data/deid/presidio_research_v2.jsonl",
)
HOSTILE_SIZE = 100_000
HOSTILE_PIECES = (
    *(
        "1",
        "1 ",
        "1-",
        "2/11 ",
        "02/28/2024 ",
        "A ",
        "A.",
        "ABCDEFG ",
        "a@",
        "(",
        "[[",
        "Dr. ",
        "Mr. Dr. Prof. ",
        " ",
        "\n",
    ),
    *(" \n\t", "e\u0301", "9\u200b", "\u202eA ", "Smith, ", "SMITH,JOHN ", "John Smith ", "Boston, MA ", "12 Oak "),
    *(
        "Rua de ",
        "Calle de la ",
        "Am ",
        "de la ",
        "http://a.b/",
        ".com",
        "ab:",
        "MRN 123456 ",
        "Tel. Nr. (x) ",
        "***-**-",
    ),
    *("aЖ漢ع१ ", "张伟因胸痛入院", "北京市区", "さんの様", "محمد العتيبي ", "राम नगर ", "Ａ１ "),
)
Find = Callable[[str], Sequence[PiiFinding]]
OLDEST_AGE_KEPT = 89
DIGITS_OF_YEAR = 4


@dataclass
class Score:
    """Counts of characters, and of documents with at least one missed one."""

    found: int = 0
    missed: int = 0
    extra: int = 0
    leaked: int = 0
    documents: int = 0
    missed_texts: list[str] = field(default_factory=list)
    extra_texts: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the figures on one line."""
        recall = self.found / max(1, self.found + self.missed)
        precision = self.found / max(1, self.found + self.extra)
        return f"recall {recall:.3f} precision {precision:.3f} leaked documents {self.leaked}/{self.documents}"


def out_of_scope(text: str, kind: str) -> bool:
    """Say whether the default policy leaves such a span alone."""
    bare = text.strip()
    if kind == "AGE":
        return not bare.isdigit() or int(bare) <= OLDEST_AGE_KEPT
    if kind == "DATE":
        return bare.isdigit() and len(bare) == DIGITS_OF_YEAR
    return kind in {"LOCATION", "PLACE"} and plain(bare) in lexicon().regions


def characters(text: str, start: int, end: int) -> set[int]:
    """Return the positions of letters and digits in a span."""
    return {position for position in range(start, end) if text[position].isalnum()}


def add(score: Score, gold: set[int], ignored: set[int], found: set[int]) -> None:
    """Count one document."""
    missed, extra = gold - found - ignored, found - gold - ignored
    score.found += len((gold & found) - ignored)
    score.missed += len(missed)
    score.extra += len(extra)
    score.documents += bool(gold - ignored)
    score.leaked += bool(missed)


def main() -> None:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="print this many missed spans of each type")
    parser.add_argument("--extras", type=int, default=0, help="print this many false findings of each label")
    parser.add_argument("--layouts", action="store_true", help="print the figures of each kind of document")
    parser.add_argument("--hostile", action="store_true", help="print the cost of text made to cost time")
    parser.add_argument("--language", default="en", help="of the hostile text")
    parser.add_argument("--spacy", action="store_true", help="unite the names that spaCy finds")
    options = parser.parse_args()
    if options.hostile:
        print_hostile(options.language)
        return

    began = time.process_time()
    find = with_spacy() if options.spacy else detect
    find("Seen by Dr. Adams.")
    ready = time.process_time() - began
    for file in options.files or [file for file in SETS if file.exists()]:
        measure(file, find, misses_shown=options.misses, extras_shown=options.extras, layouts_shown=options.layouts)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"ready in {ready:.2f} s, {memory} MB")


def with_spacy() -> Find:
    """Return the detector united with the names that spaCy finds."""
    models = load_models(None, None, with_spacy=True)
    return lambda text: unite([*detect(text), *models.identifiers(text, model=None, threshold=0.5)], text)


def measure(file: Path, find: Find, *, misses_shown: int, extras_shown: int, layouts_shown: bool) -> None:
    """Print the figures of one file."""
    documents = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    whole, scoped = Score(), Score()
    misses: dict[str, list[str]] = collections.defaultdict(list)
    extras: dict[str, list[str]] = collections.defaultdict(list)
    kinds: dict[str, list[int]] = collections.defaultdict(lambda: [0, 0])
    layouts: dict[str, Score] = collections.defaultdict(Score)
    touched = clean = 0
    began = time.process_time()
    results = [find(document["text"]) for document in documents]
    seconds = time.process_time() - began
    began = time.process_time()
    for document in documents:
        find(document["text"])
    again = time.process_time() - began
    for document, findings in zip(documents, results, strict=True):
        text = document["text"]
        found = set().union(*(characters(text, f.start, f.end) for f in findings))
        gold: set[int] = set()
        ignored: set[int] = set()
        for start, end, kind in document["spans"]:
            span = characters(text, start, end)
            gold |= span
            if out_of_scope(text[start:end], kind):
                ignored |= span
            else:
                kinds[kind][0] += len(span & found)
                kinds[kind][1] += len(span)
                if span - found:
                    misses[kind].append(f"{text[start:end]!r} in {text[max(0, start - 40) : end + 30]!r}")
        for finding in findings:
            if not characters(text, finding.start, finding.end) & gold:
                extras[finding.label].append(
                    f"{text[finding.start : finding.end]!r} in {text[max(0, finding.start - 40) : finding.end + 30]!r}"
                )
        clean += not gold
        touched += not gold and bool(found)
        add(whole, gold, set(), found)
        add(scoped, gold, ignored, found)
        add(layouts[document.get("layout", "").partition(":")[0]], gold, ignored, found)
    size = sum(len(document["text"]) for document in documents)
    print(f"{file.name}: {len(documents)} documents, {size} characters")
    print(f"every gold span : {whole}")
    print(f"in scope        : {scoped}")
    for kind, (found_count, total) in sorted(kinds.items()):
        print(f"  {kind:<10} recall {found_count / max(1, total):.3f} of {total} characters")
    for layout, score in sorted(layouts.items()) if layouts_shown else ():
        print(f"  {layout:<12} {score}")
    print(f"documents without identifiers that were touched: {touched}/{clean}")
    print(f"{size / seconds:,.0f} characters per second of processor time, {size / again:,.0f} when seen before")
    show("missed", misses, misses_shown)
    show("false", extras, extras_shown)


def hostile_texts() -> dict[str, str]:
    """Return texts of one size that are made to cost time, by name."""
    draw = random.Random(1)  # noqa: S311 - reproducible, not secret
    texts = {repr(piece): (piece * HOSTILE_SIZE)[:HOSTILE_SIZE] for piece in HOSTILE_PIECES}
    texts["base64"] = base64.b64encode(draw.randbytes(HOSTILE_SIZE))[:HOSTILE_SIZE].decode()
    texts["random ASCII"] = "".join(chr(draw.randrange(32, 127)) for _ in range(HOSTILE_SIZE))
    words = (
        "".join(draw.choices("abcdefghijklmnop", k=draw.randrange(1, 9))).title() for _ in range(HOSTILE_SIZE // 2)
    )
    texts["made-up words"] = " ".join(words)[:HOSTILE_SIZE]
    texts["digits and a letter"] = "1" * (HOSTILE_SIZE - 1) + "x"
    return texts


def print_hostile(language: str) -> None:
    """Print the seconds of processor time that a megabyte of each hostile text takes, the dearest first."""
    detect("Seen by Dr. Adams.", language=language)
    costs = []
    for name, text in hostile_texts().items():
        began = time.process_time()
        detect(text, language=language)
        costs.append(((time.process_time() - began) * 1_000_000 / len(text), name))
    print(f"{language}: " + ", ".join(f"{name} {seconds:.1f}" for seconds, name in sorted(costs, reverse=True)))


def show(title: str, groups: dict[str, list[str]], limit: int) -> None:
    """Print the first examples of each group."""
    for name, examples in groups.items():
        for example in examples[:limit]:
            print(f"{title} {name}: {example}")


if __name__ == "__main__":
    main()
