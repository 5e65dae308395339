"""Search and look up one installed terminology.

The index keeps terms in the order from general to specific, so the first few hundred that hold all words of a
query are the ones worth ranking. ``matched`` and ``score`` mean what they mean for ICD-10-CM.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from openmed_agent.planes.codes.contract import Concept, IcdCandidate, Matched, Release
from openmed_agent.planes.codes.releases.contract import Detail, TermConcept
from openmed_agent.planes.codes.releases.index_file import IndexFile
from openmed_agent.planes.codes.releases.nearest import nearest_word
from openmed_agent.planes.codes.releases.systems import System
from openmed_agent.planes.codes.releases.term_build import TITLE, UNRANKED, plain_code
from openmed_agent.planes.codes.releases.term_words import term_words

_RANKED: Final = 300
_MOST_WORDS: Final = 12
_SHORTEST_PREFIX: Final = 3
_MOST_CHILDREN: Final = 200
_FEWEST_TO_LEAVE_OUT: Final = 3
_EXACT, _SYNONYM, _ALL_WORDS_BASE, _ALL_WORDS_RANGE, _COMMON = 0.99, 0.97, 0.5, 0.3, 0.08
_PREFIX_FACTOR, _FUZZY_FACTOR, _PARTIAL_FACTOR = 0.8, 0.7, 0.5
_COMMONEST: Final = 20_000
_COLUMNS: Final = "c.code, c.display, c.billable, c.rank"
_SELECT_ENTRIES: Final = f"""
SELECT e.kind, e.said, {_COLUMNS}
FROM (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?) AS hit
JOIN entry AS e ON e.id = hit.rowid JOIN concept AS c ON c.id = e.concept
"""  # noqa: S608 - names of ours only
_SELECT_CODES: Final = f"""
SELECT {_COLUMNS} FROM concept AS c WHERE c.plain >= ? AND c.plain < ? ORDER BY length(c.plain), c.plain LIMIT ?
"""  # noqa: S608 - names of ours only
_SELECT_CONCEPT: Final = "SELECT id, code, display, kind, billable, details FROM concept WHERE code = ? OR plain = ?"
_SELECT_PARENTS: Final = """
SELECT c.code, c.display, c.billable FROM link AS l JOIN concept AS c ON c.id = l.parent WHERE l.child = ? ORDER BY c.id
"""
_SELECT_CHILDREN: Final = """
SELECT c.code, c.display, c.billable FROM link AS l JOIN concept AS c ON c.id = l.child WHERE l.parent = ?
ORDER BY c.id LIMIT ?
"""
_SELECT_SYNONYMS: Final = "SELECT term FROM entry WHERE concept = ? AND kind = 1 ORDER BY id"


@dataclass(frozen=True, slots=True)
class _Hit:
    code: str
    display: str
    billable: bool
    rank: int
    score: float
    matched: Matched

    def order(self) -> tuple[float, int, int, str]:
        """Return the sorting key: the better score, then the commoner, then the shorter."""
        return (-round(self.score, 3), self.rank, len(self.display), self.code)


class TermIndex:
    """Search and concepts of one release; safe to use from many threads."""

    def __init__(self, file: IndexFile) -> None:
        self._file = file

    @property
    def release(self) -> Release:
        """The release that answers."""
        return self._file.release

    @property
    def system(self) -> System:
        """The system of the release."""
        return self._file.system

    def search(self, query: str, *, limit: int, billable_only: bool = False) -> tuple[IcdCandidate, ...]:
        """Return up to ``limit`` candidates, best first; none where nothing fits."""
        best: dict[str, _Hit] = {}
        for hit in [*self._code_hits(query, limit), *self._term_hits(query)]:
            if billable_only and not hit.billable:
                continue
            if hit.code not in best or hit.order() < best[hit.code].order():
                best[hit.code] = hit
        return tuple(
            IcdCandidate(
                code=hit.code,
                display=hit.display,
                billable=hit.billable,
                score=f"{hit.score:.3f}",
                matched=hit.matched,
            )
            for hit in sorted(best.values(), key=_Hit.order)[:limit]
        )

    def concept(self, code: str) -> TermConcept | None:
        """Return the concept with this code, in any case and with or without dot, or None."""
        connection = self._file.connection()
        row = connection.execute(_SELECT_CONCEPT, (code, plain_code(code))).fetchone()
        if row is None:
            return None
        identifier, found, display, kind, billable, details = row
        children = connection.execute(_SELECT_CHILDREN, (identifier, _MOST_CHILDREN)).fetchall()
        total = connection.execute("SELECT count(*) FROM link WHERE parent = ?", (identifier,)).fetchone()[0]
        return TermConcept(
            code=found,
            display=display,
            kind=kind,
            billable=bool(billable),
            parents=_concepts(connection.execute(_SELECT_PARENTS, (identifier,))),
            children=_concepts(children),
            children_total=total,
            synonyms=tuple(term for (term,) in connection.execute(_SELECT_SYNONYMS, (identifier,))),
            details=_details(details),
            release=self.release,
        )

    def _code_hits(self, query: str, limit: int) -> list[_Hit]:
        plain = plain_code(query)
        if not plain.isascii() or not any(character.isdigit() for character in plain) or " " in plain:
            return []
        rows = self._file.connection().execute(_SELECT_CODES, (plain, f"{plain}~", limit))
        return [
            _Hit(code, display, bool(billable), rank, 1.0, "exact_code")
            if plain_code(code) == plain
            else _Hit(code, display, bool(billable), rank, 0.6, "prefix")
            for code, display, billable, rank in rows
        ]

    def _term_hits(self, query: str) -> list[_Hit]:
        words = term_words(query)[:_MOST_WORDS]
        if not words:
            return []
        hits = self._ranked(words, _all_of(words))
        if hits:
            return hits
        if len(words[-1]) >= _SHORTEST_PREFIX:
            hits = self._ranked(words, f"{_all_of(words)}*")
        return _lowered(hits, _PREFIX_FACTOR, "prefix") or self._fuzzy(words)

    def _fuzzy(self, words: tuple[str, ...]) -> list[_Hit]:
        """Return what fits once unknown words are respelt, or else once one word is left out."""
        connection = self._file.connection()
        respelt = tuple(word if self._knows(word) else nearest_word(connection, word) or word for word in words)
        if respelt != words:
            hits = self._ranked(respelt, _all_of(respelt))
            if hits:
                return _lowered(hits, _FUZZY_FACTOR, "fuzzy")
        if len(words) < _FEWEST_TO_LEAVE_OUT:
            return []
        fewer = [tuple(word for word in respelt if word != left_out) for left_out in respelt]
        found = [hit for kept in fewer for hit in self._ranked(kept, _all_of(kept))]
        return _lowered(found, _PARTIAL_FACTOR, "fuzzy")

    def _knows(self, word: str) -> bool:
        found = self._file.connection().execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (f'"{word}"',))
        return found.fetchone() is not None

    def _ranked(self, words: tuple[str, ...], match: str) -> list[_Hit]:
        rows = self._file.connection().execute(_SELECT_ENTRIES, (match, _RANKED))
        return [
            _Hit(code, display, bool(billable), rank, *_scored(frozenset(words), kind, text, rank))
            for kind, text, code, display, billable, rank in rows
        ]


def _scored(asked: frozenset[str], kind: int, text: str, rank: int) -> tuple[float, Matched]:
    words = set(text.split())
    if words == asked and kind <= 1:
        return (_EXACT, "exact_term") if kind == TITLE else (_SYNONYM, "synonym")
    common = _COMMON * (1 - rank / _COMMONEST) if rank < min(_COMMONEST, UNRANKED) else 0.0
    return _ALL_WORDS_BASE + _ALL_WORDS_RANGE * len(words & asked) / max(1, len(words)) + common, "all_words"


def _all_of(words: Iterable[str]) -> str:
    return " ".join(f'"{word}"' for word in words)


def _lowered(hits: Iterable[_Hit], factor: float, matched: Matched) -> list[_Hit]:
    return [replace(hit, score=hit.score * factor, matched=matched) for hit in hits]


def _concepts(rows: Iterable[tuple[str, str, int]]) -> tuple[Concept, ...]:
    return tuple(Concept(code=code, display=display, billable=bool(billable)) for code, display, billable in rows)


def _details(text: str) -> tuple[Detail, ...]:
    stated: dict[str, str | list[str]] = json.loads(text) if text else {}
    return tuple(
        Detail(name=name, values=tuple(value) if isinstance(value, list) else (value,))
        for name, value in stated.items()
    )
