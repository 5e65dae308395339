"""Concepts of ICD-10-CM by code: hierarchy, notes, 7th characters, and whether a code can be reported."""

import datetime as dt
import json
import re
import sqlite3
from typing import Final

from openmed_agent.planes.codes.contract import (
    Concept,
    IcdConcept,
    IcdNotes,
    IcdValidateReply,
    IcdValidation,
    InheritedNotes,
    SeventhCharacter,
)
from openmed_agent.planes.codes.icd_index import IN_FORCE_FROM, IN_FORCE_UNTIL, IcdIndex

_CODE: Final = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?\Z")
_SUGGESTED, _SUGGESTED_FOR_MANY, _MANY = 10, 3, 100
_SHORTEST_CODE: Final = 3
_COLUMNS: Final = "id, code, display, billable, kind, parent, notes, sevenths, plain_case"
_CODED: Final = "kind NOT IN ('chapter', 'block')"

_Row = tuple[int, str, str, int, str, int | None, str, str, int | None]


def normal_code(text: str) -> str | None:
    """Return ``text`` without dot and outer spaces in capitals, or None where it has not the shape of a code.

    Only ASCII counts: a look-alike letter is not a code.
    """
    code = text.strip().upper()
    return code.replace(".", "") if text.isascii() and _CODE.match(code) else None


class IcdConcepts:
    """Look-ups over one index."""

    def __init__(self, index: IcdIndex) -> None:
        self._index = index

    def concept(self, text: str) -> IcdConcept | None:
        """Return the concept with this code (a range such as ``I30-I5A`` is a block), or None."""
        row = self._row(normal_code(text)) or self._range(text)
        if row is None:
            return None
        ancestors = self._ancestors(row[5])
        return IcdConcept(
            code=row[1],
            display=row[2],
            billable=bool(row[3]),
            kind=row[4],
            parents=tuple(_titled(ancestor) for ancestor in ancestors),
            children=tuple(_titled(child) for child in self._children(row[0])),
            notes=_notes(row[6]),
            inherited_notes=tuple(
                InheritedNotes(code=ancestor[1], notes=_notes(ancestor[6])) for ancestor in ancestors if ancestor[6]
            ),
            seventh_characters=_sevenths([row, *ancestors]),
            release=self._index.release,
        )

    def exists(self, text: str) -> bool:
        """Return whether this is a code of the release."""
        return self._row(normal_code(text)) is not None

    def validate(self, codes: tuple[str, ...], date: dt.date | None) -> IcdValidateReply:
        """Return for each code whether it can be reported under this release, and if not, why and what can."""
        covered = None if date is None else IN_FORCE_FROM <= date <= IN_FORCE_UNTIL
        note = ""
        if covered is False:
            note = (
                f"{self._index.release.version} is in force from {IN_FORCE_FROM} to {IN_FORCE_UNTIL}; "
                f"for {date} the release of that date decides."
            )
        suggested = _SUGGESTED if len(codes) <= _MANY else _SUGGESTED_FOR_MANY
        validated = {code: self._validated(code, note, suggested) for code in dict.fromkeys(codes)}
        return IcdValidateReply(
            results=tuple(validated[code] for code in codes),
            date=date,
            date_covered=covered,
            release=self._index.release,
        )

    def _validated(self, text: str, note: str, suggested: int) -> IcdValidation:
        plain = normal_code(text)
        row = self._row(plain)
        if plain is None:
            return _invalid(text, "This does not have the form of an ICD-10-CM code.")
        if row is None:
            return _invalid(
                text, f"There is no such code in {self._index.release.version}.", self._nearby(plain, suggested)
            )
        if not row[3]:
            return IcdValidation(
                code=row[1],
                valid=False,
                exists=True,
                billable=False,
                reason=_needs_more(row),
                suggestions=self._billable_below(row, suggested),
            )
        return IcdValidation(code=row[1], valid=True, exists=True, billable=True, reason=note)

    def _nearby(self, plain: str, suggested: int) -> tuple[Concept, ...]:
        """Return what can be reported under the longest part of a wrong code that exists."""
        for length in range(len(plain) - 1, _SHORTEST_CODE - 1, -1):
            row = self._row(plain[:length])
            if row is not None:
                return (_titled(row),) if row[3] else self._billable_below(row, suggested)
        return ()

    def _billable_below(self, row: _Row, suggested: int) -> tuple[Concept, ...]:
        plain = row[1].replace(".", "")
        rows: list[_Row] = self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept WHERE plain > ? AND plain < ? AND billable AND {_CODED} "  # noqa: S608
            "ORDER BY id = ? DESC, id LIMIT ?",
            (plain, f"{plain}~", row[8], suggested),
        ).fetchall()
        return tuple(_titled(found) for found in rows)

    def _row(self, plain: str | None) -> _Row | None:
        if plain is None:
            return None
        return self._one(f"WHERE plain = ? AND {_CODED}", plain)

    def _range(self, text: str) -> _Row | None:
        code = text.strip().upper()
        return self._one(f"WHERE code = ? AND NOT {_CODED}", code) if code.isascii() else None

    def _ancestors(self, parent: int | None) -> list[_Row]:
        found: list[_Row] = []
        while parent is not None:
            row = self._one("WHERE id = ?", parent)
            if row is None:
                break
            found.append(row)
            parent = row[5]
        return found

    def _children(self, identifier: int) -> list[_Row]:
        return self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept WHERE parent = ? ORDER BY id",  # noqa: S608 - names of ours only
            (identifier,),
        ).fetchall()

    def _one(self, condition: str, value: object) -> _Row | None:
        row: _Row | None = self._connection.execute(
            f"SELECT {_COLUMNS} FROM concept {condition}",  # noqa: S608 - conditions of ours only
            (value,),
        ).fetchone()
        return row

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._index.connection()


def _titled(row: _Row) -> Concept:
    return Concept(code=row[1], display=row[2], billable=bool(row[3]))


def _notes(text: str) -> IcdNotes:
    return IcdNotes.model_validate_json(text) if text else IcdNotes()


def _sevenths(lineage: list[_Row]) -> tuple[SeventhCharacter, ...]:
    """Return the 7th characters defined nearest above, for codes that take one."""
    if lineage[0][4] not in {"category", "subcategory"}:
        return ()
    for row in lineage:
        if row[7]:
            return tuple(
                SeventhCharacter(character=character, meaning=meaning) for character, meaning in json.loads(row[7])
            )
    return ()


def _needs_more(row: _Row) -> str:
    if row[7]:
        return f"{row[1]} needs a 7th character, with X in the places between."
    return f"{row[1]} is not specific enough to be reported; choose a code below it."


def _invalid(code: str, reason: str, suggestions: tuple[Concept, ...] = ()) -> IcdValidation:
    return IcdValidation(code=code, valid=False, exists=False, billable=False, reason=reason, suggestions=suggestions)
