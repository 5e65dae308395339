"""What the sequence models see of a word: its form, its neighbours, and which of our lists hold it.

Training and reading share these functions, so a change here asks for new weights (`scripts/train_entity_models.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

from openmed_agent.planes.inference.entities import formation
from openmed_agent.planes.inference.entities.lexicon import Kind, Lexicon, abbreviations, formation_words, lexicon
from openmed_agent.planes.inference.entities.matching import dictionary_mentions
from openmed_agent.planes.inference.entities.normal import Tokens

MARK: Final = -1
"""In place of the index of a word: this item is a mark of punctuation."""

ENDING: Final = 3
"""So many letters are the ending of a word beside its neighbours."""

Row = list[str]

_GROUPS: Final = (
    (Kind.DISEASE, Kind.ONCOLOGY, Kind.ANATOMY),
    (Kind.DRUG, Kind.CHEMICAL, Kind.GENE),
)
_WORD_CLASSES: Final = ("heads", "alone", "body", "before", "side", "severity")
_MARK: Final = re.compile(r"[^\w\s]")
_SENTENCE_END: Final = re.compile(r"[.?!]\s")
_REPEATED: Final = re.compile(r"(.)\1+")
_LONGEST_SEQUENCE: Final = 400
_MOST_MARKS: Final = 40
_LONGEST_WORD: Final = 40
_GRAM: Final = 4
_REACH: Final = 3
_SHORTEST_WITH_GRAMS: Final = 6
_LONGEST_COUNTED: Final = 8
_LONGEST_PHRASE: Final = 4


class Item(NamedTuple):
    """One word or mark of a sequence: its place among the words (or `MARK`), as written, normal form and shape."""

    place: int
    raw: str
    word: str
    shape: str


def sequences(tokens: Tokens) -> Iterator[list[Item]]:
    """Yield the words and marks of a text in sequences: sentences, and lines that open with a capital or a mark."""
    items: list[Item] = []
    text, previous = tokens.text, 0
    for index, start in enumerate(tokens.starts):
        gap = text[previous:start]
        if gap not in {"", " "}:
            items.extend(Item(MARK, mark, mark, mark) for mark in _MARK.findall(gap)[:_MOST_MARKS])
            if items and _parts(gap, capital=not text[start].islower()):
                yield items
                items = []
        if len(items) >= _LONGEST_SEQUENCE:
            yield items
            items = []
        raw = text[start : tokens.ends[index]][:_LONGEST_WORD]
        items.append(Item(index, raw, tokens.words[index] or "_", _shape(raw)))
        previous = tokens.ends[index]
    if items:
        yield items


def _parts(gap: str, *, capital: bool) -> bool:
    """Return whether what stands between two words ends a sentence, a line or a paragraph."""
    if gap.count("\n") > 1:
        return True
    return capital and ("\n" in gap or _SENTENCE_END.search(gap) is not None)


def rows(items: Sequence[Item], listed: Sequence["Seen"]) -> list[Row]:
    """Return all features of each item, for training; ``listed`` are those of `list_features`."""
    seen = [seen_in(item.raw, item.word) for item in items]
    held = [listed[item.place] if item.place >= 0 else UNLISTED for item in items]
    around = padded(items)
    found = [
        [*one.own, *names.own, *joined(around, at)] for at, (one, names) in enumerate(zip(seen, held, strict=True))
    ]
    for at in range(len(items) - 1):
        found[at + 1] += (*seen[at].before, *held[at].before)
        found[at] += (*seen[at + 1].after, *held[at + 1].after)
    return found


class Padded(NamedTuple):
    """The words and the shapes of a sequence, with three signs of a border on either side."""

    words: list[str]
    shapes: list[str]


def padded(items: Sequence[Item]) -> Padded:
    """Return the words and the shapes of a sequence."""
    before, after = ["<"] * _REACH, [">"] * _REACH
    return Padded([*before, *(item.word for item in items), *after], [*before, *(item.shape for item in items), *after])


def joined(around: Padded, at: int) -> tuple[str, ...]:
    """Return the features that an item has of its neighbours, up to three words away."""
    third, second, before, word, after, next_second, next_third = around.words[at : at + 2 * _REACH + 1]
    shape_before, shape, shape_after = around.shapes[at + _REACH - 1 : at + _REACH + 2]
    ending = word[-ENDING:]
    return (
        f"{before}|{word}",
        f"{word}|{after}|",
        f"w-2={second}",
        f"w+2={next_second}",
        f"w-3={third}",
        f"w+3={next_third}",
        f"c-={second}|{before}",
        f"c+={after}|{next_second}",
        f"cs={before}|{shape}|{after}",
        f"s3={shape_before}|{shape}|{shape_after}",
        f"we-={before}|{ending}",
        f"we+={ending}|{after}",
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """The features of a word for itself, for the word after it and for the word before it."""

    own: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]


UNLISTED: Final = Seen((), (), ())
"""The features of a word that no list holds."""


def seen_in(raw: str, word: str) -> Seen:
    """Return the features of a written word and its normal form."""
    near = tuple(_near(raw, word))
    beside = (feature for feature in near if feature.startswith(("s=", "f=", "ending=")))
    return Seen(
        (*_own(raw, word), *beside),
        tuple(f"{feature}<" for feature in near),
        tuple(f"{feature}>" for feature in near),
    )


@lru_cache(maxsize=1 << 12)
def _listed_as(names: tuple[str, ...]) -> Seen:
    return Seen(names, tuple(f"-{name}" for name in names), tuple(f"+{name}" for name in names))


def _near(raw: str, word: str) -> Iterator[str]:
    yield f"w={word}"
    yield f"s={_shape(raw)}"
    if len(word) > ENDING:
        yield f"e={word[-ENDING:]}"
    for group in _WORD_CLASSES:
        if word in formation_words(group):
            yield f"f={group}"
    yield from (f"ending={kind}" for kind in formation.endings_of(word))


def _own(raw: str, word: str) -> Iterator[str]:
    yield f"w={word}"
    low = raw.lower()
    yield f"n={min(len(low), _LONGEST_COUNTED)}"
    if not low[0].isalpha():
        return
    yield from (f"e{size}={low[-size:]}" for size in (2, 3, 4, 5) if len(low) > size)
    yield from (f"b{size}={low[:size]}" for size in (3, 4, 5) if len(low) > size)
    if raw.isupper():
        yield "capitals"
    if len(low) >= _SHORTEST_WITH_GRAMS:
        yield from (f"g={low[at : at + _GRAM]}" for at in range(len(low) - _GRAM + 1))


@lru_cache(maxsize=1 << 15)
def _shape(raw: str) -> str:
    """Return the shape of a word, repeats taken together: ``MDMA`` X, ``Ach`` Xx, ``D2`` X0, ``Down's`` Xx."""
    shape = "".join("X" if c.isupper() else "x" if c.islower() else "0" if c.isdigit() else "" for c in raw)
    return _REPEATED.sub(r"\1", shape) or raw


