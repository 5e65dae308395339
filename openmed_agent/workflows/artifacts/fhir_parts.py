"""The parts that every resource of the bundle shares: identity, codes, notes and evidence."""

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Final

from openmed_agent.workflows.artifacts.fhir_json import FhirObject, FhirValue, clean
from openmed_agent.workflows.draft import Code, EvidenceSpan, Item
from openmed_agent.workflows.fhir_elements import AS_STATED

LOINC: Final = "http://loinc.org"
LOINC_NOTICE: Final = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief "
    "Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is "
    "available at no cost under the license at http://loinc.org/license. LOINC® is a registered United "
    "States trademark of Regenstrief Institute, Inc."
)
EVIDENCE: Final = "urn:openmed:evidence"
NOTICE: Final = "urn:openmed:notice"
ITEM: Final = "urn:openmed:item"
STATE: Final = "urn:openmed:state"
TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"

_NAMESPACE: Final = uuid.UUID("6f2f8c52-5a55-5f0c-9d0b-0d3a4f1c7e21")
_SYSTEM_ADDRESSES: Final[Mapping[str, str]] = {
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ICD-10": "http://hl7.org/fhir/sid/icd-10",
    "ICD-10-PCS": "http://www.cms.gov/Medicare/Coding/ICD10",
    "ICD-9-CM": "http://hl7.org/fhir/sid/icd-9-cm",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "NDC": "http://hl7.org/fhir/sid/ndc",
    "LOINC": LOINC,
    "SNOMED CT": "http://snomed.info/sct",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "CPT": "http://www.ama-assn.org/go/cpt",
}
_CODE: Final = re.compile(r"[^\s]+(?: [^\s]+)*")  # FHIR R4, type code
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:\S{1,500}")
_TAG: Final[FhirObject] = {
    "system": STATE,
    "code": "machine-drafted",
    "display": "Drafted by software for a clinician's review; the bundle's manifest says who signed it.",
}


def stable_id(*names: str) -> str:
    """Return the UUID (version 5) that belongs to ``names``, the same on every run and machine."""
    return str(uuid.uuid5(_NAMESPACE, "\n".join(names)))


def meta(extensions: tuple[FhirObject, ...] = ()) -> FhirObject:
    """Return the ``meta`` of a resource: the tag that says that software drafted it."""
    return {"tag": [_TAG], **({"extension": extensions} if extensions else {})}


def resource(resource_type: str, item: Item, elements: FhirObject) -> FhirObject:
    """Return the resource of an item: its type, identity and evidence around ``elements``."""
    evidence = [_evidence(span) for span in item.evidence]
    return {
        "resourceType": resource_type,
        "id": stable_id(item.digest),
        "meta": meta(),
        "identifier": [{"system": ITEM, "value": item.digest}],
        **({"extension": evidence} if evidence else {}),
        **elements,
    }


def _evidence(span: EvidenceSpan) -> FhirObject:
    # Offsets count code points of the source's text; the quote itself is in the draft.
    return {
        "url": EVIDENCE,
        "extension": [
            {"url": "source", "valueString": span.source},
            {"url": "start", "valueUnsignedInt": span.start},
            {"url": "end", "valueUnsignedInt": span.end},
        ],
    }


def concept(text: str, codes: Iterable[Code] = ()) -> FhirObject:
    """Return a CodeableConcept: the claim's words, and the first code of each system.

    A concept's codings all mean the same; further candidates of a system would contradict the first, and stay
    in the draft's JSON.
    """
    codings: dict[str, FhirObject] = {}
    for code in codes:
        if code.system not in codings and _CODE.fullmatch(code.code):
            codings[code.system] = _coding(code)
    return {"text": clean(text), **({"coding": tuple(codings.values())} if codings else {})}


def _coding(code: Code) -> FhirObject:
    coding: dict[str, FhirValue] = {"code": code.code}
    address = _SYSTEM_ADDRESSES.get(code.system, code.system)
    if _ADDRESS.fullmatch(address):
        coding["system"] = address
    if display := clean(code.display):
        coding["display"] = display
    if code.release != AS_STATED and (release := clean(code.release)):
        coding["version"] = release
    return coding


def status_concept(system: str, code: str) -> FhirObject:
    """Return a CodeableConcept of one of HL7's own status code systems."""
    return {"coding": [{"system": f"{TERMINOLOGY}/{system}", "code": code}]}


def notes(item: Item) -> FhirObject:
    """Return the ``note`` member for what the item notes, nothing where it notes nothing."""
    text = clean(item.notes)
    return {"note": [{"text": text}]} if text else {}
