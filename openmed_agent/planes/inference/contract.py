"""The messages of the inference plane (CONTRACTS A), as the genuine OpenMed REST service speaks them.

Requests forbid unknown fields. Replies tolerate more fields than these, because services grow, but what is here must
be right: types, confidences in [0, 1], and offsets that point at exactly the text that the entity claims.
Extensions of our own service are optional fields; a client uses one only if ``/health`` lists its capability.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StrictStr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.clinical.medication_direction import Direction
from openmed_agent.planes.inference.entities.stated import Stated
from openmed_agent.planes.inference.pii.policy import POLICIES, SAFE_HARBOR, Policy, PolicyName

MAXIMUM_TEXT: Final = 4_000_000
"""Most code points that one request may carry."""

DISEASE_MODEL: Final = "disease_detection_superclinical"
PHARMA_MODEL: Final = "pharma_detection_superclinical"
ENTITY_MODELS: Final = (
    DISEASE_MODEL,
    PHARMA_MODEL,
    "anatomy_detection_electramed",
    "oncology_detection_superclinical",
    "genome_detection_bioclinical",
    "chemical_detection_pubmed",
)
"""Aliases of the entity models that both kinds of service know; one model a request."""

SENT_TEXT: Final = "sent_text"
"""Key of the validation context under which a client hands over the text that it sent."""


class Capability(StrEnum):
    """Extensions that a service may list in ``/health``."""

    ASSERTIONS = "assertions"
    SOURCES = "sources"
    SURROGATE_SCOPE = "surrogate_scope"
    LANGUAGES = "languages"
    CONCURRENT_REQUESTS = "concurrent_requests"
    BATCH = "batch"
    POLICIES = "policies"
    KEPT_SURROGATE_KEY = "kept_surrogate_key"
    WHOLE_DOCUMENTS = "whole_documents"
    ANALYZE_LANGUAGE = "analyze_language"


class Method(StrEnum):
    """How ``/pii/deidentify`` treats what it found."""

    MASK = "mask"
    REMOVE = "remove"
    REPLACE = "replace"
    HASH = "hash"
    SHIFT_DATES = "shift_dates"


Confidence = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False, strict=True)]
Threshold = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Language = Annotated[str, Field(min_length=2, max_length=12)]
ModelName = Annotated[str, Field(min_length=1, max_length=200)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    text: Annotated[str, Field(max_length=MAXIMUM_TEXT)]

    @model_validator(mode="after")
    def _not_blank(self) -> Self:
        if not self.text.strip():
            raise ValueError("Input text cannot be empty.")
        return self


class AnalyzeRequest(_Request):
    """``POST /analyze``: the entities of one model in one text.

    ``lang`` is an extension (capability ``analyze_language``); without it the script of the text decides.
    """

    model_name: ModelName = "disease_detection_superclinical"
    confidence_threshold: Threshold = 0.0
    group_entities: bool = False
    aggregation_strategy: Literal["simple", "first", "average", "max"] | None = "simple"
    sentence_detection: bool = True
    lang: Language | None = None


class ExtractRequest(_Request):
    """``POST /pii/extract``: the identifiers of one text."""

    confidence_threshold: Threshold = 0.5
    lang: Language = "en"
    use_smart_merging: bool = True
    model_name: ModelName | None = None


class DeidentifyRequest(_Request):
    """``POST /pii/deidentify``: the text with its identifiers treated by ``method``.

    Two fields are extensions. ``scope`` (capability ``surrogate_scope``): texts of one scope get consistent surrogates.
    ``policy`` (capability ``policies``): what is acted on, by name or in full; without one, all that is found.
    """

    method: Method = Method.MASK
    confidence_threshold: Threshold = 0.7
    keep_year: bool = False
    date_shift_days: Annotated[int, Field(ge=-36_500, le=36_500)] | None = None
    keep_mapping: bool = False
    lang: Language = "en"
    model_name: ModelName | None = None
    scope: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    policy: PolicyName | Policy | None = None

    @field_validator("date_shift_days")
    @classmethod
    def _moves_dates(cls, days: int | None) -> int | None:
        if days == 0:
            raise ValueError("A shift of 0 days leaves every date as it was.")
        return days

    @model_validator(mode="after")
    def _policy_lets_dates_move(self) -> Self:
        if self.method is Method.SHIFT_DATES and not self.chosen_policy.acts_on("date"):
            raise ValueError("The policy keeps dates, so there is nothing to shift.")
        return self

    @property
    def chosen_policy(self) -> Policy:
        """The policy in full."""
        match self.policy:
            case None:
                return SAFE_HARBOR
            case Policy():
                return self.policy
            case name:
                return POLICIES[name]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)


class Health(_Reply):
    """``GET /health``: who answers, which extensions it has, and which models it serves beside the aliases."""

    status: StrictStr
    service: StrictStr
    version: StrictStr
    profile: StrictStr | None = None
    capabilities: tuple[StrictStr, ...] = ()
    languages: tuple[StrictStr, ...] | None = None
    models: tuple[StrictStr, ...] | None = None

    def has(self, capability: Capability) -> bool:
        """Return whether the service lists ``capability``."""
        return capability in self.capabilities


class EntityMetadata(Stated):
    """What our service adds to an entity: assertion, section, detectors, a word of severity, a drug's direction.

    A laboratory value, a vital sign and a procedure have the parts of ``Stated`` here too.
    """

    assertion: Assertion | None = None
    section: StrictStr | None = None
    detector_sources: tuple[StrictStr, ...] | None = None
    severity: StrictStr | None = None
    direction: Direction | None = None

    @property
    def stated(self) -> Stated | None:
        """The parts of a value or a procedure; None where there are none."""
        parts = Stated(**{name: getattr(self, name) for name in Stated.model_fields})
        return None if parts == Stated() else parts


class _Located(_Reply):
    text: StrictStr
    label: StrictStr
    start: Annotated[StrictInt, Field(ge=0)]
    end: StrictInt

    def points_into(self, text: str) -> bool:
        """Return whether the offsets cover exactly the entity's own text."""
        return self.start < self.end <= len(text) and text[self.start : self.end] == self.text


