"""Search ICD-10-CM as a coder does: by code, by term, by abbreviation, with a slip of the pen.

The index keeps titles and notes in the order from general to specific, so the first few hundred that hold all
words of a query are the ones worth ranking. What an answer's ``matched`` and ``score`` promise is said at
``contract.IcdCandidate``.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import Final, NamedTuple, cast

from openmed_agent.planes.codes.contract import IcdCandidate, Matched
from openmed_agent.planes.codes.icd_body_mass import body_mass_code
from openmed_agent.planes.codes.icd_index import OpenIndex
from openmed_agent.planes.codes.icd_terms import Reading, freer_readings, meant_code, readings, term_vocabulary
from openmed_agent.planes.codes.icd_variants import assumed, same_place, stem, wider_place
from openmed_agent.planes.codes.icd_words import NEGATIONS, query_words, title_words
from openmed_agent.planes.codes.spelling import Speller

CODE_SHAPE: Final = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{0,4})?\Z")
_STATUS_POST: Final = re.compile(r"\s*(?:status[ -]post|s/p)\s+", re.IGNORECASE)
_OTHER_HAND: Final = re.compile(r"left dominant|right non-?dominant")
_RANKED: Final = 200
_MOST_WORDS: Final = 12
_SHORTEST_PREFIX: Final = 3
_MOST_INFLECTED: Final = 7
_COMMON: Final = 2_000
_FEWEST_TO_LEAVE_OUT: Final = 2
_INITIAL, _OTHER = ", initial encounter", "other"
_NOTHING_BEGUN: Final[Mapping[str, str]] = MappingProxyType({})
_QUALIFIERS: Final = frozenset(
    {"acute", "chronic", "subacute", "recurrent", "mild", "moderate", "severe", "stable", "controlled", "left"}
    | {"right", "bilateral", "uncontrolled", "early", "advanced", "mixed", "persistent", "history", "new"}
    | {"stage", "1", "2", "3", "3a", "3b", "4", "5", "current", "initial"}
)
_SAYS_IT: Final = frozenset({"exact_term", "synonym"})
_EXACT, _EXACT_CATEGORY, _SYNONYM, _AMBIGUOUS = 0.99, 0.93, 0.97, 0.80
_PLAIN_CASE, _MINOR_COST, _LEAST_EXACT = 0.96, 0.005, 0.94
_NOTE_COST, _MINOR_WEIGHT, _CONTRADICTED_FACTOR = 0.002, 0.3, 0.4
_ALL_WORDS_BASE, _ALL_WORDS_RANGE = 0.5, 0.38
_CONTEXT: Final = {
    "history": 0.7,
    "subsequent": 0.7,
    "recurrent": 0.9,
}  # a disease that was had, or had before, is not the disease
_NEVER_DENIED: Final = _QUALIFIERS | {"first", "second", "third", "trimester"}
_WIDER_FACTOR, _OTHER_FACTOR = 0.85, 0.97
_PREFIX_FACTOR, _FUZZY_FACTOR, _PARTIAL_FACTOR = 0.8, 0.7, 0.5

_SELECT_ENTRIES: Final = """
SELECT e.essential, e.minor, e.negated, e.free, e.title, c.code, c.display, c.billable, c.plain_case
FROM (SELECT rowid FROM words WHERE words MATCH ? ORDER BY rowid LIMIT ?) AS hit
JOIN entry AS e ON e.id = hit.rowid JOIN concept AS c ON c.id = e.concept
"""
_SELECT_CODE: Final = "SELECT code, display, billable FROM concept WHERE plain = ? AND kind NOT IN ('chapter', 'block')"
_SELECT_BELOW: Final = """
SELECT code, display, billable FROM concept WHERE plain > ? AND plain < ? AND kind NOT IN ('chapter', 'block')
ORDER BY length(plain), plain LIMIT ?
"""
_SELECT_CONCEPT: Final = "SELECT code, display, billable FROM concept WHERE id = ?"


class _Hit(NamedTuple):
    code: str
    display: str
    billable: bool
    score: float
    matched: Matched

    def order(self) -> tuple[float, bool, bool, bool, int, int, str]:
        """Return the sorting key: the better score, then what can be billed, the case assumed, the shorter.

        Assumed are the unspecified case, and of a weak side that the right one is dominant (guideline I.C.6.a).
        """
        is_open = "unspecified" in self.display
        is_assumed = "dominant" not in self.display or not _OTHER_HAND.search(self.display)
        size = len(self.code), len(self.display), self.code
        return (-round(self.score, 3), not self.billable, not is_assumed, not is_open, *size)


class _Entry(NamedTuple):  # hundreds are made for one query
    essential: list[str]
    minor: list[str]
    negated: list[str]
    free: list[str]
    is_title: bool
    billable: bool

    def all_words(self) -> set[str]:
        """Return every word of the title or note."""
        return {*self.essential, *self.minor, *self.negated, *self.free}


class IcdSearch:
    """Search over one index."""

    def __init__(self, index: OpenIndex) -> None:
        self._index = index
        frequencies = dict(index.connection().execute("SELECT word, frequency FROM vocabulary"))
        self._words = frozenset(frequencies)
        self._speller = Speller((dict.fromkeys(term_vocabulary(), 1) | frequencies).items())

    def search(self, query: str, *, limit: int, billable_only: bool = False) -> tuple[IcdCandidate, ...]:
        """Return up to ``limit`` candidates, best first; none where nothing fits."""
        hits = self._code_hits(query, limit) or self._term_hits(query)
        best: dict[str, _Hit] = {}
        for hit in hits:
            if billable_only and not hit.billable:
                continue
            if hit.code not in best or hit.order() < best[hit.code].order():
                best[hit.code] = hit
        ordered = sorted(best.values(), key=_Hit.order)[:limit]
        return tuple(
            IcdCandidate(
                code=hit.code,
                display=hit.display,
                billable=hit.billable,
                score=f"{hit.score:.3f}",
                matched=hit.matched,
            )
            for hit in ordered
        )

    def _code_hits(self, query: str, limit: int) -> list[_Hit]:
        text = "".join(query.split()).upper()
        if not query.isascii() or not CODE_SHAPE.match(text):
            return []
        plain = text.replace(".", "")
        connection = self._index.connection()
        exact = connection.execute(_SELECT_CODE, (plain,)).fetchall()
        if text != query.strip().upper():  # with a space inside it is a code only if there is one
            below = []
        else:
            below = connection.execute(_SELECT_BELOW, (plain, plain + "~", limit)).fetchall()
        hits = [_Hit(code, display, bool(billable), 1.0, "exact_code") for code, display, billable in exact]
        return hits + [
            _Hit(code, display, bool(billable), 0.6 - 0.05 * (len(code) - len(plain)), "prefix")
            for code, display, billable in below
        ]

    def _term_hits(self, query: str) -> list[_Hit]:
        words = query_words(query)[:_MOST_WORDS]
        hits = self._coded(body_mass_code(query)) or self._meant(words)
        if not hits and _STATUS_POST.match(query):
            words = query_words(_STATUS_POST.sub("", query))[:_MOST_WORDS]
            hits = self._meant(words)
        if not words:
            return []
        possible = readings(words)
        for reading in possible:
            hits.extend(self._ranked(reading, " ".join(reading.words)))
        if not any(hit.matched in _SAYS_IT for hit in hits):
            freer = freer_readings(words, self._title_words)
            for reading in freer:
                hits.extend(self._ranked(reading, " ".join(reading.words)))
            possible = (*freer, *possible)
            hits.extend(self._elsewhere(possible))
        return hits or self._incomplete(possible) or self._looser(possible)

    def _looser(self, possible: tuple[Reading, ...]) -> list[_Hit]:
        """Return what fits once words are taken in another form, respelt or left out: the least change that helps."""
        respelt = self._respelt(possible)
        return respelt or self._inflected(possible) + self._plain(possible) + self._partial(possible)

    def _title_words(self, code: str) -> tuple[str, ...]:
        """Return what the title of a code says, without that it is the initial encounter."""
        plain = code.replace(".", "")
        found = self._index.connection().execute(_SELECT_CODE, (plain,)).fetchone()
        said = title_words(found[1].partition(_INITIAL)[0]).essential if found else ()
        return () if _OTHER in said else said

    def _elsewhere(self, possible: Iterable[Reading]) -> list[_Hit]:
        """Return what names the same place in other words, or else the limb that the place belongs to."""
        hits: list[_Hit] = []
        for reading in possible:
            for words in (*assumed(reading.words), *same_place(reading.words)):
                same = Reading(words, expanded=True, ambiguous=reading.ambiguous)
                hits.extend(_after(self._ranked(same, " ".join(words))))
            for words in wider_place(reading.words):
                wider = Reading(words, expanded=True, ambiguous=reading.ambiguous)
                hits.extend(_lowered(self._ranked(wider, " ".join(words)), _WIDER_FACTOR, "fuzzy"))
        return hits

    def _meant(self, words: Sequence[str]) -> list[_Hit]:
        """Return the code that the whole of the query stands for, if this release has it."""
        term = meant_code(tuple(words))
        return [] if term is None else self._coded(term.value, _AMBIGUOUS if term.ambiguous else _SYNONYM)

    def _coded(self, code: str | None, score: float = _SYNONYM) -> list[_Hit]:
        """Return the hit for a code that a query stands for, if this release has it."""
        plain = (code or "").replace(".", "")
        found = self._index.connection().execute(_SELECT_CODE, (plain,)).fetchone() if plain else None
        return [] if found is None else [_Hit(found[0], found[1], bool(found[2]), score, "synonym")]

    def _ranked(
        self,
        reading: Reading,
        expression: str,
        *,
        begun: Mapping[str, str] = _NOTHING_BEGUN,
        denied: frozenset[str] | None = None,
    ) -> list[_Hit]:
        """Return what fits, scored; ``begun`` are the words of which only a begin counts, with that begin."""
        if not all(word in self._words or word.endswith("*") for word in expression.split()):
            return []  # to ask the index would take as long as for something it has
        rows = self._index.connection().execute(_SELECT_ENTRIES, (expression, _RANKED)).fetchall()
        hits: list[_Hit] = []
        begins = tuple(begun.values())
        denied = _denied(reading) if denied is None else denied
        for essential, minor, negated, free, is_title, code, display, billable, plain_case in rows:
            entry = _Entry(
                essential.split(), minor.split(), negated.split(), free.split(), bool(is_title), bool(billable)
            )
            asked = frozenset(reading.words)
            if begins:
                asked = asked - begun.keys() | {word for word in entry.all_words() if word.startswith(begins)}
            score, matched = _scored(reading, asked, entry)
            if denied and not denied.isdisjoint(entry.essential):
                score *= _CONTRADICTED_FACTOR
            hits.append(_Hit(code, display, bool(billable), score, matched))
            if plain_case is not None and matched in _SAYS_IT:
                row = self._index.connection().execute(_SELECT_CONCEPT, (plain_case,)).fetchone()
                score = min(_PLAIN_CASE, _AMBIGUOUS if reading.ambiguous else 1.0)
                hits.append(_Hit(row[0], row[1], bool(row[2]), score, matched))
        return hits

    def _incomplete(self, possible: Iterable[Reading]) -> list[_Hit]:
        hits: list[_Hit] = []
        for reading in possible:
            *whole, last = reading.words
            if len(last) >= _SHORTEST_PREFIX:
                expression = " ".join([*whole, f"{last}*"])
                hits.extend(_lowered(self._ranked(reading, expression, begun={last: last}), _PREFIX_FACTOR, "prefix"))
        return hits

    def _inflected(self, possible: Iterable[Reading]) -> list[_Hit]:
        """Return what has the words of the query in another form: "dislocated" for "dislocation"."""
        hits: list[_Hit] = []
        for reading in possible:
            rare = (word for word in reading.words if self._speller.frequency(word) < _COMMON)
            begun = {word: begin for word in rare if (begin := stem(word)) != word}
            if begun and len(reading.words) <= _MOST_INFLECTED:
                expression = " ".join(f"{begun[word]}*" if word in begun else word for word in reading.words)
                hits.extend(_lowered(self._ranked(reading, expression, begun=begun), _FUZZY_FACTOR, "fuzzy"))
        return hits

    def _respelt(self, possible: Iterable[Reading]) -> list[_Hit]:
        hits: list[_Hit] = []
        for reading in possible:
            respelt = tuple(self._speller.nearest(word) or word for word in reading.words)
            if respelt != reading.words:
                changed = Reading(respelt, expanded=reading.expanded, ambiguous=reading.ambiguous)
                hits.extend(_lowered(self._ranked(changed, " ".join(respelt)), _FUZZY_FACTOR, "fuzzy"))
                hits.extend(_lowered(self._meant(respelt), _FUZZY_FACTOR, "fuzzy"))
                others = [
                    *readings(respelt)[:1],
                    *(Reading(words, expanded=True, ambiguous=False) for words in assumed(respelt)),
                ]
                for other in (other for other in others if other.words != respelt):
                    hits.extend(_lowered(self._ranked(other, " ".join(other.words)), _FUZZY_FACTOR, "fuzzy"))
        return hits

    def _plain(self, possible: Iterable[Reading]) -> list[_Hit]:
        """Return what a query with "without" says of itself, ranked below what has the thing denied."""
        hits: list[_Hit] = []
        for reading in possible:
            denied = _denied(reading)
            said = tuple(word for word in reading.words if word not in denied | NEGATIONS)
            if denied and said:
                kept = Reading(said, expanded=True, ambiguous=reading.ambiguous)
                ranked = self._ranked(kept, " ".join(said), denied=denied)
                hits.extend(_lowered(ranked, _FUZZY_FACTOR, "fuzzy"))
        return hits

    def _partial(self, possible: Iterable[Reading]) -> list[_Hit]:
        """Return what has all known words, or all but one or two: better a qualifier left out than the disease."""
        for reading in possible:
            respelt = (self._speller.nearest(word) for word in reading.words)
            known = tuple(dict.fromkeys(word for word in respelt if word is not None))
            hits = self._without(reading, known, _PARTIAL_FACTOR) if known != reading.words else []
            if hits or len(known) < _FEWEST_TO_LEAVE_OUT:
                return hits
            for number in (1, 2) if 2 < len(known) <= _MOST_INFLECTED else (1,):  # noqa: PLR2004 - two of three or more
                for left_out in combinations(known, number):
                    kept = tuple(word for word in known if word not in left_out)
                    cost = sum(0.0 if word in _QUALIFIERS else 0.1 for word in left_out)
                    hits.extend(self._without(reading, kept, _PARTIAL_FACTOR - cost))
                if hits:
                    return hits
        return []

    def _without(self, reading: Reading, kept: tuple[str, ...], factor: float) -> list[_Hit]:
        if not kept:
            return []
        shorter = Reading(kept, expanded=reading.expanded, ambiguous=reading.ambiguous)
        return _lowered(self._ranked(shorter, " ".join(kept)), factor, "fuzzy")


def _denied(reading: Reading) -> frozenset[str]:
    """Return the words after "without", but those that still say which of it: "no bleeding, third trimester"."""
    if NEGATIONS.isdisjoint(reading.words):
        return frozenset()
    place = next(place for place, word in enumerate(reading.words) if word in NEGATIONS)
    return frozenset(reading.words[place + 1 :]) - _NEVER_DENIED - NEGATIONS


def _scored(reading: Reading, asked: frozenset[str], entry: _Entry) -> tuple[float, Matched]:
    unasked = len(entry.essential) - len(asked.intersection(entry.essential))
    lesser = (*entry.minor, *entry.negated)
    extra = len(lesser) - len(asked.intersection(lesser))
    contradicted = bool(entry.negated) and asked.isdisjoint(NEGATIONS) and not asked.isdisjoint(entry.negated)
    if unasked == 0 and not contradicted and asked.issubset(entry.all_words()):
        score = max(_LEAST_EXACT, _EXACT - _MINOR_COST * extra - (0 if entry.is_title else _NOTE_COST))
        score = score if entry.billable else _EXACT_CATEGORY
        matched: Matched = "synonym" if reading.expanded else "exact_term"
        score = min(score, _SYNONYM) if reading.expanded else score
    else:
        weight = len(entry.essential) + _MINOR_WEIGHT * (len(entry.minor) + len(entry.negated))
        share = max(0.0, 1 - (unasked + _MINOR_WEIGHT * extra) / max(1.0, weight))
        score, matched = _ALL_WORDS_BASE + _ALL_WORDS_RANGE * share, "all_words"
        score = score * _CONTRADICTED_FACTOR if contradicted else score
        for word, factor in _CONTEXT.items():
            score = score * factor if word in entry.essential and word not in asked else score
    return (min(score, _AMBIGUOUS) if reading.ambiguous else score), matched


def _after(hits: Iterable[_Hit]) -> list[_Hit]:
    """Return hits by other words for the same place: those that say more rank after hits by the words asked."""
    return [hit if hit.matched in _SAYS_IT else hit._replace(score=hit.score * _OTHER_FACTOR) for hit in hits]


def _lowered(hits: Iterable[_Hit], factor: float, matched: str) -> list[_Hit]:
    return [_Hit(hit.code, hit.display, hit.billable, hit.score * factor, cast("Matched", matched)) for hit in hits]
