"""What a cue of clinical context is: what it sets, in which direction, and how far it reaches; and the words of a text.

The scheme is that of ConText (Chapman et al. 2001, J Biomed Inform 34:301; Harkema et al. 2009, J Biomed
Inform 42:839); the phrases and the rules of reach are ours.
"""

import re
from dataclasses import dataclass
from enum import Enum, IntEnum, auto


class Category(IntEnum):
    """What a cue says about the mentions in its reach."""

    NEGATED = auto()
    HISTORICAL = auto()
    LISTED = auto()  # told as history without a word that it is over: "past medical history includes"
    HYPOTHETICAL = auto()  # not there yet: a condition, a risk, what is to be prevented or treated when needed
    UNCERTAIN = auto()  # perhaps there: possible, suspected, to be ruled out
    FAMILY = auto()
    OTHER = auto()
    CONDITION = auto()  # a hypothesis that is only the condition of something: "if the rash spreads"
    NOTHING = auto()  # looks like a cue and is none


class Direction(Enum):
    """On which side of a cue its mentions stand."""

    FORWARD = auto()
    BACKWARD = auto()
    BOTH = auto()


class Reach(Enum):
    """How far a cue reaches before something else ends it."""

    MARKED = auto()  # to the next comma or mark, as in "-edema"
    CLAUSE = auto()  # over conjuncts, to a termination or a new clause
    SEGMENT = auto()  # to the next comma, unless a list with "or" runs on
    NEAR = auto()  # three words within the segment
    SENTENCE = auto()  # to a hard termination only


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase and its effect."""

    category: Category
    direction: Direction
    reach: Reach


_TOKEN = re.compile(r"[^\W\d_]{1,12}n['’]t\b|[^\W\d_]+|\d+|[^\w\s]|_")
_NOT = frozenset(("cannot", "cant", "dont", "doesnt", "didnt", "hasnt", "isnt", "wasnt"))


@dataclass(frozen=True, slots=True)
class Word:
    """A token of a sentence: its normalised form and where it stands in the text."""

    form: str
    start: int
    end: int


def words(text: str, start: int, end: int) -> list[Word]:
    """Return the words, numbers and single marks of ``text[start:end]``."""
    found: list[Word] = []
    for match in _TOKEN.finditer(text, start, end):
        form = match.group().lower()
        if form in _NOT or form.endswith(("n't", "n’t")):
            form = "not"
        found.append(Word(form, match.start(), match.end()))
    return found
