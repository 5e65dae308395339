"""Identifiers that the header lines of a note announce: ``Patient: Okafor, Maria   DOB: 03/02/1958   MRN# 4471882``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openmed_agent.clinical.identity import read_identity
from openmed_agent.privacy.announced.labels import MOST_WORDS, label_kinds
from openmed_agent.privacy.announced.values import announced_value
from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind as Kind

# What stands between a label and its value; number labels also stand right before a number.
_SEPARATOR: Final = re.compile(r"[:：=#|\t]|[ ]{2,}|[ ](?=[#]?[A-Z]{0,4}-?\d)|[.)]?[ ]?\n|[ ]is[ ]|[ ][-–—][ ]")
_LABEL_WORDS: Final = re.compile(r"[^\s:：=#|,;()\[\]{}<>*_/\\\"]+")
_LONGEST_LABEL: Final = 48
_VALUE: Final = re.compile(r"[ \t:：=#|*_\"'>–—-]{0,24}(?:\n[ \t*_>]{0,12})?([^\n|\t;]{1,160})")
_VALUE_END: Final = re.compile(r"[ ]{2}|[ ][-–—][ ]|[*_]{2}|[ ]\(|\)|[ ]?\d?\)[ ]|\"")
_COLUMN_END: Final = re.compile(r"[ ]{2}")
_NUMBERS: Final = frozenset({Kind.PHONE, Kind.FAX, Kind.EMAIL, Kind.URL})
_NEAR_A_NUMBER: Final = frozenset(
    {Kind.DATE, Kind.MRN, Kind.SSN, Kind.LICENSE, Kind.PHONE, Kind.FAX, Kind.PLAN, Kind.ACCOUNT}
)
_MOST: Final = 50_000


@dataclass(frozen=True, slots=True)
class _Label:
    kind: Kind
    start: int
    end: int
    """Where the separator behind the label begins."""


def read_headers(text: str) -> Iterator[Identifier]:
    """Yield what the labels in ``text`` announce, and whose chart its header says it is."""
    identity = read_identity(text)
    for kind, stated in (
        (Kind.PATIENT, identity.name),
        (Kind.DATE, identity.birth_date),
        (Kind.MRN, identity.record_number),
    ):
        if stated is not None:
            yield Identifier(kind, stated.span.of(text))
    labels = list(_labels(text))
    for place, label in enumerate(labels):
        stop = labels[place + 1].start if place + 1 < len(labels) else len(text)
        value = _VALUE.match(text, label.end, max(label.end, stop))
        if value is not None:
            end = _COLUMN_END if label.kind in _NUMBERS else _VALUE_END
            written = end.split(value[1], maxsplit=1)[0].strip(" ,.*_\"'[]")
            yield from announced_value(label.kind, written)


def _labels(text: str) -> Iterator[_Label]:
    """Yield the labels in order; of two that end at one separator, the longer one."""
    kinds = label_kinds()
    last_end = 0
    found = 0
    for separator in _SEPARATOR.finditer(text):
        line = max(text.rfind("\n", max(0, separator.start() - _LONGEST_LABEL), separator.start()) + 1, last_end)
        begin = max(line, separator.start() - _LONGEST_LABEL)
        words = list(_LABEL_WORDS.finditer(text, begin, separator.start()))[-MOST_WORDS:]
        for first in range(len(words)):
            kind = kinds.get(_joined(words[first:]))
            if kind is None or not _announces(kind, separator, text, words[first].start()):
                continue
            yield _Label(kind, words[first].start(), separator.start())
            last_end = separator.end()
            found += 1
            break
        if found >= _MOST:
            return


def _joined(words: list[re.Match[str]]) -> str:
    return " ".join(folded(word.group()) for word in words)


def _announces(kind: Kind, separator: re.Match[str], text: str, start: int) -> bool:
    """Return whether a separator that prose has too makes a label of the words before it."""
    mark = separator.group()
    if any(character in mark for character in ":：=#|\t"):
        return True
    if mark in {" ", " is "}:
        return kind in _NEAR_A_NUMBER
    nearest = max(0, start - _LONGEST_LABEL)
    line = max(text.rfind(end, nearest, start) for end in "\n|\t")
    begins = line >= 0 or nearest == 0
    return begins and not text[max(line + 1, nearest) : start].strip(" *_>#") and text[start].isupper()
