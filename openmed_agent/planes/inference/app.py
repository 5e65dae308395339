"""The embedded inference service: the routes of CONTRACTS A over the embedded engines.

``openmed serve inference`` and the supervised child process both run this application. Nothing of a request is
logged or echoed; work that needs the processor runs in threads, so ``/health`` always answers.
"""

import os
import secrets
from typing import Final

from fastapi import APIRouter, FastAPI, Response

from openmed_agent import __version__
from openmed_agent.planes.inference.batch import BATCH_OPENAPI, BATCH_RESPONSES, BatchResponse
from openmed_agent.planes.inference.contract import (
    AnalyzeReply,
    AnalyzeRequest,
    Capability,
    DeidentifyReply,
    DeidentifyRequest,
    ExtractRequest,
    Health,
)
from openmed_agent.planes.inference.engine import Engine
from openmed_agent.planes.inference.models.local_models import NO_MODELS, LocalModels
from openmed_agent.planes.inference.pii.detector import LANGUAGES
from openmed_agent.planes.inference.workbench import Workbench
from openmed_agent.planes.serving import create_application

SERVICE: Final = "openmed-agent-inference"

_WAITING_PER_WORKER: Final = 8


def create_inference_application(
    *,
    api_key: str | None = None,
    surrogate_key: bytes | None = None,
    surrogate_key_is_kept: bool = True,
    models: LocalModels = NO_MODELS,
    workers: int | None = None,
    waiting: int | None = None,
) -> FastAPI:
    """Return the application.

    ``surrogate_key`` is the secret behind ``replace``, ``hash`` and drawn date shifts; without one, a random key lives
    as long as the process, so surrogates of one scope agree only within it. ``kept_surrogate_key`` is listed for a key
    that is given and kept. ``models`` are served beside the engines.
    """
    count = workers or os.cpu_count() or 1
    bench = Workbench(workers=count, waiting=_WAITING_PER_WORKER * count if waiting is None else waiting)
    engine = Engine(key=surrogate_key or secrets.token_bytes(32), models=models)
    unavailable = set() if surrogate_key and surrogate_key_is_kept else {Capability.KEPT_SURROGATE_KEY}
    return create_application(
        service=SERVICE,
        title="OpenMed Agent inference plane",
        version=__version__,
        routers=[_router(bench, engine, tuple(c for c in Capability if c not in unavailable))],
        api_key=api_key,
        streamed_paths=frozenset({"/batch"}),
    )


def _router(bench: Workbench, engine: Engine, capabilities: tuple[Capability, ...]) -> APIRouter:
    router = APIRouter()

    @router.get("/health", response_model_exclude_none=True)
    async def health() -> Health:
        return Health(
            status="ok",
            service=SERVICE,
            version=__version__,
            capabilities=capabilities,
            languages=LANGUAGES,
            models=engine.further_models,
        )

    @router.post("/analyze", response_model_exclude_none=True)
    async def analyze(request: AnalyzeRequest) -> AnalyzeReply:
        engine.check(request)
        return await bench.run(lambda: engine.analyze(request))

    @router.post("/pii/extract", response_model_exclude_none=True)
    async def extract(request: ExtractRequest) -> AnalyzeReply:
        engine.check(request)
        return await bench.run(lambda: engine.extract(request))

    @router.post("/pii/deidentify", response_model_exclude_none=True)
    async def deidentify_text(request: DeidentifyRequest) -> DeidentifyReply:
        engine.check(request)
        return await bench.run(lambda: engine.deidentify(request))

    @router.post("/batch", response_class=Response, responses=BATCH_RESPONSES, openapi_extra=BATCH_OPENAPI)
    async def batch() -> Response:
        return BatchResponse(bench, engine)

    return router
