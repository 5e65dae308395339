"""Names of persons: a grammar of cues, lists and capital letters over the words of a text.

The steps: find runs of capitalised words, decide with the cues around a run which of its words are a name,
then look for the same words elsewhere in the document.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.name_context import Context
from openmed_agent.planes.inference.pii.name_parts import part_label
from openmed_agent.planes.inference.pii.tokens import (
    ANY_GIVEN,
    ANY_NAME,
    ANY_SURNAME,
    COMMON,
    FUNCTION,
    GIVEN,
    GIVEN_AMBIGUOUS,
    MEDICAL,
    PLACE,
    SURNAME,
    WORD,
    Token,
)
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
_CERTAIN: Final = 0.75  # a cue or a full name
_SHORTEST_ACRONYM_APART: Final = 4


class NameGrammar:
    """The decisions about one text: its tokens, and which of them are names so far."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._context = Context(text, tokens)
        self._kinds = [token.flags for token in tokens]

    def find(self) -> Iterator[PiiFinding]:
        """Yield first, middle and last names."""
        known: dict[str, str] = {}
        taken: set[int] = set()
        for first, last, confidence in self._names():
            if any(index in taken for index in range(first, last)):
                continue
            taken.update(range(first, last))
            for finding, index in self._parts(first, last, confidence):
                yield finding
                self._remember(known, index, finding, certain=confidence >= _CERTAIN)
        yield from self._again(known, taken)

    # -- where names begin ---------------------------------------------------------------------------------

    def _names(self) -> Iterator[tuple[int, int, float]]:
        index = 0
        while index < len(self._tokens):
            token = self._tokens[index]
            if token.capital:
                last = self._run_end(index)
                yield from self._in_run(index, last)
                index = last
            else:
                yield from self._lower_case(index)
                index += 1

    def _run_end(self, index: int) -> int:
        """Return the end of the run of capitalised words, initials and particles that begins here."""
        last = index + 1
        while last < len(self._tokens) and last - index < _LONGEST_NAME * 2:
            if not self._context.joined(last - 1, last):
                break
            token = self._tokens[last]
            if token.capital or (token.key in PARTICLES and self._particle_leads_on(last)):
                last += 1
            else:
                break
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

    # -- what in a run is a name ---------------------------------------------------------------------------

    def _in_run(self, first: int, last: int) -> Iterator[tuple[int, int, float]]:
        cue = self._context.cue_before(first)
        index = first
        while index < last:
            token = self._tokens[index]
            if (
                token.key in TITLES
                and index + 1 < last
                and not (token.upper and token.key in CREDENTIALS and cue == 0 and index > first)
            ):
                cue, index = 3, index + 1
                continue
            if (
                token.key in FIELDS | RELATIVES
                and self._kinds[index] & WORD
                and index + 1 < last
                and token.key not in {"mark", "will"}
            ):
                cue, index = (2 if token.key in RELATIVES | STAFF else 1), index + 1
                continue
            inverted = self._inverted(index, last, cue)
            if inverted is not None:
                yield index, inverted, 0.85
                index, cue = inverted, 0
                continue
            if (
                token.initial
                and index + 1 < last
                and self._tokens[index + 1].initial
                and index + 1 < last - 1
                and not cue
            ):
                following = self._tokens[index + 2]
                if following.initial:  # a row of single letters is no name
                    index += 1
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
            confidence = self._pair(index, end, cue or credentials * 2)
            if confidence:
                return end, confidence
            end = index + 1
        return self._single(index, end, max(cue, credentials * 2))

    def _longest(self, index: int, last: int, cue: int) -> int:
        """Return how far words that can be part of a name go on."""
        end = index
        while end < last and end - index < _LONGEST_NAME:
            token, flags = self._tokens[end], self._kinds[end]
            if end > index and token.key in CREDENTIALS and (token.upper or token.key in {"jr", "sr"}):
                break
            if token.key in PARTICLES and end + 1 < last and not token.upper:
                end += 1
                continue
            if token.initial:
                if token.text == "I" and self._text[token.end : token.end + 1] != ".":
                    break
                end += 1
                continue
            if not self._can_be_name(token, flags, first=end == index, cue=cue):
                break
            end += 1
        while end > index and self._tokens[end - 1].key in PARTICLES and not self._tokens[end - 1].capital:
            end -= 1
        return end

    def _can_be_name(self, token: Token, flags: int, *, first: bool, cue: int) -> bool:
        if flags & PLACE and not flags & ANY_NAME:
            return False
        if flags & MEDICAL and not (flags & ANY_NAME and cue):
            return False
        if flags & FUNCTION:
            if not first or token.upper or token.key in HEADERS:
                return False
            return cue == _TITLED or (cue == _TWO and bool(flags & ANY_NAME))
        if flags & ANY_NAME:
            return not (token.key in HEADERS and not first)
        if flags & WORD:
            return cue == _TITLED and first and token.key not in HEADERS
        return len(token.key) > 1 and not (token.upper and len(token.key) < _SHORTEST_ACRONYM_APART and cue < _TWO)

    def _pair(self, index: int, end: int, cue: int) -> float:
        """Return how sure two or more words are one person's name, 0 for not."""
        tokens, flags = self._tokens[index:end], self._kinds[index:end]
        if self._context.eponym(end - 1) and not flags[0] & GIVEN:
            return 0.0
        if cue:
            return 0.9
        first, rest = flags[0], flags[1:]
        shouted = all(token.upper or token.initial for token in tokens)
        if first & FUNCTION:
            return 0.0
        if first & GIVEN and not first & COMMON:
            return 0.85 if any(flag & ANY_NAME for flag in rest) or not shouted else 0.6
        if tokens[0].initial:
            last = flags[-1]
            if tokens[-1].initial:
                return 0.0
            return (
                0.75
                if last & SURNAME or (not last & WORD and not shouted) or (last & ANY_SURNAME and not last & COMMON)
                else 0.0
            )
        unknown = sum(
            1 for token, flag in zip(tokens, flags, strict=True) if not flag & (WORD | MEDICAL) and not token.initial
        )
        if first & GIVEN_AMBIGUOUS and unknown and not shouted:
            return 0.6 if first & COMMON else 0.8
        if first & GIVEN_AMBIGUOUS and any(flag & ANY_SURNAME for flag in rest):
            strong = any(flag & SURNAME for flag in rest) or not first & COMMON
            return 0.75 if strong else 0.5 if not shouted and not self._context.starts_sentence(index) else 0.0
        if any(flag & (GIVEN | SURNAME) for flag in flags) and not shouted:
            return 0.7
        return 0.6 if unknown >= _TWO and not shouted else 0.0

    def _single(self, index: int, end: int, cue: int) -> tuple[int, float]:
        """Decide on one word standing alone."""
        token, flags = self._tokens[index], self._kinds[index]
        if (
            token.initial
            or token.key in PARTICLES
            or (len(token.key) < _SHORTEST_LONE and not (cue and flags & ANY_NAME))
        ):
            return index, 0.0
        if self._context.eponym(index) and not cue >= _TWO:
            return index, 0.0
        if flags & PLACE and cue < _TWO and not self._context.acts(index):
            return index, 0.0
        confidence = self._announced(token, flags, cue) if cue else self._unannounced(index)
        return (end, confidence) if confidence else (index, 0.0)

    @staticmethod
    def _announced(token: Token, flags: int, cue: int) -> float:
        """Return how sure a lone word after a cue is a name."""
        if flags & ANY_NAME and not (flags & FUNCTION and cue < _TWO) and token.key not in HEADERS:
            return 0.8 if not flags & COMMON or cue >= _TWO else 0.55
        return 0.0 if flags & (WORD | MEDICAL) else 0.75

    def _unannounced(self, index: int) -> float:
        """Return how sure a lone word without a cue is a name, by the lists and its capital letter."""
        token, flags = self._tokens[index], self._kinds[index]
        short = len(token.key) < _SHORTEST_ACRONYM_APART
        if token.upper and (short or self._context.shouting(index)):
            return 0.55 if flags & GIVEN and not short else 0.0
        if flags & (GIVEN | SURNAME):
            return 0.65 if flags & GIVEN else 0.6
        if flags & WORD and self._context.starts_sentence(index):
            acts = flags & ANY_GIVEN and not flags & (FUNCTION | MEDICAL) and self._context.acts(index)
            return 0.55 if acts and not token.upper else 0.0
        if flags & ANY_NAME:
            return 0.0 if flags & (COMMON | MEDICAL) or (token.upper and flags & WORD) else 0.5
        written_as_name = token.text[1:].islower() or "-" in token.text or "'" in token.text
        return 0.0 if flags & (WORD | MEDICAL | PLACE) or short or not written_as_name else 0.5

    def _inverted(self, index: int, last: int, cue: int) -> int | None:
        """Return the end of `LAST, FIRST M` that begins here, or None."""
        end = index + 1
        announced = cue == _TWO and not self._kinds[index] & (FUNCTION | MEDICAL)
        if self._tokens[index].initial or not (announced or self._surname_like(index)):
            return None
        if end < last and self._context.joined(index, end) and self._surname_like(end) and end + 1 < len(self._tokens):
            end += 1
        gap = self._text[self._tokens[end - 1].end : self._tokens[end].start] if end < len(self._tokens) else ""
        if gap not in {",", ", ", " , ", "^"} or not self._tokens[end].capital:
            return None
        flags, token = self._kinds[end], self._tokens[end]
        shouted_form = token.upper and self._tokens[index].upper and self._kinds[index] & SURNAME
        given = flags & ANY_GIVEN and (shouted_form or (not flags & FUNCTION and token.key not in CREDENTIALS))
        unsure = flags & COMMON or self._kinds[index] & (COMMON | PLACE)
        if not given or (unsure and not (flags & GIVEN and not self._kinds[index] & PLACE) and not token.upper):
            return None
        if (
            flags & GIVEN_AMBIGUOUS
            and not token.upper
            and not self._kinds[index] & SURNAME
            and not self._context.line_start(index)
        ):
            return None
        end += 1
        while (
            end < len(self._tokens)
            and self._context.joined(end - 1, end)
            and (self._tokens[end].initial or (self._kinds[end] & GIVEN and self._tokens[end].capital))
        ):
            end += 1
        return end

    def _surname_like(self, index: int) -> bool:
        flags = self._kinds[index]
        if flags & (FUNCTION | MEDICAL) or len(self._tokens[index].key) < _TWO or self._tokens[index].key in HEADERS:
            return False
        return bool(flags & ANY_SURNAME) or not flags & WORD

    # -- lower case ----------------------------------------------------------------------------------------

    def _lower_case(self, index: int) -> Iterator[tuple[int, int, float]]:
        """Names typed in lower case, as in messages: after a title or introduction, or a sure given name."""
        token, flags = self._tokens[index], self._kinds[index]
        if not flags & ANY_NAME and flags:
            return
        previous = self._tokens[index - 1].key if index else ""
        cue = 0
        if (
            previous in TITLES
            or previous in RELATIVES
            or previous in {"is", "name", "i'm", "am", "dear", "hi", "hello", "thanks", "signed", "by"}
        ):
            cue = self._context.cue_before(index)
        if cue == _TITLED and len(token.key) > 1 and not flags & FUNCTION and not (flags & MEDICAL):
            yield index, self._lower_end(index), 0.8
        elif (
            cue >= _TWO
            and flags & ANY_NAME
            and not flags & COMMON
            and not flags & MEDICAL
            and (flags & GIVEN or flags & GIVEN_AMBIGUOUS)
        ):
            yield index, self._lower_end(index), 0.7
        elif (
            flags & GIVEN
            and len(token.key) >= _SHORTEST_ACRONYM_APART
            and not flags & (COMMON | MEDICAL)
            and not self._context.eponym(index)
        ):
            yield index, self._lower_end(index), 0.55

    def _lower_end(self, index: int) -> int:
        end = index + 1
        if end < len(self._tokens) and self._text[self._tokens[index].end : self._tokens[end].start] == " ":
            flags, token = self._kinds[end], self._tokens[end]
            alone = len(token.text) == 1 and token.text not in {"a", "i"}
            unknown = not flags and len(token.key) >= _SHORTEST_ACRONYM_APART
            if (
                alone
                or unknown
                or (flags & SURNAME and not flags & MEDICAL)
                or (flags & ANY_SURNAME and not flags & (COMMON | MEDICAL))
            ):
                return end + 1
        return end

    # -- output --------------------------------------------------------------------------------------------

    def _parts(self, first: int, last: int, confidence: float) -> Iterator[tuple[PiiFinding, int]]:
        """Yield the words of a name with their labels; a particle belongs to the surname after it."""
        count = last - first
        comma = any("," in self._text[self._tokens[i].end : self._tokens[i + 1].start] for i in range(first, last - 1))
        titled = first > 0 and self._tokens[first - 1].key in TITLES
        index = first
        while index < last:
            start, begin = self._tokens[index].start, index
            while index < last - 1 and self._tokens[index].key in PARTICLES and not self._tokens[index].capital:
                index += 1
            label = part_label(begin - first, index - first, count, comma=comma, lone=self._kinds[first], titled=titled)
            end = self._tokens[index].end
            if self._tokens[index].initial and self._text[end : end + 1] == "." and index < last - 1:
                end += 1
            yield PiiFinding(start, end, label, confidence, (SOURCE,)), index
            index += 1

    # -- the same name again -------------------------------------------------------------------------------

    def _remember(self, known: dict[str, str], index: int, finding: PiiFinding, *, certain: bool) -> None:
        token, flags = self._tokens[index], self._kinds[index]
        if certain and len(token.key) >= _SHORTEST_LONE and not flags & FUNCTION and token.key not in HEADERS:
            known.setdefault(token.key, finding.label)

    def _again(self, known: dict[str, str], taken: set[int]) -> Iterator[PiiFinding]:
        if not known:
            return
        for index, token in enumerate(self._tokens):
            if index in taken or token.key not in known:
                continue
            flags = self._kinds[index]
            if (not token.capital and flags & WORD) or self._context.eponym(index):
                continue
            if flags & COMMON and (self._context.starts_sentence(index) or self._context.shouting(index)):
                continue
            yield PiiFinding(token.start, token.end, known[token.key], 0.6, ("repeated",))


def find(text: str, tokens: Sequence[Token]) -> Iterator[PiiFinding]:
    """Yield names of persons in the text; the tokens are those of the same text."""
    return NameGrammar(text, tokens).find()
