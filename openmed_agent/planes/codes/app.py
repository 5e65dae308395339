"""The codes service: contract B over the embedded engine. Every route is a plain function, run off the event loop."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final, Literal

from fastapi import APIRouter, FastAPI, Query

from openmed_agent.planes.codes import hcc
from openmed_agent.planes.codes.charlson import score_comorbidity
from openmed_agent.planes.codes.contract import (
    MAXIMUM_QUERY_CHARACTERS,
    MAXIMUM_RESULTS,
    ComorbidityReply,
    ComorbidityRequest,
    HccMapReply,
    HccMapRequest,
    Health,
    IcdConcept,
    IcdSearchReply,
    IcdValidateReply,
    IcdValidateRequest,
    RafReply,
    RafRequest,
)
from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.rxnorm_routes import rxnorm_router
from openmed_agent.planes.serving import ServiceError, create_application

SERVICE: Final = "openmed-agent-codes"
CAPABILITIES: Final = ("icd10cm", "hcc", "comorbidity", "rxnorm")
_INSTALL_FILES: Final = {
    "loinc": "Loinc_VERSION.zip",
    "snomed": "SnomedCT_RELEASE.zip",
    "cpt": "YOUR_CPT_TABLE.csv",
    "icd10pcs": "ICD-10-PCS-ORDER-FILE.zip",
    "cvx": "cvx.txt",
}
_ABSENT_NAMES: Final = {
    "loinc": "LOINC", "snomed": "SNOMED CT", "cpt": "CPT", "icd10pcs": "ICD-10-PCS", "cvx": "CVX",
}  # fmt: skip
AbsentSystem = Literal["loinc", "snomed", "cpt", "icd10pcs", "cvx"]
QueryText = Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_RESULTS)]


def create_codes_application(*, index_folder: Path, api_key: str | None) -> FastAPI:
    """Return the application; the index is built first where it is missing."""
    engine = CodesEngine(index_folder)
    routers = [_health_router(engine), _icd_router(engine), _risk_router(engine), rxnorm_router(engine.rxnorm)]
    application = create_application(
        service=SERVICE,
        title="OpenMed codes",
        version=version("openmed-agent"),
        routers=[*routers, _absent_router()],
        api_key=api_key,
    )
    application.router.redirect_slashes = False  # a path that is not a route is 404, not a hint at another one
    return application


def _health_router(engine: CodesEngine) -> APIRouter:
    router = APIRouter()

    @router.get("/health")
    def health() -> Health:
        return Health(
            status="ok",
            service=SERVICE,
            version=version("openmed-agent"),
            capabilities=CAPABILITIES,
            releases=engine.releases(),
        )

    return router


def _icd_router(engine: CodesEngine) -> APIRouter:
    router = APIRouter(prefix="/v1/icd10cm")

    @router.get("/search")
    def search(q: QueryText, limit: Limit = 20, billable: bool = False) -> IcdSearchReply:  # noqa: FBT001, FBT002
        results = engine.search.search(q, limit=limit, billable_only=billable)
        return IcdSearchReply(results=results, release=engine.icd_release)

    @router.post("/validate")
    def validate(request: IcdValidateRequest) -> IcdValidateReply:
        return engine.concepts.validate(request.codes, request.date)

    @router.get("/{code}")
    def concept(code: str) -> IcdConcept:
        found = engine.concepts.concept(code)
        if found is None:
            raise ServiceError(
                404, "not_found", f"There is no such code in {engine.icd_release.version}.",
                details={"release": engine.icd_release.model_dump()},
            )  # fmt: skip
        return found

    return router


def _risk_router(engine: CodesEngine) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/hcc/map")
    def hcc_map(request: HccMapRequest) -> HccMapReply:
        _require_model(request.model, request.payment_year)
        return hcc.map_codes(request, engine.concepts)

    @router.post("/hcc/raf")
    def raf(request: RafRequest) -> RafReply:
        _require_model(request.model, request.payment_year)
        try:
            return hcc.score(request, engine.concepts)
        except hcc.SegmentError as error:
            raise ServiceError(
                422, "validation_error", str(error), details=[{"field": "body.eligibility", "message": str(error)}]
            ) from error

    @router.post("/comorbidity")
    def comorbidity(request: ComorbidityRequest) -> ComorbidityReply:
        return score_comorbidity(request, engine.concepts)

    return router


def _absent_router() -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.get("/{system}/search")
    def search(system: AbsentSystem) -> None:
        raise _not_installed(system)

    @router.get("/{system}/{code}")
    def concept(system: AbsentSystem, code: str) -> None:  # noqa: ARG001 - no code can be looked up
        raise _not_installed(system)

    return router


def _not_installed(system: AbsentSystem) -> ServiceError:
    command = f"openmed codes install {system} --from {_INSTALL_FILES[system]}"
    return ServiceError(
        409,
        "not_installed",
        f"{_ABSENT_NAMES[system]} is not installed. Install it with '{command}'.",
        details={"system": system, "command": command},
    )


def _require_model(model: str, payment_year: int) -> None:
    absent = hcc.ABSENT_MODELS.get(model.upper())
    if absent is not None:
        raise ServiceError(
            409,
            "not_installed",
            f"Model {model.upper()} is not installed: {absent}.",
            details={"system": "hcc", "model": model.upper(), "reason": absent},
        )
    if model not in hcc.MODELS:
        raise _unknown("model", f"The models are {', '.join((*hcc.MODELS, *hcc.ABSENT_MODELS))}.")
    years = hcc.PAYMENT_YEARS[model]
    if payment_year not in years:
        raise _unknown("payment_year", f"{model} is here for payment years {', '.join(map(str, years))}.")


def _unknown(field: str, message: str) -> ServiceError:
    return ServiceError(422, "validation_error", message, details=[{"field": f"body.{field}", "message": message}])
