"""What the embedded engines answer to one request of CONTRACTS A.

Plain functions of the request and, for surrogates, of a secret key; they may run in any thread or process.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Final

from openmed_agent.clinical.medication_direction import directions
from openmed_agent.clinical.sections import Section, find_sections
from openmed_agent.planes.inference.context import CHINESE, context_of
from openmed_agent.planes.inference.contract import (
    DISEASE_MODEL,
    PHARMA_MODEL,
    AnalyzeReply,
    AnalyzeRequest,
    DeidentifyReply,
    DeidentifyRequest,
    EntityMetadata,
    EntityReply,
    ExtractRequest,
    PiiEntityReply,
)
from openmed_agent.planes.inference.entities.charted import CHART_MODELS, find_charted
from openmed_agent.planes.inference.entities.chinese.lexicon import WordKind
from openmed_agent.planes.inference.entities.chinese.mentions import find_chinese
from openmed_agent.planes.inference.entities.chinese.script import is_chinese
from openmed_agent.planes.inference.entities.engine import MODELS, find_entities
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.planes.inference.models.local_models import NO_MODELS, LocalModels
from openmed_agent.planes.inference.pii.deidentify import deidentify
from openmed_agent.planes.inference.pii.detector import LANGUAGES, detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.planes.serving import ServiceError
from openmed_agent.text.spans import Span

CHINESE_KINDS: Final[Mapping[str, frozenset[WordKind]]] = {
    DISEASE_MODEL: frozenset({WordKind.DISEASE, WordKind.SYMPTOM}),
    PHARMA_MODEL: frozenset({WordKind.DRUG}),
}
"""What the models that read Chinese find in it."""

_ENGLISH: Final = "en"
_ENTITY_LANGUAGES: Final = (_ENGLISH, CHINESE)

PII_MODELS: Final = frozenset({"pii_detection", "pii_superclinical_large", "embedded"})


class Engine:
    """The embedded engines under one secret ``key``, which is behind ``replace``, ``hash`` and drawn date shifts.

    ``models`` of a local folder answer to their own names; those that find identifiers are united with the rules.
    """

    def __init__(self, *, key: bytes, models: LocalModels = NO_MODELS) -> None:
        self._key = key
        self._models = models

    @property
    def further_models(self) -> tuple[str, ...]:
        """The names of the models beside the aliases of OpenMed: own ones, then those of the local folder."""
        return (*CHART_MODELS, *self._models.names)

    def check(self, request: AnalyzeRequest | ExtractRequest | DeidentifyRequest) -> None:
        """Return if the request can be answered, which takes no time.

        Raises:
            ServiceError: 422, its model or language is not served.

        """
        match request:
            case AnalyzeRequest():
                if request.model_name not in {*MODELS, *self.further_models}:
                    raise _model_not_served()
                if request.lang not in {None, *_ENTITY_LANGUAGES}:
                    raise _invalid("body.lang", f"Entities are served in {', '.join(_ENTITY_LANGUAGES)}.")
            case _:
                served = {None, *PII_MODELS, *self._models.identifier_names}
                if request.model_name not in served:
                    raise _model_not_served()
                if request.lang not in LANGUAGES:
                    raise _invalid("body.lang", f"This service serves {', '.join(LANGUAGES)}.")

    def analyze(self, request: AnalyzeRequest) -> AnalyzeReply:
        """Return the entities of one model with assertion and section."""
        started = perf_counter()
        text = request.text.strip()
        language = request.lang or (CHINESE if is_chinese(text) else _ENGLISH)
        sections = find_sections(text)
        found = self._entities(text, request, language, sections)
        spans = [Span(entity.start, entity.end) for entity in found]
        context = context_of(text, spans, language=language, sections=sections)
        has_directions = request.model_name == PHARMA_MODEL and language == _ENGLISH
        drugs = directions(text, spans) if has_directions else (None,) * len(spans)
        entities = tuple(
            EntityReply(
                text=text[entity.start : entity.end],
                label=entity.label,
                confidence=entity.confidence,
                start=entity.start,
                end=entity.end,
                metadata=EntityMetadata(
                    assertion=said.assertion,
                    section=said.section,
                    detector_sources=entity.sources,
                    severity=entity.severity,
                    direction=direction,
                    **dict(entity.stated or ()),
                ),
            )
            for entity, said, direction in zip(found, context, drugs, strict=True)
        )
        engine = "local model" if request.model_name in self._models.names else "dictionary and rules"
        return _reply(text, entities, request.model_name, started, {"engine": engine})

    def extract(self, request: ExtractRequest) -> AnalyzeReply:
        """Return the identifiers."""
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
            for finding in self._identifiers(text, request)
        )
        return _reply(text, entities, request.model_name or "embedded", started, {"language": request.lang})

    def deidentify(self, request: DeidentifyRequest) -> DeidentifyReply:
        """Return the text with its identifiers treated, and what was treated."""
        text = request.text.strip()
        policy = request.chosen_policy
        findings = policy.chosen(text, self._identifiers(text, request))
        done = deidentify(
            text,
            findings,
            method=request.method.value,
            keep_year=request.keep_year,
            date_shift_days=request.date_shift_days,
            key=self._key,
            # Without a scope, texts must not agree with one another.
            scope=request.scope or secrets.token_hex(16),
            language=request.lang,
            policy=policy,
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

    def _entities(
        self, text: str, request: AnalyzeRequest, language: str, sections: Sequence[Section]
    ) -> Sequence[EntityFinding]:
        model, threshold = request.model_name, request.confidence_threshold
        if language == CHINESE and model in CHINESE_KINDS:
            return find_chinese(text, CHINESE_KINDS[model], threshold=threshold)
        if model in MODELS:
            return find_entities(text, model=model, threshold=threshold)
        if model in CHART_MODELS:
            return find_charted(text, model=model, sections=sections, threshold=threshold)
        return [
            EntityFinding(found.start, found.end, found.label, found.confidence, sources=(f"model {model}",))
            for found in self._models.mentions(text, model=model, threshold=threshold)
        ]

    def _identifiers(self, text: str, request: ExtractRequest | DeidentifyRequest) -> Sequence[PiiFinding]:
        """Return what the rules find, and with it what the asked local model, or by default every one, finds."""
        threshold = request.confidence_threshold
        found = detect(text, language=request.lang, threshold=threshold)
        local = self._models.identifier_names
        if not local or request.model_name == "embedded":
            return found
        model = request.model_name if request.model_name in local else None
        further = self._models.identifiers(text, model=model, threshold=threshold, language=request.lang)
        return unite([*found, *further], text)


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


def _model_not_served() -> ServiceError:
    return ServiceError(422, "model_not_served", "Requested model is not served")


def _invalid(field: str, message: str) -> ServiceError:
    details = [{"field": field, "message": message, "type": "value_error"}]
    return ServiceError(422, "validation_error", "Request validation failed", details=details)


def _canonical(label: str) -> str:
    return CANONICAL_LABELS.get(label, "ID_NUM")


def _now() -> str:
    return datetime.now(UTC).isoformat()
