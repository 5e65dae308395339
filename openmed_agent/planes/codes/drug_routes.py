"""Routes about several drugs: classes and duplicate therapy from an installed release, and no interactions."""

from collections.abc import Callable

from fastapi import APIRouter

from openmed_agent.planes.codes import rxnorm_classes
from openmed_agent.planes.codes.drug_contract import (
    INSTALL,
    NO_INTERACTIONS,
    DrugClassesReply,
    DrugsRequest,
    DuplicatesReply,
)
from openmed_agent.planes.codes.rxnorm import RxNormSubset
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex
from openmed_agent.planes.serving import ServiceError


def drug_router(served: Callable[[], RxNormSubset | RxNormIndex]) -> APIRouter:
    """Return the routes ``/v1/drugs/...`` over what ``served`` returns for each request."""
    router = APIRouter(prefix="/v1/drugs")

    @router.post("/classes")
    def classes(request: DrugsRequest) -> DrugClassesReply:
        return rxnorm_classes.classify(_with_classes(served()), request.rxcuis)

    @router.post("/duplicates")
    def duplicates(request: DrugsRequest) -> DuplicatesReply:
        return rxnorm_classes.duplicates(_with_classes(served()), request.rxcuis)

    @router.post("/interactions")
    def interactions(request: DrugsRequest) -> None:  # noqa: ARG001 - checked, and then refused all the same
        raise ServiceError(409, "not_available", NO_INTERACTIONS, details={"system": "interactions", "command": None})

    return router


def _with_classes(drugs: RxNormSubset | RxNormIndex) -> RxNormIndex:
    if isinstance(drugs, RxNormIndex) and drugs.has_classes:
        return drugs
    raise ServiceError(
        409,
        "not_installed",
        f"Drug classes (ATC) are not installed. Install a release of RxNorm that has them with '{INSTALL}'.",
        details={"system": "atc", "command": INSTALL},
    )
