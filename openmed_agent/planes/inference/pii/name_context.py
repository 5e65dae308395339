"""What stands around a word: cues for a name, degrees, the heads of eponyms, beginnings of sentences."""

import re
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.inference.pii.tokens import PLACE, Token
from openmed_agent.planes.inference.pii.vocabulary import (
    CREDENTIALS,
    EPONYM_HEADS,
    EPONYMS,
    FIELDS,
    PERSON_VERBS,
    RELATIVES,
    STAFF,
    STRONG_CUES,
    TITLES,
    WEAK_CUES,
)

_POST_CODE: Final = re.compile(r",? {1,3}\d{5}\b")
_TWO: Final = 2
_ADDRESSING: Final = frozenset({"you", "thanks", "ok", "okay", "morning"})  # "Thank you, Jim"
_CLOSINGS: Final = frozenset(
    {"regards", "sincerely", "thanks", "thank", "you", "cheers", "love", "best", "yours", "truly"}
)
_NAMING: Final = FIELDS | STAFF | RELATIVES
_INTRODUCTIONS: Final = frozenset({"is", "am", "name", "by", "as", "i'm"})
_CUES: Final = TITLES | _NAMING | _CLOSINGS | STRONG_CUES | WEAK_CUES | _ADDRESSING | _INTRODUCTIONS
_WIDEST_GAP: Final = 12  # wider is a column of a form
_SHORTEST_ACRONYM_APART: Final = 4
_BEFORE_STOP: Final = frozenset({"m", "d", "ph"})  # of M.D., D.O. and Ph.D.
_SPACES: Final = frozenset({" ", "  "})
_STOPS: Final = frozenset({". ", "."})
_SENTENCE_ENDS: Final = '.!?:;\n*•>|[{"-\t'


class Context:
    """The surroundings of the words of one text; there must be words.

    What is asked of every word stands in a column of its own, which is read in half the time of a field.
    """

    keys: tuple[str, ...]
    flags: tuple[int, ...]
    capitals: tuple[bool, ...]
    uppers: tuple[bool, ...]
    initials: tuple[bool, ...]
    gaps: tuple[str, ...]

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self.text = text
        self.tokens = tokens
        columns = zip(*tokens, strict=True)
        _, _, self.gaps, _, self.keys, self.flags, self.capitals, self.uppers, self.initials = columns

    def joined(self, left: int, right: int) -> bool:
        """Say whether two neighbours stand in one phrase: a space, or a full stop after an initial or title."""
        gap = self.gaps[right]
        if gap in _SPACES:
            return True
        if gap not in _STOPS:
            return False
        key = self.keys[left]
        return self.initials[left] or key in TITLES or key in CREDENTIALS or key == "st"

    def cue_before(self, index: int) -> int:
        """Return 3 after a title, 2 after a field or relative, 1 after a weak word, 0 for none."""
        if index == 0 or self.keys[index - 1] not in _CUES:
            return 0
        previous = self.keys[index - 1]
        gap = self.gaps[index]
        tight = gap.strip(" \t")
        if len(gap) > _WIDEST_GAP:
            return 0
        if previous in TITLES and tight in {"", "."} and "\n" not in gap:
            return 3
        if previous in _NAMING and (":" in tight or "=" in tight) and tight in {":", "=", "(s):", ":\n"}:
            return 2
        if "\n" in gap and tight.strip("\n\r") in {",", ""} and previous in _CLOSINGS:
            return 2
        if "\n" in gap:
            return 0
        if previous in RELATIVES and tight in {"", ",", "("}:
            return 2
        if (tight in {"", ",", "'s"} and previous in STRONG_CUES) or (tight == "," and previous in _ADDRESSING):
            return 2
        if tight == "" and previous in _INTRODUCTIONS and self._introduced(index):
            return 2
        return 1 if tight == "" and (previous in WEAK_CUES or previous in STAFF) else 0

    def _introduced(self, index: int) -> bool:
        words = list(self.keys[max(0, index - 4) : index])
        if words[-1:] == ["is"] and "name" in words:
            return True
        return words[-2:] in (
            ["this", "is"],
            ["i", "am"],
            ["last", "name"],
            ["first", "name"],
            ["signed", "by"],
            ["goes", "by"],
            ["known", "as"],
        ) or words[-1:] == ["i'm"]

    def credentials_follow(self, end: int) -> bool:
        """Say whether a degree such as MD stands after the word before `end`."""
        if end >= len(self.keys) or (self.keys[end] not in CREDENTIALS and self.keys[end] not in _BEFORE_STOP):
            return False
        token = self.tokens[end]
        gap = token.gap
        if gap.strip() in {",", "", "."} and "\n" not in gap and token.key in CREDENTIALS and token.text[0].isupper():
            return gap.strip() == "," or token.upper
        follow = self.text[self.tokens[end - 1].end : self.tokens[end - 1].end + 8]
        return follow.startswith((", M.D", ", D.O", " M.D", ", Ph.D"))

    def eponym(self, index: int) -> bool:
        """Say whether a word names a disease, sign or device and not a person here."""
        if self.keys[index] not in EPONYMS and EPONYM_HEADS.isdisjoint(self.keys[index + 1 : index + 4]):
            return False
        token = self.tokens[index]
        following = self.tokens[index + 1 : index + 4]
        possessive = self.text[token.end : token.end + 2].lower() == "'s"
        near = [
            t.key
            for t in following
            if "\n" not in self.text[token.end : t.start] and "." not in self.text[token.end : t.start]
        ]
        if near[:1] and near[0] in EPONYM_HEADS:
            return True
        if token.key in EPONYMS and not (
            possessive and near and near[0] in {"wife", "husband", "daughter", "son", "mother", "father"}
        ):
            return True
        return any(key in EPONYM_HEADS for key in near[1:3]) and (possessive or near[0] in {"or", "and", "non-hodgkin"})

    def state(self, index: int) -> bool:
        """Say whether a word is a state here: after the comma of a town, or a short form before a postal code."""
        if self.flags[index] & PLACE and self.gaps[index].endswith(", "):
            return True
        token = self.tokens[index]
        return token.upper and len(token.key) == _TWO and _POST_CODE.match(self.text, token.end) is not None

    def line_start(self, index: int) -> bool:
        """Say whether a word begins a line or the value of a field."""
        before = self.text[max(0, self.tokens[index].start - 3) : self.tokens[index].start]
        return not before.strip(" \t") or before.rstrip(" \t").endswith(("\n", ":"))

    def starts_sentence(self, index: int) -> bool:
        """Say whether a word begins a sentence, so that its capital letter tells nothing."""
        start = self.tokens[index].start
        before = self.text[max(0, start - 4) : start].rstrip(" \t'(")
        return not before or before[-1] in _SENTENCE_ENDS

    def shouting(self, index: int) -> bool:
        """Say whether the words around are in capitals too, so that capitals tell nothing."""
        return any(
            self.uppers[near] and len(self.keys[near]) >= _SHORTEST_ACRONYM_APART
            for near in range(max(0, index - 2), min(index + 3, len(self.keys)))
            if near != index
        )

    def acts(self, index: int) -> bool:
        """Say whether a person's verb or a comma follows: "Chance is a ...", "Leif, can I ..."."""
        token = self.tokens[index]
        if self.text[token.end : token.end + 2] in {", ", ": "} or index + 1 >= len(self.tokens):
            return True
        following = self.tokens[index + 1]
        return self.joined(index, index + 1) and (following.key in PERSON_VERBS or following.key.endswith("ed"))
