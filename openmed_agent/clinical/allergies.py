"""Allergies and intolerances, from the allergy section's lists and tables and from prose."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Final

from openmed_agent.clinical.allergy_context import FAMILY, NEGATION, REACH, SENTENCE_START, is_culture, words_before
from openmed_agent.clinical.allergy_entries import (
    FLAGS,
    INTOLERANCE,
    KNOWN_ALLERGEN,
    REACTION,
    SEPARATOR,
    Allergy,
    AllergyKind,
    Severity,
    Substances,
    described_by,
    entries_of_line,
    entry_at,
    items_of,
    kind_of,
    severity_in,
    without_margin,
)
from openmed_agent.clinical.sections import Section, SectionKind
from openmed_agent.text.spans import Span, covering, trimmed

__all__ = ["Allergy", "AllergyKind", "Severity", "find_allergies"]

LONGEST_LINE: Final = 600
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
    FLAGS,
)
_NOTHING: Final = re.compile(
    (
        r"[\s*•-]{0,6}(?:none(?:\s(?:known|reported|documented))?|nil(?:\sknown)?|no\sknown|"
        r"denies(?:\sany)?|negative|no|n/a)[\s.]{0,4}\Z"
    ),
    FLAGS,
)
_PROSE_LINE: Final = re.compile(
    (
        r"\b(?:allergic to|allergy to|allergies to|intoleran(?:t|ce) (?:to|of)|tolerat(?:es|ed)|denies|"
        r"he|she|patient|was|takes|taking|reviewed|please)\b"
    ),
    FLAGS,
)
_TO: Final = re.compile(
    (
        r"\b(?P<cue>allerg(?:ic|y|ies) (?:reactions? )?to|(?:adverse |bad |severe |serious |allergic "
        r")?reactions? to|intoleran(?:t|ce|ces) (?:to|of)|"
        r"sensitiv(?:e|ity) to|hypersensitivity to|anaphyla(?:xis|ctic) (?:to|from|with|after)|(?:hives|"
        r"rash|angioedema|urticaria) (?:to|from|with|after))\s(?:both\s|the\s|all\s|medications?:?\s|"
        r"drugs?:?\s)?"
    ),
    FLAGS,
)
_STOP: Final = re.compile(
    (
        r"[.\n;](?=\s|\Z)|\b(?:which|that|causing|causes?|with|but|who|since|because|when|resulting|"
        r"leading|he|she|they|we|has|have|was|is|takes|denies|"
        r"reports|otherwise|although|so|as|tolerates|however|develops|gets|per|in|therefore|instead|"
        r"started|will)\b"
    ),
    FLAGS,
)
_NAMED: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z-]{1,30}(?: [A-Za-z-]{2,30}){0,2})[ -](?P<cue>allerg(?:y|ies)|intolerance)\b",
    FLAGS,
)
_NOT_AN_ALLERGY: Final = re.compile(
    (
        r"\s?(?:&|and immunology|and asthma|clinic|specialist|test(?:ing)?|shots?|list|immunology|"
        r"consult|department|service|relief|medications?|meds|pills?|season|referral)\b"
    ),
    FLAGS,
)
_TOLERATES: Final = re.compile(r"\b(?P<cue>tolerat(?:es|ed|ing))\s(?:other\s|oral\s|both\s)?", FLAGS)
_CAUSED: Final = re.compile(
    (
        r"\s{0,2}[(:,-]{0,2}\s{0,2}(?:which |that )?(?:causes?|caused|causing|gives? (?:him|her)|gave "
        r"(?:him|her)|makes (?:him|her)|made (?:him|her))\s"
    ),
    FLAGS,
)


def find_allergies(text: str, sections: Sequence[Section], *, substances: Sequence[Span] = ()) -> tuple[Allergy, ...]:
    """Return what a note says about the patient's allergies, in the order of the text.

    `sections` are those of `find_sections`; `substances` are spans of drugs or chemicals that a dictionary
    found:
    they make names known that are not in the small tables here. Statements about relatives are left out.
    """
    drugs = Substances(substances)
    found = list(_none_known(text, sections))
    for section in sections:
        if section.kind == SectionKind.ALLERGIES:
            found += _listed(text, section.body, drugs)
    found += _titled(text, sections, drugs)
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


def _none_known(text: str, sections: Sequence[Section]) -> Iterator[Allergy]:
    for match in _NONE_KNOWN.finditer(text):
        if not FAMILY.search(text, max(0, match.start() - 40), match.start()):
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


def _listed(text: str, body: Span, drugs: Substances) -> Iterator[Allergy]:
    """Yield the entries of an allergy section: one or more a line, as a list, after commas or in a table.

    A label that names no allergen, and a sentence after the first of a line, belong to something else: from there
    on only what is known as an allergen counts, and after such a label nothing.
    """
    start = body.start
    while start < body.end:
        end = text.find("\n", start, body.end)
        end = body.end if end < 0 else end
        stop = min(end, start + LONGEST_LINE)
        label = _LABEL.match(text, start, stop)
        if label and _is_other(text, label, drugs):
            return
        group = label is not None and label["label"].lower() in _GROUPS
        for low, high, certain in _parts_of_line(text, label.end() if label and group else start, stop):
            if not _is_prose(text, low, high, drugs):
                entries = entries_of_line(text, low, high, drugs)
                yield from (entry for entry in entries if certain or entry.kind != "unknown")
        start = end + 1


def _titled(text: str, sections: Sequence[Section], drugs: Substances) -> Iterator[Allergy]:
    """Yield what a line lists after a title that says more than "Allergies": `Allergies on wristband: PCN, latex`."""
    for title in _TITLE.finditer(text):
        if _within_allergies(sections, title.start()):
            continue
        end = text.find("\n", title.end(), title.end() + LONGEST_LINE)
        stop = min(len(text), title.end() + LONGEST_LINE) if end < 0 else end
        if _NOTHING.match(text, title.end(), stop):
            yield Allergy(Span(title.start(), stop), None, none_known=True)
        low, high = next(_sentences(text, title.end(), stop), (stop, stop))
        yield from (entry for entry in entries_of_line(text, low, high, drugs) if entry.kind != "unknown")


_TITLE: Final = re.compile(
    (
        r"^[ \t*•#-]{0,6}(?:known |drug |medication |food |documented ){0,2}allergies(?! (?:of|in)\b)"
        r"(?: [\w/'()-]{1,15}){1,5}[ \t]?:[ \t]"
    ),
    FLAGS | re.MULTILINE,
)


def _is_prose(text: str, low: int, high: int, drugs: Substances) -> bool:
    """Return whether a line is a sentence, not an entry: `codeine - rash, tolerated later` begins with its allergen."""
    prose = _PROSE_LINE.search(text, low, high)
    separator = _SET_OFF.search(text, low, prose.start()) if prose else None
    if separator is None:
        return prose is not None
    known = drugs.within(low, separator.start()) or KNOWN_ALLERGEN.search(text, low, separator.start())
    return known is None


_SET_OFF: Final = re.compile(r"\s(?:-|–|—|->|→)\s|\s?[(:]", FLAGS)
_LABEL: Final = re.compile(r"[\s*•#-]{0,6}(?P<label>[A-Za-z][A-Za-z0-9 /&'-]{2,40}?)\*{0,2}:(?=\s)", FLAGS)
_LABELS_OF_ALLERGIES: Final = re.compile(
    r"(?:.{0,20}\b)?(?:allerg\w*|drugs?|medications?|medicines?|foods?|environment(?:al)?|latex|contrast|"
    r"other|seasonal|substances?|agents?|intoleranc\w*|adverse reactions?|severe|moderate|mild|"
    r"reactions?)(?:\b.{0,12})?",
    FLAGS,
)


_GROUPS: Final = frozenset(
    ("food", "foods", "drug", "drugs", "medication", "medications", "environment", "environmental", "other", "seasonal")
)


def _is_other(text: str, label: re.Match[str], drugs: Substances) -> bool:
    if _LABELS_OF_ALLERGIES.fullmatch(label["label"]):
        return False
    low, high = label.span("label")
    return drugs.within(low, high) is None and KNOWN_ALLERGEN.search(text, low, high) is None


def _parts_of_line(text: str, start: int, stop: int) -> Iterator[tuple[int, int, bool]]:
    """Yield what a line holds around its statements of none, and whether that still is surely the list."""
    certain = True
    for match in _NONE_KNOWN.finditer(text, start, stop):
        low = start
        yield from ((a, b, certain) for a, b in _sentences(text, low, match.start()))
        start, certain = match.end(), False
    for number, (low, high) in enumerate(_sentences(text, start, stop)):
        yield low, high, certain and number == 0


_FULL_STOP: Final = re.compile(r"[.;]\s{1,3}", re.ASCII)


def _sentences(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    for cut in _FULL_STOP.finditer(text, start, stop):
        if text[cut.start()] == ".":
            yield start, cut.start()
            start = cut.end()
    if text[start:stop].strip():
        yield start, stop


def _in_prose(text: str, sections: Sequence[Section], drugs: Substances) -> Iterator[Allergy]:
    cues = list(_TO.finditer(text))
    for match, following in zip_longest(cues, cues[1:]):
        ceiling = following.start() if following else len(text)
        yield from _allergic_to(text, match, drugs, ceiling=ceiling)
    for match in _NAMED.finditer(text):
        named = _named(text, match, drugs)
        if named:
            yield named
    for match in _UPSETS.finditer(text):
        upset = _upset_by(text, match, drugs)
        if upset:
            yield upset
    for match in _TOLERATES.finditer(text):
        yield from _tolerated(text, match, sections, drugs)


def _allergic_to(text: str, match: re.Match[str], drugs: Substances, *, ceiling: int) -> Iterator[Allergy]:
    end = min(ceiling, match.end() + REACH)
    if not text[match.end() : end].strip():
        return
    context = words_before(text, match.start()).of(text)
    if FAMILY.search(context) or (
        match["cue"].lower() == "sensitive to" and is_culture(text, match.start(), match.end())
    ):
        return
    negated = bool(NEGATION.search(context))
    strict = not match["cue"].lower().startswith(("allerg", "intoleran"))
    stop = _STOP.search(text, match.end(), end)
    high = stop.start() if stop else end
    entries = [
        entry
        for low, item_end in items_of(text, match.end(), high)
        if (entry := entry_at(text, low, item_end, drugs)) and not (strict and entry.kind == "unknown")
    ]
    if not entries:
        return
    sentence_end = next((m.start() for m in SENTENCE_START.finditer(text, high, end)), end)
    intolerant = "intoleran" in match["cue"].lower() or bool(INTOLERANCE.search(text, high, sentence_end))
    described = [
        replace(entry, span=Span(match.start(), entry.span.end), negated=negated, intolerance=intolerant)
        for entry in entries
    ]
    if high < sentence_end and not negated and _tells_reaction(text, high, sentence_end):
        reactions = tuple(without_margin(text, Span(*m.span())) for m in REACTION.finditer(text, high, sentence_end))
        severity = severity_in(text, Span(high, sentence_end))
        last = described[-1]
        whole = covering([last.span, *reactions])
        described[-1] = replace(
            last, span=whole, reactions=last.reactions + reactions, severity=last.severity or severity
        )
    if strict and not negated:
        described = [_with_cue(text, entry, match) for entry in described]
    yield from described


_TELLS: Final = re.compile(
    r"\s{0,2}(?:\(|which|that|causing|causes?|with|resulting|leading|develops|gets|he|she|when)", FLAGS
)


def _tells_reaction(text: str, start: int, end: int) -> bool:
    return bool(_TELLS.match(text, start, end))


def _with_cue(text: str, allergy: Allergy, match: re.Match[str]) -> Allergy:
    """Return the allergy with the reaction that its cue names: `hives with penicillin`."""
    reaction = REACTION.search(text, match.start("cue"), match.end("cue"))
    return (
        replace(allergy, reactions=(without_margin(text, Span(*reaction.span())), *allergy.reactions))
        if reaction
        else allergy
    )


def _named(text: str, match: re.Match[str], drugs: Substances) -> Allergy | None:
    """Return the allergy of `PCN allergy`, `seasonal allergies`, `statin intolerance`."""
    context = words_before(text, match.start("cue")).of(text)
    if FAMILY.search(context) or _NOT_AN_ALLERGY.match(text, match.end()):
        return None
    last = None
    for known in KNOWN_ALLERGEN.finditer(text, match.start("name"), match.end("name")):
        last = Span(*known.span())
    last = drugs.within(match.start("name"), match.end("name")) or last
    if last is None or last.end != match.end("name"):
        return None
    kind = kind_of(text, last, drugs)
    allergy = Allergy(
        Span(last.start, match.end()),
        last,
        kind="drug" if kind == "unknown" else kind,
        negated=bool(NEGATION.search(context)),
        intolerance=match["cue"].lower() == "intolerance",
    )
    end = min(len(text), match.end() + REACH)
    stop = next((m.start() for m in SENTENCE_START.finditer(text, match.end(), end)), end)
    if _CAUSED.match(text, match.end(), stop) or SEPARATOR.match(text, match.end(), stop):
        return described_by(text, allergy, match.end() + 1, stop)
    return allergy


_UPSETS: Final = re.compile(
    r"(?P<name>[A-Za-z][A-Za-z-]{2,30})\s(?:makes|made|gives|gave)\s(?:him|her|them|me|the patient|pt)\s"
    r"(?P<rest>[a-z ]{3,40})",
    FLAGS,
)


def _upset_by(text: str, match: re.Match[str], drugs: Substances) -> Allergy | None:
    """Return the intolerance of `codeine makes her nauseated`, for a known substance and a known reaction only."""
    known = KNOWN_ALLERGEN.fullmatch(text, *match.span("name"))
    allergen = Span(*match.span("name")) if known or drugs.within(*match.span("name")) else None
    reaction = REACTION.search(text, *match.span("rest"))
    context = words_before(text, match.start()).of(text)
    if allergen is None or reaction is None or FAMILY.search(f"{context} {match['rest']}"):
        return None
    return Allergy(
        Span(allergen.start, reaction.end()),
        allergen,
        kind=kind_of(text, allergen, drugs),
        reactions=(without_margin(text, Span(*reaction.span())),),
        intolerance=True,
    )


def _tolerated(text: str, match: re.Match[str], sections: Sequence[Section], drugs: Substances) -> Iterator[Allergy]:
    """Yield drugs that a sentence about allergies says the patient tolerates."""
    near = text[max(0, match.start() - REACH) : match.end() + REACH].lower()
    if "allerg" not in near and not _within_allergies(sections, match.start()):
        return
    if NEGATION.search(words_before(text, match.start()).of(text)[-12:]):
        return
    known = KNOWN_ALLERGEN.match(text, match.end()) or None
    span = Span(*known.span()) if known else drugs.within(match.end(), match.end() + 1)
    if span:
        yield Allergy(Span(match.start(), span.end), span, kind=kind_of(text, span, drugs), negated=True)


def _within_allergies(sections: Sequence[Section], offset: int) -> bool:
    index = bisect_left(sections, offset, key=lambda section: section.body.end)
    return index < len(sections) and sections[index].kind == SectionKind.ALLERGIES
