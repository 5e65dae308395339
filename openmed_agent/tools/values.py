"""What a tool's result may tell a model in strict mode: values of closed types, none of which can hold record text.

A count, a code of a published vocabulary, a label of a closed list, a yes or no, a number with a unit from a list, or
a handle that stands for something that stays here.
"""

import re
from dataclasses import dataclass
from typing import Final

_HANDLE: Final = re.compile(r"[a-z]{1,20}_[0-9]{1,9}")
_LABEL: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE: Final = re.compile(r"[A-Za-z0-9.\-]{1,20}")


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
class Fact:
    """A label and what it is: another label, a number, a yes or no, a code or a handle."""

    name: Label
    value: "Label | Handle | Code | bool | int | float"


StrictValue = Handle | Label | Count | Code | Fact
