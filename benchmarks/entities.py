"""Precision, recall and F of the embedded entity models on two public corpora, with speed and memory.

    python benchmarks/entities.py FOLDER      # holds bc5cdr_*.tsv and ncbi_disease_*.txt
    python benchmarks/entities.py FOLDER --weights OTHER --part devel    # OTHER was trained on the other part

The shipped weights learned from both parts of BC5CDR, so their figures on either are fitted and marked so. Unseen
figures need weights of one part on the other: ``scripts/train_entity_models.py FOLDER --part train --out OTHER``.

Exact: same first and last character. Overlap: at least one shared character, each gold mention counted once.
"""

import argparse
import resource
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openmed_agent.planes.inference.entities.sequence import SequenceModel

Spans = set[tuple[int, int]]
_MENTION_FIELDS = 5
_ABSTRACT = 9


@dataclass(frozen=True, slots=True)
class Document:
    """A text and its gold spans."""

    text: str
    spans: Spans


def bc5cdr(path: Path, label: str) -> Iterator[Document]:
    """Yield the sentences of an IOB file; words are joined as the corpus was cut, punctuation without spaces."""
    words: list[tuple[str, str]] = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.strip():
            word, tag = line.split("\t")[:2]
            words.append((word, tag))
        elif words:
            yield _sentence(words, label)
            words = []


def _sentence(words: list[tuple[str, str]], label: str) -> Document:
    text = ""
    spans: list[tuple[int, int]] = []
    for word, tag in words:
        tight = not text or (word in {",", ".", ")", "]", "'", ";", ":", "-", "/", "%", "s"} and text[-1] != " ")
        tight = tight or text[-1:] in {"(", "[", "-", "/"} or (text[-1:] == "'" and word == "s")
        if word == "s" and text[-1:] != "'":
            tight = False
        start = len(text) + (0 if tight else 1)
        text += ("" if tight else " ") + word
        if tag == f"B-{label}":
            spans.append((start, len(text)))
        elif tag == f"I-{label}" and spans:
            spans[-1] = (spans[-1][0], len(text))
    return Document(text, set(spans))


