"""Names of persons: a grammar of cues, lists and capital letters over the words of a text.

The steps: find runs of capitalised words, decide with the cues around a run which of its words are a name,
then look for the same words elsewhere in the document.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.name_inverted import inverted_end
from openmed_agent.planes.inference.pii.name_judgement import can_be_name, pair, single
from openmed_agent.planes.inference.pii.name_lower import lower_case_name
from openmed_agent.planes.inference.pii.name_parts import parts
from openmed_agent.planes.inference.pii.tokens import ANY_NAME, COMMON, FUNCTION, MEDICAL, PLACE, WORD, Token
from openmed_agent.planes.inference.pii.vocabulary import (
    CREDENTIALS,
    FIELDS,
    HEADERS,
    PARTICLES,
    RELATIVES,
    STAFF,
    TITLES,
)

SOURCE: Final = "name"

_LONGEST_NAME: Final = 5
_SHORTEST_LONE: Final = 3
_TWO: Final = 2
_TITLED: Final = 3
_FIELDS_AND_RELATIVES: Final = FIELDS | RELATIVES
_LEADING: Final = TITLES | _FIELDS_AND_RELATIVES
_RELATIVES_AND_STAFF: Final = RELATIVES | STAFF
_ORDINARY: Final = WORD | MEDICAL | FUNCTION
_CERTAIN: Final = 0.75  # a cue or a full name

Name = tuple[int, int, float]
"""The first word of a name, the word after its last, and how sure it is one."""


class NameGrammar:
    """The decisions about one text: its tokens, and which of them are names so far."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._context = Context(text, tokens)

    def find(self) -> Iterator[PiiFinding]:
        """Yield first, middle and last names."""
        known: dict[str, str] = {}
        taken: set[int] = set()
        reach = 0
        for first, last, confidence in self._names():
            if first < reach:
                continue
            reach = last
            taken.update(range(first, last))
            for finding, index in parts(self._context, first, last, confidence, (SOURCE,)):
                yield finding
                if confidence >= _CERTAIN:
                    self._remember(known, index, finding)
        yield from self._again(known, taken)

    def _names(self) -> Iterator[Name]:
        done = 0
        for index, token in enumerate(self._tokens):
            if index < done:
                continue
            if token.capital:
                done = self._run_end(index)
                cue = self._context.cue_before(index)
                if cue or done > index + 1 or not _is_ordinary(token):
                    yield from self._in_run(index, done, cue)
            elif token.flags & ANY_NAME or not token.flags:
                name = lower_case_name(self._context, index)
                if name is not None:
                    yield name

    def _run_end(self, index: int) -> int:
        """Return the end of the run of capitalised words, initials and particles that begins here."""
        last = index + 1
        for token in self._tokens[last : index + _LONGEST_NAME * 2]:
            if token.capital:
                if not self._context.joined(last - 1, last):
                    break
            elif token.key not in PARTICLES or not (
                self._context.joined(last - 1, last) and self._particle_leads_on(last)
            ):
                break
            last += 1
        return last

    def _particle_leads_on(self, index: int) -> bool:
        for following in range(index + 1, min(index + 3, len(self._tokens))):
            if not self._context.joined(following - 1, following):
                return False
            if self._tokens[following].capital:
                return True
            if self._tokens[following].key not in PARTICLES:
                return False
        return False

    def _in_run(self, first: int, last: int, cue: int) -> Iterator[Name]:
        tokens = self._tokens
        index = first
        while index < last:
            token = tokens[index]
            if token.key in _LEADING and index + 1 < last:
                if token.key in TITLES and not (
                    token.upper and token.key in CREDENTIALS and cue == 0 and index > first
                ):
                    cue, index = 3, index + 1
                    continue
                if token.key in _FIELDS_AND_RELATIVES and token.flags & WORD and token.key not in {"mark", "will"}:
                    cue, index = (2 if token.key in _RELATIVES_AND_STAFF else 1), index + 1
                    continue
            if not cue and _is_ordinary(token):  # as most words with a capital
                index += 1
                continue
            inverted = inverted_end(self._context, index, last, cue)
            if inverted is not None:
                yield index, inverted, 0.85
                index, cue = inverted, 0
                continue
            if (
                token.initial
                and not cue
                and index + 2 < last
                and tokens[index + 1].initial
                and tokens[index + 2].initial
            ):
                index += 1  # a row of single letters is no name
                continue
            end, confidence = self._name_at(index, last, cue)
            if end > index:
                yield index, end, confidence
                index = end
            else:
                index += 1
            cue = 0

    def _name_at(self, index: int, last: int, cue: int) -> tuple[int, float]:
        """Return the end of the name that begins at a word and how sure that is; the same index for none."""
        end = self._longest(index, last, cue)
        if end == index:
            return index, 0.0
        credentials = self._context.credentials_follow(end)
        if cue == _TITLED:
            return end, 0.95
        if end - index >= _TWO:
            confidence = pair(self._context, index, end, cue or credentials * 2)
            if confidence:
                return end, confidence
            end = index + 1
        return single(self._context, index, end, max(cue, credentials * 2))

    def _longest(self, index: int, last: int, cue: int) -> int:
        """Return how far words that can be part of a name go on."""
        tokens = self._tokens
        end = index
        while end < last and end - index < _LONGEST_NAME:
            token = tokens[end]
            key, flags = token.key, token.flags
            if (flags & PLACE or token.upper) and self._context.state(end):
                break
            if end > index and key in CREDENTIALS and (token.upper or key in {"jr", "sr"}):
                break
            if key in PARTICLES and end + 1 < last and not token.upper:
                end += 1
                continue
            if token.initial:
                if token.text == "I" and self._text[token.end : token.end + 1] != ".":
                    break
                end += 1
                continue
            if not can_be_name(token, flags, first=end == index, cue=cue):
                break
            end += 1
        while end > index and tokens[end - 1].key in PARTICLES and not tokens[end - 1].capital:
            end -= 1
        return end

    def _remember(self, known: dict[str, str], index: int, finding: PiiFinding) -> None:
        token = self._tokens[index]
        if len(token.key) >= _SHORTEST_LONE and not token.flags & FUNCTION and token.key not in HEADERS:
            known.setdefault(token.key, finding.label)

    def _again(self, known: dict[str, str], taken: set[int]) -> Iterator[PiiFinding]:
        if not known:
            return
        for index, token in enumerate(self._tokens):
            if token.key not in known or index in taken:
                continue
            flags = token.flags
            if (not token.capital and flags & WORD) or self._context.eponym(index):
                continue
            if flags & COMMON and (self._context.starts_sentence(index) or self._context.shouting(index)):
                continue
            yield PiiFinding(token.start, token.end, known[token.key], 0.6, ("repeated",))


def _is_ordinary(token: Token) -> bool:
    """Say whether a word is one of the language and no part of a name without a cue."""
    flags = token.flags
    return bool(flags & _ORDINARY and not flags & ANY_NAME and not token.initial and token.key not in PARTICLES)


def find(text: str, tokens: Sequence[Token]) -> Iterator[PiiFinding]:
    """Yield names of persons in the text; the tokens are those of the same text."""
    return NameGrammar(text, tokens).find()
