"""Measures what the privacy gate lets through of names and other identifiers that nothing announced.

    .venv/bin/python benchmarks/gate_leaks.py [FILE.jsonl ...] [--misses N]

Each text goes through ``outgoing`` of a fresh session, with the detector of this machine. A file holds one JSON
object a line: {"id", "text", "spans": [[start, end, type], ...]}. Without files it reads the held-out notes and queries
of the tests, and the development set where that is at hand. Names are spans of type NAME; "in scope" leaves out bare
years, ages under 90, states and countries, as benchmarks/pii.py does.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pii import SETS, out_of_scope

from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.surrogates import surrogate_spans
from openmed_agent.privacy.vault import Vault


@dataclass
class Leaks:
    """Spans and documents with anything left, and characters."""

    spans: int = 0
    open_spans: int = 0
    whole_spans: int = 0
    characters: int = 0
    open_characters: int = 0
    documents: int = 0
    open_documents: int = 0

    def add(self, spans: Sequence[set[int]], covered: set[int]) -> None:
        """Count the spans of one document."""
        self.spans += len(spans)
        self.open_spans += sum(bool(span - covered) for span in spans)
        self.whole_spans += sum(not span & covered for span in spans)
        self.characters += sum(map(len, spans))
        self.open_characters += sum(len(span - covered) for span in spans)
        self.documents += bool(spans)
        self.open_documents += any(span - covered for span in spans)

    def __str__(self) -> str:
        """Return the figures."""
        return (
            f"{self.open_characters / max(1, self.characters):.4f} of {self.characters} characters left; "
            f"{self.whole_spans} whole and {self.open_spans - self.whole_spans} parts of {self.spans}; "
            f"{self.open_documents} of {self.documents} documents"
        )


async def detector(text: str) -> Sequence[PiiFinding]:
    """Return what the embedded detector finds."""
    return detect(text)


def letters(text: str, start: int, end: int) -> set[int]:
    """Return the places of letters and digits."""
    return {place for place in range(start, end) if text[place].isalnum()}


def covered_places(gate: ModelGate, sent: str) -> Iterator[int]:
    """Yield the places of the original that surrogates stand for."""
    place = done = 0
    for start, end in surrogate_spans(sent):
        place += len(gate.shown(sent[done:start]).text)
        length = len(gate.shown(sent[start:end]).text)
        yield from range(place, place + length)
        place, done = place + length, end


async def measure(name: str, documents: Sequence[dict[str, Any]], most_misses: int) -> None:
    """Print the figures of one set."""
    names, all_kinds, words, extra = Leaks(), Leaks(), 0, 0
    misses: list[str] = []
    for document in documents:
        text: str = document["text"]
        gate = ModelGate(PhiMode.DEID, Vault(), detector)
        sent = await gate.outgoing(text)
        if gate.shown(sent).text != text:
            raise SystemExit(f"document {document['id']} does not come back as it was")
        covered = set(covered_places(gate, sent))
        gold = [(letters(text, start, end), start, end, kind) for start, end, kind in document["spans"]]
        scoped = [each for each in gold if not out_of_scope(text[each[1] : each[2]], each[3])]
        names.add([each[0] for each in scoped if each[3] == "NAME"], covered)
        all_kinds.add([each[0] for each in scoped], covered)
        other = letters(text, 0, len(text)) - set().union(*(each[0] for each in gold))
        words += len(other)
        extra += len(other & covered)
        misses += [
            f"{text[start:end]!r} in {text[max(0, start - 40) : end + 30]!r}"
            for span, start, end, kind in scoped
            if kind == "NAME" and span - covered
        ]
    print(f"{name}: {len(documents)} documents")
    print(f"  names       : {names}")
    print(f"  identifiers : {all_kinds}")
    print(f"  replaced without being one: {extra / max(1, words):.4f} of {words} characters")
    for miss in misses[:most_misses]:
        print(f"    {miss}")


def main() -> None:
    """Print the figures of each file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--misses", type=int, default=0, help="print this many names of which something is left")
    options = parser.parse_args()
    for file in options.files or [file for file in SETS if file.exists()]:
        documents = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        asyncio.run(measure(file.name, documents, options.misses))


if __name__ == "__main__":
    main()
