"""The headings of a Chinese record, and the section that each begins."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from openmed_agent.clinical.sections import SectionKind


@dataclass(frozen=True, slots=True)
class Heading:
    """Where a section begins, and its kind."""

    start: int
    kind: SectionKind


_KINDS: Final = {
    SectionKind.CHIEF_COMPLAINT: "主诉",
    SectionKind.HISTORY_OF_PRESENT_ILLNESS: "现病史|病史摘要|入院情况|病史",
    SectionKind.PAST_MEDICAL_HISTORY: "既往史|既往病史|既往",
    SectionKind.FAMILY_HISTORY: "家族史|家族遗传史",
    SectionKind.SOCIAL_HISTORY: "个人史|婚育史|月经史|社会史",
    SectionKind.ALLERGIES: "过敏史|药物过敏史|药物过敏",
    SectionKind.PHYSICAL_EXAM: "查体|体格检查|专科检查|专科情况|体征",
    SectionKind.LABORATORY: "辅助检查|实验室检查|检验|化验",
    SectionKind.ASSESSMENT: "诊断|初步诊断|入院诊断|出院诊断|临床诊断|印象|中医诊断|西医诊断|鉴别诊断|病理诊断",
    SectionKind.PLAN: "处理|处置|治疗计划|诊疗计划|治疗|医嘱|治疗经过",
    SectionKind.DISCHARGE_MEDICATIONS: "出院带药",
    SectionKind.MEDICATIONS: "用药|目前用药|用药史",
}
_KIND_OF: Final = {title: kind for kind, titles in _KINDS.items() for title in titles.split("|")}
_TITLES: Final = "|".join(sorted(_KIND_OF, key=len, reverse=True))
_HEADING: Final = re.compile(rf"(?:^|(?<=[\n。;；\s】]))[【\[]?({_TITLES})[】\]]?[ \t]{{0,4}}(?:[:：]|(?<=[】\]]))")


def find_headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of ``text`` in order."""
    return tuple(Heading(match.start(), _KIND_OF[match.group(1)]) for match in _HEADING.finditer(text))


def kind_at(headings: Sequence[Heading], offset: int) -> SectionKind:
    """Return the kind of the section at ``offset``: that of the last heading before it."""
    index = bisect_right(headings, offset, key=lambda heading: heading.start) - 1
    return headings[index].kind if index >= 0 else SectionKind.OTHER
