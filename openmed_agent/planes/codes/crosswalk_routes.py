"""The crosswalks that packages carry: ICD-9-CM to ICD-10-CM and back, and V24 to V28."""

from fastapi import APIRouter

from openmed_agent.planes.codes.crosswalk_contract import (
    CrosswalkReply,
    CrosswalkRequest,
    HccCompareReply,
    HccCompareRequest,
)
from openmed_agent.planes.codes.hcc_compare import YEARS, compare
from openmed_agent.planes.codes.icd9_crosswalk import crosswalk
from openmed_agent.planes.codes.icd_concepts import IcdConcepts
from openmed_agent.planes.serving import ServiceError


def crosswalk_router(concepts: IcdConcepts) -> APIRouter:
    """Return the routes ``/v1/crosswalk`` and ``/v1/hcc/compare``."""
    router = APIRouter(prefix="/v1")

    @router.post("/crosswalk")
    def mapped(request: CrosswalkRequest) -> CrosswalkReply:
        return crosswalk(request, concepts)

    @router.post("/hcc/compare")
    def compared(request: HccCompareRequest) -> HccCompareReply:
        if request.payment_year not in YEARS:
            message = f"Both models are here for payment years {', '.join(map(str, YEARS))}."
            raise ServiceError(
                422, "validation_error", message, details=[{"field": "body.payment_year", "message": message}]
            )
        return compare(request, concepts)

    return router
