"""Find the known word nearest to a misspelt one: shared trigrams first, then a bounded edit distance."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_SHORTEST: Final = 4
_LONGEST: Final = 40
_LONG_WORD: Final = 8
_COMPARED: Final = 60
_REMEMBERED: Final = 64


class Speller:
    """A vocabulary with the frequency of each word."""

    def __init__(self, vocabulary: Iterable[tuple[str, int]]) -> None:
        self._frequencies = dict(vocabulary)
        self._words = [word for word in self._frequencies if len(word) >= _SHORTEST and word.isalpha()]
        self._postings: dict[tuple[str, int], list[int]] = defaultdict(list)
        for number, word in enumerate(self._words):
            for trigram in _trigrams(word):
                self._postings[trigram, len(word)].append(number)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._nearest)  # one search asks for a word several times

    def frequency(self, word: str) -> int:
        """Return how often ``word`` occurs; 0 if it is unknown."""
        return self._frequencies.get(word, 0)

    def nearest(self, word: str) -> str | None:
        """Return the nearest known word: within one edit, or two from eight letters on; itself if known.

        Numbers and very short words are never respelt: "3" is not a slip for "4".
        """
        if word in self._frequencies:
            return word
        if not _SHORTEST <= len(word) <= _LONGEST or not word.isalpha():
            return None
        return self._remembered(word)

    def _nearest(self, word: str) -> str | None:
        limit = 2 if len(word) >= _LONG_WORD else 1
        shared: Counter[int] = Counter()
        for trigram in _trigrams(word):
            for length in range(len(word) - limit, len(word) + limit + 1):
                shared.update(self._postings.get((trigram, length), ()))
        best: tuple[int, int, str] | None = None
        for number, _ in shared.most_common(_COMPARED):
            candidate = self._words[number]
            distance = edit_distance(word, candidate, limit if best is None else best[0])
            if distance is not None:
                key = (distance, -self._frequencies[candidate], candidate)
                best = key if best is None else min(best, key)
        return best[2] if best else None


def _trigrams(word: str) -> set[str]:
    padded = f"  {word} "
    return {padded[start : start + 3] for start in range(len(padded) - 2)}


def edit_distance(one: str, other: str, limit: int) -> int | None:
    """Return the optimal string alignment distance (insert, delete, replace, swap), or None above ``limit``."""
    if abs(len(one) - len(other)) > limit:
        return None
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, right in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == other[j - 2] and one[i - 2] == right:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return None
    return row[-1] if row[-1] <= limit else None
