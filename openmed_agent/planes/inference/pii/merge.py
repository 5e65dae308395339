"""Uniting what the detectors saw into one list without overlaps."""

from collections.abc import Iterable
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


def unite(findings: Iterable[PiiFinding], text: str) -> list[PiiFinding]:
    """Return non-overlapping findings in order that cover every character any of them covers.

    Where two overlap, the more certain one (the longer, when equal) gives the label; what the other covers
    beyond it is joined to it, so that no half of an identifier stays behind.
    """
    united: list[PiiFinding] = []
    last = None
    for finding in sorted(findings, key=_place):
        if last is not None and (finding.start < last.end or _one_identifier(last, finding, text)):
            last = united[-1] = _union(last, finding)
        else:
            united.append(finding)
            last = finding
    return united


def _one_identifier(left: PiiFinding, right: PiiFinding, text: str) -> bool:
    if left.label != right.label or left.label not in _JOINABLE:
        return False
    gap = text[left.end : right.start]
    return gap in _JOINTS if left.label in {"street_address", "organization"} else gap in {"", "-"}


def _place(finding: PiiFinding) -> tuple[int, int]:
    return finding.start, -finding.end


def _union(left: PiiFinding, right: PiiFinding) -> PiiFinding:
    left_size, right_size = left.end - left.start, right.end - right.start
    surer = right.confidence > left.confidence or (right.confidence == left.confidence and right_size > left_size)
    best = right if surer else left
    longest = right if right_size > left_size else left
    if left.sources == right.sources:
        confidence, sources = max(left.confidence, right.confidence), left.sources
    else:
        agreed = left.label == right.label or safe_harbor_category(left.label) is safe_harbor_category(right.label)
        if agreed and (left.sources == _COARSE) != (right.sources == _COARSE):
            best = right if left.sources == _COARSE else left
        confidence = max(left.confidence, right.confidence)
        if agreed and set(left.sources) != set(right.sources):
            confidence = 1 - (1 - left.confidence) * (1 - right.confidence)
        sources = tuple(sorted({*left.sources, *right.sources}))
    longer = longest.end - longest.start > best.end - best.start
    label = longest.label if longer and best.label in _NAMES and longest.label not in _NAMES else best.label
    return PiiFinding(left.start, max(left.end, right.end), label, round(confidence, 4), sources)
