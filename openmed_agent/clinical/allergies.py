"""Allergies and intolerances, from the allergy section's lists and tables and from prose."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import Final, Literal

from openmed_agent.clinical import allergy_terms as terms
from openmed_agent.clinical.sections import Section, SectionKind
from openmed_agent.text.spans import Span, covering, trimmed

AllergyKind = Literal["drug", "food", "environment", "material", "unknown"]
Severity = Literal["mild", "moderate", "severe"]

LONGEST_LINE: Final = 600
REACH: Final = 160
MOST_WORDS: Final = 6


@dataclass(frozen=True, slots=True)
class Allergy:
    """One statement about an allergy.

    `span` covers the statement. `none_known` is a statement of no known allergies (then `allergen` is None);
    `negated` says that the patient is not allergic to this allergen; `intolerance` that the text calls it an
    intolerance or side effect. `severity` is None unless the text states one.
    """

    span: Span
    allergen: Span | None
    kind: AllergyKind = "unknown"
    reactions: tuple[Span, ...] = ()
    severity: Severity | None = None
    none_known: bool = False
    intolerance: bool = False
    negated: bool = False


_FLAGS: Final = re.IGNORECASE | re.ASCII
_KINDS: Final[tuple[tuple[AllergyKind, tuple[str, ...]], ...]] = (
    ("drug", terms.DRUG_CLASSES),
    ("food", terms.FOODS),
    ("material", terms.MATERIALS),
    ("environment", terms.ENVIRONMENT),
)
_KNOWN: Final = "|".join(sorted((pattern for _, patterns in _KINDS for pattern in patterns), key=len, reverse=True))
_NONE_KNOWN: Final = re.compile(
    (
        r"\b(?:NKDA|NKMA|NKFDA|NKFA|NKA)\b"
        r"|\bno\s(?:other\s)?(?:known\s)?(?:history\sof\s)?(?:(?:drug|medication|medicine|food|"
        r"environmental|latex|significant|active|documented|reported|med|or|and|any)[ ,/]{1,2}){0,4}"
        r"(?:allergies|allergy)\b(?:\sto\s(?:any\s)?(?:medications?|drugs?|medicines?|foods?))?"
        r"|\b(?:denies|denied)\s(?:having\s)?(?:(?:any|known|drug|medication|medicine|food|"
        r"environmental|other|or|and|history|of)[ ,/]{1,2}){0,5}allergies\b"
        r"(?:\sto\s(?:any\s)?(?:medications?|drugs?|medicines?|foods?))?"
        r"|\b(?:not|n't)\s(?:have\s(?:any\s)?(?:known\s)?(?:drug\s|medication\s|food\s)?allergies|"
        r"allergic\sto\s(?:any\s)?(?:known\s)?(?:medications?|drugs?|medicines?|anything))\b"
        r"|\b(?:drug |medication |known )?allerg(?:ies|y)(?: to "
        r"medications?)?\s?[:=-]\s{0,3}(?:none(?:\sknown|\sreported)?|no\sknown|nil|negative|denies|"
        r"denied|n/a|no|0)\b(?!\s\w+\sto)"
    ),
    _FLAGS,
)
_NOTHING: Final = re.compile(
    (
        r"[\s*•-]{0,6}(?:none(?:\s(?:known|reported|documented))?|nil(?:\sknown)?|no\sknown|"
        r"denies(?:\sany)?|negative|no|n/a)[\s.]{0,4}\Z"
    ),
    _FLAGS,
)
_REACTION: Final = re.compile(rf"(?<![A-Za-z])(?:{terms.REACTIONS})(?![A-Za-z])", _FLAGS)
_KNOWN_ALLERGEN: Final = re.compile(rf"(?<![A-Za-z-])(?:{_KNOWN})(?![A-Za-z])", _FLAGS)
_BULLET: Final = re.compile(r"[\s*•·▪◦>|+-]{0,8}(?:\(?[0-9]{1,2}[.)]\s)?[\s*•-]{0,4}", re.ASCII)
_SEPARATOR: Final = re.compile(
    (
        r"\s?[(\[{]|\s(?:-|–|—){1,2}>?\s?|\s?(?:->|=>|→|=|:|—|–)\s?|-(?=\s)|\s(?:which\s|"
        r"that\s)?(?:causes?|causing|gives|gave|leads to|resulting in|results in|"
        r"makes (?:him|her|me|them)|with(?:\sreaction\sof)?|\(?reaction(?:s)?:?|develops?|gets?|due "
        r"to)\s|\|"
    ),
    _FLAGS,
)
_SPLIT: Final = re.compile(r"\s?[,;]\s{0,3}(?:(?:and|&)\s)?|\s(?:and|&)\s|\.\s{1,3}(?=[A-Z])")
_CELL: Final = re.compile(r"\||\t| {3,}")
_PROSE_LINE: Final = re.compile(
    (
        r"\b(?:allergic to|allergy to|allergies to|intoleran(?:t|ce) (?:to|of)|tolerat(?:es|ed)|denies|"
        r"he|she|patient|was|takes|taking|reviewed|please)\b"
    ),
    _FLAGS,
)
_TO: Final = re.compile(
    (
        r"\b(?P<cue>allerg(?:ic|y|ies) (?:reactions? )?to|(?:adverse |bad |severe |serious |allergic "
        r")?reactions? to|intoleran(?:t|ce|ces) (?:to|of)|"
        r"sensitiv(?:e|ity) to|hypersensitivity to|anaphyla(?:xis|ctic) (?:to|from|with|after)|(?:hives|"
        r"rash|angioedema|urticaria) (?:to|from|with|after))\s(?:both\s|the\s|all\s|medications?:?\s|"
        r"drugs?:?\s)?"
    ),
    _FLAGS,
)
_STOP: Final = re.compile(
    (
        r"[.\n;](?=\s|\Z)|\b(?:which|that|causing|causes?|with|but|who|since|because|when|resulting|"
        r"leading|he|she|they|we|has|have|was|is|takes|denies|"
        r"reports|otherwise|although|so|as|tolerates|however|develops|gets|per|in|therefore|instead|"
        r"started|will)\b"
    ),
    _FLAGS,
)
_NAMED: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z-]{1,30}(?: [A-Za-z-]{2,30}){0,2})[ -](?P<cue>allerg(?:y|ies)|intolerance)\b",
    _FLAGS,
)
_NOT_AN_ALLERGY: Final = re.compile(
    (
        r"\s?(?:&|and immunology|and asthma|clinic|specialist|test(?:ing)?|shots?|list|immunology|"
        r"consult|department|service|relief|medications?|meds|pills?|season|referral)\b"
    ),
    _FLAGS,
)
_TOLERATES: Final = re.compile(r"\b(?P<cue>tolerat(?:es|ed|ing))\s(?:other\s|oral\s|both\s)?", _FLAGS)
_CAUSED: Final = re.compile(
    (
        r"\s{0,2}[(:,-]{0,2}\s{0,2}(?:which |that )?(?:causes?|caused|causing|gives? (?:him|her)|gave "
        r"(?:him|her)|makes (?:him|her)|made (?:him|her))\s"
    ),
    _FLAGS,
)
_NEGATION: Final = re.compile(
    (
        r"\b(?:not|no|denies|denied|denying|never|without|isn't|negative for|ruled out|no longer|"
        r"nor)\b(?!\s(?:only|longer on))"
    ),
    _FLAGS,
)
_FAMILY: Final = re.compile(
    (
        r"\b(?:mother|father|sister|brother|son|daughter|wife|husband|aunt|uncle|grandmother|"
        r"grandfather|family|parent|cousin|child|children)\b"
    ),
    _FLAGS,
)
_SENTENCE_START: Final = re.compile(r"[.;!?]\s|\n|\bbut\b", re.ASCII)
_INTOLERANCE: Final = re.compile(
    r"intoleran|side effect|sensitivit|adverse (?:effect|reaction)|not (?:a )?true allergy", _FLAGS
)


@cache
def _kind_patterns() -> tuple[tuple[AllergyKind, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"(?:{'|'.join(patterns)})", _FLAGS)) for kind, patterns in _KINDS)


def find_allergies(text: str, sections: Sequence[Section], *, substances: Sequence[Span] = ()) -> tuple[Allergy, ...]:
    """Return what a note says about the patient's allergies, in the order of the text.

    `sections` are those of `find_sections`; `substances` are spans of drugs or chemicals that a dictionary
    found:
    they make names known that are not in the small tables here. Statements about relatives are left out.
    """
    drugs = _Substances(substances)
    found = list(_none_known(text, sections))
    for section in sections:
        if section.kind == SectionKind.ALLERGIES:
            found += _listed(text, section.body, drugs)
    found += _in_prose(text, sections, drugs)
    kept: list[Allergy] = []
    for allergy in sorted(found, key=lambda allergy: (allergy.span.start, -len(allergy.reactions))):
        if kept and _repeats(kept[-1], allergy):
            kept[-1] = _fuller(kept[-1], allergy)
            continue
        kept.append(allergy)
    return tuple(kept)


def _repeats(last: Allergy, allergy: Allergy) -> bool:
    if last.allergen is None or allergy.allergen is None:
        return last.span.overlaps(allergy.span) and not (allergy.allergen and not last.span.overlaps(allergy.allergen))
    return last.allergen.overlaps(allergy.allergen)


def _fuller(a: Allergy, b: Allergy) -> Allergy:
    if a.none_known or b.none_known:
        return a if a.none_known else b
    best = a if len(a.reactions) >= len(b.reactions) else b
    return replace(best, negated=a.negated or b.negated, intolerance=a.intolerance or b.intolerance)


class _Substances:
    """Answers whether a range of the text holds a known drug, by binary search."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = sorted(spans)
        self._starts = [span.start for span in self._spans]

    def within(self, start: int, end: int) -> Span | None:
        """Return the first known drug that begins in [start, end), or None."""
        index = bisect_left(self._starts, start)
        if index < len(self._spans) and self._spans[index].start < end:
            return self._spans[index]
        return None


