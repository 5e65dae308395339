"""The weights of `features.joined` in tables, so that reading a text builds no string for them.

That function alone says what such a feature is; here it is looked up by the words and shapes that it is made of.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.planes.inference.entities.features import ENDING, Padded

Pair = tuple[float, float]
"""The scores of beginning a mention and of going on with one, each less that of being outside."""

_PART: Final = r"(\||[^|]+)"
_TWO: Final = re.compile(rf"(c-=|c\+=|we-=|we\+=|){_PART}\|{_PART}(\||)")
_THREE: Final = re.compile(rf"(cs|s3)={_PART}\|{_PART}\|{_PART}")
_FAR: Final = re.compile(r"w([+-][23])=(.+)")


@dataclass(frozen=True, slots=True)
class _Row:
    """What the word before an item, or the one after it, says together with another part."""

    words: dict[str, Pair] = field(default_factory=dict)
    contexts: dict[str, Pair] = field(default_factory=dict)
    endings: dict[str, Pair] = field(default_factory=dict)
    between: dict[tuple[str, str], Pair] = field(default_factory=dict)

    def lookups(self) -> "_Lookups":
        """Return how each table is asked, which is faster than to ask the row for it at every word."""
        return self.words.get, self.contexts.get, self.endings.get, self.between.get


_Lookup = Callable[[str], Pair | None]
_Lookups = tuple[_Lookup, _Lookup, _Lookup, Callable[[tuple[str, str]], Pair | None]]
_NO_LOOKUPS: Final[_Lookups] = _Row().lookups()


class NeighbourTables:
    """The weights of the features that an item has of its neighbours."""

    def __init__(self, weights: Mapping[str, Pair]) -> None:
        self._before: dict[str, _Row] = {}
        self._after: dict[str, _Row] = {}
        self._shapes: dict[tuple[str, str, str], Pair] = {}
        self._far: dict[str, dict[str, Pair]] = {"-3": {}, "-2": {}, "+2": {}, "+3": {}}
        for feature, pair in weights.items():
            if match := _FAR.fullmatch(feature):
                self._far[match[1]][match[2]] = pair
            elif match := _THREE.fullmatch(feature):
                self._hold_three(match, pair)
            elif match := _TWO.fullmatch(feature):
                self._hold_two(match, pair)
        self._lookups_before = {word: row.lookups() for word, row in self._before.items()}
        self._lookups_after = {word: row.lookups() for word, row in self._after.items()}

    def _hold_three(self, match: re.Match[str], pair: Pair) -> None:
        name, first, middle, last = match.groups()
        if name == "s3":
            self._shapes[first, middle, last] = pair
        else:
            self._before.setdefault(first, _Row()).between[middle, last] = pair

    def _hold_two(self, match: re.Match[str], pair: Pair) -> None:
        name, first, last, closing = match.groups()
        match name:
            case "c-=":
                self._before.setdefault(last, _Row()).contexts[first] = pair
            case "c+=":
                self._after.setdefault(first, _Row()).contexts[last] = pair
            case "we-=":
                self._before.setdefault(first, _Row()).endings[last] = pair
            case "we+=":
                self._after.setdefault(last, _Row()).endings[first] = pair
            case _ if closing:
                self._after.setdefault(last, _Row()).words[first] = pair
            case _:
                self._before.setdefault(first, _Row()).words[last] = pair

    def scores(self, around: Padded) -> list[Pair]:
        """Return for each item of a sequence the sum of its pairs."""
        words, shapes = around
        third_before, second_before = self._far["-3"].get, self._far["-2"].get
        second_after, third_after = self._far["+2"].get, self._far["+3"].get
        before_of, after_of, shapes_of = self._lookups_before.get, self._lookups_after.get, self._shapes.get
        found: list[Pair] = []
        for third, second, before, word, after, next_second, next_third, outline in zip(
            *(words[at:] for at in range(7)), zip(shapes[2:], shapes[3:], shapes[4:], strict=False), strict=False
        ):
            with_before, context_before, ending_before, between = before_of(before, _NO_LOOKUPS)
            with_after, context_after, ending_after, _ = after_of(after, _NO_LOOKUPS)
            ending = word[-ENDING:]
            begins = goes_on = 0.0
            for pair in (
                with_before(word),
                with_after(word),
                second_before(second),
                second_after(next_second),
                third_before(third),
                third_after(next_third),
                context_before(second),
                context_after(next_second),
                between((outline[1], after)),
                shapes_of(outline),
                ending_before(ending),
                ending_after(ending),
            ):
                if pair:
                    begins += pair[0]
                    goes_on += pair[1]
            found.append((begins, goes_on))
        return found
