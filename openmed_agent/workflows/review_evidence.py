"""Compares a claim with its own evidence, before a person looks.

It reads both sides anew with the clinical grammar and says where they visibly disagree: a number, a unit, how
often, left or right, stated or denied. It is no proof that a claim is right, and what it says decides
nothing; it points the reviewer's eye. Its sentences are shown beside the claim and never signed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.clinical.assertion import assess
from openmed_agent.clinical.medication_parts import part_at, plain_number, quantity_at
from openmed_agent.clinical.sentences import split_sentences
from openmed_agent.text.sources import SourceDocument
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import EvidenceSpan, Item

_NUMBER: Final = re.compile(r"(?<![\w.,])\d{1,9}(?:,\d{3})*(?:\.\d{1,6})?(?![\d])")
_WORD_START: Final = re.compile(r"(?<!\w)\w")
_SIDES: Final = re.compile(r"(?<!\w)(left|right|bilateral|bilaterally|both)(?!\w)", re.IGNORECASE)
_BOTH: Final = frozenset({"bilateral", "bilaterally", "both"})
_NO: Final = re.compile(r"(?:no|not|denies|without|negative for)\s", re.IGNORECASE)
_ENDED: Final = re.compile(
    r"(?<!\w)(?:stop(?:s|ped|ping)?|discontinu(?:e|es|ed|ing)|held|hold|off|not taking|no longer)(?!\w)", re.IGNORECASE
)
_MEASURED: Final = frozenset({"medication", "stopped_medication", "lab", "vital", "allergy"})
_STATED: Final = frozenset({"problem", "past_problem", "procedure"})
_STRUCTURED: Final = "application/fhir+json"
_WINDOW: Final = 600
_LONGEST: Final = 20_000  # code points of quotes that are read; longer evidence is no quote


def contradictions(item: Item, sources: Mapping[str, SourceDocument]) -> tuple[str, ...]:
    """Return one sentence for each thing in which the claim and its evidence visibly disagree.

    ``sources`` are keyed by digest. Conflicts and gaps speak of more than their places say, and are left out.
    """
    if item.kind in {"conflict", "gap"} or not item.evidence:
        return ()
    quotes = "\n".join(span.quote for span in item.evidence)[:_LONGEST]
    around = _Sentences(item, sources)
    found = [*_amounts(item, quotes), *_frequencies(item, quotes), *_sides_differ(item, quotes, around)]
    found.extend(_numbers(item, quotes, around))
    found.extend(_polarity(item, sources))
    return tuple(dict.fromkeys(found))


class _Sentences:
    """The sentences around an item's evidence, read when they are needed: most claims agree with the quotes alone."""

    def __init__(self, item: Item, sources: Mapping[str, SourceDocument]) -> None:
        self._item = item
        self._sources = sources

    @cached_property
    def text(self) -> str:
        return " ".join(_sentence(span, self._sources) for span in self._item.evidence)[:_LONGEST]


def _amounts(item: Item, quotes: str) -> Iterator[str]:
    """Doses: a value with its unit that no quote gives."""
    stated = amounts(quotes)
    for value, unit in sorted(amounts(item.claim) - stated):
        others = sorted(f"{other} {its}" for other, its in stated)
        if others and not _apart(value, unit, quotes):
            yield f"the claim says {value} {unit}, the source {_either(others)}"


def _numbers(item: Item, quotes: str, around: _Sentences) -> Iterator[str]:
    """Any number of the claim that the source does not give.

    The words of a dose or result are all quoted; when something else happened may stand beside the quote.
    """
    missing = {plain_number(match.group()) for match in _NUMBER.finditer(item.claim)} - numbers(quotes)
    if missing and item.kind not in _MEASURED:
        missing -= numbers(around.text)
    for number in sorted(missing):
        yield f"the number {number} is in the claim and not in the source's words"


def _frequencies(item: Item, quotes: str) -> Iterator[str]:
    claimed, stated = frequencies(item.claim), frequencies(quotes)
    if stated and claimed - stated:
        yield f"the claim says {_either(sorted(claimed - stated))}, the source {_either(sorted(stated))}"


