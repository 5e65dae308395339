"""Hospitals, clinics, schools, firms: names of organisations, not their kinds."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keywords import keys, words_as_written
from openmed_agent.planes.inference.pii.lexicon import plain
from openmed_agent.planes.inference.pii.patterns import line_parts_around, within
from openmed_agent.planes.inference.pii.vocabulary import GENERIC_ORGANIZATION

SOURCE: Final = "organization"

_WORD: Final = r"[^\W\d_a-z][\w'.&-]{0,24}"
_KIND: Final = (
    r"(?:Hospital|Hospitals|Clinics?|Medical Cent(?:er|re)|Health(?: ?care)? (?:System|Network|Cent(?:er"
    r"|re)|Partners|Plan|Group)|Health(?:care)?|Nursing (?:Home|Facility)"
    r"|Rehab(?:ilitation)?(?: (?:Hospital|Cent(?:er|re)|Facility))?|Hospice|Pharmacy|University|College"
    r"|School|Elementary|Academy|Institute|Foundation"
    r"|Laborator(?:y|ies)|Labs|Diagnostics|Infirmary|Sanatorium|Manor|Senior Living|Assisted Living"
    r"|Surgery Cent(?:er|re)|Cancer Cent(?:er|re)|Eye Cent(?:er|re)"
    r"|Urgent Care|Family (?:Medicine|Practice|Physicians)|Medical (?:Group|Associates|Clinic)|Associates"
    r"|Physicians|Insurance|Church|Temple|Synagogue|Mosque"
    r"|Inc\b\.?|LLC|LLP|Corp\b\.?|Corporation|Ltd\b\.?|GmbH|Bank|Pharmaceuticals|Department of Corrections"
    r"|Prison|Jail|Shelter|High School|Middle School)"
)
_NAMED: Final = re.compile(
    rf"(?<![\w'-])((?:{_WORD}|of|and|&|de|the|for)(?: (?:{_WORD}|of|and|&|de|the"
    rf"|for)){{0,5}}?),? {_KIND}\b(?:,? (?:Inc|LLC|LLP|Corp|Ltd)\b\.?)?(?: of {_WORD}(?: {_WORD})?)?"
)
_SAINT: Final = re.compile(
    rf"[SM](?<!\w[SM])(?:(?<=S)(?:t|aint)|(?<=M)(?:t|ount))\b\.? {_WORD}(?:'s)?"
    r"(?: (?:Hospital|Medical Center|Clinic|Health|Church|School))?"
)
_SHOUTED: Final = re.compile(
    r"\b((?:(?:ST|MT|SAINT|MOUNT)\b\.? )?[A-Z][A-Z'&-]{2,20}(?: [A-Z][A-Z'&-]{2,20}){0,2}?)"
    r" (?:HOSPITAL|MEDICAL CENTER|CLINIC|HEALTH CENTER|NURSING HOME|MANOR|REHAB(?:ILITATION)?(?: CENTER)?"
    r"|HOSPICE|PHARMACY|UNIVERSITY|HEALTH SYSTEM)\b"
)
_WELL_KNOWN: Final = re.compile(
    r"\b(?:Mayo Clinic|Cleveland Clinic|Johns Hopkins|Kaiser(?: Permanente)?|Mass General|MGH|BWH|BIDMC"
    r"|UCSF|UCLA|NYU Langone|Mount Sinai|MD Anderson|Cedars[- ]Sinai"
    r"|Walgreens|CVS|Rite Aid|Walmart|Costco|Quest Diagnostics|LabCorp|Aetna|Cigna|Humana|UnitedHealthcare"
    r"|Blue Cross(?: Blue Shield)?|BCBS|Anthem)\b"
)
_KIND_HEAD: Final = re.compile(
    r"[A-Z](?<!\w[A-Z])(?:ospital|linic|edical|ealth|ursing|ehab|ospice|harmacy|niversity|ollege|chool|lementary|cademy"
    r"|nstitute|oundation|aborator|abs|iagnostics|nfirmary|anatorium|anor|enior|ssisted|urgery|ancer|ye Cent|rgent"
    r"|amily|ssociates|hysicians|nsurance|hurch|emple|ynagogue|osque|nc\b|LC|LP|orp|td\b|mbH|ank|harmaceuticals|epartment"
    r"|rison|ail|helter|igh |iddle )"
)
_LONGEST_BEFORE: Final = 160  # six words and the spaces after them
_LONGEST_AFTER: Final = 120
_KIND_WORDS: Final = keys(
    "Hospital Hospitals Clinic Clinics Center Centre Group Health Healthcare Nursing Rehab Rehabilitation Hospice"
    " Pharmacy University College School Elementary Academy Institute Foundation Laboratory Laboratories Labs"
    " Diagnostics Infirmary Sanatorium Manor Living Urgent Medicine Practice Associates Physicians Insurance Church"
    " Temple Synagogue Mosque Inc LLC LLP Corp Corporation Ltd GmbH Bank Pharmaceuticals Corrections Prison Jail"
    " Shelter"
)
"""A word of every kind of organisation, the one that is written less often elsewhere."""
_SHOUTED_WORDS: Final = keys(
    "HOSPITAL MEDICAL CLINIC HEALTH NURSING MANOR REHAB REHABILITATION HOSPICE PHARMACY UNIVERSITY"
)
_SAINT_WORDS: Final = keys("St Saint Mt Mount")
_WELL_KNOWN_WORDS: Final = keys(
    "Mayo Cleveland Johns Kaiser Mass MGH BWH BIDMC UCSF UCLA NYU Sinai Anderson Cedars Walgreens CVS Rite Walmart"
    " Costco Quest LabCorp Aetna Cigna Humana UnitedHealthcare Cross BCBS Anthem"
)
_WORDS: Final = _KIND_WORDS | _SHOUTED_WORDS | _SAINT_WORDS | _WELL_KNOWN_WORDS


def find(text: str, lowered: str) -> Iterator[PiiFinding]:  # noqa: ARG001 - every family is called alike
    """Yield organisations whose name says more than a department's kind."""
    shown = words_as_written(text, _WORDS)
    if not shown:
        return
    if not shown.isdisjoint(_KIND_WORDS):
        yield from _named(text)
    if not shown.isdisjoint(_SHOUTED_WORDS):
        yield from _shouted(text)
    for words, expression, confidence in (
        (_SAINT_WORDS, _SAINT, 0.65),
        (_WELL_KNOWN_WORDS, _WELL_KNOWN, 0.7),
    ):
        for match in () if shown.isdisjoint(words) else expression.finditer(text):
            named = not match.group().startswith(("St. Patrick's Day", "Saint Patrick's Day"))
            if named and not text.startswith((" wort", " Wort"), match.end()):
                yield PiiFinding(*match.span(), "organization", confidence, (SOURCE,))


