"""What the sequence model sees of a word: its shape, its lists, its neighbours, and the rules' opinion.

No feature holds a word that is not English: a name is known by its lists and its place, never by itself, so that
the model file remembers no names.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Final, NamedTuple

from openmed_agent.planes.inference.pii import vocabulary
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.tokens import ANY_NAME, Token, kinds

_LISTS: Final = (
    ("title", vocabulary.TITLES),
    ("degree", vocabulary.CREDENTIALS),
    ("relative", vocabulary.RELATIVES),
    ("staff", vocabulary.STAFF),
    ("field", vocabulary.FIELDS),
    ("cue", vocabulary.WEAK_CUES),
    ("header", vocabulary.HEADERS),
    ("head", vocabulary.EPONYM_HEADS),
    ("eponym", vocabulary.EPONYMS),
    ("acts", vocabulary.PERSON_VERBS),
    ("particle", vocabulary.PARTICLES),
    ("kind", vocabulary.GENERIC_ORGANIZATION),
)
_CLASSES: Final = {
    entry: tuple(name for name, members in _LISTS if entry in members)
    for entry in frozenset().union(*(members for _, members in _LISTS))
}
"""Word -> the names of the lists that hold it."""
_GROUPS: Final = {
    "first_name": "N", "middle_name": "N", "last_name": "N", "city": "P", "county": "P", "organization": "G",
    "street_address": "S", "zipcode": "S", "date": "D", "date_of_birth": "D",
}  # fmt: skip
_SURE: Final = 0.75
_FAIR: Final = 0.6
_LONG: Final = 5
_LENGTHS: Final = "012ss"  # in shapes, of words that are not long
_SUFFIX: Final = 3
_ONE_IN: Final = 25  # fewer capitals than this make a text of small letters
_GAPS: Final = {" ": "_", ", ": ",", "\n": "n", ". ": ".", ": ": ":", "": "0", "  ": "_"}
_MARKS: Final = 4
_WIDEST_GAP: Final = 40
_START: Final = attrgetter("start")


class Traits(NamedTuple):
    """What the features of a word are made of."""

    shape: str
    flags: int
    classes: tuple[str, ...]
    """The hand-kept lists that hold it."""
    english: str
    """The word itself when it is English; others are known by their shape only."""
    ending: str
    """Its last letters when no list of names holds it."""

    @property
    def name(self) -> str:
        """The word as its neighbours know it by itself."""
        return self.english or self.shape

    @property
    def brief(self) -> str:
        """The word as its neighbours see it."""
        if self.classes:
            return self.classes[0]
        return f"{self.shape}{'n' if self.flags & ANY_NAME else 'w' if self.flags else ''}"


NO_WORD: Final = Traits("", 0, ("edge",), "", "")
"""What stands before the first and after the last word."""


def traits(text: str) -> Traits:
    """Return the traits of a word as it is written; of no word, those of the edge of a text."""
    if not text:
        return NO_WORD
    key = plain(text)
    flags, lists = kinds(key), lexicon()
    classes = _CLASSES.get(key, ())
    if key in lists.cities:
        classes = (*classes, "town")
    english = key if classes or key in lists.words else ""
    ending = key[-_SUFFIX:] if len(key) > _SUFFIX and not flags & ANY_NAME else ""
    return Traits(_shape(text), flags, classes, english, ending)


def itself(own: Traits) -> tuple[str, ...]:
    """Return the features of a word for itself, wherever it stands."""
    if own == NO_WORD:
        return ()
    shape, flags, classes, english, ending = own
    features = [f"s={shape}", f"f={flags}", f"{shape}/{flags}", *(f"c={name}" for name in classes)]
    if english:
        features.append(f"w={english}")
    if ending:
        features.append(f"e={ending}")
    return tuple(features)


class Beside(NamedTuple):
    """Features of a word for the words around it."""

    before: tuple[str, ...]
    after: tuple[str, ...]
    two_before: tuple[str, ...]
    two_after: tuple[str, ...]


def beside(name: str, shape: str, flags: int, brief: str) -> Beside:
    """Return the features of a word for the words around it; of no name, those of the edge of a text."""
    if not name:
        return Beside(("-edge",), ("+edge",), ("--edge",), ("++edge",))
    return Beside(
        (f"-w={name}", f"-s={shape}", f"-f={flags}", f"-c={brief}"),
        (f"+w={name}", f"+s={shape}", f"+f={flags}", f"+c={brief}"),
        (f"--w={name}", f"--c={brief}"),
        (f"++w={name}", f"++c={brief}"),
    )


def _shape(text: str) -> str:
    length = _LENGTHS[len(text)] if len(text) < _LONG else "l"
    if text.islower():
        return "x" + length
    if text.isupper():
        return "X" + length
    if text[0].isupper() and text[1:].islower():
        return "Xx" + length
    return "-" if "-" in text else "'" if "'" in text else "mix"


def left_side(left: str, before: str, rule_before: str, rule: str) -> tuple[str, ...]:
    """Return the features of what stands before a word: the marks, the neighbour in brief, the rules' opinions."""
    return "<" + left, f"<{left}{before}", f"r={rule}|{left}{before}", "-r=" + rule_before


