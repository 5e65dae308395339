"""The draft as a FHIR R4 bundle: one resource an item with its evidence, the same bytes on every run."""

from typing import Final

from openmed_agent.workflows.artifacts.fhir_facts import item_resource
from openmed_agent.workflows.artifacts.fhir_json import FhirObject, fhir_json
from openmed_agent.workflows.artifacts.fhir_parts import LOINC, LOINC_NOTICE, NOTICE, meta, stable_id
from openmed_agent.workflows.drafting import Artifact, DraftContent

NAME: Final = "chart_summary.fhir.json"
MEDIA_TYPE: Final = "application/fhir+json"


def render_fhir_bundle(content: DraftContent) -> Artifact:
    """Return a ``collection`` Bundle (FHIR R4) of the items.

    The Patient is an empty placeholder: whose chart it is stands in the sources, and no identifier is copied
    out of them. There is no timestamp, and ids follow from the digests of items and sources.
    """
    sources = sorted(source.digest for source in content.sources)
    patient_id = stable_id("patient", *sources)
    subject = {"reference": f"urn:uuid:{patient_id}", "display": "the patient of the sources"}
    patient: FhirObject = {"resourceType": "Patient", "id": patient_id, "meta": meta()}
    resources = [patient, *(item_resource(item, subject) for item in content.items)]
    identity = stable_id(
        "bundle",
        content.workflow,
        content.workflow_version,
        *sources,
        *(item.digest for item in content.items),
    )
    entries: list[FhirObject] = [
        {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource} for resource in resources
    ]
    bundle = _bundle(identity, entries, ())
    if LOINC.encode() in fhir_json(bundle):
        bundle = _bundle(identity, entries, ({"url": NOTICE, "valueString": LOINC_NOTICE},))
    return Artifact(name=NAME, media_type=MEDIA_TYPE, content=fhir_json(bundle))


def _bundle(identity: str, entries: list[FhirObject], notices: tuple[FhirObject, ...]) -> FhirObject:
    return {
        "resourceType": "Bundle",
        "id": identity,
        "type": "collection",
        "meta": meta(notices),
        "entry": entries,
    }
