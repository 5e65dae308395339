"""A cheap second look at a text that some server says is de-identified."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import plain

_PLACEHOLDER: Final = re.compile(
    r"\[[A-Za-z][A-Za-z_]{1,40}(?:_\d{1,6})?\]|\b[a-z]{2,20}(?:_[a-z]{2,20}){0,4}_[0-9a-f]{8,64}\b|█+"
)
_BESIDE: Final = re.compile(r"(?:\[[A-Za-z_]{2,50}\]|█)[\] ,.()]{0,6}(?:[A-Z]\.?)?$")
_BESIDE_DISTANCE: Final = 56
_SURE: Final = 0.7
_CREDENTIAL: Final = 3
_SHORTEST: Final = 2
_SHORTEST_INSIDE: Final = 5


def residual_identifiers(
    text: str,
    known: Sequence[str],
    *,
    allowed: Sequence[tuple[int, int]] = (),
    threshold: float = 0.5,
    language: str = "en",
) -> tuple[PiiFinding, ...]:
    """Return what still looks like an identifier in a de-identified text, in order; empty is what one hopes for.

    `known` are the identifiers as they stood in the original: they are looked for exactly and without regard to case,
    accents and separators. `allowed` are spans of `text` that hold surrogates or shifted dates. Placeholders
    of our own methods and of the OpenMed service are passed over. A finding's source is "known" or a detector.
    """
    ignored = _Spans([*allowed, *(match.span() for match in _PLACEHOLDER.finditer(text))])
    detected = [
        finding
        for finding in detect(text, language=language, threshold=threshold)
        if not ignored.hold(finding) and not _is_doubtful(text, finding)
    ]
    originals = [finding for finding in _known(text, known) if not ignored.hold(finding)]
    both = {(finding.start, finding.end): finding for finding in [*detected, *originals]}
    return tuple(sorted(both.values(), key=lambda finding: (finding.start, finding.end)))


def _is_doubtful(text: str, finding: PiiFinding) -> bool:
    """Say whether only the sequence model sees a finding and has little reason to.

    It learnt from notes as they are written: after a placeholder it takes the letters of a credential for a name.
    """
    if finding.sources != ("sequence",):
        return False
    if finding.confidence < _SURE:
        return True
    before = text[max(0, finding.start - _BESIDE_DISTANCE) : finding.start]
    return finding.end - finding.start <= _CREDENTIAL and _BESIDE.search(before) is not None


def _known(text: str, known: Sequence[str]) -> Iterator[PiiFinding]:
    squeezed, origins = _squeeze(text)
    for value in dict.fromkeys(known):
        wanted = _squeeze(value)[0]
        if len(wanted) < _SHORTEST:
            continue
        # A number may be glued to anything; a word only counts as a whole, or Ann would be found in annual.
        anywhere = len(wanted) >= _SHORTEST_INSIDE and any(character.isdigit() for character in wanted)
        at = squeezed.find(wanted)
        while at >= 0:
            start, end = origins[at], origins[at + len(wanted) - 1] + 1
            if anywhere or _whole(text, start, end):
                yield PiiFinding(start, end, "unique_id", 1.0, ("known",))
            at = squeezed.find(wanted, at + 1)


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Return the letters and digits of the text without case and accents, and where each one came from."""
    characters: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        if character.isalnum():
            folded = plain(character)
            characters.append(folded)
            origins.extend([position] * len(folded))
    return "".join(characters), origins


def _whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not (end < len(text) and text[end].isalnum())


class _Spans:
    """Half-open spans that can be asked, in the time of a search by halves, whether one of them holds a finding."""

    def __init__(self, spans: Sequence[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._furthest = list(accumulate((end for _, end in ordered), max))

    def hold(self, finding: PiiFinding) -> bool:
        """Say whether a finding lies within one of the spans."""
        before = bisect_right(self._starts, finding.start)
        return before > 0 and finding.end <= self._furthest[before - 1]
