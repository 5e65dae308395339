"""The codes service: contract B over the embedded engine. Routes are plain functions, run off the event loop."""

from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

from fastapi import APIRouter, FastAPI, Query, Request, Response

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.codes import hcc, hcc_models, icd_validation
from openmed_agent.planes.codes.comorbidity import score_comorbidity
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
from openmed_agent.planes.codes.crosswalk_routes import crosswalk_router
from openmed_agent.planes.codes.drug_routes import drug_router
from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.icd_index import in_force
from openmed_agent.planes.codes.releases.icd10cm import InstalledIcd, validate_codes
from openmed_agent.planes.codes.releases.routes import not_installed, terminology_router
from openmed_agent.planes.codes.rxnorm_routes import rxnorm_router
from openmed_agent.planes.serving import ServiceError, create_application, envelope

SERVICE: Final = "openmed-agent-codes"
CAPABILITIES: Final = ("icd10cm", "hcc", "comorbidity", "crosswalk", "rxnorm", "drug_classes")
QueryText = Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_RESULTS)]
ReleaseName = Annotated[str | None, Query(max_length=60)]


def create_codes_application(*, index_folder: Path, api_key: str | None) -> FastAPI:
    """Return the application; the index is built first where it is missing."""
    engine = CodesEngine(index_folder)
    routers = [_health_router(engine), _icd_router(engine), _risk_router(engine), rxnorm_router(lambda: engine.rxnorm)]
    routers += [crosswalk_router(engine.concepts), drug_router(lambda: engine.rxnorm)]
    application = create_application(
        service=SERVICE,
        title="OpenMed codes",
        version=version("openmed-agent"),
        routers=[*routers, terminology_router(engine.installed)],
        api_key=api_key,
    )
    application.add_exception_handler(UnavailableError, _answer_unavailable)
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
            capabilities=(*CAPABILITIES, *engine.installed.terms),
            releases=engine.releases(),
        )

    return router


def _icd_router(engine: CodesEngine) -> APIRouter:
    router = APIRouter(prefix="/v1/icd10cm")

    # On the event loop, since a search takes 0.4 ms, less than handing it to a thread and back; and written out here,
    # since FastAPI would validate and convert our own twenty results once more.
    @router.get("/search", response_model=IcdSearchReply)
    async def search(
        q: QueryText,
        limit: Limit = 20,
        billable: bool = False,  # noqa: FBT001, FBT002
        release: ReleaseName = None,
    ) -> Response:
        if release is not None:
            other = _icd_release(engine, release)
            results = other.search.search(q, limit=limit, billable_only=billable)
            return _written(IcdSearchReply(results=results, release=other.release))
        results = engine.search.search(q, limit=limit, billable_only=billable)
        return _written(IcdSearchReply(results=results, release=engine.icd_release))

    @router.post("/validate")
    def validate(request: IcdValidateRequest) -> IcdValidateReply:
        other = engine.installed.icd10cm.on(request.date) if request.date and not in_force(request.date) else None
        if other is not None and request.date is not None:
            return validate_codes(other, request.codes, request.date)
        return icd_validation.validate(engine.concepts, request.codes, request.date)

    @router.get("/{code}")
    def concept(code: str, release: ReleaseName = None) -> IcdConcept:
        concepts = engine.concepts if release is None else _icd_release(engine, release).concepts
        found = concepts.concept(code)
        if found is None:
            raise ServiceError(
                404, "not_found", f"There is no such code in {concepts.release.version}.",
                details={"release": concepts.release.model_dump()},
            )  # fmt: skip
        return found

    return router


def _written(reply: IcdSearchReply) -> Response:
    return Response(reply.model_dump_json(), media_type="application/json")


def _icd_release(engine: CodesEngine, version: str) -> InstalledIcd:
    found = engine.installed.icd10cm.named(version)
    if found is None:
        raise not_installed("icd10cm", version)
    return found


def _risk_router(engine: CodesEngine) -> APIRouter:
    router = APIRouter(prefix="/v1")

    @router.post("/hcc/map")
    def hcc_map(request: HccMapRequest) -> HccMapReply:
        model = _usable_model(request.model, request.payment_year)
        return hcc.map_codes(request.model_copy(update={"model": model}), engine.concepts)

    @router.post("/hcc/raf")
    def raf(request: RafRequest) -> RafReply:
        model = _usable_model(request.model, request.payment_year)
        try:
            return hcc.score(request.model_copy(update={"model": model}), engine.concepts)
        except hcc_models.SegmentError as error:
            raise _unknown(error.field, str(error)) from error

    @router.post("/comorbidity")
    def comorbidity(request: ComorbidityRequest) -> ComorbidityReply:
        return score_comorbidity(request, engine.concepts)

    return router


async def _answer_unavailable(_: Request, error: Exception) -> Response:
    return envelope(503, "index_unavailable", str(error))


def _usable_model(name: str, payment_year: int) -> str:
    """Return the name under which the model is listed, or raise what the caller can do about it."""
    model = hcc_models.MODELS.get(hcc_models.canonical(name))
    if model is None:
        listed = f"The models are {', '.join(hcc_models.MODELS)}."
        is_part_d = hcc_models.canonical(name) == "RXHCC"
        raise _unknown("model", hcc_models.PART_D_CHOICE if is_part_d else listed)
    absent = hcc_models.why_absent(model)
    if absent:
        command = hcc_models.install_command(model)
        raise ServiceError(
            409,
            "not_installed",
            f"Model {model.name} is not installed: {absent}." + (f" Install it with '{command}'." if command else ""),
            details={"system": "hcc", "model": model.name, "reason": absent, "command": command or None},
        )
    if payment_year not in model.years:
        raise _unknown("payment_year", f"{model.name} is here for payment years {', '.join(map(str, model.years))}.")
    return model.name


def _unknown(field: str, message: str) -> ServiceError:
    return ServiceError(422, "validation_error", message, details=[{"field": f"body.{field}", "message": message}])
