"""An installed RxNorm release: names, term types, relations and attributes as RxNorm states them.

It answers the same questions as the packaged subset, and matches written drugs by the same rules. A brand stands
for its ingredients: "Lasix 40 mg" fits the branded tablet as well as "furosemide 40 mg" fits the generic one.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.releases.index_file import IndexFile
from openmed_agent.planes.codes.releases.nearest import nearest_word
from openmed_agent.planes.codes.rxnorm import Drug, Match, are_same, match_score
from openmed_agent.planes.codes.rxnorm_graph import DRUG_TYPES, MORE_GENERAL, MORE_SPECIFIC
from openmed_agent.planes.codes.rxnorm_names import DrugWords, drug_words

_COMPARED: Final = 1_500
_LEAST_SCORE: Final = 20.0
_RESPELT: Final = 15.0
_LARGEST_RXCUI: Final = 10
_IN_BATCH: Final = 500
_COLUMNS: Final = "c.rxcui, c.name, c.tty, c.suppress, c.synonym, c.brand"
_SELECT_DRUG: Final = f"SELECT {_COLUMNS} FROM concept AS c WHERE c.rxcui = ?"  # noqa: S608 - names of ours only
_SELECT_NAMED: Final = "SELECT rxcui FROM name WHERE plain = ? ORDER BY rxcui"
_SELECT_WORDS: Final = f"""
SELECT {_COLUMNS} FROM (SELECT rowid FROM words WHERE words MATCH ?) AS hit
JOIN concept AS c ON c.rxcui = hit.rowid WHERE (c.tty IN (SELECT value FROM json_each(?))) = ?
ORDER BY length(c.name), c.rxcui LIMIT ?
"""  # noqa: S608 - names of ours only
_SELECT_NDC: Final = """
SELECT DISTINCT p.rxcui FROM property AS p JOIN concept AS c ON c.rxcui = p.rxcui AND c.suppress = 'N'
WHERE p.name = 'NDC' AND p.value >= ? AND p.value < ? ORDER BY p.rxcui
"""
_DRUG_TYPES_JSON: Final = "[" + ",".join(f'"{tty}"' for tty in DRUG_TYPES) + "]"
_CLOSURE: Final = """
WITH RECURSIVE found(rxcui) AS (
    SELECT value FROM json_each(?) UNION SELECT l.{to} FROM found AS f JOIN link AS l ON l.{frm} = f.rxcui)
