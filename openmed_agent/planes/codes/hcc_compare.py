"""What a diagnosis is worth in V24 and in V28: the crosswalk that the two tables of one payment year are."""

from typing import Final

from openmed_agent.planes.codes import hcc
from openmed_agent.planes.codes.contract import HccMapping, HccMapRequest
from openmed_agent.planes.codes.crosswalk_contract import HccCompareReply, HccCompareRequest, HccComparison
from openmed_agent.planes.codes.hcc_models import MODELS
from openmed_agent.planes.codes.icd_concepts import IcdConcepts

YEARS: Final = tuple(year for year in MODELS["V24"].years if year in MODELS["V28"].years)


def compare(request: HccCompareRequest, concepts: IcdConcepts) -> HccCompareReply:
    """Return the payment HCCs of every code in both models; the payment year is one of ``YEARS``."""
    older, newer = (
        hcc.map_codes(HccMapRequest(codes=request.codes, model=model, payment_year=request.payment_year), concepts)
        for model in ("V24", "V28")
    )
    return HccCompareReply(
        payment_year=request.payment_year,
        results=tuple(_compared(*pair) for pair in zip(older.results, newer.results, strict=True)),
        releases=(older.release, newer.release),
    )


def _compared(older: HccMapping, newer: HccMapping) -> HccComparison:
    match older.mapped, newer.mapped:
        case True, True:
            return HccComparison(code=older.code, v24=older.hccs, v28=newer.hccs, change="both")
        case True, False:
            return HccComparison(code=older.code, v24=older.hccs, v28=(), change="only_v24", reason=newer.reason)
        case False, True:
            return HccComparison(code=older.code, v24=(), v28=newer.hccs, change="only_v28", reason=older.reason)
        case _:
            is_plain = older.reason.startswith("No payment HCC")
            reason = "No payment HCC in V24 or V28." if is_plain else older.reason
            return HccComparison(code=older.code, v24=(), v28=(), change="neither", reason=reason)
