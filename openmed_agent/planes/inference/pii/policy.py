"""Which identifiers are acted on, and what may stay of them: Safe Harbor, a limited data set, or a list of one's own.

Sources: 45 CFR 164.514(b)(2) for Safe Harbor, 164.514(e)(2) for the limited data set.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from openmed_agent.planes.inference.pii.date_shift import latest_year, year_of
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS, SafeHarborCategory, safe_harbor_category

Part = Literal["year", "zip3", "age"]
PolicyName = Literal["safe_harbor", "safe_harbor_parts", "limited_data_set"]

_BEYOND_SAFE_HARBOR: Final = frozenset({"gender", "ethnicity", "occupation", "job_title", "time", "state", "country"})
_OF_LIMITED_DATA_SET: Final = frozenset({"date", "date_time", "date_of_birth", "age", "city", "zipcode", "postcode"})
_DATES: Final = frozenset({"date", "date_time", "date_of_birth"})
_OLDEST_SHOWN: Final = 89
_ZIP: Final = re.compile(r"(\d{3})\d{2}(?:[- ]?\d{4})?")
# Three-digit areas of 20,000 people or fewer: those of the 2000 census as the Office for Civil Rights lists them in
# its guidance of 2012, those that the censuses of 2010 and 2020 added, and those of military mail, where no census
# counts anybody. One that has grown since stays 000, which is safe.
SMALL_ZIP_AREAS: Final = frozenset(
    {
        *("036", "059", "063", "102", "202", "203", "204", "205", "369", "556", "692", "753", "772", "790"),
        *("821", "823", "830", "831", "878", "879", "884", "890", "893"),
        *(
            "090",
            "091",
            "092",
            "093",
            "094",
            "095",
            "096",
            "097",
            "098",
            "099",
            "340",
            "962",
            "963",
            "964",
            "965",
            "966",
        ),
    }
)
_CATEGORIES: Final = {category.name.lower(): category for category in SafeHarborCategory}
Term = Annotated[str, Field(min_length=2, max_length=200, pattern=r"\S")]


def known_label(name: str) -> str:
    """Return a label or a Safe Harbor category as the policy writes it, in lower case; ValueError for another name."""
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    if key in CANONICAL_LABELS or key in _CATEGORIES or key.upper() in CANONICAL_LABELS.values():
        return key
    raise ValueError(f"'{key[:40]}' is no label and no category of identifiers")


class Policy(BaseModel):
    """What is acted on: labels, canonical labels or categories; what stays; which parts of a value may stay.

    An empty `act_on` means what Safe Harbor lists. `keep` wins over `act_on`. `keep_terms` are phrases that
    stay wherever they stand, such as the name of a hospital. `keep_parts` count for the method mask.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Annotated[str, Field(min_length=1, max_length=100)] = "safe_harbor"
    act_on: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    keep: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    keep_terms: Annotated[tuple[Term, ...], Field(max_length=2000)] = ()
    keep_parts: tuple[Part, ...] = ()

    @field_validator("act_on", "keep")
    @classmethod
    def _are_known(cls, labels: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(known_label(label) for label in labels)

    @property
    def is_default(self) -> bool:
        """Whether the policy changes nothing of what a service does by itself."""
        return self.model_copy(update={"name": SAFE_HARBOR.name}) == SAFE_HARBOR

    def acts_on(self, label: str) -> bool:
        """Say whether identifiers with this label are acted on."""
        names = _names_of(label)
        if names & frozenset(self.keep):
            return False
        if self.act_on:
            return bool(names & frozenset(self.act_on))
        return not names & _BEYOND_SAFE_HARBOR

    def chosen(self, text: str, findings: Iterable[PiiFinding]) -> tuple[PiiFinding, ...]:
        """Return the findings that are acted on: of a kind that is, and not within a term that is kept."""
        kept = self.kept_spans(text)
        return tuple(f for f in findings if self.acts_on(f.label) and not _within(f.start, f.end, kept))

    def kept_spans(self, text: str) -> tuple[tuple[int, int], ...]:
        """Return where the text holds a term that is kept, in any case and spacing, as whole words."""
        return tuple(match.span() for match in self._terms.finditer(text)) if self.keep_terms else ()

    @cached_property
    def _terms(self) -> re.Pattern[str]:
        longest_first = sorted(self.keep_terms, key=len, reverse=True)
        phrases = (r"\s{1,4}".join(map(re.escape, term.split())) for term in longest_first)
        return re.compile(rf"(?<!\w)(?:{'|'.join(phrases)})(?!\w)", re.IGNORECASE)


SAFE_HARBOR: Final = Policy()
POLICIES: Final[dict[PolicyName, Policy]] = {
    "safe_harbor": SAFE_HARBOR,
    "safe_harbor_parts": Policy(name="safe_harbor_parts", keep_parts=("year", "zip3", "age")),
    "limited_data_set": Policy(name="limited_data_set", keep=tuple(sorted(_OF_LIMITED_DATA_SET))),
}


class Parts:
    """What may stay of the values of one text."""

    def __init__(self, text: str, kept: Sequence[Part]) -> None:
        self._kept = frozenset(kept)
        self._latest_year = latest_year(text) if "year" in self._kept else 0

    def of(self, label: str, value: str) -> str | None:
        """Return the part of a value that may stay, or None for nothing."""
        if "zip3" in self._kept and label in {"zipcode", "postcode"}:
            return zip_area(value)
        if "age" in self._kept and label == "age":
            return "90+"
        if "year" in self._kept and label in _DATES:
            return self._year(label, value)
        return None

    def _year(self, label: str, value: str) -> str | None:
        year = year_of(value)
        if year is None or (label == "date_of_birth" and self._latest_year - year > _OLDEST_SHOWN):
            return None
        return str(year)


def zip_area(value: str) -> str | None:
    """Return the first three digits of a ZIP code, 000 for an area of 20,000 people or fewer; None for no ZIP code."""
    match = _ZIP.fullmatch(value.strip())
    if match is None:
        return None
    return f"{'000' if match[1] in SMALL_ZIP_AREAS else match[1]}**"


def _names_of(label: str) -> frozenset[str]:
    key = label.strip().lower().replace(" ", "_").replace("-", "_")
    canonical = CANONICAL_LABELS.get(key, "ID_NUM").lower()
    return frozenset({key, canonical, safe_harbor_category(key).name.lower()})


def _within(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(from_ <= start and end <= to for from_, to in spans)