def ncbi(path: Path) -> Iterator[Document]:
    """Yield the abstracts of a PubTator file."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        lines = block.strip().splitlines()
        text = lines[0].split("|", 2)[2] + "\n" + lines[1].split("|", 2)[2]
        spans = {(int(f[1]), int(f[2])) for line in lines[2:] if len(f := line.split("\t")) >= _MENTION_FIELDS}
        yield Document(text, spans)


def by_nines(documents: list[Document]) -> Iterator[Document]:
    """Yield nine sentences at a time as one text, about an abstract; the file does not say where each begins."""
    for at in range(0, len(documents), _ABSTRACT):
        text, spans = "", set()
        for document in documents[at : at + _ABSTRACT]:
            start = len(text) + 1 if text else 0
            text = f"{text} {document.text}" if text else document.text
            spans |= {(first + start, last + start) for first, last in document.spans}
        yield Document(text, spans)


def apart(path: Path, label: str) -> Iterator[Document]:
    """Yield the sentences of an IOB file with a blank between all words and marks."""
    for block in path.read_text(encoding="utf-8").strip().split("\n\n"):
        text, spans = "", []
        for line in block.splitlines():
            word, tag = line.split("\t")[:2]
            start = len(text) + 1 if text else 0
            text = f"{text} {word}" if text else word
            if tag == f"B-{label}":
                spans.append((start, len(text)))
            elif tag == f"I-{label}" and spans:
                spans[-1] = (spans[-1][0], len(text))
        yield Document(text, set(spans))


def measure(name: str, documents: list[Document], model: str, *, reader: "SequenceModel | None", show: int) -> None:
    """Print one line of figures, and the most frequent errors where asked."""
    from openmed_agent.planes.inference.entities.engine import find_entities  # noqa: PLC0415 - timed apart

    counts: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for document in documents:
        found = {(f.start, f.end) for f in find_entities(document.text, model=model, reader=reader)}
        counts["gold"] += len(document.spans)
        counts["found"] += len(found)
        counts["exact"] += len(found & document.spans)
        counts["gold_touched"] += sum(any(s < b and a < e for a, b in found) for s, e in document.spans)
        counts["found_touching"] += sum(any(s < b and a < e for a, b in document.spans) for s, e in found)
        missed.update(document.text[s:e].lower() for s, e in document.spans - found)
        false.update(document.text[s:e].lower() for s, e in found - document.spans)
    exact = _f(counts["exact"] / counts["found"], counts["exact"] / counts["gold"])
    overlap = _f(counts["found_touching"] / counts["found"], counts["gold_touched"] / counts["gold"])
    print(f"{name:44} {counts['gold']:6}  exact {exact}   overlap {overlap}")
    if show:
        print("  missed:", ", ".join(f"{text} {n}" for text, n in missed.most_common(show)))
        print("  false: ", ", ".join(f"{text} {n}" for text, n in false.most_common(show)))


def _f(precision: float, recall: float) -> str:
    return f"P {precision:.3f} R {recall:.3f} F {2 * precision * recall / (precision + recall):.3f}"


def speed(text: str) -> None:
    """Print load time, throughput and memory on ``text``."""
    start = perf_counter()
    from openmed_agent.planes.inference.entities.engine import MODELS, find_entities  # noqa: PLC0415 - timed apart

    for model in MODELS:
        find_entities("warm", model=model)
    print(f"all six models ready in {perf_counter() - start:.2f} s")
    for model in ("disease_detection_superclinical", "chemical_detection_pubmed", "pharma_detection_superclinical"):
        start = process_time()
        find_entities(text, model=model)
        print(f"{model}: {len(text) / (process_time() - start):,.0f} characters/s")
    unit = 1 if sys.platform == "darwin" else 1024
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:.0f} MB")


def readers(folder: Path | None) -> tuple["SequenceModel | None", "SequenceModel | None"]:
    """Return the models of diseases and of chemicals in ``folder``; None stands for those that are shipped."""
    from openmed_agent.planes.inference.entities.lexicon import Kind  # noqa: PLC0415 - timed apart
    from openmed_agent.planes.inference.entities.sequence import (  # noqa: PLC0415 - timed apart
        WEIGHTS,
        SequenceModel,
        weights_in,
    )

    if folder is None:
        return None, None
    disease, chemical = (
        SequenceModel(weights_in((folder / WEIGHTS[kind]).read_bytes())) for kind in (Kind.DISEASE, Kind.CHEMICAL)
    )
    return disease, chemical


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, help="weights to read with instead of the shipped ones")
    parser.add_argument("--part", choices=("train", "devel"), default="devel", help="the part of BC5CDR to read")
    parser.add_argument("--errors", type=int, default=0, help="how many frequent errors to list")
    arguments = parser.parse_args()
    path, show = arguments.folder / f"bc5cdr_{arguments.part}.tsv", arguments.errors
    sentences = list(bc5cdr(path, "Disease"))
    speed("\n".join(document.text for document in sentences))
    disease, chemical = readers(arguments.weights)
    fitted = "" if arguments.weights else " (fitted)"
    for kind, label, model, reader in (
        ("disease", "Disease", "disease_detection_superclinical", disease),
        ("chemical", "Chemical", "chemical_detection_pubmed", chemical),
    ):
        name = f"BC5CDR {arguments.part}{fitted}, {kind}"
        sentences = list(bc5cdr(path, label))
        measure(name, sentences, model, reader=reader, show=show)
        measure(f"{name}, nine sentences", list(by_nines(sentences)), model, reader=reader, show=0)
        measure(f"{name}, set apart", list(apart(path, label)), model, reader=reader, show=0)
    unseen = list(ncbi(arguments.folder / "ncbi_disease_dev.txt"))  # the shipped weights learned from its train part
    measure("NCBI dev, disease", unseen, "disease_detection_superclinical", reader=None, show=show)


if __name__ == "__main__":
    main()