def right_side(right: str, after: str, rule_after: str) -> tuple[str, ...]:
    """Return the features of what stands after a word."""
    return ">" + right, f">{right}{after}", "+r=" + rule_after


def opinion(shape: str, flags: int, rule: str, style: str) -> tuple[str, ...]:
    """Return the features of the rules' opinion of a word, and of the style of the text."""
    return f"{style}s={shape}", f"{style}s={shape}|{rule}", "r=" + rule, f"r={rule}|f={flags}"


def between(shape: str, flags: int, before: str, left: str, right: str, after: str) -> tuple[str, ...]:
    """Return the features of a word and its neighbours together."""
    return f"{before}<{left}>{right}{after}", f"{before}|{shape}/{flags}"


class Sentence:
    """The words of one text with what the model needs to see of them."""

    def __init__(self, text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> None:
        self.length = len(tokens)
        self.texts = ["", "", *[token.text for token in tokens], "", ""]
        """The words as they are written; the word at `index` is `texts[index + 2]`."""
        self.findings = sorted(findings, key=_START)
        opinions, self.touched = _opinions(tokens, self.findings)
        """For each finding, in order, where the words that it touches begin and end."""
        self.opinions = ["edge", *opinions, "edge"]
        """What the rules took each word for; of the word at `index` it is `opinions[index + 1]`."""
        self.marks = [_GAPS.get(token.gap) or _marks(token.gap[:_WIDEST_GAP]) for token in tokens]
        """The marks that matter of what stands before each word, and of the rest of the text."""
        end = tokens[-1].end if tokens else 0
        self.marks.append(_marks(text[end : end + _WIDEST_GAP]))
        self.style = _style(tokens)

    def features(self) -> Iterator[list[str]]:
        """Yield all features of each word, for training."""
        known = [traits(text) for text in self.texts]
        words = [beside(own.name, own.shape, own.flags, own.brief) for own in known]
        for index in range(self.length):
            two_before, before, _, after, two_after = words[index : index + 5]
            (shape, flags, *_), before_in_brief = known[index + 2], known[index + 1].brief
            after_in_brief = known[index + 3].brief
            left, right = self.marks[index : index + 2]
            rule_before, rule, rule_after = self.opinions[index : index + 3]
            place = (
                *left_side(left, before_in_brief, rule_before, rule),
                *right_side(right, after_in_brief, rule_after),
                *opinion(shape, flags, rule, self.style),
                *between(shape, flags, before_in_brief, left, right, after_in_brief),
            )
            yield [
                *itself(known[index + 2]),
                *before.before,
                *after.after,
                *two_before.two_before,
                *two_after.two_after,
                *place,
            ]


def _opinions(tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> tuple[list[str], list[tuple[int, int]]]:
    """Return what the rules took each word for, and for each finding where the words that it touches begin and end.

    The findings are in order. An opinion is a group of labels and how sure, or "no"; of several findings over one
    word the most certain counts.
    """
    count, first = len(tokens), 0
    opinions, strength, touched = ["no"] * count, [0.0] * count, []
    for start, end, label, confidence, _ in findings:
        while first < count and tokens[first].end <= start:
            first += 1
        at = first
        while at < count and tokens[at].start < end:
            if confidence > strength[at]:
                strength[at] = confidence
                sure = "3" if confidence >= _SURE else "2" if confidence >= _FAIR else "1"
                opinions[at] = _GROUPS.get(label, "X") + sure
            at += 1
        touched.append((first, at))
    return opinions, touched


def _style(tokens: Sequence[Token]) -> str:
    """Return how the words are written: all in capitals, with hardly a capital, or as usual."""
    if len([token for token in tokens if token.upper]) * 2 > len(tokens):
        return "shouted"
    return "usual" if len([token for token in tokens if token.capital]) * _ONE_IN > len(tokens) else "small"


@lru_cache(maxsize=1 << 12)
def _marks(gap: str) -> str:
    """Return a gap with digits as one 9, line ends as n, and at most its first four kinds of marks."""
    marks = before = ""
    for character in gap:
        mark = _ASCII_MARKS.get(character) or _mark(character)
        if mark not in (before, "_"):
            marks += mark
            if len(marks) == _MARKS:
                break
        before = mark
    return marks or before  # spaces alone are a mark


def _mark(character: str) -> str:
    if character.isdigit():
        return "9"
    if character in "\r\n":
        return "n"
    return "_" if character.isspace() else character


_ASCII_MARKS: Final = {character: _mark(character) for character in map(chr, range(128))}
