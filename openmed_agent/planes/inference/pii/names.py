"""Names of persons: a grammar of cues, lists and capital letters over the words of a text.

The steps: find runs of capitalised words, decide with the cues around a run which of its words are a name,
then look for the same words elsewhere in the document.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
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
    kinds,
)
from openmed_agent.planes.inference.pii.vocabulary import (
    CREDENTIALS,
    EPONYM_HEADS,
    EPONYMS,
    FIELDS,
    HEADERS,
    PARTICLES,
    PERSON_VERBS,
    RELATIVES,
    STAFF,
    STRONG_CUES,
    TITLES,
    WEAK_CUES,
)

SOURCE: Final = "name"

_LONGEST_NAME: Final = 5
_SHORTEST_LONE: Final = 3
_SENTENCE_ENDS: Final = '.!?:;\n*•>|[{"-\t'
_TWO: Final = 2


class NameGrammar:
    """The decisions about one text: its tokens, and which of them are names so far."""

    def __init__(self, text: str, tokens: Sequence[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._kinds = [kinds(token.key) for token in tokens]

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
                self._remember(known, index, finding, certain=confidence >= 0.75)  # noqa: PLR2004 - a cue or a full name
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
            if not self._joined(last - 1, last):
                break
            token = self._tokens[last]
            if token.capital:
                last += 1
            elif token.key in PARTICLES and self._particle_leads_on(last):
                last += 1
            else:
                break
        return last

    def _particle_leads_on(self, index: int) -> bool:
        following = index + 1
        if (
            following < len(self._tokens)
            and self._tokens[following].key in PARTICLES
            and self._joined(index, following)
        ):
            following += 1
        return (
            following < len(self._tokens) and self._tokens[following].capital and self._joined(following - 1, following)
        )

    def _joined(self, left: int, right: int) -> bool:
        """Say whether two words stand in one phrase: a space, or a full stop after an initial or title."""
        gap = self._text[self._tokens[left].end : self._tokens[right].start]
        if gap in {" ", "  "}:
            return True
        token = self._tokens[left]
        return gap in {". ", "."} and (
            token.initial or token.key in TITLES or token.key in CREDENTIALS or token.key == "st"
        )

    # -- what in a run is a name ---------------------------------------------------------------------------

    def _in_run(self, first: int, last: int) -> Iterator[tuple[int, int, float]]:
        cue = self._cue_before(first)
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
        credentials = self._credentials_follow(end)
        if cue == 3:  # noqa: PLR2004 - a title
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
            return cue == 3 or (cue == _TWO and bool(flags & ANY_NAME))  # noqa: PLR2004 - a title or a field
        if flags & ANY_NAME:
            return not (token.key in HEADERS and not first)
        if flags & WORD:
            return cue == 3 and first and token.key not in HEADERS  # noqa: PLR2004
        return len(token.key) > 1 and not (token.upper and len(token.key) < 4 and cue < _TWO)  # noqa: PLR2004

    def _pair(self, index: int, end: int, cue: int) -> float:
        """Return how sure two or more words are one person's name, 0 for not."""
        tokens, flags = self._tokens[index:end], self._kinds[index:end]
        if self._eponym(end - 1) and not flags[0] & GIVEN:
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
            return 0.75 if strong else 0.5 if not shouted and not self._starts_sentence(index) else 0.0
        if any(flag & (GIVEN | SURNAME) for flag in flags) and not shouted:
            return 0.7
        return 0.6 if unknown >= _TWO and not shouted else 0.0

    def _single(self, index: int, end: int, cue: int) -> tuple[int, float]:
        """Decide on one word standing alone."""
        token, flags = self._tokens[index], self._kinds[index]
        if (
            token.initial
            or token.key in PARTICLES
            or len(token.key) < _SHORTEST_LONE
            and not (cue and flags & ANY_NAME)
        ):
            return index, 0.0
        if self._eponym(index) and not cue >= _TWO:
            return index, 0.0
        starts = self._starts_sentence(index)
        if cue:
            if flags & ANY_NAME and not (flags & FUNCTION and cue < _TWO) and not (token.key in HEADERS):
                return end, 0.8 if not flags & COMMON or cue >= _TWO else 0.55
            if not flags & (WORD | MEDICAL):
                return end, 0.75
            return index, 0.0
        if token.upper and (len(token.key) < 4 or self._shouting(index)):  # noqa: PLR2004 - acronyms
            return (end, 0.55) if flags & GIVEN and len(token.key) > 3 else (index, 0.0)  # noqa: PLR2004
        if flags & GIVEN:
            return end, 0.65
        if flags & SURNAME:
            return end, 0.6
        if starts and flags & WORD:
            acts = flags & ANY_GIVEN and not flags & (FUNCTION | MEDICAL) and self._acts(index)
            return (end, 0.55) if acts and not token.upper else (index, 0.0)
        if flags & ANY_NAME and not flags & (COMMON | MEDICAL) and not (token.upper and flags & WORD):
            return end, 0.5
        if not flags & (WORD | MEDICAL | PLACE | ANY_NAME) and len(token.key) > 3 and not token.upper:  # noqa: PLR2004
            return (end, 0.5) if token.text[1:].islower() or "-" in token.text or "'" in token.text else (index, 0.0)
        return index, 0.0

    def _acts(self, index: int) -> bool:
        """Say whether a person's verb or a comma follows: "Chance is a ...", "Leif, can I ..."."""
        token = self._tokens[index]
        if self._text[token.end : token.end + 2] in {", ", ": "} or index + 1 >= len(self._tokens):
            return True
        following = self._tokens[index + 1]
        return self._joined(index, index + 1) and (following.key in PERSON_VERBS or following.key.endswith("ed"))

    def _inverted(self, index: int, last: int, cue: int) -> int | None:
        """Return the end of `LAST, FIRST M` that begins here, or None."""
        end = index + 1
        announced = cue == _TWO and not self._kinds[index] & (FUNCTION | MEDICAL)
        if self._tokens[index].initial or not (announced or self._surname_like(index)):
            return None
        if end < last and self._joined(index, end) and self._surname_like(end) and end + 1 < len(self._tokens):
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
            and not self._line_start(index)
        ):
            return None
        end += 1
        while (
            end < len(self._tokens)
            and self._joined(end - 1, end)
            and (self._tokens[end].initial or self._kinds[end] & GIVEN and self._tokens[end].capital)
        ):
            end += 1
        return end

    def _surname_like(self, index: int) -> bool:
        flags = self._kinds[index]
        if flags & (FUNCTION | MEDICAL) or len(self._tokens[index].key) < _TWO or self._tokens[index].key in HEADERS:
            return False
        return bool(flags & ANY_SURNAME) or not flags & WORD

    # -- cues ----------------------------------------------------------------------------------------------

    def _cue_before(self, index: int) -> int:
        """Return 3 after a title, 2 after a field or relative, 1 after a weak word, 0 for none."""
        if index == 0:
            return 0
        previous = self._tokens[index - 1]
        gap = self._text[previous.end : self._tokens[index].start]
        tight = gap.strip(" \t")
        if len(gap) > 12:  # noqa: PLR2004 - a column of a form
            return 0
        if previous.key in TITLES and tight in {"", "."} and "\n" not in gap:
            return 3
        if (
            previous.key in FIELDS | STAFF | RELATIVES
            and (":" in tight or "=" in tight)
            and tight in {":", "=", "(s):", ":\n"}
        ):
            return 2
        if (
            "\n" in gap
            and tight.strip("\n\r") in {",", ""}
            and previous.key
            in {"regards", "sincerely", "thanks", "thank", "you", "cheers", "love", "best", "yours", "truly"}
        ):
            return 2
        if "\n" in gap:
            return 0
        if previous.key in RELATIVES and tight in {"", ",", "("}:
            return 2
        if tight in {"", ",", "'s"} and previous.key in STRONG_CUES:
            return 2
        if tight == "" and self._introduced(index):
            return 2
        return 1 if tight == "" and (previous.key in WEAK_CUES or previous.key in STAFF) else 0

    def _introduced(self, index: int) -> bool:
        words = [token.key for token in self._tokens[max(0, index - 4) : index]]
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

    def _credentials_follow(self, end: int) -> bool:
        if end >= len(self._tokens) or end == 0:
            return False
        gap = self._text[self._tokens[end - 1].end : self._tokens[end].start]
        token = self._tokens[end]
        if gap.strip() in {",", "", "."} and "\n" not in gap and token.key in CREDENTIALS and token.text[0].isupper():
            return gap.strip() == "," or token.upper
        follow = self._text[self._tokens[end - 1].end : self._tokens[end - 1].end + 8]
        return follow.startswith((", M.D", ", D.O", " M.D", ", Ph.D"))

    def _eponym(self, index: int) -> bool:
        """Say whether a word names a disease, sign or device and not a person here."""
        token = self._tokens[index]
        possessive = self._text[token.end : token.end + 2].lower() == "'s"
        following = self._tokens[index + 1 : index + 4]
        near = [
            t.key
            for t in following
            if "\n" not in self._text[token.end : t.start] and "." not in self._text[token.end : t.start]
        ]
        if near[:1] and near[0] in EPONYM_HEADS:
            return True
        if token.key in EPONYMS and not (
            possessive and near and near[0] in {"wife", "husband", "daughter", "son", "mother", "father"}
        ):
            return True
        return any(key in EPONYM_HEADS for key in near[1:3]) and (possessive or near[0] in {"or", "and", "non-hodgkin"})

    def _line_start(self, index: int) -> bool:
        before = self._text[max(0, self._tokens[index].start - 3) : self._tokens[index].start]
        return not before.strip(" \t") or before.rstrip(" \t").endswith(("\n", ":"))

    def _starts_sentence(self, index: int) -> bool:
        start = self._tokens[index].start
        before = self._text[max(0, start - 4) : start].rstrip(" \t'(")
        return not before or before[-1] in _SENTENCE_ENDS

    def _shouting(self, index: int) -> bool:
        """Say whether the words around are in capitals too, so that capitals tell nothing."""
        around = (*self._tokens[max(0, index - 2) : index], *self._tokens[index + 1 : index + 3])
        return any(token.upper and len(token.key) > 3 for token in around)  # noqa: PLR2004

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
            cue = self._cue_before(index)
        if cue == 3 and len(token.key) > 1 and not flags & FUNCTION and not (flags & MEDICAL):  # noqa: PLR2004
            yield index, self._lower_end(index), 0.8
        elif (
            cue >= _TWO
            and flags & ANY_NAME
            and not flags & COMMON
            and not flags & MEDICAL
            and (flags & GIVEN or flags & GIVEN_AMBIGUOUS)
        ):
            yield index, self._lower_end(index), 0.7
        elif flags & GIVEN and len(token.key) > 3 and not flags & (COMMON | MEDICAL) and not self._eponym(index):  # noqa: PLR2004
            yield index, self._lower_end(index), 0.55

    def _lower_end(self, index: int) -> int:
        end = index + 1
        if end < len(self._tokens) and self._text[self._tokens[index].end : self._tokens[end].start] == " ":
            flags, token = self._kinds[end], self._tokens[end]
            alone = len(token.text) == 1 and token.text not in {"a", "i"}
            unknown = not flags and len(token.key) > 3  # noqa: PLR2004
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
            label = self._label(
                begin - first, index - first, count, comma=comma, lone=self._kinds[first], titled=titled
            )
            end = self._tokens[index].end
            if self._tokens[index].initial and self._text[end : end + 1] == "." and index < last - 1:
                end += 1
            yield PiiFinding(start, end, label, confidence, (SOURCE,)), index
            index += 1

    @staticmethod
    def _label(begin: int, place: int, count: int, *, comma: bool, lone: int, titled: bool) -> str:
        if count == 1:
            return "first_name" if lone & ANY_GIVEN and not titled and not lone & SURNAME else "last_name"
        if comma:
            return "last_name" if place == 0 else "first_name" if place == 1 else "middle_name"
        if place == count - 1:
            return "last_name"
        return "first_name" if begin == 0 else "middle_name"

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
            plain_word = bool(flags & WORD)
            if not token.capital and plain_word or self._eponym(index):
                continue
            if flags & COMMON and (self._starts_sentence(index) or self._shouting(index)):
                continue
            yield PiiFinding(token.start, token.end, known[token.key], 0.6, ("repeated",))


def find(text: str, tokens: Sequence[Token]) -> Iterator[PiiFinding]:
    """Yield names of persons in the text; the tokens are those of the same text."""
    return NameGrammar(text, tokens).find()
