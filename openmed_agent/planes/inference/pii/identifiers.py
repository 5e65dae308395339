"""Identifiers that a word beside them names: record, account, member, licence and device numbers."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding

SOURCE: Final = "keyword"

_GLUE: Final = (
    r"\)?\s{0,2}(?:(?:numbers?|num|nos?\.?|nr\.?|id|code|is|was|of|ending in"
    r"|#)\s{0,2}){0,3}[:#=.]{0,2}\s{0,4}#?"
)
# A value: letters and digits with inner separators. It must hold digits, which is checked apart.
_VALUE: Final = (
    r"(\d{2,4}(?:[ ]\d{2,4}){1,4}(?![\w/.%-]|[ ]?(?:mg|mcg|ml|units|years?|yrs?|yo|y/o)\b)"
    r"|[A-Za-z]{0,4}[- ]?\d[A-Za-z0-9]{0,30}(?:[-./][A-Za-z0-9]{1,20}){0,5}"
    r"|[A-Za-z0-9]{2,30}(?:[-./_][A-Za-z0-9]{1,20}){0,5})"
)
_KEYWORDS: Final = {
    "medical_record_number": (
        (
            r"mrns?|m\.r\.n\.?|mr ?#|mr no|emrn|med(?:ical)?\.? rec(?:ord)?s?|chart (?:number|no\.?|#|id)"
            r"|unit (?:no\.?|number|#)|record"
            r"|patient (?:id|identifier|number|no\.?|#)|pt\.? (?:id|no\.?|#)|hospital (?:number|no\.?|#|id)"
            r"|uhid|epic id|empi|hosp ?#"
        ),
        3,
    ),
    "unique_id": (
        (
            r"encounter|visit|csn|fin|har|accession|acc ?#|acc\.? no\.?|specimen|case|order|requisition|req"
            r"|ticket|reference|ref"
            r"|confirmation|tracking|study id|subject id|subject|participant|protocol id|registry id"
            r"|prescription|rx ?#|rx (?:no\.?|number)|barcode"
            r"|transaction|trace|document|doc id|employee(?: id)?|badge|student id|report"
        ),
        4,
    ),
    "ssn": (
        (
            r"ssn?|s\.s\.n\.?|social security|soc sec|social|last (?:four|4)(?: of)?(?: the)?(?: ssn| social)?"
            r"|tin|itin"
        ),
        4,
    ),
    "npi": (r"npi|national provider(?: identifier)?", 6),
    "dea_number": (r"dea", 6),
    "health_plan_number": (
        (
            r"member(?:ship)?|subscriber|policy(?:holder)?|group|plan id|plan|insurance(?: id)?|medicare"
            r"(?: id)?|medicaid(?: id)?|hicn|mbi"
            r"|beneficiary|payer id|bin|pcn|rxbin|rxgrp|rx ?group|certificate of coverage|authorization|auth"
            r"|pre-?auth(?:orization)?|hic"
        ),
        4,
    ),
    "account_number": (
        (
            r"accounts?|acct\.?|acct|a/c|bank account|routing|invoice|statement|billing|claim|guarantor|loan"
            r"|receipt|check|icn|dcn|eob"
        ),
        4,
    ),
    "certificate_number": (
        (
            r"(?:driver'?s?'? |medical |nursing |state |physician |rn |pharmacy )?licen[cs]e|lic\.?"
            r"|certificate|cert\.?|certification|passport"
            r"|registration|permit|dl|visa|green card|alien|a-number|birth certificate|death certificate|clia"
        ),
        4,
    ),
    "license_plate": (r"(?:licen[cs]e |number |vehicle |car )?plates?|tag|vehicle reg(?:istration)?|vrn", 3),
    "vin": (r"vin|vehicle identification", 8),
    "imei": (r"imei|meid", 10),
    "device_identifier": (
        (
            r"serial|s/n|s\.n\.|sn|lot|device(?: id| identifier| serial)?|udi|model|implant id|pacemaker"
            r"|pump id|pump serial|ref no|catalog(?:ue)?|di"
        ),
        4,
    ),
    "biometric_identifier": (
        (
            r"(?:fingerprint|retina(?:l)?|iris|voice ?print|face|biometric|palm)(?: scan| template| print)?"
            r"(?: id| hash)?"
        ),
        5,
    ),
    "credit_card": (r"(?:credit |debit |visa |amex |master)?card|visa|mastercard|amex|discover|cc", 8),
    "iban": (r"iban", 10),
    "bic": (r"bic|swift(?: code)?", 8),
    "cvv": (r"cvv2?|cvc|security code", 3),
    "pin": (r"pin|passcode|access code|pin code", 3),
    "password": (r"password|passwd|pwd", 4),
}
_EXPRESSIONS: Final = tuple(
    (label, re.compile(rf"(?<![\w.-])(?=[A-Za-z])(?:{words})\b{_GLUE}{_VALUE}(?![\w@])", re.IGNORECASE), shortest)
    for label, (words, shortest) in _KEYWORDS.items()
)
_DIGITS_NEEDED: Final = {"license_plate": 1, "bic": 0, "password": 0}
_NAMED_BY_DIGITS: Final = 3
_DATE_SHAPED: Final = re.compile(
    r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|(?:19|20)\d{2}(?:-\d{1,2}-\d{1,2})?|\d+(?:\.\d+)?|\d{1,3}(?:mg"
    r"|mcg|ml|th|st|nd|rd)"
)
_LONG_NUMBER: Final = 5
_EXPLICIT: Final = re.compile(r"[:#=]|\b(?:no|num|number|id)\b", re.IGNORECASE)
_WORDY: Final = frozenset(
    {"unique_id", "account_number", "health_plan_number", "certificate_number", "device_identifier", "pin"}
)


def find(text: str) -> Iterator[PiiFinding]:
    """Yield the values that follow a word for an identifier."""
    for label, expression, shortest in _EXPRESSIONS:
        for match in expression.finditer(text):
            value = match.group(1).rstrip(".-/")
            if _is_value(label, value, shortest, text[match.start() : match.start(1)]):
                yield PiiFinding(match.start(1), match.start(1) + len(value), label, 0.9, (SOURCE,))


def _is_value(label: str, value: str, shortest: int, keyword: str) -> bool:
    digits = sum(character.isdigit() for character in value)
    if label == "password":
        return ":" in keyword or digits > 0
    if label == "bic":
        return value.isupper() and len(value) in {8, 11}
    if len(value) < shortest or digits < _DIGITS_NEEDED.get(label, min(shortest, _NAMED_BY_DIGITS)):
        return False
    if label == "license_plate":
        return value.upper() == value and any(character.isalpha() for character in value)
    explicit = _EXPLICIT.search(keyword) is not None
    if _DATE_SHAPED.fullmatch(value) and not (value.isdigit() and (digits >= _LONG_NUMBER or explicit)):
        return False
    # "case 1234" may be anything, "case no. 1234" is not; a long or mixed code is one in both.
    return explicit or label not in _WORDY or digits >= _LONG_NUMBER
