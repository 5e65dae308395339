"""A form: one way in which a known identifier can be written, and what else must hold where it is found."""

from dataclasses import dataclass
from enum import Enum


class Rule(Enum):
    """What must hold, besides equal letters and digits, for a place in a text to be a form's."""

    ANYWHERE = "anywhere"
    """Nothing: the form is long enough to be no accident inside of other characters."""
    WHOLE = "whole"
    """No letter (of a form that ends in letters) or digit (of one that ends in digits) stands beside it."""
    WORDS = "words"
    """Whole, and cut into exactly the form's words."""
    CAPITAL_WORDS = "capital words"
    """As ``WORDS``, and each word begins with a capital."""
    WRITTEN = "written"
    """Whole, and written in exactly this case."""


@dataclass(frozen=True, slots=True)
class Form:
    """``key`` is the folded text; ``words`` are its folded words; ``written`` is the exact text."""

    key: str
    rule: Rule
    words: tuple[str, ...] = ()
    written: str = ""