def _named(text: str) -> Iterator[PiiFinding]:
    parts = line_parts_around(text, _KIND_HEAD, left=_LONGEST_BEFORE, right=_LONGEST_AFTER)
    for match in within(text, _NAMED, parts):
        if any(plain(word).strip(".,") not in GENERIC_ORGANIZATION for word in match[1].split()):
            yield PiiFinding(match.start() + _lead(match[1]), match.end(), "organization", 0.7, (SOURCE,))


def _shouted(text: str) -> Iterator[PiiFinding]:
    for match in _SHOUTED.finditer(text):
        words = match[1].split()
        kept = next((i for i, word in enumerate(words) if plain(word).strip(".") not in GENERIC_ORGANIZATION), None)
        if kept is not None:
            start = match.start() + len(" ".join(words[:kept])) + bool(kept)
            yield PiiFinding(start, match.end(), "organization", 0.6, (SOURCE,))


def _lead(words: str) -> int:
    """Return how many characters of small words and titles stand before the name begins."""
    position = 0
    for word in words.split(" "):
        if plain(word) in {
            "the",
            "and",
            "of",
            "for",
            "de",
            "at",
            "to",
            "in",
            "from",
            "our",
            "her",
            "his",
            "&",
            "he",
            "she",
        }:
            position += len(word) + 1
        else:
            break
    return position if position < len(words) else 0
