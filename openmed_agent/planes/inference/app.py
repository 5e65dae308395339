"""The embedded inference service: the four routes of CONTRACTS A over the embedded engines.

``openmed serve inference`` and the supervised child process both run this application. Nothing of a request is
logged or echoed; work that needs the processor runs in threads, so ``/health`` always answers.
"""

import asyncio
import os
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import perf_counter
from typing import Final, TypeVar

from fastapi import APIRouter, FastAPI

from openmed_agent import __version__
from openmed_agent.clinical.assertion import assess
from openmed_agent.clinical.sections import find_sections, section_at
from openmed_agent.planes.inference.contract import (
    AnalyzeReply,
    AnalyzeRequest,
    Capability,
    DeidentifyReply,
    DeidentifyRequest,
    EntityMetadata,
    EntityReply,
    ExtractRequest,
    Health,
    PiiEntityReply,
)
from openmed_agent.planes.inference.entities.engine import MODELS, find_entities
from openmed_agent.planes.inference.pii.deidentify import deidentify
from openmed_agent.planes.inference.pii.detector import LANGUAGES, detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS
from openmed_agent.planes.serving import ServiceError, create_application
from openmed_agent.text.spans import Span

SERVICE: Final = "openmed-agent-inference"
PII_MODELS: Final = frozenset({"pii_detection", "pii_superclinical_large", "embedded"})

_WAITING_PER_WORKER: Final = 8
_RETRY_AFTER_SECONDS: Final = 1

Result = TypeVar("Result")


