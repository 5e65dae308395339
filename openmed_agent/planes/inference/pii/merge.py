"""Uniting what the detectors saw into one list without overlaps."""

from collections.abc import Iterable
from functools import lru_cache
from operator import attrgetter
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import safe_harbor_category

_NAMES: Final = frozenset({"first_name", "middle_name", "last_name"})
_JOINABLE: Final = frozenset(
    {
        "street_address",
        "phone",
        "fax",
        "organization",
        "unique_id",
        "medical_record_number",
        "date",
        "account_number",
    }
)
_COARSE: Final = ("sequence",)  # knows a place from a person, but not a county from a town
_JOINTS: Final = frozenset({"", "-", "/", ".", ", "})
_START: Final = attrgetter("start")
_END: Final = attrgetter("end")


def unite(findings: Iterable[PiiFinding], text: str) -> list[PiiFinding]:
    """Return non-overlapping findings in order that cover every character any of them covers.

    Where two overlap, the more certain one (the longer, when equal) gives the label; what the other covers
    beyond it is joined to it, so that no half of an identifier stays behind.
    """
    united: list[PiiFinding] = []
    last = None
    ordered = sorted(findings, key=_END, reverse=True)
    ordered.sort(key=_START)  # which leaves the longest of those that begin together first
    for finding in ordered:
        if last is None:
            last = finding
        elif finding.start < last.end or (finding.label == last.label and _one_identifier(last, finding, text)):
            last = _union(last, finding)
        else:
            united.append(last)
            last = finding
    if last is not None:
        united.append(last)
    return united


def _one_identifier(left: PiiFinding, right: PiiFinding, text: str) -> bool:
    """Say whether two findings of one label that do not overlap are halves of one identifier."""
    if left.label not in _JOINABLE:
        return False
    gap = text[left.end : right.start]
    return gap in _JOINTS if left.label in {"street_address", "organization"} else gap in {"", "-"}


def _union(left: PiiFinding, right: PiiFinding) -> PiiFinding:
    start, left_end, left_label, left_sure, left_sources = left
    right_start, right_end, right_label, right_sure, right_sources = right
    left_size, right_size = left_end - start, right_end - right_start
    right_is_best = right_sure > left_sure or (right_sure == left_sure and right_size > left_size)
    confidence, sources = max(left_sure, right_sure), left_sources
    if left_sources != right_sources:
        sources, others = _joined(left_sources, right_sources)
        if left_label == right_label or safe_harbor_category(left_label) is safe_harbor_category(right_label):
            if _COARSE in (left_sources, right_sources):
                right_is_best = left_sources == _COARSE
            if others:
                confidence = 1 - (1 - left_sure) * (1 - right_sure)
    label, other, longer = left_label, right_label, right_size > left_size
    if right_is_best:
        label, other, longer = right_label, left_label, left_size > right_size
    if longer and label in _NAMES and other not in _NAMES:
        label = other
    return PiiFinding(start, max(left_end, right_end), label, round(confidence, 4), sources)


@lru_cache(maxsize=1 << 10)
def _joined(left: tuple[str, ...], right: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
    """Return the names of the detectors of two findings, and whether they are not the same detectors."""
    return tuple(sorted({*left, *right})), set(left) != set(right)
