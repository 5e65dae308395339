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

    def _names(self) -> list[Name]:
        names: list[Name] = []
        done = 0
        context = self._context
        for index, (capital, flags) in enumerate(zip(context.capitals, context.flags, strict=True)):
            if index < done:
                continue
            if capital:
                done = self._run_end(index)
                cue = context.cue_before(index)
                if cue or done > index + 1 or not self._is_ordinary(index):
                    names += self._in_run(index, done, cue)
            elif flags & ANY_NAME or not flags:
                name = lower_case_name(self._context, index)
                if name is not None:
                    names.append(name)
        return names

    def _run_end(self, index: int) -> int:
        """Return the end of the run of capitalised words, initials and particles that begins here."""
        last = index + 1
        for capital in self._context.capitals[last : index + _LONGEST_NAME * 2]:
            if not capital and self._context.keys[last] not in PARTICLES:
                break
            if not self._context.joined(last - 1, last) or not (capital or self._particle_leads_on(last)):
                break
            last += 1
        return last

    def _particle_leads_on(self, index: int) -> bool:
        for following in range(index + 1, min(index + 3, len(self._tokens))):
            if not self._context.joined(following - 1, following):
                return False
            if self._context.capitals[following]:
                return True
            if self._context.keys[following] not in PARTICLES:
                return False
        return False

    def _in_run(self, first: int, last: int, cue: int) -> list[Name]:
        names: list[Name] = []
        context, initials = self._context, self._context.initials
        index = first
        while index < last:
            key = context.keys[index]
            if key in _LEADING and index + 1 < last:
                if key in TITLES and not (context.uppers[index] and key in CREDENTIALS and cue == 0 and index > first):
                    cue, index = 3, index + 1
                    continue
                if key in _FIELDS_AND_RELATIVES and context.flags[index] & WORD and key not in {"mark", "will"}:
                    cue, index = (2 if key in _RELATIVES_AND_STAFF else 1), index + 1
                    continue
            if not cue and self._is_ordinary(index):  # as most words with a capital
                index += 1
                continue
            inverted = inverted_end(context, index, last, cue)
            if inverted is not None:
                names.append((index, inverted, 0.85))
                index, cue = inverted, 0
                continue
            if initials[index] and not cue and index + 2 < last and initials[index + 1] and initials[index + 2]:
                index += 1  # a row of single letters is no name
                continue
            end, confidence = self._name_at(index, last, cue)
            if end > index:
                names.append((index, end, confidence))
                index = end
            else:
                index += 1
            cue = 0
        return names

    def _is_ordinary(self, index: int) -> bool:
        """Say whether a word is one of the language and no part of a name without a cue."""
        flags = self._context.flags[index]
        if not flags & _ORDINARY or flags & ANY_NAME:
            return False
        return not self._context.initials[index] and self._context.keys[index] not in PARTICLES

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
        context = self._context
        end = index
        while end < last and end - index < _LONGEST_NAME:
            key, flags, upper = context.keys[end], context.flags[end], context.uppers[end]
            if (flags & PLACE or upper) and context.state(end):
                break
            if end > index and key in CREDENTIALS and (upper or key in {"jr", "sr"}):
                break
            if key in PARTICLES and end + 1 < last and not upper:
                end += 1
                continue
            if context.initials[end]:
                token = self._tokens[end]
                if token.text == "I" and self._text[token.end : token.end + 1] != ".":
                    break
                end += 1
                continue
            if not can_be_name(key, flags, upper=upper, first=end == index, cue=cue):
                break
            end += 1
        while end > index and context.keys[end - 1] in PARTICLES and not context.capitals[end - 1]:
            end -= 1
        return end

    def _remember(self, known: dict[str, str], index: int, finding: PiiFinding) -> None:
        token = self._tokens[index]
        if len(token.key) >= _SHORTEST_LONE and not token.flags & FUNCTION and token.key not in HEADERS:
            known.setdefault(token.key, finding.label)

    def _again(self, known: dict[str, str], taken: set[int]) -> Iterator[PiiFinding]:
        if not known:
            return
        for index, key in enumerate(self._context.keys):
            if key not in known or index in taken:
                continue
            token, flags = self._tokens[index], self._context.flags[index]
            if (not token.capital and flags & WORD) or self._context.eponym(index):
                continue
            if flags & COMMON and (self._context.starts_sentence(index) or self._context.shouting(index)):
                continue
            yield PiiFinding(token.start, token.end, known[key], 0.6, ("repeated",))


def find(text: str, tokens: Sequence[Token]) -> Iterator[PiiFinding]:
    """Yield names of persons in the text; the tokens are those of the same text."""
    return NameGrammar(text, tokens).find() if tokens else iter(())
