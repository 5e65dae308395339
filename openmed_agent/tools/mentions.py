"""How mentions of a note are found, written for a model, and counted for strict mode."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from openmed_agent.clinical.assertion import Assertion, Reading
from openmed_agent.planes.inference.client import Entity, InferenceClient
from openmed_agent.planes.inference.contract import DISEASE_MODEL, PHARMA_MODEL
from openmed_agent.planes.inference.entities.charted import LABORATORY_MODEL, PROCEDURE_MODEL, VITAL_SIGN_MODEL
from openmed_agent.planes.inference.results import asserted_here
from openmed_agent.planes.transport import PlaneError
from openmed_agent.privacy.gate import check_inference_plane
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.spans import Span
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.values import Code, Count, Label, counted
from openmed_agent.workflows.work import is_vocabulary, subject_of

EntityKind = Literal["disease", "drug", "anatomy", "cancer", "gene", "chemical", "procedure", "lab_value", "vital_sign"]
MODELS: Final[Mapping[EntityKind, str]] = {
    "disease": DISEASE_MODEL,
    "drug": PHARMA_MODEL,
    "anatomy": "anatomy_detection_electramed",
    "cancer": "oncology_detection_superclinical",
    "gene": "genome_detection_bioclinical",
    "chemical": "chemical_detection_pubmed",
    "procedure": PROCEDURE_MODEL,
    "lab_value": LABORATORY_MODEL,
    "vital_sign": VITAL_SIGN_MODEL,
}
_OF_WHOM: Final = {"family": "of_family", "other": "of_another_person"}
_NOT_SERVED: Final = frozenset({"not_installed", "not_offered"})
_MOST_LOOKED_UP: Final = 60
_AT_ONCE: Final = 4


def inference_of(context: ToolContext) -> InferenceClient:
    """Return the client of the inference plane, where the PHI mode lets chart text go there.

    Raises:
        NotPermittedError: the mode is strict and the plane is on another machine and not trusted for it.

    """
    check_inference_plane(context.phi_mode, context.configuration.inference)
    return context.inference


async def find_mentions(
    context: ToolContext, text: str, kinds: Iterable[EntityKind]
) -> tuple[tuple[Entity, ...], tuple[EntityKind, ...]]:
    """Return the mentions of ``kinds`` in order, and the kinds that the plane does not serve.

    They are asserted as a summary may state them: a chronic condition of a past history is no past one.

    Raises:
        PlaneError: the plane gave no usable answer, or serves none of the kinds.

    """
    inference = inference_of(context)
    wanted = tuple(dict.fromkeys(kinds))
    found: list[Entity] = []
    refused: dict[EntityKind, PlaneError] = {}
    for kind in wanted:
        try:
            found += await inference.analyze(text, MODELS[kind])
        except PlaneError as error:
            if error.code != "model_not_served":
                raise
            refused[kind] = error
    if wanted and len(refused) == len(wanted):
        raise refused[wanted[0]]
    ordered = sorted(found, key=lambda entity: (entity.span, entity.label))
    return asserted_here(text, ordered, reading=Reading.SUMMARY), tuple(refused)


def place(span: Span) -> str:
    """Return ``[12-20]``, the code points of a span."""
    return f"[{span.start}-{span.end}]"


def on_one_line(text: str) -> str:
    """Return ``text`` with single blanks."""
    return " ".join(text.split())


def asserted(assertion: Assertion) -> tuple[str, ...]:
    """Return the words of an assertion that differ from a plain statement about the patient now."""
    words = [word for word in ("negated", "historical", "hypothetical") if getattr(assertion, word)]
    if assertion.experiencer != "patient":
        words.append(assertion.experiencer)
    return tuple(words)


def entity_line(entity: Entity) -> str:
    """Return one mention as a line: place, label, quote, what is stated, assertion, section."""
    parts = [place(entity.span), entity.label.casefold(), f'"{on_one_line(entity.text)}"']
    if entity.stated is not None:
        said = entity.stated
        fields = (said.name, said.comparator, said.value, said.unit, said.flag, said.timing)
        parts.append(" ".join(one for one in fields if one and one != "unknown"))
    words = asserted(entity.assertion)
    if words:
        parts.append(f"({', '.join(words)})")
    if entity.section != "other":
        parts.append(f"in {entity.section}")
    return " ".join(part for part in parts if part)


def entity_counts(entities: Iterable[Entity]) -> tuple[Count, ...]:
    """Return how many mentions have which label, and which assertion."""
    known = tuple(entities)
    labels = counted(entity.label if entity.label.casefold() in MODELS else "other_label" for entity in known)
    words = counted(_OF_WHOM.get(word, word) for entity in known for word in asserted(entity.assertion))
    return (*labels, *words)


async def strict_codes(context: ToolContext, entities: Iterable[Entity]) -> tuple[Code, ...]:
    """Return the codes of the diseases and drugs that a dictionary knows, in strict mode only.

    Only the patient's own, and only codes that say what the term says. A code system that is not served has none.

    Raises:
        PlaneError: the codes plane gave no usable answer.

    """
    if context.phi_mode is not PhiMode.STRICT:
        return ()
    terms = {
        (entity.label.casefold(), subject_of(entity.text)): None
        for entity in entities
        if entity.label in {"DISEASE", "DRUG"} and is_vocabulary(entity) and entity.assertion == Assertion()
    }
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(label: str, term: str) -> Code | None:
        async with slots:
            return await _code(context, label, term)

    found = await asyncio.gather(*(one(label, term) for label, term in list(terms)[:_MOST_LOOKED_UP]))
    return tuple(dict.fromkeys(code for code in found if code is not None))


async def _code(context: ToolContext, label: str, term: str) -> Code | None:
    if not await context.codes_gate.permits(term, vocabulary=True):
        return None
    try:
        if label == "drug":
            drug = await context.codes.rx_candidate(term)
            return Code(Label("rxnorm"), drug.rxcui, drug.name) if drug else None
        best = next(iter(await context.codes.icd10_candidates(term, limit=3)), None)
        return Code(Label("icd10cm"), best.code, best.display) if best and best.is_strong else None
    except PlaneError as error:
        if error.code in _NOT_SERVED:
            return None
        raise
    except ValueError:
        return None  # what came back is no code
