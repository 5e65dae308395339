"""The data types of FHIR that many resources share, read with the place of every part.

A member that is missing is nothing; a member of the wrong shape (text where an object belongs) is an error,
because passing over a misshapen status could turn a refuted condition into an active one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from openmed_agent.text.json_spans import JsonArray, JsonLiteral, JsonNumber, JsonObject, JsonString
from openmed_agent.text.spans import Span
from openmed_agent.workflows.draft import Code

AS_STATED: Final = "as stated in the source"
CODE_SYSTEMS: Final[Mapping[str, str]] = {
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10": "ICD-10",
    "http://www.cms.gov/Medicare/Coding/ICD10": "ICD-10-PCS",
    "http://hl7.org/fhir/sid/icd-9-cm": "ICD-9-CM",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "http://hl7.org/fhir/sid/ndc": "NDC",
    "http://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "http://snomed.info/sct": "SNOMED CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED CT",
    "http://hl7.org/fhir/sid/cvx": "CVX",
    "http://www.ama-assn.org/go/cpt": "CPT",
}
"""Names of code systems by their address in FHIR; any other system keeps its address as its name."""


class UnreadableError(ValueError):
    """A resource is not what its type says; the chart counts it and goes on."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words, and the places of the source that they were put together from, the main one first."""

    text: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Concept:
    """A CodeableConcept: its wording (its text, else a coding's display) and its codes as stated."""

    wording: Phrase | None
    codes: tuple[Code, ...]


def text_of(parent: JsonObject, name: str) -> Phrase | None:
    """Return a text member, or nothing where it is missing or blank."""
    value = parent.get(name)
    if value is None:
        return None
    if not isinstance(value, JsonString):
        raise UnreadableError(f"{name} is not text")
    return Phrase(value.value, (value.span,)) if value.value.strip() else None


def number_of(parent: JsonObject, name: str) -> Phrase | None:
    """Return a number with its digits as written."""
    value = parent.get(name)
    if value is None:
        return None
    if not isinstance(value, JsonNumber):
        raise UnreadableError(f"{name} is not a number")
    return Phrase(value.text, (value.span,))


def flag_of(parent: JsonObject, name: str) -> bool | None:
    """Return a boolean member, or nothing where it is missing."""
    value = parent.get(name)
    if value is None:
        return None
    if not isinstance(value, JsonLiteral):
        raise UnreadableError(f"{name} is not true or false")
    return value.value


def object_of(parent: JsonObject, name: str) -> JsonObject | None:
    """Return an object member, or nothing where it is missing."""
    value = parent.get(name)
    if value is None or isinstance(value, JsonObject):
        return value
    raise UnreadableError(f"{name} is not an object")


def objects_of(parent: JsonObject, name: str) -> tuple[JsonObject, ...]:
    """Return the objects of an array member; a missing array is empty."""
    value = parent.get(name)
    if value is None:
        return ()
    if not isinstance(value, JsonArray):
        raise UnreadableError(f"{name} is not an array")
    objects = tuple(item for item in value if isinstance(item, JsonObject))
    if len(objects) != len(value.items):
        raise UnreadableError(f"{name} holds something else than objects")
    return objects


def texts_of(parent: JsonObject, name: str) -> tuple[Phrase, ...]:
    """Return the texts of an array member; a missing array is empty."""
    value = parent.get(name)
    if value is None:
        return ()
    if not isinstance(value, JsonArray):
        raise UnreadableError(f"{name} is not an array")
    texts = tuple(Phrase(item.value, (item.span,)) for item in value if isinstance(item, JsonString))
    if len(texts) != len(value.items):
        raise UnreadableError(f"{name} holds something else than texts")
    return tuple(text for text in texts if text.text.strip())


def concept_of(parent: JsonObject, name: str) -> Concept | None:
    """Return a CodeableConcept member."""
    element = object_of(parent, name)
    return None if element is None else read_concept(element)


def concepts_of(parent: JsonObject, name: str) -> tuple[Concept, ...]:
    """Return the concepts of an array of CodeableConcept."""
    return tuple(read_concept(element) for element in objects_of(parent, name))


def read_concept(element: JsonObject) -> Concept:
    """Return what a CodeableConcept says."""
    codings = objects_of(element, "coding")
    displays = (text_of(coding, "display") for coding in codings)
    wording = text_of(element, "text") or next((display for display in displays if display), None)
    return Concept(wording, tuple(code for coding in codings if (code := _code(coding))))


