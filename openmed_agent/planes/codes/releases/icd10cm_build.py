"""Write the index of an installed release of ICD-10-CM, the same that the packaged release has.

Rows of the order file and of the tabular list are staged as they are read. The index is made from the finished stage,
which is small enough to be held in memory.
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.codes import icd_build
from openmed_agent.planes.codes.icd_concepts import dotted
from openmed_agent.planes.codes.icd_source import Kind, SourceConcept
from openmed_agent.planes.codes.progress import Progress, ProgressCallback
from openmed_agent.planes.codes.releases.archive import shown
from openmed_agent.planes.codes.releases.stage import Stage
from openmed_agent.planes.codes.releases.tabular import Diagnosis

STAGE_TABLES: Final = """
CREATE TABLE listed (
    plain TEXT NOT NULL, display TEXT NOT NULL, parent TEXT NOT NULL, billable INTEGER NOT NULL, notes TEXT NOT NULL,
    sevenths TEXT NOT NULL);
CREATE TABLE ordered (plain TEXT NOT NULL, display TEXT NOT NULL, billable INTEGER NOT NULL);
"""
_CATEGORY, _EXTENDED = 3, 7
_SELECT_LISTED: Final = "SELECT plain, display, parent, billable, notes, sevenths FROM listed ORDER BY rowid"
_SELECT_ORDERED: Final = "SELECT plain, display, billable FROM ordered ORDER BY rowid"


class IcdIndexWriter:
    """Takes the rows of a release into ``stage``, then writes the index ``target``, which must not exist."""

    def __init__(self, target: Path, stage: Stage, source: str, progress: ProgressCallback) -> None:
        self._target = target
        self._stage = stage
        self._source = source
        self._progress = progress

    def add_listed(self, found: Diagnosis) -> None:
        """Add a code of the tabular list."""
        notes = json.dumps(found.notes, ensure_ascii=False) if found.notes else ""
        sevenths = json.dumps(found.sevenths, ensure_ascii=False) if found.sevenths else ""
        plain = found.code.replace(".", "")
        self._stage.add("listed", (plain, found.display, found.parent, found.is_billable, notes, sevenths))

    def add_ordered(self, plain: str, title: str, *, is_billable: bool) -> None:
        """Add a row of the order file; ``plain`` is the code without dot."""
        self._stage.add("ordered", (plain, title, is_billable))

    def finish(self) -> int:
        """Write the index and return its number of concepts; with an order file, its codes and titles are taken.

        Raises:
            InputError: there is none, or a code comes twice.

        """
        self._stage.complete("")
        connection = sqlite3.connect(f"{self._stage.path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            listed = self._unique(_listed(connection))
            ordered = self._unique(_ordered(connection, listed))
        finally:
            connection.close()
        concepts = ordered or listed
        if not concepts:
            raise InputError(f"{shown(self._source)} holds no code.", remedy="Check that this is the whole release.")
        icd_build.write_index([concepts[code] for code in sorted(concepts)], self._target, self._report)
        return len(concepts)

    def _unique(self, concepts: Iterator[SourceConcept]) -> dict[str, SourceConcept]:
        found: dict[str, SourceConcept] = {}
        for concept in concepts:
            if concept.code in found:
                raise InputError(
                    f"{shown(self._source)} has the same code twice.",
                    remedy="Hand over one release only; nothing was changed.",
                )
            found[concept.code] = concept
        return found

    def _report(self, done: int, total: int) -> None:
        self._progress(Progress(done, total, "Indexing ICD-10-CM"))


def _listed(connection: sqlite3.Connection) -> Iterator[SourceConcept]:
    for plain, display, parent, billable, notes, sevenths in connection.execute(_SELECT_LISTED):
        held = {name: tuple(texts) for name, texts in (json.loads(notes) if notes else {}).items()}
        meanings = json.loads(sevenths) if sevenths else {}
        yield SourceConcept(
            dotted(plain),
            display,
            _kind(plain, parent),
            parent,
            bool(billable),
            seventh_characters=tuple(meanings.items()),
            **held,
        )


def _ordered(connection: sqlite3.Connection, listed: dict[str, SourceConcept]) -> Iterator[SourceConcept]:
    """Yield the codes of the order file, below the longest header before them, with the notes of the tabular list."""
    headers: set[str] = set()
    for plain, display, billable in connection.execute(_SELECT_ORDERED):
        above = next((plain[:size] for size in range(len(plain) - 1, 2, -1) if plain[:size] in headers), "")
        if not billable:
            headers.add(plain)
        code, parent = dotted(plain), dotted(above)
        noted = listed.get(code) or SourceConcept(code, display, "category", parent, billable=False)
        yield noted._replace(display=display, kind=_kind(plain, parent), parent=parent, billable=bool(billable))


def _kind(plain: str, parent: str) -> Kind:
    if len(plain) == _EXTENDED and parent:
        return "extension"
    return "category" if len(plain) == _CATEGORY else "subcategory"