def _none_known(text: str, sections: Sequence[Section]) -> Iterator[Allergy]:
    for match in _NONE_KNOWN.finditer(text):
        if not _FAMILY.search(text, max(0, match.start() - 40), match.start()):
            yield Allergy(Span(*match.span()), None, kind="unknown", none_known=True)
    for section in sections:
        body = section.body
        if (
            section.kind == SectionKind.ALLERGIES
            and body.end - body.start <= LONGEST_LINE
            and _NOTHING.match(text, body.start, body.end)
        ):
            span = trimmed(text, body.start, body.end)
            if span:
                yield Allergy(span, None, none_known=True)


def _listed(text: str, body: Span, drugs: _Substances) -> Iterator[Allergy]:
    """Yield the entries of an allergy section: one or more a line, as a list, after commas or in a table."""
    start = body.start
    while start < body.end:
        end = text.find("\n", start, body.end)
        end = body.end if end < 0 else end
        stop = min(end, start + LONGEST_LINE)
        if not _NONE_KNOWN.search(text, start, stop) and not _PROSE_LINE.search(text, start, stop):
            yield from _line(text, start, stop, drugs)
        start = end + 1


def _line(text: str, start: int, end: int, drugs: _Substances) -> Iterator[Allergy]:
    bullet = _BULLET.match(text, start, end)
    start = bullet.end() if bullet else start
    cell = _CELL.search(text, start, end)
    if cell is not None and start < cell.start():
        entry = _entry(text, start, cell.start(), drugs)
        if entry:
            yield _described(text, entry, cell.end(), end)
        return
    current: Allergy | None = None
    for low, high in _items(text, start, end):
        reaction = _REACTION.match(text, low, high)
        if current and reaction and reaction.end() >= high - 2:
            current = _described(text, current, low, high)
            continue
        entry = _item(text, low, high, drugs)
        if entry is None:
            continue
        if current:
            yield current
        current = entry
    if current:
        yield current


