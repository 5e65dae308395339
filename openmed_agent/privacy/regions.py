"""Which parts of a text are identifiers, and as whose, from what the vault knows and what a detector finds."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.kinds import PEOPLE, IdentifierKind, kind_of
from openmed_agent.privacy.masks import mask_spans
from openmed_agent.privacy.matching import Entity, KnownSpan
from openmed_agent.privacy.name_forms import is_in_names
from openmed_agent.privacy.structure import format_spans
from openmed_agent.privacy.surrogates import surrogate_spans, unescapable_spans

_BETWEEN_NAMES: Final = re.compile(r"[ ,.\t]{1,3}")
_LONGEST_NAME: Final = 40
_CAPITAL: Final = r"[^\W\d_a-z][^\W\d_]{1,30}"
_NAME_BEFORE: Final = re.compile(rf"(?<![\w'’-])({_CAPITAL}), ?\Z")
_NAME_AFTER: Final = re.compile(rf"(?:,| )({_CAPITAL})(?![\w'’-])")
_STRANGE_LETTER: Final = "ꙮ"
_LETTERS_OF_A_STATE: Final = 2


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a text that is one identifier, apart from all others; ``entity`` is None for what is not known yet."""

    start: int
    end: int
    kind: IdentifierKind
    entity: Entity | None = None


def without_surrogates(text: str) -> str:
    """Return ``text``, equally long, with a word that is no identifier's in the place of each surrogate."""
    parts: list[str] = []
    done = 0
    for start, end in surrogate_spans(text):
        parts += (text[done:start], " ", _STRANGE_LETTER * (end - start - 2), " ")
        done = end
    return "".join((*parts, text[done:]))


def local_regions(text: str, known: Iterable[KnownSpan], findings: Iterable[PiiFinding]) -> list[Region]:
    """Return the identifiers in a text of this machine, where a surrogate is only something that looks like one."""
    literal = [Region(start, end, IdentifierKind.ID) for start, end in unescapable_spans(text)]
    return _merged(text, [*_of_known(known), *_of_findings(text, findings), *literal])


def model_regions(text: str, known: Iterable[KnownSpan], findings: Iterable[PiiFinding]) -> list[Region]:
    """Return the identifiers in a text from the model's side, whose surrogates are none."""
    kept = surrogate_spans(text)
    found = [*_of_known(known), *_of_findings(text, findings)]
    return _merged(text, [part for region in found for part in _outside(region, kept, text)])


def _of_known(known: Iterable[KnownSpan]) -> Iterator[Region]:
    for span in known:
        yield Region(span.start, span.end, span.entity.kind, span.entity)


def _of_findings(text: str, findings: Iterable[PiiFinding]) -> Iterator[Region]:
    """Yield what a detector found, the names of one person that stand side by side as one."""
    last: Region | None = None
    for region in _beside_masks(text, findings):
        if last is not None and _is_one_name(last, region, text):
            last = Region(last.start, region.end, last.kind)
            continue
        if last is not None:
            yield _with_name_beside(last, text)
        last = region
    if last is not None:
        yield _with_name_beside(last, text)


def _with_name_beside(region: Region, text: str) -> Region:
    """Return a name with the other half that a detector left: ``Law, Nicholas`` where it saw Nicholas only."""
    if region.kind not in PEOPLE:
        return region
    before = _NAME_BEFORE.search(text, max(0, region.start - _LONGEST_NAME), region.start)
    start = before.start(1) if before and is_in_names(folded(before[1])) else region.start
    after = _NAME_AFTER.match(text, region.end)
    end = after.end() if after and is_in_names(folded(after[1])) else region.end
    return Region(start, end, region.kind)


def _beside_masks(text: str, findings: Iterable[PiiFinding]) -> Iterator[Region]:
    """Yield findings in order, without masks of de-identification and what is a record format's own.

    Of a finding that holds such a thing the parts beside it remain, other than a state's two letters or less.
    """
    masks = _apart([*mask_spans(text), *format_spans(text)])
    for finding in sorted(findings, key=lambda finding: (finding.start, finding.end)):
        region = Region(finding.start, finding.end, kind_of(finding.label))
        place = bisect_right(masks, region.start, key=itemgetter(1))
        if place == len(masks) or masks[place][0] >= region.end:
            yield region
            continue
        for part in _outside(region, masks, text):
            if sum(map(str.isalnum, text[part.start : part.end])) > _LETTERS_OF_A_STATE:
                yield part


def _apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap as one."""
    apart: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(apart[-1][1], end))
        else:
            apart.append((start, end))
    return apart


def _is_one_name(left: Region, right: Region, text: str) -> bool:
    return left.kind in PEOPLE and right.kind in PEOPLE and bool(_BETWEEN_NAMES.fullmatch(text, left.end, right.start))


def _outside(region: Region, kept: Sequence[tuple[int, int]], text: str) -> Iterator[Region]:
    """Yield the parts of ``region`` outside of surrogates that hold a letter or digit."""
    start = region.start
    for place in range(bisect_right(kept, start, key=itemgetter(1)), len(kept)):
        kept_start, kept_end = kept[place]
        if kept_start >= region.end:
            break
        yield from _part(region, start, kept_start, text)
        start = kept_end
    yield from _part(region, start, region.end, text)


def _part(region: Region, start: int, end: int, text: str) -> Iterator[Region]:
    if any(character.isalnum() for character in text[start:end]):
        yield Region(start, end, region.kind, region.entity)


def _merged(text: str, regions: Iterable[Region]) -> list[Region]:
    """Return regions that are apart, in order, and together cover the same characters."""
    merged: list[Region] = []
    for region in sorted(regions, key=lambda region: (region.start, -region.end)):
        if merged and region.start < merged[-1].end:
            merged[-1] = _union(merged[-1], region)
        else:
            merged.append(region)
    return [trimmed for region in merged if (trimmed := _trimmed(text, region))]


def _union(left: Region, right: Region) -> Region:
    """Return one region for two that overlap: what is known gives it its name, and the longer one."""
    best = max(left, right, key=lambda region: (region.entity is not None, region.end - region.start))
    return Region(left.start, max(left.end, right.end), best.kind, best.entity)


def _trimmed(text: str, region: Region) -> Region | None:
    start, end = region.start, region.end
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Region(start, end, region.kind, region.entity) if start < end else None
