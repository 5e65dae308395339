"""Numbers that prove themselves by their form or check digit: no word beside them is needed."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import Pattern, before, digits_of, parts_around, within

SOURCE: Final = "number"

_SSN_AREAS_NEVER_ISSUED: Final = frozenset({"000", "666"})
_CARD_LENGTHS: Final = range(12, 20)
_IMEI_DIGITS: Final = 15


def _social_security(value: str) -> bool:
    digits = digits_of(value)
    return digits[:3] not in _SSN_AREAS_NEVER_ISSUED and digits[3:5] != "00" and digits[5:] != "0000"


def _card(value: str) -> bool:
    digits = digits_of(value)
    return len(digits) in _CARD_LENGTHS and digits[0] in ("123456") and len(set(digits)) > 1 and checksums.luhn(digits)


def _iban(value: str) -> bool:
    return checksums.mod_97(value.replace(" ", "").upper())


def _vehicle(value: str) -> bool:
    return any(c.isdigit() for c in value) and any(c.isalpha() for c in value) and checksums.vin(value)


_PATTERNS: Final = (
    Pattern(
        "ssn",
        re.compile(r"\d(?<![\w.-]\d)\d\d(?: ?[-‐] ?| {1,2}|\.)\d{2}(?: ?- ?| {1,2}|\.)\d{4}(?![\w-]|\.\d)"),
        0.85,
        SOURCE,
        check=_social_security,
    ),
    Pattern("ssn", re.compile(r"[xX*](?<!\w[xX*])[xX*]{2}-?[xX*]{2}-?\d{4}(?!\w)"), 0.85, SOURCE),
    # National Insurance number of the United Kingdom: two letters, six digits, a letter
    Pattern("ssn", re.compile(r"[A-Z](?<!\w[A-Z])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"), 0.8, SOURCE),
    Pattern("credit_card", re.compile(r"\d(?<![\w.-]\d)\d{11,18}(?![\w-]|\.\d)"), 0.85, SOURCE, check=_card),
    Pattern(
        "credit_card",
        re.compile(r"\d(?<![\w.-]\d)\d{3}[ -](?:\d{4}[ -]\d{4}[ -]\d{1,7}|\d{6}[ -]\d{5})(?![\w-])"),
        0.9,
        SOURCE,
        check=_card,
    ),
    Pattern(
        "iban",
        re.compile(r"[A-Z](?<!\w[A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        0.95,
        SOURCE,
        check=_iban,
    ),
    # Australian Medicare card and its line
    Pattern("health_plan_number", re.compile(r"[2-6](?<![\w.-][2-6])\d{3} \d{5} \d(?![\w-]|[.,]\d)"), 0.7, SOURCE),
    Pattern("vin", re.compile(r"[A-HJ-NPR-Z0-9](?<!\w[A-Z0-9])[A-HJ-NPR-Z0-9]{16}\b"), 0.9, SOURCE, check=_vehicle),
    Pattern("npi", re.compile(r"[12](?<![\w.+-][12])\d{9}(?![\w-]|\.\d)"), 0.6, SOURCE, check=checksums.npi),
    Pattern(
        "dea_number", re.compile(r"[ABCDEFGHJKLMPRSTUX](?<!\w[A-Z])[A-Z9]\d{7}\b"), 0.85, SOURCE, check=checksums.dea
    ),
    # Medicare Beneficiary Identifier, CMS format of 11 characters
    Pattern(
        "health_plan_number",
        re.compile(
            r"[1-9](?<!\w[1-9])[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
        ),
        0.9,
        SOURCE,
    ),
    # Unique Device Identifier in the readable form of GS1
    Pattern("device_identifier", re.compile(r"\(01\)\d{14}(?:\(\d{2}\)[\w.-]{1,20}){0,5}"), 0.95, SOURCE),
)
_CODES: Final = re.compile(
    r"[\dA-Z*x](?:(?<=\d)[\d .()-]{4,}\d|(?<=[A-HJ-NPR-Z\d])[A-HJ-NPR-Z\d]{10,}|(?<=\d) ?[A-Z]|(?<=[A-Z*]) ?\d"
    r"|(?<=[xX*])[xX*]{2}-?[xX*]{2})"
)
_UNNAMED: Final = re.compile(
    r"[A-Z\d](?<![\w.,$/+-][A-Z\d])(?:(?<=\d)\d|(?<=[A-Z])[A-Z]{0,4}-?\d\d)[A-Z\d]*+(?:-[A-Z\d]{2,}+){0,4}"
    r"(?![\w/%]|[.,]\d|-\w)"
)
_UNNAMED_DIGITS: Final = 7
_PUBLIC: Final = re.compile(
    r"(?:\b(?:nct|rs|pmid|pmc|doi|ndc|loinc|rxcui|rxnorm|snomed|sctid|icd|cpt|isbn|umls|omim|hgnc)\W{0,6}"
    r"|[#$€£])$"
)


def find(text: str, lowered: str) -> Iterator[PiiFinding]:
    """Yield checksummed numbers, and long codes without a name as weak findings."""
    for pattern in _PATTERNS:
        yield from pattern.find(text, lowered)
    for match in within(text, _UNNAMED, parts_around(text, _CODES, left=8, right=8)):
        value = match.group()
        if len(digits_of(value)) < _UNNAMED_DIGITS or value.lower().startswith(("nct", "rs", "pmid", "doi")):
            continue
        if not _PUBLIC.search(before(text, match.start(), 14)):
            yield PiiFinding(match.start(), match.end(), "unique_id", 0.5, (SOURCE,))
