"""Identifiers in the segments of an HL7 version 2 message that name people: PID, NK1, GT1, IN1 and PV1."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind as Kind

_SEGMENT: Final = re.compile(r"(?:^|(?<=\r))[ \t]{0,8}(PID|NK1|GT1|IN1|PV1|PD1|MRG)\|([^\r\n]{1,20000})", re.MULTILINE)
_NAME, _ADDRESS, _NUMBER, _CLINICIAN = "name", "address", "number", "clinician"
# Segment -> field -> what it is; fields are those of HL7 2.5.1, chapters 3 and 6.
_FIELDS: Final[dict[str, dict[int, tuple[str, Kind]]]] = {
    "PID": {
        2: (_NUMBER, Kind.ID), 3: (_NUMBER, Kind.MRN), 4: (_NUMBER, Kind.ID), 5: (_NAME, Kind.PATIENT),
        6: (_NAME, Kind.PERSON), 7: (_NUMBER, Kind.DATE), 9: (_NAME, Kind.PATIENT), 11: (_ADDRESS, Kind.PLACE),
        13: (_NUMBER, Kind.PHONE), 14: (_NUMBER, Kind.PHONE), 18: (_NUMBER, Kind.ACCOUNT), 19: (_NUMBER, Kind.SSN),
        20: (_NUMBER, Kind.LICENSE), 21: (_NUMBER, Kind.ID), 29: (_NUMBER, Kind.DATE),
    },
    "NK1": {2: (_NAME, Kind.PERSON), 4: (_ADDRESS, Kind.PLACE), 5: (_NUMBER, Kind.PHONE), 6: (_NUMBER, Kind.PHONE)},
    "GT1": {
        3: (_NAME, Kind.PERSON), 4: (_NAME, Kind.PERSON), 5: (_ADDRESS, Kind.PLACE), 6: (_NUMBER, Kind.PHONE),
        7: (_NUMBER, Kind.PHONE), 8: (_NUMBER, Kind.DATE), 12: (_NUMBER, Kind.SSN),
    },
    "IN1": {
        16: (_NAME, Kind.PERSON), 18: (_NUMBER, Kind.DATE), 19: (_ADDRESS, Kind.PLACE), 36: (_NUMBER, Kind.PLAN),
        49: (_NUMBER, Kind.PLAN),
    },
    "PV1": {7: (_CLINICIAN, Kind.PERSON), 8: (_CLINICIAN, Kind.PERSON), 9: (_CLINICIAN, Kind.PERSON),
            17: (_CLINICIAN, Kind.PERSON), 19: (_NUMBER, Kind.ID)},
    "PD1": {4: (_CLINICIAN, Kind.PERSON)},
    "MRG": {1: (_NUMBER, Kind.MRN), 7: (_NAME, Kind.PATIENT)},
}  # fmt: skip
_STREET, _OTHER_STREET, _CITY, _POSTCODE, _COUNTY = 0, 1, 2, 4, 8


def read_hl7(text: str) -> Iterator[Identifier]:
    """Yield what the segments of people announce."""
    for match in _SEGMENT.finditer(text):
        fields = match[2].split("|")
        for place, (shape, kind) in _FIELDS[match[1]].items():
            for repetition in fields[place - 1].split("~") if place <= len(fields) else ():
                yield from _field(repetition.split("^"), shape, kind)


def _field(parts: list[str], shape: str, kind: Kind) -> Iterator[Identifier]:
    match shape:
        case "name":
            yield from _name(parts, kind)
        case "clinician":
            yield from _name(parts[1:], kind)
            yield from _text(Kind.ID, parts[0])
        case "address":
            for place in (_STREET, _OTHER_STREET, _CITY, _POSTCODE, _COUNTY):
                yield from _text(kind, parts[place] if place < len(parts) else "")
        case _:
            text = next((part for part in parts if part.strip()), "") if kind is Kind.PHONE else parts[0]
            yield from _text(Kind.EMAIL if "@" in text else kind, text)
            if kind is Kind.PHONE:
                yield from (Identifier(Kind.EMAIL, part) for part in parts[1:] if "@" in part)


def _name(parts: list[str], kind: Kind) -> Iterator[Identifier]:
    family, *given = (part.split("&")[0].strip() for part in parts[:3]) if parts else ("",)
    words = [*(part for part in given if part), *([family] if family else [])]
    if words:
        yield Identifier(kind, " ".join(words), tuple(part for part in (family, *given) if len(part) > 1))


def _text(kind: Kind, text: str) -> Iterator[Identifier]:
    if text.strip('" '):
        yield Identifier(kind, text.strip())
