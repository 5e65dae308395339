"""What a tool's result may tell a model in strict mode: values of closed types, none of which can hold record text.

A count, a code of a published vocabulary, a label of a closed list, a yes or no, a number with a unit from a list, or
a handle that stands for something that stays here.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_HANDLE: Final = re.compile(r"[a-z]{1,20}_[0-9]{1,9}")
_LABEL: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE: Final = re.compile(r"[A-Za-z0-9.\-]{1,20}")
_DRAFT: Final = re.compile(r"[0-9a-f]{8,64}")
_LONGEST_DISPLAY: Final = 200


def _check(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(text):
        raise ValueError(f"not a {what}")


@dataclass(frozen=True, slots=True)
class Handle:
    """A name such as ``document_1`` for something on this machine."""

    name: str

    def __post_init__(self) -> None:
        """Check that this is a handle and no sentence."""
        _check(_HANDLE, self.name, "handle")


@dataclass(frozen=True, slots=True)
class Label:
    """A word of a list that our own code declares, such as ``medication`` or ``negated``."""

    word: str

    def __post_init__(self) -> None:
        """Check that this is a label and no sentence."""
        _check(_LABEL, self.word, "label")


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of what a label names."""

    of: Label
    number: int


@dataclass(frozen=True, slots=True)
class Code:
    """A concept of a published code system, with the vocabulary's own display, never the chart's words."""

    system: Label
    code: str
    display: str

    def __post_init__(self) -> None:
        """Check that this is a code and no sentence."""
        _check(_CODE, self.code, "code")


@dataclass(frozen=True, slots=True)
class DraftReference:
    """The random id of a draft."""

    draft_id: str

    def __post_init__(self) -> None:
        """Check that this is an id of the store's."""
        _check(_DRAFT, self.draft_id, "draft id")


@dataclass(frozen=True, slots=True)
class BuiltInSkill:
    """A skill that ships with this program; it stands for its text, which no record is in."""

    name: Label


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what it is: another label, a number, a yes or no, a code or a handle."""

    name: Label
    value: "Label | Handle | Code | bool | int | float"


StrictValue = Handle | Label | Count | Code | DraftReference | BuiltInSkill | Fact


def counted(words: Iterable[str]) -> tuple[Count, ...]:
    """Return how often each word of a closed list occurs, in the order of the words."""
    numbers: dict[str, int] = {}
    for word in words:
        numbers[word] = numbers.get(word, 0) + 1
    return tuple(Count(label_of(word), number) for word, number in sorted(numbers.items()))


def label_of(word: str) -> Label:
    """Return the label of a word that our own code or a contract declares: ``LAB_VALUE`` becomes ``lab_value``."""
    return Label(re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")[:40])


def render_values(values: Iterable[StrictValue]) -> str:
    """Return the values as compact JSON: what a model reads of a result in strict mode."""
    groups: dict[str, list[object]] = {}
    counts: dict[str, int] = {}
    for value in values:
        match value:
            case Count():
                counts[value.of.word] = counts.get(value.of.word, 0) + value.number
            case Fact():
                groups.setdefault("facts", []).append({value.name.word: _plain(value.value)})
            case Code():
                groups.setdefault("codes", []).append(_plain(value))
            case Handle():
                groups.setdefault("handles", []).append(value.name)
            case Label():
                groups.setdefault("labels", []).append(value.word)
            case DraftReference():
                groups.setdefault("drafts", []).append(value.draft_id)
            case BuiltInSkill():
                groups.setdefault("skills", []).append(_skill_text(value))
    whole: Mapping[str, object] = {**({"counts": counts} if counts else {}), **groups}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _plain(value: "Label | Handle | Code | bool | int | float") -> object:
    match value:
        case Label():
            return value.word
        case Handle():
            return value.name
        case Code():
            shown = {"display": value.display[:_LONGEST_DISPLAY]} if value.display else {}
            return {"system": value.system.word, "code": value.code} | shown
        case _:
            return value


def _skill_text(value: BuiltInSkill) -> str:
    from openmed_agent.skills.discovery import built_in_skill  # noqa: PLC0415 - reads files

    return built_in_skill(value.name.word.replace("_", "-")).text