def _item(text: str, start: int, end: int, drugs: _Substances) -> Allergy | None:
    """Return the allergen of one item with what a separator sets off as its reaction."""
    separator = _SEPARATOR.search(text, start, end)
    entry = _entry(text, start, separator.start() if separator else end, drugs)
    return _described(text, entry, separator.end(), end) if entry and separator else entry


def _items(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a line between commas, semicolons and "and", leaving brackets whole."""
    low = start
    position = start
    while position < end:
        split = _SPLIT.search(text, position, end)
        if split is None:
            break
        opened = max(text.rfind("(", low, split.start()), text.rfind("[", low, split.start()))
        closed = -1
        if opened >= 0:
            closed = max(text.find(")", opened, end), text.find("]", opened, end))
        if closed > split.start():
            position = closed + 1
            continue
        if split.start() > low:
            yield low, split.start()
        low = position = split.end()
    if low < end:
        yield low, end


def _entry(text: str, start: int, end: int, drugs: _Substances) -> Allergy | None:
    """Return the allergen that fills [start, end), with a bare reaction behind it taken off."""
    span = trimmed(text, start, end)
    if span is None:
        return None
    words = [word.strip(".:;,*()").lower() for word in span.of(text)[:200].split()]
    if not words or not words[0][:1].isalpha() or words[0] in terms.NOT_ALLERGENS:
        return None
    known = drugs.within(span.start, span.end) or _KNOWN_ALLERGEN.search(text, span.start, span.end)
    if len(words) > MOST_WORDS and not known:
        return None
    reaction = _REACTION.search(text, span.start + 1, span.end)
    reactions: tuple[Span, ...] = ()
    allergen: Span | None = span
    if reaction and text[reaction.start() - 1].isspace():
        allergen = trimmed(text, span.start, reaction.start())
        reactions = (Span(*reaction.span()),)
    elif _REACTION.fullmatch(text, span.start, span.end):
        return None
    allergen = _without_tail(text, allergen)
    if allergen is None:
        return None
    return Allergy(
        span,
        allergen,
        kind=_kind(text, allergen, drugs),
        reactions=reactions,
        severity=_severity(text, span),
        intolerance=bool(_INTOLERANCE.search(span.of(text))),
    )


def _without_tail(text: str, span: Span | None) -> Span | None:
    """Return the span without a closing mark, "allergy" or "intolerance" at its end."""
    if span is None:
        return None
    end = span.end
    written = text[span.start : end].rstrip(" .:;,*)")
    lower = written.lower()
    for tail in (" allergies", " allergy", " intolerance", " sensitivity", " severe", " mild", " moderate"):
        if lower.endswith(tail):
            written = written[: -len(tail)]
            break
    return trimmed(text, span.start, span.start + len(written)) if written.strip() else None


def _described(text: str, allergy: Allergy, start: int, end: int) -> Allergy:
    """Return the allergy with the reactions, severity and kind of reaction that [start, end) describes."""
    span = trimmed(text, start, end)
    if span is None:
        return allergy
    whole = Span(min(allergy.span.start, span.start), max(allergy.span.end, span.end))
    reactions = tuple(Span(*match.span()) for match in _REACTION.finditer(text, span.start, span.end))
    reactions = tuple(_trim_front(text, reaction) for reaction in reactions)
    severity = allergy.severity or _severity(text, span)
    if not reactions and severity is None and not _INTOLERANCE.search(span.of(text)):
        written = span.of(text).rstrip(" .)]}").rstrip()
        if written and written[0].isalpha() and len(written.split()) <= MOST_WORDS:
            reactions = (Span(span.start, span.start + len(written)),)
    return replace(
        allergy,
        span=whole,
        reactions=allergy.reactions + reactions,
        severity=severity,
        intolerance=allergy.intolerance or bool(_INTOLERANCE.search(span.of(text))),
    )


def _trim_front(text: str, span: Span) -> Span:
    return trimmed(text, span.start, span.end) or span


@cache
def _severity_patterns() -> tuple[tuple[re.Pattern[str], Severity], ...]:
    levels: tuple[Severity, ...] = ("severe", "moderate", "mild")
    return tuple(
        (re.compile(rf"\b(?:{pattern})\b", _FLAGS), level)
        for (pattern, _), level in zip(terms.SEVERITY, levels, strict=True)
    )


def _severity(text: str, span: Span) -> Severity | None:
    for pattern, level in _severity_patterns():
        match = pattern.search(text, span.start, span.end)
        if match and not match.group().lower().startswith("anaphyla"):
            return level
    return None


def _kind(text: str, allergen: Span, drugs: _Substances) -> AllergyKind:
    for kind, pattern in _kind_patterns():
        if pattern.fullmatch(text, allergen.start, allergen.end):
            return kind
    if drugs.within(allergen.start, allergen.end):
        return "drug"
    known = _KNOWN_ALLERGEN.search(text, allergen.start, allergen.end)
    if known:
        return next((kind for kind, pattern in _kind_patterns() if pattern.fullmatch(known.group())), ("unknown"))
    return "unknown"


def _in_prose(text: str, sections: Sequence[Section], drugs: _Substances) -> Iterator[Allergy]:
    cues = list(_TO.finditer(text))
    for match, following in zip_longest(cues, cues[1:]):
        ceiling = following.start() if following else len(text)
        yield from _allergic_to(text, match, drugs, ceiling=ceiling)
    for match in _NAMED.finditer(text):
        named = _named(text, match, drugs)
        if named:
            yield named
    for match in _TOLERATES.finditer(text):
        yield from _tolerated(text, match, sections, drugs)


def _context(text: str, start: int) -> Span:
    """Return the words of the sentence before `start`, at most `REACH` characters."""
    low = max(0, start - REACH)
    for boundary in _SENTENCE_START.finditer(text, low, start):
        low = boundary.end()
    return Span(low, max(low + 1, start))


def _allergic_to(text: str, match: re.Match[str], drugs: _Substances, *, ceiling: int) -> Iterator[Allergy]:
    end = min(ceiling, match.end() + REACH)
    if not text[match.end() : end].strip():
        return
    context = _context(text, match.start()).of(text)
    if _FAMILY.search(context):
        return
    negated = bool(_NEGATION.search(context))
    strict = not match["cue"].lower().startswith(("allerg", "intoleran"))
    stop = _STOP.search(text, match.end(), end)
    high = stop.start() if stop else end
    entries = [
        entry
        for low, item_end in _items(text, match.end(), high)
        if (entry := _item(text, low, item_end, drugs)) and not (strict and entry.kind == "unknown")
    ]
    if not entries:
        return
    sentence_end = next((m.start() for m in _SENTENCE_START.finditer(text, high, end)), end)
    intolerant = "intoleran" in match["cue"].lower() or bool(_INTOLERANCE.search(text, high, sentence_end))
    described = [
        replace(entry, span=Span(match.start(), entry.span.end), negated=negated, intolerance=intolerant)
        for entry in entries
    ]
    if high < sentence_end and not negated and _tells_reaction(text, high, sentence_end):
        reactions = tuple(_trim_front(text, Span(*m.span())) for m in _REACTION.finditer(text, high, sentence_end))
        severity = _severity(text, Span(high, sentence_end))
        last = described[-1]
        whole = covering([last.span, *reactions])
        described[-1] = replace(
            last, span=whole, reactions=last.reactions + reactions, severity=last.severity or severity
        )
    if strict and not negated:
        described = [_with_cue(text, entry, match) for entry in described]
    yield from described


_TELLS: Final = re.compile(
    r"\s{0,2}(?:\(|which|that|causing|causes?|with|resulting|leading|develops|gets|he|she|when)", _FLAGS
)


def _tells_reaction(text: str, start: int, end: int) -> bool:
    return bool(_TELLS.match(text, start, end))


def _with_cue(text: str, allergy: Allergy, match: re.Match[str]) -> Allergy:
    """Return the allergy with the reaction that its cue names: `hives with penicillin`."""
    reaction = _REACTION.search(text, match.start("cue"), match.end("cue"))
    return (
        replace(allergy, reactions=(_trim_front(text, Span(*reaction.span())), *allergy.reactions))
        if reaction
        else allergy
    )


def _named(text: str, match: re.Match[str], drugs: _Substances) -> Allergy | None:
    """Return the allergy of `PCN allergy`, `seasonal allergies`, `statin intolerance`."""
    context = _context(text, match.start("cue")).of(text)
    if _FAMILY.search(context) or _NOT_AN_ALLERGY.match(text, match.end()):
        return None
    last = None
    for known in _KNOWN_ALLERGEN.finditer(text, match.start("name"), match.end("name")):
        last = Span(*known.span())
    last = drugs.within(match.start("name"), match.end("name")) or last
    if last is None or last.end != match.end("name"):
        return None
    kind = _kind(text, last, drugs)
    allergy = Allergy(
        Span(last.start, match.end()),
        last,
        kind="drug" if kind == "unknown" else kind,
        negated=bool(_NEGATION.search(context)),
        intolerance=match["cue"].lower() == "intolerance",
    )
    end = min(len(text), match.end() + REACH)
    stop = next((m.start() for m in _SENTENCE_START.finditer(text, match.end(), end)), end)
    if _CAUSED.match(text, match.end(), stop) or _SEPARATOR.match(text, match.end(), stop):
        return _described(text, allergy, match.end() + 1, stop)
    return allergy


def _tolerated(text: str, match: re.Match[str], sections: Sequence[Section], drugs: _Substances) -> Iterator[Allergy]:
    """Yield drugs that a sentence about allergies says the patient tolerates."""
    near = text[max(0, match.start() - REACH) : match.end() + REACH].lower()
    if "allerg" not in near and not _within_allergies(sections, match.start()):
        return
    if _NEGATION.search(_context(text, match.start()).of(text)[-12:]):
        return
    known = _KNOWN_ALLERGEN.match(text, match.end()) or None
    span = Span(*known.span()) if known else drugs.within(match.end(), match.end() + 1)
    if span:
        yield Allergy(Span(match.start(), span.end), span, kind=_kind(text, span, drugs), negated=True)


def _within_allergies(sections: Sequence[Section], offset: int) -> bool:
    index = bisect_left(sections, offset, key=lambda section: section.body.end)
    return index < len(sections) and sections[index].kind == SectionKind.ALLERGIES
