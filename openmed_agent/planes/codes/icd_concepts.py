"""Concepts of ICD-10-CM by code: hierarchy, notes and 7th characters."""

import json
import re
import sqlite3
from typing import Final, Literal, NamedTuple

from openmed_agent.planes.codes.contract import (
    Concept,
    IcdConcept,
    IcdNotes,
    InheritedNotes,
    Release,
    SeventhCharacter,
)
from openmed_agent.planes.codes.icd_index import OpenIndex

# A letter and a digit, and since FY2027 also QA.
_CODE: Final = re.compile(r"(?:[A-Z][0-9]|QA)[0-9A-Z](?:\.?[0-9A-Z]{1,4})?\Z")
_COLUMNS: Final = "id, code, plain, display, billable, kind, parent, notes, sevenths, plain_case"
_CODED: Final = "kind NOT IN ('chapter', 'block')"


class IcdRow(NamedTuple):
    """One row of the index; ``plain_case`` is the code for the case of which nothing more is said."""

    identifier: int
    code: str
    plain: str
    display: str
    billable: bool
    kind: Literal["chapter", "block", "category", "subcategory", "extension"]
    parent: int | None
    notes: str
    sevenths: str
    plain_case: int | None

    def titled(self) -> Concept:
        """Return the code with its title."""
        return Concept(code=self.code, display=self.display, billable=bool(self.billable))


def normal_code(text: str) -> str | None:
    """Return ``text`` without dot and outer spaces in capitals, or None where it has not the shape of a code.

    Only ASCII counts: a look-alike letter is not a code.
    """
    code = text.strip().upper()
    return code.replace(".", "") if text.isascii() and _CODE.match(code) else None


def dotted(plain: str) -> str:
    """Return a code in the notation of the classification."""
    return f"{plain[:3]}.{plain[3:]}" if len(plain) > len("A00") else plain


class IcdConcepts:
    """Look-ups over one index."""

    def __init__(self, index: OpenIndex) -> None:
        self._index = index

    @property
    def release(self) -> Release:
        """Return the release that is looked up."""
        return self._index.release

    def concept(self, text: str) -> IcdConcept | None:
        """Return the concept with this code (a range such as ``I30-I5A`` is a block), or None."""
        row = self.row(normal_code(text)) or self._range(text)
        if row is None:
            return None
        ancestors = self.ancestors(row)
        return IcdConcept(
            code=row.code,
            display=row.display,
            billable=bool(row.billable),
            kind=row.kind,
            parents=tuple(ancestor.titled() for ancestor in ancestors),
            children=tuple(child.titled() for child in self.children(row.identifier)),
            notes=_notes(row.notes),
            inherited_notes=tuple(
                InheritedNotes(code=ancestor.code, notes=_notes(ancestor.notes))
                for ancestor in ancestors
                if ancestor.notes
            ),
            seventh_characters=self.seventh_characters(row),
            release=self.release,
        )

    def exists(self, text: str) -> bool:
        """Return whether this is a code of the release."""
        return self.row(normal_code(text)) is not None

    def row(self, plain: str | None) -> IcdRow | None:
        """Return the category, subcategory or extension with this code, without dot."""
        return None if plain is None else self._one(f"WHERE plain = ? AND {_CODED}", plain)

    def ancestors(self, row: IcdRow) -> list[IcdRow]:
        """Return what stands above, the nearest first."""
        found: list[IcdRow] = []
        parent = row.parent
        while parent is not None:
            above = self._one("WHERE id = ?", parent)
            if above is None:
                break
            found.append(above)
            parent = above.parent
        return found

    def by_identifier(self, identifier: int | None) -> IcdRow | None:
        """Return the row with this number."""
        return None if identifier is None else self._one("WHERE id = ?", identifier)

    def children(self, identifier: int | None) -> list[IcdRow]:
        """Return what stands directly below, in the order of the classification."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept WHERE parent = ? ORDER BY id",  # noqa: S608 - names of ours only
            (identifier,),
        )
        return [IcdRow(*row) for row in rows]

    def billable_below(self, row: IcdRow, limit: int) -> tuple[Concept, ...]:
        """Return codes below that can be reported, the plain case first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept WHERE plain > ? AND plain < ? AND billable AND {_CODED} "  # noqa: S608
            "ORDER BY id = ? DESC, id LIMIT ?",
            (row.plain, f"{row.plain}~", row.plain_case, limit),
        )
        return tuple(IcdRow(*found).titled() for found in rows)

    def seventh_characters(self, row: IcdRow) -> tuple[SeventhCharacter, ...]:
        """Return the 7th characters defined nearest above, for codes that take one."""
        if row.kind not in {"category", "subcategory"}:
            return ()
        for held in (row, *self.ancestors(row)):
            if held.sevenths:
                return tuple(
                    SeventhCharacter(character=character, meaning=meaning)
                    for character, meaning in json.loads(held.sevenths)
                )
        return ()

    def _range(self, text: str) -> IcdRow | None:
        code = text.strip().upper()
        return self._one(f"WHERE code = ? AND NOT {_CODED}", code) if code.isascii() else None

    def _one(self, condition: str, value: object) -> IcdRow | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept {condition}",  # noqa: S608 - conditions of ours only
            (value,),
        ).fetchone()
        return None if row is None else IcdRow(*row)

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._index.connection()


def _notes(text: str) -> IcdNotes:
    return IcdNotes.model_validate_json(text) if text else IcdNotes()
