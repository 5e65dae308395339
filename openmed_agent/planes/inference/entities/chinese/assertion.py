"""What Chinese text says of its mentions: negated, past, hypothetical, or another person's.

A cue holds in its clause, and over the commas that only join the items of a list; a condition and a relative hold to
the end of the sentence, a heading ("past history:") to the next one.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.sections import SectionKind
from openmed_agent.planes.inference.entities.chinese.cues import CUES, NO_RELATION, SINGLE_RELATIONS, Cue
from openmed_agent.planes.inference.entities.chinese.headings import find_headings, kind_at
from openmed_agent.planes.inference.entities.chinese.lexicon import WordKind
from openmed_agent.planes.inference.entities.chinese.segmentation import Word, is_term, words_of
from openmed_agent.text.spans import Span

_SENTENCE_END: Final = frozenset("。!;！；")
_COMMAS: Final = frozenset("，,")
_LIST_END: Final = 6  # words between a mention and what is said behind it
_NO_CUES: Final[frozenset[Cue]] = frozenset()


@dataclass(frozen=True, slots=True)
class _Said:
    """What holds at a place of the text, as the cues before it open and close it.

    ``fresh`` is true right behind the cue of a negation, which nothing ends there.
    """

    denied: bool = False
    fresh: bool = False
    doubted: bool = False
    condition: bool = False
    earlier: bool = False
    person: Literal["patient", "family", "other"] = "patient"


_NOTHING_SAID: Final = _Said()
_Told: TypeAlias = tuple[_Said, frozenset[Cue]]
"""What cues before a word open, and which ones stand behind its list."""


def assess_chinese(text: str, spans: Sequence[Span]) -> tuple[Assertion, ...]:
    """Return one assertion for each span, in the order of the spans."""
    if not spans:
        return ()
    words = words_of(text)
    headings = find_headings(text)
    told = list(_all_told(words, text))
    starts = [word.start for word in words]
    asserted = []
    for span in spans:
        # The last word of a mention is its head: "acute appendicitis" begins with a word of its own.
        index = max(0, bisect_right(starts, span.end - 1) - 1)
        section = kind_at(headings, span.start)
        asserted.append(_assertion(told[index], section, is_drug=words[index].kind is WordKind.DRUG))
    return tuple(asserted)


def _assertion(told: _Told, section: SectionKind, *, is_drug: bool) -> Assertion:
    said, behind = told
    is_unsure = Cue.UNSURE in behind
    is_negated = (said.denied or Cue.ABSENT in behind) and not is_unsure
    is_past = section is SectionKind.PAST_MEDICAL_HISTORY and not is_drug
    is_family = said.person == "patient" and section is SectionKind.FAMILY_HISTORY
    return Assertion(
        negated=is_negated,
        historical=not is_negated and (said.earlier or Cue.HISTORY in behind or is_past),
        hypothetical=not is_negated and (said.doubted or said.condition or is_unsure),
        experiencer="family" if is_family else said.person,
    )


def _all_told(words: Sequence[Word], text: str) -> Iterator[_Told]:
    """Yield for each word what holds there."""
    for first, last in _sentences(words, text):
        sentence = words[first:last]
        said = _NOTHING_SAID
        behind = _behind(sentence)
        for index in range(len(sentence)):
            said = _after(said, sentence, index)
            yield said, behind[index]


def _sentences(words: Sequence[Word], text: str) -> Iterator[tuple[int, int]]:
    first = 0
    for index, word in enumerate(words):
        broken = index > first and "\n" in text[words[index - 1].end : word.start]
        if broken:
            yield first, index
            first = index
        if word.form in _SENTENCE_END:
            yield first, index + 1
            first = index + 1
    if first < len(words):
        yield first, len(words)


def _cues(word: Word) -> frozenset[Cue]:
    return CUES.get(word.form, _NO_CUES)


def _after(said: _Said, sentence: Sequence[Word], index: int) -> _Said:
    """Return what holds once the word at ``index`` has opened or closed what it does."""
    word = sentence[index]
    if word.form in _COMMAS:
        if said is _NOTHING_SAID or _is_list(sentence, index + 1):
            return said
        return replace(said, denied=False, fresh=False, doubted=False, earlier=False)
    cues = _cues(word)
    if not cues:
        return replace(said, fresh=False) if said.fresh else said
    if Cue.NOTHING in cues:
        return replace(said, denied=False, fresh=False)
    return _opened(said, sentence, index, cues)


def _opened(said: _Said, sentence: Sequence[Word], index: int, cues: frozenset[Cue]) -> _Said:
    word = sentence[index]
    if Cue.IF in cues:
        said = replace(said, condition=True)
    elif Cue.DOUBTS in cues and (Cue.UNSURE not in cues or _has_term_after(sentence, index)):
        said = replace(said, doubted=True, denied=False)
    elif cues & {Cue.DENIES, Cue.MISSED}:
        undecided = _is_undecided(sentence, index)
        return replace(said, denied=not undecided, doubted=said.doubted or undecided, fresh=True)
    elif Cue.EARLIER in cues:
        said = replace(said, earlier=True)
    elif Cue.RELATIVE in cues and _names_relative(sentence, index):
        said = replace(said, person="other" if word.form in NO_RELATION else "family")
    elif Cue.PATIENT in cues:
        said = replace(said, person="patient")
    elif Cue.BREAK in cues and not said.fresh:
        said = replace(said, denied=False)
    return replace(said, fresh=False) if said.fresh else said


def _is_undecided(sentence: Sequence[Word], index: int) -> bool:
    """Return whether "exclude" is still to be done: "to exclude pneumonia", "advised, to exclude"."""
    if sentence[index].form not in {"排除", "除外"}:
        return False
    before = {word.form for word in sentence[max(0, index - 3) : index]}
    after = {word.form for word in sentence[index + 1 : index + 1 + _LIST_END]}
    return bool(before & {"建议", "需", "需要", "以", "进一步", "待", "请", "拟", "为", "须", "应"}) or "可能" in after


def _names_relative(sentence: Sequence[Word], index: int) -> bool:
    word = sentence[index]
    if word.form not in SINGLE_RELATIONS:
        return True
    after = sentence[index + 1] if index + 1 < len(sentence) else None
    return after is not None and (
        after.form in {"患", "有", "因", "死于", ":", "、", "曾", "亡于", "患有"} or is_term(after)
    )


def _has_term_after(sentence: Sequence[Word], index: int) -> bool:
    """Return whether a mention follows in the clause, which a cue that stands on either side then means."""
    for word in sentence[index + 1 : index + 1 + _LIST_END]:
        if word.form in _COMMAS:
            return False
        if is_term(word):
            return True
    return False


def _is_list(sentence: Sequence[Word], start: int) -> bool:
    """Return whether the clause from ``start`` on is nothing but mentions, and so goes on with the list before it."""
    found = False
    for word in sentence[start:]:
        cues = _cues(word)
        if word.form in _COMMAS or word.form in _SENTENCE_END:
            break
        if is_term(word):
            found = True
        elif not cues & {Cue.LINK, Cue.HISTORY} and word.form not in _LIST_WORDS:
            return False
    return found


_LIST_WORDS: Final = frozenset("等病 传染病 慢性病 慢性 急性 疾病 病 症 双 双侧 左侧 右侧 遗传病".split())  # noqa: SIM905


def _behind(sentence: Sequence[Word]) -> list[frozenset[Cue]]:
    """Return for each word the cues that stand behind the list it is in: absent, unsure, history of."""
    holding: list[frozenset[Cue]] = [_NO_CUES] * len(sentence)
    open_cues: frozenset[Cue] = _NO_CUES
    far = 0
    for index in range(len(sentence) - 1, -1, -1):
        word = sentence[index]
        cues = _cues(word)
        said = _said_behind(sentence, index, cues)
        if said:
            open_cues, far = open_cues | said, 0
        elif word.form in _COMMAS or (cues and not cues <= {Cue.LINK, Cue.DENIES, Cue.EARLIER, Cue.HISTORY}):
            open_cues = _NO_CUES
        elif is_term(word) or Cue.LINK in cues:
            far = 0
        else:
            far += 1
            # "Absent" stands right behind what it negates: "penicillin skin test negative" negates no drug.
            open_cues = open_cues - {Cue.ABSENT} if far <= _LIST_END else _NO_CUES
        holding[index] = open_cues
    return holding


def _said_behind(sentence: Sequence[Word], index: int, cues: frozenset[Cue]) -> frozenset[Cue]:
    said = cues & {Cue.ABSENT, Cue.HISTORY}
    if Cue.ABSENT in said and Cue.DENIES in cues and _has_term_after(sentence, index):
        said -= {Cue.ABSENT}
    if Cue.UNSURE in cues and not _has_term_after(sentence, index):
        said |= {Cue.UNSURE}
    if Cue.MISSED in cues and not _has_term_after(sentence, index):
        said |= {Cue.ABSENT}
    return said
