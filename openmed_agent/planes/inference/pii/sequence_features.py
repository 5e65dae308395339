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
    def brief(self) -> str:
        """The word as its neighbours see it."""
        if self.classes:
            return self.classes[0]
        return f"{self.shape}{'n' if self.flags & ANY_NAME else 'w' if self.flags else ''}"


NO_WORD: Final = Traits("", 0, ("edge",), "", "")
"""What stands before the first and after the last word."""


class Word(NamedTuple):
    """Features of a word wherever it stands, for itself and for the words around it."""

    own: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    two_before: tuple[str, ...]
    two_after: tuple[str, ...]


EDGE: Final = Word((), ("-edge",), ("+edge",), ("--edge",), ("++edge",))


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


def word(own: Traits) -> Word:
    """Return the features of a word with these traits."""
    if own == NO_WORD:
        return EDGE
    shape, flags, classes, english, ending = own
    features = [f"s={shape}", f"f={flags}", f"{shape}/{flags}", *(f"c={name}" for name in classes)]
    if english:
        features.append(f"w={english}")
    if ending:
        features.append(f"e={ending}")
    name, brief = english or shape, own.brief
    return Word(
        tuple(features),
        (f"-w={name}", f"-s={shape}", f"-f={flags}", f"-c={brief}"),
        (f"+w={name}", f"+s={shape}", f"+f={flags}", f"+c={brief}"),
        (f"--w={name}", f"--c={brief}"),
        (f"++w={name}", f"++c={brief}"),
    )


def _shape(text: str) -> str:
    length = "1" if len(text) == 1 else "2" if len(text) == len("ab") else "s" if len(text) < _LONG else "l"
    if text.islower():
        return "x" + length
    if text.isupper():
        return "X" + length
    if text[0].isupper() and text[1:].islower():
        return "Xx" + length
    return "-" if "-" in text else "'" if "'" in text else "mix"


class Surroundings(NamedTuple):
    """What is not of a word itself: the marks beside it, the rules' opinions and how the text is written."""

    left: str
    right: str
    rule_before: str
    rule: str
    rule_after: str
    style: str


def context(shape: str, flags: int, before: str, after: str, around: Surroundings) -> tuple[str, ...]:
    """Return the features of a word in its place, beyond those of the words themselves.

    `before` and `after` are the neighbours in brief.
    """
    left, right, rule_before, rule, rule_after, style = around
    return (
        "<" + left,
        ">" + right,
        f"<{left}{before}",
        f">{right}{after}",
        f"{before}<{left}>{right}{after}",
        f"{before}|{shape}/{flags}",
        f"{style}s={shape}",
        f"{style}s={shape}|{rule}",
        "r=" + rule,
        f"r={rule}|f={flags}",
        f"r={rule}|{left}{before}",
        "-r=" + rule_before,
        "+r=" + rule_after,
    )


class Sentence:
    """The words of one text with what the model needs to see of them."""

    def __init__(self, text: str, tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> None:
        self.length = len(tokens)
        self.texts = ["", "", *[token.text for token in tokens], "", ""]
        """The words as they are written; the word at `index` is `texts[index + 2]`."""
        self.opinions = ["edge", *_opinions(tokens, findings), "edge"]
        """What the rules took each word for; of the word at `index` it is `opinions[index + 1]`."""
        self.style = _style(tokens)
        self._text = text
        self._tokens = tokens

    def marks(self, first: int, last: int) -> list[str]:
        """Return what stands before each word from `first` to `last`: the marks that matter.

        Before the word that is one too many stands the rest of the text.
        """
        known = _GAPS.get
        marks = [known(token.gap) or _marks(token.gap[:_WIDEST_GAP]) for token in self._tokens[first : last + 1]]
        if last == self.length:
            end = self._tokens[-1].end if self._tokens else 0
            marks.append(_marks(self._text[end : end + _WIDEST_GAP]))
        return marks

    def around(self, index: int) -> Surroundings:
        """Return the surroundings of a word."""
        left, right = self.marks(index, index + 1)
        rule_before, rule, rule_after = self.opinions[index : index + 3]
        return Surroundings(left, right, rule_before, rule, rule_after, self.style)

    def features(self) -> Iterator[list[str]]:
        """Yield all features of each word, for training."""
        known = [traits(text) for text in self.texts]
        words = [word(own) for own in known]
        for index in range(self.length):
            two_before, before, own, after, two_after = words[index : index + 5]
            left, middle, right = known[index + 1 : index + 4]
            place = context(middle.shape, middle.flags, left.brief, right.brief, self.around(index))
            yield [*own.own, *before.before, *after.after, *two_before.two_before, *two_after.two_after, *place]


def _opinions(tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> list[str]:
    """Return for each word what the rules took it for: a group of labels and how sure, or "no".

    Of several findings over one word the most certain counts.
    """
    count = len(tokens)
    result = ["no"] * count
    strength = [0.0] * count
    index = 0
    for start, end, label, confidence, _ in sorted(findings, key=_START):
        while index < count and tokens[index].end <= start:
            index += 1
        at = index
        while at < count and tokens[at].start < end:
            if confidence > strength[at]:
                strength[at] = confidence
                sure = "3" if confidence >= _SURE else "2" if confidence >= _FAIR else "1"
                result[at] = _GROUPS.get(label, "X") + sure
            at += 1
    return result


def _style(tokens: Sequence[Token]) -> str:
    """Return how the words are written: all in capitals, with hardly a capital, or as usual."""
    if len([token for token in tokens if token.upper]) * 2 > len(tokens):
        return "shouted"
    return "usual" if len([token for token in tokens if token.capital]) * _ONE_IN > len(tokens) else "small"


@lru_cache(maxsize=1 << 12)
def _marks(gap: str) -> str:
    """Return a gap with digits as one 9, line ends as n, and at most its first four kinds of marks."""
    marks: list[str] = []
    for character in gap:
        mark = "9" if character.isdigit() else "n" if character in "\r\n" else "_" if character.isspace() else character
        if not marks or marks[-1] != mark:
            marks.append(mark)
    squeezed = [mark for mark in marks if mark != "_"] or marks[:1]
    return "".join(squeezed[:_MARKS])