SELECT rxcui FROM found
"""
_SPECIFIC: Final = _CLOSURE.format(to="specific", frm="general")
_GENERAL: Final = _CLOSURE.format(to="general", frm="specific")

_Row = tuple[int, str, str, str, str, str]


class RxNormIndex:
    """The concepts of one release; safe to use from many threads."""

    def __init__(self, file: IndexFile) -> None:
        self._file = file

    @property
    def release(self) -> Release:
        """The release that answers."""
        return self._file.release

    def drug(self, rxcui: str) -> Drug | None:
        """Return the concept with this RXCUI, suppressed or not."""
        if not (rxcui.isascii() and rxcui.isdigit() and len(rxcui) <= _LARGEST_RXCUI):
            return None
        row = self._connection.execute(_SELECT_DRUG, (int(rxcui),)).fetchone()
        return None if row is None else _drug(row)

    def by_name(self, name: str, *, normalized: bool) -> tuple[str, ...]:
        """Return the RXCUIs named exactly so, in any case; with ``normalized`` also in other words for the same.

        A drug is preferred to a part of one (an ingredient with a strength, say), and a name that says the salts
        that were asked for to one that says more.
        """
        exact = tuple(str(rxcui) for (rxcui,) in self._connection.execute(_SELECT_NAMED, (name.strip().lower(),)))
        if exact or not normalized:
            return exact
        asked = drug_words(name)
        for is_drug in (True, False):
            same = [drug for drug in self._named(asked, is_drug=is_drug) if are_same(asked, drug.words)]
            closest = [drug for drug in same if drug.words.salts == asked.salts]
            if same:
                return tuple(drug.rxcui for drug in closest or same)
        return ()

    def approximate(self, term: str, *, limit: int) -> tuple[Match, ...]:
        """Return the drugs nearest to a written one, best first; a strength that differs is no match."""
        asked, respelt = self._respelt(drug_words(term))
        matches = [
            Match(drug, score)
            for drug in self._named(asked, is_drug=True, some=True)
            if (score := match_score(asked, drug) - (_RESPELT if respelt else 0.0)) >= _LEAST_SCORE
        ]
        matches.sort(key=lambda match: (-match.score, len(match.drug.name), int(match.drug.rxcui)))
        return tuple(matches[:limit])

    def related(self, drug: Drug) -> dict[str, tuple[Drug, ...]]:
        """Return all related concepts by term type, and the concept itself under its own."""
        below = self._closure(_SPECIFIC, [int(drug.rxcui)])
        above = self._closure(_GENERAL, [int(drug.rxcui)])
        beside = self._closure(_GENERAL, below)
        lineal = MORE_SPECIFIC[drug.tty] | MORE_GENERAL[drug.tty] | {drug.tty}
        groups: dict[str, list[Drug]] = defaultdict(list)
        for rxcui_set, wanted in (
            (below, MORE_SPECIFIC[drug.tty]),
            (above, MORE_GENERAL[drug.tty]),
            (beside, MORE_GENERAL.keys() - lineal),
        ):
            for other in self._drugs(rxcui_set):
                if other.tty in wanted and other.suppress == "N":
                    groups[other.tty].append(other)
        groups[drug.tty].append(drug)
        return {tty: tuple(members) for tty, members in sorted(groups.items())}

    def properties(self, rxcui: str, name: str) -> tuple[str, ...] | None:
        """Return the values of one attribute of a concept, such as its NDCs."""
        if self.drug(rxcui) is None:
            return ()
        rows = self._connection.execute(
            "SELECT value FROM property WHERE rxcui = ? AND name = ? ORDER BY value", (int(rxcui), name.upper())
        )
        return tuple(value for (value,) in rows)

    def by_ndc(self, ndc: str) -> tuple[str, ...] | None:
        """Return the RXCUIs that RxNorm gives for an NDC in CMS's form, or for the first 9 digits of one."""
        rows = self._connection.execute(_SELECT_NDC, (ndc, f"{ndc}~"))
        return tuple(str(rxcui) for (rxcui,) in rows)

    @property
    def has_classes(self) -> bool:
        """Whether the release names the classes of ATC."""
        return self._connection.execute("SELECT 1 FROM class LIMIT 1").fetchone() is not None

    def ingredients(self, drug: Drug) -> tuple[Drug, ...]:
        """Return the single ingredients of a drug, as RxNorm relates them; of an ingredient, itself."""
        above = [int(drug.rxcui), *self._closure(_GENERAL, [int(drug.rxcui)])]
        found = self._drugs(list(dict.fromkeys(above)))
        return tuple(other for other in found if other.tty == "IN" and other.suppress == "N")

    def substance_classes(self, rxcui: str) -> tuple[str, ...]:
        """Return the codes of ATC's level 5 for an ingredient."""
        rows = self._connection.execute("SELECT code FROM member WHERE rxcui = ? ORDER BY code", (int(rxcui),))
        return tuple(code for (code,) in rows)

    def class_name(self, code: str) -> str | None:
        """Return the name of a class of ATC."""
        row = self._connection.execute("SELECT name FROM class WHERE code = ?", (code,)).fetchone()
        return None if row is None else str(row[0])

    def _named(self, asked: DrugWords, *, is_drug: bool, some: bool = False) -> list[Drug]:
        """Return the drugs whose names hold all substances asked for, or with ``some`` any where none holds all."""
        words = [f'"{word}"' for word in sorted(asked.substances)]
        if not words:
            return []
        found: list[Drug] = []
        for joined in (" ".join(words), " OR ".join(words)) if some and len(words) > 1 else (" ".join(words),):
            rows = self._connection.execute(_SELECT_WORDS, (joined, _DRUG_TYPES_JSON, is_drug, _COMPARED))
            found = [_as_asked(_drug(row), asked, row[5]) for row in rows]
            if found:
                break
        return found

    def _respelt(self, asked: DrugWords) -> tuple[DrugWords, bool]:
        known = frozenset(
            word if self._knows(word) else nearest_word(self._connection, word) or word for word in asked.substances
        )
        return replace(asked, substances=known), known != asked.substances

    def _knows(self, word: str) -> bool:
        found = self._connection.execute("SELECT 1 FROM words WHERE words MATCH ? LIMIT 1", (f'"{word}"',))
        return found.fetchone() is not None

    def _closure(self, statement: str, start: Iterable[int]) -> list[int]:
        text = "[" + ",".join(str(rxcui) for rxcui in start) + "]"
        return [rxcui for (rxcui,) in self._connection.execute(statement, (text,))]

    def _drugs(self, rxcuis: list[int]) -> list[Drug]:
        found: list[Drug] = []
        for start in range(0, len(rxcuis), _IN_BATCH):
            text = "[" + ",".join(str(rxcui) for rxcui in rxcuis[start : start + _IN_BATCH]) + "]"
            rows = self._connection.execute(
                f"SELECT {_COLUMNS} FROM concept AS c JOIN json_each(?) AS j ON j.value = c.rxcui",  # noqa: S608
                (text,),
            )
            found.extend(_drug(row) for row in rows)
        return sorted(found, key=lambda drug: (drug.name.lower(), int(drug.rxcui)))

    @property
    def _connection(self) -> sqlite3.Connection:
        return self._file.connection()


def _drug(row: _Row) -> Drug:
    rxcui, name, tty, suppress, synonym, _ = row
    return Drug(str(rxcui), name, tty, drug_words(name), synonym=synonym, suppress=suppress)


def _as_asked(drug: Drug, asked: DrugWords, brand_words: str) -> Drug:
    """Return the drug with the words that have to be said: a brand that is said stands for its ingredients."""
    brand = frozenset(brand_words.split())
    if not brand or not brand <= asked.substances:
        return drug
    said = brand | (drug.words.substances & asked.substances)
    return replace(drug, words=replace(drug.words, substances=said))