class Workbench:
    """A few worker threads and a bounded queue before them; a full queue turns work away."""

    def __init__(self, *, workers: int, waiting: int) -> None:
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="inference")
        self._capacity = workers + waiting
        self._taken = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what ``work`` returns in a thread.

        Raises:
            ServiceError: 503 ``backpressure``, when too much is waiting already.

        """
        if self._taken >= self._capacity:
            raise ServiceError(
                503,
                "backpressure",
                "The service is busy; try again shortly",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._taken -= 1


def create_inference_application(
    *,
    api_key: str | None = None,
    surrogate_key: bytes | None = None,
    workers: int | None = None,
    waiting: int | None = None,
) -> FastAPI:
    """Return the application.

    ``surrogate_key`` is the secret behind ``replace``, ``hash`` and drawn date shifts; without one, a random key lives
    as long as the process, so surrogates of one scope agree only within it.
    """
    count = workers or os.cpu_count() or 1
    bench = Workbench(workers=count, waiting=_WAITING_PER_WORKER * count if waiting is None else waiting)
    key = surrogate_key or secrets.token_bytes(32)
    return create_application(
        service=SERVICE,
        title="OpenMed Agent inference plane",
        version=__version__,
        routers=[_router(bench, key)],
        api_key=api_key,
    )


def _router(bench: Workbench, key: bytes) -> APIRouter:
    router = APIRouter()

    @router.get("/health", response_model_exclude_none=True)
    async def health() -> Health:
        return Health(
            status="ok",
            service=SERVICE,
            version=__version__,
            capabilities=tuple(Capability),
            languages=LANGUAGES,
        )

    @router.post("/analyze", response_model_exclude_none=True)
    async def analyze(request: AnalyzeRequest) -> AnalyzeReply:
        if request.model_name not in MODELS:
            raise _model_not_served()
        return await bench.run(lambda: _analyze(request))

    @router.post("/pii/extract", response_model_exclude_none=True)
    async def extract(request: ExtractRequest) -> AnalyzeReply:
        _check(request.lang, request.model_name)
        return await bench.run(lambda: _extract(request))

    @router.post("/pii/deidentify", response_model_exclude_none=True)
    async def deidentify_text(request: DeidentifyRequest) -> DeidentifyReply:
        _check(request.lang, request.model_name)
        return await bench.run(lambda: _deidentify(request, key))

    return router


def _analyze(request: AnalyzeRequest) -> AnalyzeReply:
    started = perf_counter()
    text = request.text.strip()
    found = find_entities(text, model=request.model_name, threshold=request.confidence_threshold)
    sections = find_sections(text)
    assertions = assess(text, [Span(entity.start, entity.end) for entity in found], sections=sections)
    entities = tuple(
        EntityReply(
            text=text[entity.start : entity.end],
            label=entity.label,
            confidence=entity.confidence,
            start=entity.start,
            end=entity.end,
            metadata=EntityMetadata(
                assertion=assertion,
                section=str(section_at(sections, entity.start).kind),
                detector_sources=entity.sources,
                severity=entity.severity,
            ),
        )
        for entity, assertion in zip(found, assertions, strict=True)
    )
    return _reply(text, entities, request.model_name, started, {"engine": "dictionary and rules"})


def _extract(request: ExtractRequest) -> AnalyzeReply:
    started = perf_counter()
    text = request.text.strip()
    entities = tuple(
        EntityReply(
            text=text[finding.start : finding.end],
            label=finding.label,
            confidence=finding.confidence,
            start=finding.start,
            end=finding.end,
            metadata=EntityMetadata(detector_sources=finding.sources),
            canonical_label=_canonical(finding.label),
        )
        for finding in detect(text, language=request.lang, threshold=request.confidence_threshold)
    )
    return _reply(text, entities, request.model_name or "embedded", started, {"language": request.lang})


def _deidentify(request: DeidentifyRequest, key: bytes) -> DeidentifyReply:
    text = request.text.strip()
    findings = detect(text, language=request.lang, threshold=request.confidence_threshold)
    done = deidentify(
        text,
        findings,
        method=request.method.value,
        keep_year=request.keep_year,
        date_shift_days=request.date_shift_days,
        key=key,
        # Without a scope, texts must not agree with one another.
        scope=request.scope or secrets.token_hex(16),
    )
    entities = tuple(
        _pii_entity(text, finding, replacement.new_text)
        for finding, replacement in zip(findings, done.replacements, strict=True)
    )
    mapping = {entity.redacted_text: entity.text for entity in entities} if request.keep_mapping else None
    return DeidentifyReply(
        original_text=text,
        deidentified_text=done.text,
        pii_entities=entities,
        method=request.method,
        timestamp=_now(),
        num_entities_redacted=len(entities),
        mapping=mapping,
    )


def _pii_entity(text: str, finding: PiiFinding, redacted: str) -> PiiEntityReply:
    return PiiEntityReply(
        text=text[finding.start : finding.end],
        label=finding.label,
        entity_type=finding.label,
        start=finding.start,
        end=finding.end,
        confidence=finding.confidence,
        redacted_text=redacted,
        canonical_label=_canonical(finding.label),
        sources=finding.sources,
    )


def _reply(
    text: str, entities: tuple[EntityReply, ...], model: str, started: float, metadata: dict[str, object]
) -> AnalyzeReply:
    return AnalyzeReply(
        text=text,
        entities=entities,
        model_name=model,
        timestamp=_now(),
        processing_time=perf_counter() - started,
        metadata=metadata,
    )


def _check(language: str, model: str | None) -> None:
    if model is not None and model not in PII_MODELS:
        raise _model_not_served()
    if language not in LANGUAGES:
        raise _invalid("body.lang", f"This service serves {', '.join(LANGUAGES)}.")


def _model_not_served() -> ServiceError:
    return ServiceError(422, "model_not_served", "Requested model is not served")


def _invalid(field: str, message: str) -> ServiceError:
    details = [{"field": field, "message": message, "type": "value_error"}]
    return ServiceError(422, "validation_error", "Request validation failed", details=details)


def _canonical(label: str) -> str:
    return CANONICAL_LABELS.get(label, "ID_NUM")


def _now() -> str:
    return datetime.now(UTC).isoformat()
