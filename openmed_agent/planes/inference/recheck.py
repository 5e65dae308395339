"""The local check of every de-identified reply for what the service left.

The check reads the ORIGINAL, not the result, so that surrogates cannot hide what is left: everything that the
detector of this machine finds there, and every repetition of what the service itself found, must lie inside a
redaction.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from openmed_agent.errors import NotPermittedError
from openmed_agent.planes.inference.pii.labels import safe_harbor_category
from openmed_agent.planes.inference.pii.policy import SAFE_HARBOR, Policy
from openmed_agent.text.spans import Span

_THRESHOLD: Final = 0.5
# A shorter value (an initial, a day) repeats in every text by chance.
_SHORTEST_REPEATED: Final = 3
_SHORTEST_LOWER: Final = 5
# "Age 101" says nothing of a temperature of 101.3, nor does the house number 120 of a blood pressure.
_SHORTEST_NUMBER: Final = 4
_MOST_WORDS: Final = 12
# Vowel signs of Arabic and Devanagari are parts of a word.
_WORD = re.compile(
    r"(?:[^\W_][\u0300-\u036f\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963]{0,8})+"
)
_UNSPACED = re.compile(r"[\u3041-\u30ff\u3400-\u9fff々]{2,40}")


@dataclass(frozen=True, slots=True)
class Redaction:
    """A span of the original, the label of what stood there, and what replaced it."""

    span: Span
    label: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Residual:
    """Identifiers that are still there: spans of the original with their labels."""

    found: tuple[tuple[Span, str], ...]

    @property
    def nothing(self) -> bool:
        """Whether no identifier is left."""
        return not self.found

    def refusal(self) -> NotPermittedError:
        """Return the error that says how many of which category are left, and nothing of them."""
        counts = Counter(str(safe_harbor_category(label)) for _, label in self.found)
        listed = ", ".join(f"{count} x {name}" for name, count in sorted(counts.items()))
        return NotPermittedError(
            f"The de-identified text still holds identifiers ({listed}), so it was not used.",
            remedy="Use 'openmed deid', which adds the detector of this machine.",
        )


def recheck(text: str, redactions: Sequence[Redaction], *, language: str, policy: Policy = SAFE_HARBOR) -> Residual:
    """Return what ``redactions`` of ``text`` leave of what ``policy`` acts on.

    Raises:
        NotPermittedError: the detector of this machine does not know ``language``, so nothing can be confirmed.

    """
    from openmed_agent.planes.inference.pii.detector import detect  # noqa: PLC0415 - loads dictionaries

    try:
        findings = detect(text, language=language, threshold=_THRESHOLD)
    except ValueError:
        raise NotPermittedError(
            "A de-identified text in this language cannot be checked on this machine, so it was not used."
        ) from None
    covered = _covered([redaction.span for redaction in redactions])
    kept = [Span(*place) for place in policy.kept_spans(text)]
    left = [(Span(f.start, f.end), f.label) for f in policy.chosen(text, findings)]
    again = (*_repetitions(text, redactions), *_unspaced_repetitions(text, redactions))
    left += (found for found in again if not any(term.contains(found[0]) for term in kept))
    open_spans = [(span, label) for span, label in left if _is_open(text, span, covered)]
    unchanged = [(r.span, r.label) for r in redactions if r.replacement.casefold() == r.span.of(text).casefold()]
    return Residual(tuple(sorted({*open_spans, *unchanged})))


def repaired(redactions: Iterable[Redaction], left: Residual) -> tuple[tuple[Redaction, ...], int]:
    """Return redactions that also mask what was left, merged where they touch, and how many were added or grew."""
    masks = [Redaction(span, label, f"[{label}]") for span, label in left.found]
    fresh = {mask.span for mask in masks}
    kept = [redaction for redaction in redactions if redaction.span not in fresh]
    merged: list[Redaction] = []
    for redaction in sorted([*kept, *masks], key=lambda r: (r.span.start, -r.span.end)):
        last = merged[-1] if merged else None
        if last is None or redaction.span.start >= last.span.end:
            merged.append(redaction)
            continue
        end = max(last.span.end, redaction.span.end)
        wider = redaction if _length(redaction) > _length(last) else last
        merged[-1] = Redaction(Span(last.span.start, end), wider.label, wider.replacement)
    return tuple(merged), len(masks)


def _length(redaction: Redaction) -> int:
    return redaction.span.end - redaction.span.start


def _covered(spans: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def _is_open(text: str, span: Span, covered: Sequence[Span]) -> bool:
    """Return whether a letter or digit of ``span`` lies outside ``covered``, which is sorted and apart."""
    low, high = 0, len(covered)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if covered[middle].end <= span.start else (low, middle)
    at = span.start
    while at < span.end:
        if low < len(covered) and covered[low].start <= at:
            at = max(at, covered[low].end)
            low += 1
            continue
        stop = min(span.end, covered[low].start if low < len(covered) else span.end)
        if any(character.isalnum() for character in text[at:stop]):
            return True
        at = stop
    return False


def _repetitions(text: str, redactions: Sequence[Redaction]) -> Iterator[tuple[Span, str]]:
    """Yield every place where a redacted value stands again as whole words, whatever the separators."""
    values: dict[tuple[str, ...], str] = {}
    for redaction in redactions:
        for words in _written_forms(redaction.span.of(text)):
            values.setdefault(words, redaction.label)
    longest = max(map(len, values), default=0)
    firsts = {words[0] for words in values}
    matches = list(_WORD.finditer(text)) if values else []
    for index, match in enumerate(matches):
        if match.group().casefold() not in firsts:
            continue
        for length in range(min(longest, len(matches) - index), 0, -1):
            run = matches[index : index + length]
            label = values.get(tuple(word.group().casefold() for word in run))
            if label is not None and (length > 1 or _is_name_like(match.group())):
                yield Span(match.start(), run[-1].end()), label
                break


def _unspaced_repetitions(text: str, redactions: Sequence[Redaction]) -> Iterator[tuple[Span, str]]:
    """Yield every place where a redacted value of Chinese or Japanese stands again, inside of any run of text."""
    values = {redaction.span.of(text): redaction.label for redaction in redactions}
    for value, label in values.items():
        if _UNSPACED.fullmatch(value):
            for match in re.finditer(re.escape(value), text):
                yield Span(*match.span()), label


def _written_forms(value: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of a value, and for a number with separators also the number without them."""
    words = tuple(_WORD.findall(value.casefold()))
    if not 0 < len(words) <= _MOST_WORDS or sum(map(len, words)) < _SHORTEST_REPEATED:
        return
    yield words
    if len(words) > 1 and all(word.isdigit() for word in words):
        yield ("".join(words),)


def _is_name_like(word: str) -> bool:
    """Return whether one word repeats a value for sure: "will" is no repetition of Mr. Will."""
    if word.isdigit():
        return len(word) >= _SHORTEST_NUMBER
    return not word.islower() or any(c.isdigit() for c in word) or len(word) >= _SHORTEST_LOWER