def _sides_differ(item: Item, quotes: str, around: _Sentences) -> Iterator[str]:
    claimed = sides(item.claim)
    stated = sides(quotes)
    if claimed and not stated:
        stated = sides(around.text)
    if not claimed <= stated:
        found = _either(sorted(stated)) if stated else "no side"
        yield f"the claim says {_either(sorted(claimed - stated))}, the source {found}"


def _polarity(item: Item, sources: Mapping[str, SourceDocument]) -> Iterator[str]:
    """Stated or denied: what the words around every place say, read once more."""
    quotes = [span.quote for span in item.evidence]
    if item.kind == "medication" and any(_ENDED.search(quote) for quote in quotes):
        yield "the claim says taken, the source's words also speak of stopping"
    denied = [_is_denied(span, sources[span.source]) for span in _findings(item, sources)]
    if not denied:
        return
    says_no = item.kind == "absent_finding" or item.assertion.negated or _NO.match(item.claim) is not None
    if item.kind in _STATED and not says_no and all(denied):
        yield "the claim says present, the source says absent"
    if (item.kind == "absent_finding" or says_no) and not any(denied):
        yield "the claim says absent, the source does not"


def _findings(item: Item, sources: Mapping[str, SourceDocument]) -> tuple[EvidenceSpan, ...]:
    """Return the places in notes; what a FHIR resource says of a finding stands in other fields of it."""
    if any(sources[span.source].media_type == _STRUCTURED for span in item.evidence):
        return ()
    return item.evidence if item.kind in _STATED or item.kind == "absent_finding" else ()


def _is_denied(span: EvidenceSpan, source: SourceDocument) -> bool:
    text, place = _around(span, source)
    return assess(text, [place])[0].negated or _NO.match(span.quote) is not None


def _sentence(span: EvidenceSpan, sources: Mapping[str, SourceDocument]) -> str:
    """Return the sentence in which a piece of evidence begins."""
    text, place = _around(span, sources[span.source])
    found = (sentence for sentence in split_sentences(text) if sentence.start <= place.start < sentence.end)
    return next((sentence.of(text) for sentence in found), span.quote)


def _around(span: EvidenceSpan, source: SourceDocument) -> tuple[str, Span]:
    """Return whole lines around a piece of evidence, and where it stands in them; bounded, as texts can be long."""
    earliest = max(0, span.start - _WINDOW)
    line = source.text.find("\n", earliest, span.start) + 1 if earliest else 0
    start = line or earliest
    end = min(len(source.text), span.end + _WINDOW)
    return source.text[start:end], Span(span.start - start, span.end - start)


def _apart(value: str, unit: str, quotes: str) -> bool:
    """Return whether value and unit are quotes of their own, as a FHIR quantity gives them."""
    lines = quotes.split("\n")
    return unit in lines and any(numbers(line) == {value} for line in lines)


def _either(words: Sequence[str]) -> str:
    return " or ".join(words)


def amounts(text: str) -> frozenset[tuple[str, str]]:
    """Return the amounts with a unit of mass, volume or activity: ``("500", "mg")``."""
    found = (quantity_at(text, match.start(), len(text)) for match in _NUMBER.finditer(text))
    return frozenset((one.value, one.unit) for one in found if one and one.unit and not one.counted)


def numbers(text: str) -> frozenset[str]:
    """Return all numbers in plain decimal form, those written as words and in fractions of a sig too."""
    found = {plain_number(match.group()) for match in _NUMBER.finditer(text)}
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", text.casefold())
    found.update(terms.WORD_NUMBERS[word] for word in words if word in terms.WORD_NUMBERS)
    return frozenset(found)


def frequencies(text: str) -> frozenset[str]:
    """Return how often, in one form each: ``BID`` and ``2 times a day`` are ``twice daily``."""
    found: set[str] = set()
    end = 0
    for match in _WORD_START.finditer(text):
        if match.start() < end:
            continue
        part = part_at(text, match.start(), len(text), terms.FREQUENCIES)
        if part is not None:
            found.add(part.text)
            end = part.span.end
    return frozenset(found)


def sides(text: str) -> frozenset[str]:
    """Return ``left`` and ``right`` as far as the text names them; both sides are both."""
    found: set[str] = set()
    for match in _SIDES.finditer(text):
        word = match.group().casefold()
        found.update(("left", "right") if word in _BOTH else (word,))
    return frozenset(found)
