"""Compares two drafts or bundles, item by item: added, removed, changed, conflicting.

Items with the same digest are the same. The rest are paired within a family of kinds, by what is most telling
first: the same words of the same source, then a shared code, then the same subject (the claim up to its first
number). A pair conflicts where both cannot be true; otherwise it changed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import CheckFailedError
from openmed_agent.workflows.draft import Draft, Item, ItemKind
from openmed_agent.workflows.verify import verify_bundle

_FAMILIES: Final[dict[ItemKind, str]] = {
    "problem": "finding",
    "past_problem": "finding",
    "absent_finding": "finding",
    "family_history": "finding",
    "uncertain_finding": "finding",
    "medication": "drug",
    "stopped_medication": "drug",
}
_OPPOSITES: Final = frozenset(
    {frozenset({"problem", "absent_finding"}), frozenset({"medication", "stopped_medication"})}
)
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")

Key = Callable[[Item], Iterable[Hashable]]


@dataclass(frozen=True, slots=True)
class ItemPair:
    """Two items about the same thing."""

    before: Item
    after: Item


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second of two drafts has that the first has not, and the other way round."""

    same: int
    added: tuple[Item, ...]
    removed: tuple[Item, ...]
    changed: tuple[ItemPair, ...]
    conflicting: tuple[ItemPair, ...]

    @property
    def equal(self) -> bool:
        """Whether the two hold the same items."""
        return not (self.added or self.removed or self.changed or self.conflicting)


def compare_drafts(before: Draft, after: Draft) -> Comparison:
    """Return the comparison of two drafts, in the order of the first, then of the second."""
    old = {item.digest: item for item in before.items}
    new = {item.digest: item for item in after.items}
    left = {digest: item for digest, item in old.items() if digest not in new}
    right = {digest: item for digest, item in new.items() if digest not in old}
    pairs: list[ItemPair] = []
    for key in (_places, _codes, _subject):
        pairs.extend(_take_pairs(left, right, key))
    order = {digest: number for number, digest in enumerate(old)}
    pairs.sort(key=lambda pair: order[pair.before.digest])
    return Comparison(
        same=len(old.keys() & new.keys()),
        added=tuple(right.values()),
        removed=tuple(left.values()),
        changed=tuple(pair for pair in pairs if not in_conflict(pair)),
        conflicting=tuple(pair for pair in pairs if in_conflict(pair)),
    )


def draft_of_bundle(folder: Path) -> Draft:
    """Return the signed revision in a bundle, whoever signed it.

    Raises:
        InputError: the folder cannot be read.
        CheckFailedError: it is not an intact bundle.

    """
    report = verify_bundle(folder, {})
    if not report.ok or report.draft is None:
        raise CheckFailedError("The folder is not an intact bundle.", remedy="Run openmed verify on it.")
    return report.draft


def in_conflict(pair: ItemPair) -> bool:
    """Return whether both items cannot be true.

    That is so where one is stated as present or taken and the other as absent or stopped, where they speak of
    different persons, or where the same words of the source were read as different numbers.
    """
    before, after = pair.before, pair.after
    if frozenset({before.kind, after.kind}) in _OPPOSITES:
        return True
    if before.assertion.negated != after.assertion.negated:
        return True
    if before.assertion.experiencer != after.assertion.experiencer:
        return True
    numbers = _NUMBER.findall(before.claim), _NUMBER.findall(after.claim)
    return numbers[0] != numbers[1] and not set(_places(before)).isdisjoint(_places(after))


def _take_pairs(left: dict[str, Item], right: dict[str, Item], key: Key) -> list[ItemPair]:
    """Remove from both sides the items that share a key, each once, and return them in pairs."""
    waiting: defaultdict[Hashable, list[str]] = defaultdict(list)
    for digest, item in right.items():
        for value in key(item):
            waiting[_family(item), value].append(digest)
    pairs = []
    for digest, item in list(left.items()):
        found = next(
            (other for value in key(item) for other in waiting[_family(item), value] if other in right),
            None,
        )
        if found is not None:
            pairs.append(ItemPair(before=left.pop(digest), after=right.pop(found)))
    return pairs


def _family(item: Item) -> str:
    return _FAMILIES.get(item.kind, item.kind)


def _places(item: Item) -> tuple[Hashable, ...]:
    return tuple((span.source, span.start, span.end) for span in item.evidence)


def _codes(item: Item) -> tuple[Hashable, ...]:
    return tuple((code.system, code.code) for code in item.codes)


def _subject(item: Item) -> tuple[Hashable, ...]:
    words = item.claim.casefold().split()
    first_number = next((place for place, word in enumerate(words) if word[0].isdigit()), len(words))
    return (" ".join(words[:first_number] or words),)