def list_features(tokens: Tokens) -> list[Seen]:
    """Return for each word which lists hold the phrase it stands in, where in it the word stands, how long it is."""
    found: list[tuple[str, ...]] = [()] * len(tokens)
    for group, names in enumerate(_listed()):
        for mention in dictionary_mentions(tokens, names.lexicon):
            kinds = names.kinds[" ".join(tokens.words[mention.first : mention.last + 1])]
            length = min(mention.length, _LONGEST_PHRASE)
            for index in range(mention.first, mention.last + 1):
                place = f"{'B' if index == mention.first else 'I'}{'E' if index == mention.last else ''}"
                found[index] += (*(f"{kind}{place}{length}" for kind in kinds), f"{group}{place}")
    return [_listed_as(names) if names else UNLISTED for names in found]


@dataclass(frozen=True, slots=True)
class _Names:
    """The phrases of several kinds as one lexicon, and for each phrase the kinds and lists that hold it."""

    lexicon: Lexicon
    kinds: dict[str, tuple[str, ...]]


@cache
def _listed() -> tuple[_Names, ...]:
    return tuple(_names(group) for group in _GROUPS)


def _names(group: Sequence[Kind]) -> _Names:
    kinds: dict[str, tuple[str, ...]] = {}
    longest: dict[str, int] = {}
    shared: dict[tuple[str, ...], tuple[str, ...]] = {}  # few combinations for many phrases
    for kind in group:
        held = lexicon(kind)
        for phrase, source in held.phrases.items():
            names = (*kinds.get(phrase, ()), f"{kind.value[:2]}{source[0]}")
            kinds[phrase] = shared.setdefault(names, names)
        for first, length in held.longest.items():
            longest[first] = max(length, longest.get(first, 0))
    for phrase, entries in abbreviations().items():
        written = tuple(f"ab{entry.kind.value[:2]}" for entry in entries if entry.kind in group)
        if written:
            kinds[phrase] = (*kinds.get(phrase, ()), *written)
            first = phrase.split(" ", 1)[0]
            longest[first] = max(phrase.count(" ") + 1, longest.get(first, 0))
    return _Names(Lexicon(dict.fromkeys(kinds, "mesh"), longest), kinds)