def displayed(concept: Concept | None) -> Phrase:
    """Return the wording of what a resource is about.

    Raises:
        UnreadableError: it has none, and nothing is made up for it.

    """
    if concept is None or concept.wording is None:
        raise UnreadableError("it has no wording")
    return concept.wording


def codes_in(concept: Concept | None) -> tuple[Code, ...]:
    """Return the codes of a concept, none where it is missing."""
    return concept.codes if concept else ()


def _code(coding: JsonObject) -> Code | None:
    system, code, display = (text_of(coding, name) for name in ("system", "code", "display"))
    if system is None or code is None:
        return None
    return Code(
        system=CODE_SYSTEMS.get(system.text, system.text),
        code=code.text,
        display=display.text if display else "",
        release=AS_STATED,
    )


def status_of(parent: JsonObject, name: str) -> Phrase | None:
    """Return a status, be it a code (``"active"``) or a concept, as the versions of FHIR differ in this.

    Raises:
        UnreadableError: it is there but says nothing; taking that for no status would make a fact of it.

    """
    value = parent.get(name)
    if value is None:
        return None
    stated = text_of(parent, name) if not isinstance(value, JsonObject) else _status_in(value)
    if stated is None:
        raise UnreadableError(f"{name} says nothing")
    return stated


def _status_in(concept: JsonObject) -> Phrase | None:
    codings = objects_of(concept, "coding")
    codes = (text_of(coding, "code") or text_of(coding, "display") for coding in codings)
    return next((code for code in codes if code), None) or text_of(concept, "text")


def quantity_of(parent: JsonObject, name: str) -> tuple[Phrase, Phrase | None] | None:
    """Return a Quantity's value (with its comparator) and its unit, digits as written."""
    element = object_of(parent, name)
    if element is None:
        return None
    value = number_of(element, "value")
    if value is None:
        return None
    comparator = text_of(element, "comparator")
    if comparator:
        value = Phrase(comparator.text + value.text, (*value.spans, *comparator.spans))
    return value, text_of(element, "unit") or text_of(element, "code")


def quantity_phrase(parent: JsonObject, name: str) -> Phrase | None:
    """Return a Quantity as words: value and unit."""
    quantity = quantity_of(parent, name)
    return None if quantity is None else joined(quantity)


def range_phrase(parent: JsonObject, name: str) -> Phrase | None:
    """Return a Range as words: ``4.0-5.6 %``, ``>= 60``, ``<= 5``."""
    element = object_of(parent, name)
    if element is None:
        return None
    return bounds_phrase(element)


def bounds_phrase(element: JsonObject) -> Phrase | None:
    """Return ``low`` and ``high`` of a Range or reference range as words."""
    low, high = quantity_of(element, "low"), quantity_of(element, "high")
    match low, high:
        case (lowest, unit), (highest, _):
            bounds = joined((lowest, highest), "-")
        case (lowest, unit), None:
            bounds = Phrase(f">= {lowest.text}", lowest.spans)
        case None, (highest, unit):
            bounds = Phrase(f"<= {highest.text}", highest.spans)
        case _:
            return None
    return joined((bounds, unit))


def time_of(parent: JsonObject, prefix: str) -> Phrase | None:
    """Return the time in a choice such as ``onset[x]``: a date, a period's start, an age or words."""
    for suffix in ("DateTime", "Date", "Instant", "String"):
        if stated := text_of(parent, prefix + suffix):
            return stated
    period = object_of(parent, f"{prefix}Period")
    if period is not None:
        return text_of(period, "start") or text_of(period, "end")
    age = quantity_phrase(parent, f"{prefix}Age") or range_phrase(parent, f"{prefix}Range")
    return Phrase(f"at age {age.text}", age.spans) if age else None


def has_choice(parent: JsonObject, prefix: str) -> bool:
    """Return whether any form of a choice such as ``abatement[x]`` is there and is not ``false``."""
    forms = (parent.get(name) for name in parent.members if name.startswith(prefix))
    return any(value is not None and not (isinstance(value, JsonLiteral) and value.value is False) for value in forms)


def reference_of(parent: JsonObject, name: str) -> Phrase | None:
    """Return the address in a Reference member."""
    element = object_of(parent, name)
    return None if element is None else text_of(element, "reference")


def joined(phrases: Iterable[Phrase | None], separator: str = " ") -> Phrase:
    """Return the phrases that are there as one."""
    known = [phrase for phrase in phrases if phrase]
    spans = tuple(span for phrase in known for span in phrase.spans)
    return Phrase(separator.join(phrase.text for phrase in known), spans)
