"""Numbers that prove themselves by their form or check digit: no word beside them is needed."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.patterns import Pattern, before, digits_of, found, outline

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


# In one piece, or with the only separator that stands in their outline
_PATTERNS: Final = (
    Pattern(
        "ssn",
        re.compile(r"[xX*](?<!\w[xX*])[xX*]{2}-?[xX*]{2}-?\d{4}(?!\w)"),
        0.85,
        SOURCE,
        needs=("xx", "**", "x*", "*x"),
    ),
    Pattern(
        "credit_card",
        re.compile(r"\d(?<![\w.-]\d)\d{11,18}(?![\w-]|\.\d)"),
        0.85,
        SOURCE,
        check=_card,
        outlines=(b"0" * 12,),
    ),
    Pattern(
        "iban",
        re.compile(r"[A-Z](?<!\w[A-Z])[A-Z]\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b"),
        0.95,
        SOURCE,
        check=_iban,
        outlines=(b"AA00",),
    ),
    # Australian Medicare card and its line
    Pattern(
        "health_plan_number",
        re.compile(r"[2-6](?<![\w.-][2-6])\d{3} \d{5} \d(?![\w-]|[.,]\d)"),
        0.7,
        SOURCE,
        outlines=(b"0000 00000 0",),
    ),
    Pattern(
        "npi",
        re.compile(r"[12](?<![\w.+-][12])\d{9}(?![\w-]|\.\d)"),
        0.6,
        SOURCE,
        check=checksums.npi,
        outlines=(b"0" * 10,),
    ),
    Pattern(
        "dea_number",
        re.compile(r"[ABCDEFGHJKLMPRSTUX](?<!\w[A-Z])[A-Z9]\d{7}\b"),
        0.85,
        SOURCE,
        check=checksums.dea,
        outlines=(b"A" + b"0" * 7,),
    ),
    # Unique Device Identifier in the readable form of GS1
    Pattern(
        "device_identifier",
        re.compile(r"\(01\)\d{14}(?:\(\d{2}\)[\w.-]{1,20}){0,5}"),
        0.95,
        SOURCE,
        outlines=(b"(00)" + b"0" * 14,),
    ),
)
# Their outlines are those of the text without separators.
_SEPARATED: Final = (
    Pattern(
        "ssn",
        re.compile(r"\d(?<![\w.-]\d)\d\d(?: ?[-‐] ?| {1,2}|\.)\d{2}(?: ?- ?| {1,2}|\.)\d{4}(?![\w-]|\.\d)"),
        0.85,
        SOURCE,
        check=_social_security,
        outlines=(b"0" * 9,),
    ),
    # National Insurance number of the United Kingdom: two letters, six digits, a letter
    Pattern(
        "ssn",
        re.compile(r"[A-Z](?<!\w[A-Z])[A-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"),
        0.8,
        SOURCE,
        outlines=(b"AA000000A",),
    ),
    Pattern(
        "credit_card",
        re.compile(r"\d(?<![\w.-]\d)\d{3}[ -](?:\d{4}[ -]\d{4}[ -]\d{1,7}|\d{6}[ -]\d{5})(?![\w-])"),
        0.9,
        SOURCE,
        check=_card,
        outlines=(b"0" * 13,),
    ),
    # Medicare Beneficiary Identifier, CMS format of 11 characters
    Pattern(
        "health_plan_number",
        re.compile(
            r"[1-9](?<!\w[1-9])[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}\b"
        ),
        0.9,
        SOURCE,
        outlines=(b"0AA00",),
    ),
)
_SEPARATORS: Final = b" -.?"  # the hyphens that Latin-1 does not know are a ? there
# Its outline is that of the text with A for digits too.
_VEHICLE: Final = (
    Pattern(
        "vin",
        re.compile(r"[A-HJ-NPR-Z0-9](?<!\w[A-Z0-9])[A-HJ-NPR-Z0-9]{16}\b"),
        0.9,
        SOURCE,
        check=_vehicle,
        outlines=(b"A" * 17,),
    ),
)
_LONG: Final = re.compile(r"\d[A-Z\d-]{6,}")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
_MOST_LETTERS: Final = 6
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
    outlined = outline(text)
    yield from found(_PATTERNS, text, lowered, outlined)
    yield from found(_SEPARATED, text, lowered, outlined.translate(None, _SEPARATORS))
    yield from found(_VEHICLE, text, lowered, outlined.replace(b"0", b"A"))
    for match in _LONG.finditer(text):
        start, end = match.span()
        if outlined.count(b"0", start, end) < _UNNAMED_DIGITS:
            continue
        lead = text[max(0, start - _MOST_LETTERS) : start]
        code = _UNNAMED.match(text, start - len(lead) + len(lead.rstrip(_LETTERS)))
        if code is None:
            continue
        value = code.group()
        if len(digits_of(value)) < _UNNAMED_DIGITS or value.lower().startswith(("nct", "rs", "pmid", "doi")):
            continue
        if not _PUBLIC.search(before(text, code.start(), 14)):
            yield PiiFinding(code.start(), code.end(), "unique_id", 0.5, (SOURCE,))