class EntityReply(_Located):
    """One entity of ``/analyze`` or ``/pii/extract``; offsets are code points of the reply's ``text``."""

    confidence: Confidence
    metadata: EntityMetadata | None = None
    canonical_label: StrictStr | None = None


class AnalyzeReply(_Reply):
    """The answer of ``/analyze`` and ``/pii/extract``."""

    text: StrictStr
    entities: tuple[EntityReply, ...]
    model_name: StrictStr | None = None
    timestamp: StrictStr | None = None
    processing_time: float | None = None
    metadata: dict[str, object] | None = None

    @model_validator(mode="after")
    def _offsets_fit(self, info: ValidationInfo) -> Self:
        _same_text(self.text, info)
        _all_point_into(self.entities, self.text)
        return self


class PiiEntityReply(_Located):
    """One identifier of ``/pii/deidentify`` and what took its place."""

    entity_type: StrictStr
    confidence: Confidence
    redacted_text: StrictStr
    canonical_label: StrictStr | None = None
    sources: tuple[StrictStr, ...] | None = None


class DeidentifyReply(_Reply):
    """The answer of ``/pii/deidentify``; ``original_text`` and ``mapping`` are PHI."""

    original_text: StrictStr
    deidentified_text: StrictStr
    pii_entities: tuple[PiiEntityReply, ...]
    method: Method
    timestamp: StrictStr | None = None
    num_entities_redacted: Annotated[StrictInt, Field(ge=0)]
    mapping: dict[StrictStr, StrictStr] | None = None

    @model_validator(mode="after")
    def _offsets_fit(self, info: ValidationInfo) -> Self:
        _same_text(self.original_text, info)
        _all_point_into(self.pii_entities, self.original_text)
        if not _explains(self):
            raise ValueError("the listed identifiers do not explain the de-identified text")
        return self


def _same_text(text: str, info: ValidationInfo) -> None:
    """Refuse a reply about another text than the one that was sent; its offsets would mean nothing."""
    sent = (info.context or {}).get(SENT_TEXT)
    if sent is not None and text != sent:
        raise ValueError("the reply is about another text")


def _all_point_into(entities: tuple[_Located, ...], text: str) -> None:
    if not all(entity.points_into(text) for entity in entities):
        raise ValueError("offsets do not point at the text of their entity")


def _explains(reply: DeidentifyReply) -> bool:
    """Return whether replacing the identifiers, none overlapping another, gives exactly the text of the reply."""
    written: list[str] = []
    at = 0
    for entity in sorted(reply.pii_entities, key=lambda entity: entity.start):
        if entity.start < at:
            return False
        written += (reply.original_text[at : entity.start], entity.redacted_text)
        at = entity.end
    return "".join((*written, reply.original_text[at:])) == reply.deidentified_text
