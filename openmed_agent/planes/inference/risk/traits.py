"""What a record says of its person, as values that can be compared across records."""

import re
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.inference.risk.findings import RiskFinding, RiskKind

Trait = tuple[str, str]

_AGE: Final = re.compile(
    r"\b(\d{1,2})[- ]{0,2}(?:years?|yrs?)[- ]{0,2}old\b|\b(\d{1,2}) ?(?:yo|y/o|y\.o\.)|\bage[d:]{0,2} {0,2}(\d{1,2})\b|"
    r"\b(\d{1,2}) ?[MF]\b",
    re.IGNORECASE,
)
_FEMALE: Final = re.compile(r"\b(?:woman|female|girl|lady|she|her|mrs|ms)\b|\b\d{1,2} ?F\b", re.IGNORECASE)
_MALE: Final = re.compile(r"\b(?:man|male|boy|gentleman|he|his|mr)\b|\b\d{1,2} ?M\b", re.IGNORECASE)
_NAMED: Final = {
    RiskKind.RARE_DIAGNOSIS: "diagnosis",
    RiskKind.OCCUPATION: "occupation",
    RiskKind.PLACE: "place",
    RiskKind.EVENT: "event",
    RiskKind.ORIGIN: "origin",
}
_MOST_TRAITS: Final = 8
_LONGEST: Final = 60


def traits_of(text: str, findings: Sequence[RiskFinding]) -> tuple[Trait, ...]:
    """Return age, sex and up to six passages of a record, each as (name, value), without repetition."""
    traits: list[Trait] = []
    if age := _AGE.search(text):
        traits.append(("age", next(group for group in age.groups() if group)))
    female, male = len(_FEMALE.findall(text)), len(_MALE.findall(text))
    if female != male:
        traits.append(("sex", "female" if female > male else "male"))
    for finding in findings:
        if finding.span is not None and finding.kind in _NAMED:
            value = " ".join(finding.span.of(text).lower().split())[:_LONGEST]
            traits.append((_NAMED[finding.kind], value))
    return tuple(dict.fromkeys(traits))[:_MOST_TRAITS]
