"""The FHIR bundle of a draft: valid R4, the same bytes every time, and never more than the items say."""

import json
import subprocess
import sys
import typing
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.text.sources import source_from_bytes
from openmed_agent.workflows.artifacts.fhir import render_fhir_bundle
from openmed_agent.workflows.draft import Code, EvidenceSpan, Item, ItemKind, Support, make_item
from openmed_agent.workflows.drafting import DraftContent

NOTE = source_from_bytes("note.txt", b"Asthma, on albuterol. Potassium 5.40 mmol/L.")
OTHER_NOTE = source_from_bytes("other.txt", b"Another visit.")
EVIDENCE = (EvidenceSpan(source=NOTE.digest, start=0, end=6, quote="Asthma"),)
KINDS: tuple[ItemKind, ...] = typing.get_args(ItemKind)
SUPPORTS: tuple[Support, ...] = typing.get_args(Support)
PLAIN = Assertion()


def item(kind: ItemKind, claim: str, **fields: Any) -> Item:
    defaults = {"support": "supported", "severity": "normal", "assertion": PLAIN, "evidence": EVIDENCE}
    return make_item(kind=kind, claim=claim, **{**defaults, **fields})


def content(*items: Item) -> DraftContent:
    return DraftContent(
        workflow="chart_summary",
        workflow_version="1",
        inputs={},
        sources=(NOTE, OTHER_NOTE),
        releases=(),
        cards=(),
        items=items,
    )


def rendered(*items: Item) -> list[dict[str, Any]]:
    """Return the resources after the patient, from a bundle that the R4B models accept."""
    artifact = render_fhir_bundle(content(*items))
    Bundle.model_validate_json(artifact.content)
    bundle = json.loads(artifact.content, parse_float=Decimal)
    patient, *others = (entry["resource"] for entry in bundle["entry"])
    assert set(patient) == {"resourceType", "id", "meta"}
    return others


def one(kind: ItemKind, claim: str, **fields: Any) -> dict[str, Any]:
    (resource,) = rendered(item(kind, claim, **fields))
    return resource


def code_of(resource: dict[str, Any], name: str) -> str | None:
    concept = resource.get(name)
    return concept["coding"][0]["code"] if concept else None


def test_name_type_and_form() -> None:
    artifact = render_fhir_bundle(content(item("problem", "Asthma")))
    assert (artifact.name, artifact.media_type) == ("chart_summary.fhir.json", "application/fhir+json")
    assert artifact.content.endswith(b"}\n")
    bundle = json.loads(artifact.content)
    assert (bundle["resourceType"], bundle["type"]) == ("Bundle", "collection")
    assert "timestamp" not in bundle
    assert artifact.content.decode() == json.dumps(bundle, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_same_content_gives_the_same_bytes_in_another_process() -> None:
    # One fixed digest would only copy the output; two interpreters with different hash seeds must agree.
    program = (
        "import hashlib;from tests.workflows.test_fhir_artifact import *;"
        "print(hashlib.sha256(render_fhir_bundle(content(*(item(kind,'BP 142/88 mmHg') for kind in KINDS))).content)"
        ".hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
    assert len(digests.pop().strip()) == 64


def test_ids_follow_the_content() -> None:
    first = json.loads(render_fhir_bundle(content(item("problem", "Asthma"))).content)
    second = json.loads(render_fhir_bundle(content(item("problem", "Gout"))).content)
    assert first["id"] != second["id"]
    assert first["entry"][0]["fullUrl"] == second["entry"][0]["fullUrl"]
    assert first["entry"][1]["fullUrl"] != second["entry"][1]["fullUrl"]
    urls = [entry["fullUrl"] for entry in first["entry"]]
    assert len(set(urls)) == len(urls)
    assert all(entry["fullUrl"] == f"urn:uuid:{entry['resource']['id']}" for entry in first["entry"])


def test_every_resource_carries_its_evidence_and_the_draft_tag() -> None:
    digest = item("problem", "Asthma").digest
    resource = one("problem", "Asthma")
    assert resource["extension"] == [
        {
            "url": "urn:openmed:evidence",
            "extension": [
                {"url": "source", "valueString": NOTE.digest},
                {"url": "start", "valueUnsignedInt": 0},
                {"url": "end", "valueUnsignedInt": 6},
            ],
        }
    ]
    assert resource["meta"]["tag"][0]["code"] == "machine-drafted"
    assert resource["identifier"] == [{"system": "urn:openmed:item", "value": digest}]


def test_a_problem_is_an_active_condition_with_its_code() -> None:
    codes = (
        Code(system="ICD-10-CM", code="J45.909", display="Unspecified asthma, uncomplicated", release="2026"),
        Code(system="ICD-10-CM", code="J45.901", display="Unspecified asthma with exacerbation", release="2026"),
        Code(system="RxNorm", code="435", display="albuterol", release="as stated in the source"),
    )
    condition = one("problem", "Asthma", codes=codes)
    assert condition["resourceType"] == "Condition"
    assert code_of(condition, "clinicalStatus") == "active"
    assert "verificationStatus" not in condition
    assert condition["code"]["text"] == "Asthma"
    assert [(c["system"], c["code"], c.get("version")) for c in condition["code"]["coding"]] == [
        ("http://hl7.org/fhir/sid/icd-10-cm", "J45.909", "2026"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "435", None),
    ]


@pytest.mark.parametrize(
    ("kind", "fields", "clinical", "verification"),
    [
        ("past_problem", {}, "inactive", None),
        ("problem", {"assertion": Assertion(historical=True)}, "inactive", None),
        ("absent_finding", {}, None, "refuted"),
        ("problem", {"assertion": Assertion(negated=True)}, None, "refuted"),
        ("past_problem", {"assertion": Assertion(negated=True)}, None, "refuted"),
        ("problem", {"assertion": Assertion(hypothetical=True)}, None, "unconfirmed"),
        ("problem", {"support": "uncertain"}, "active", "provisional"),
        ("problem", {"support": "unsupported", "evidence": ()}, "active", "provisional"),
    ],
)
def test_condition_statuses(
    kind: ItemKind, fields: dict[str, Any], clinical: str | None, verification: str | None
) -> None:
    condition = one(kind, "Asthma", **fields)
    assert condition["resourceType"] == "Condition"
    assert code_of(condition, "clinicalStatus") == clinical
    assert code_of(condition, "verificationStatus") == verification


def test_nothing_careful_is_ever_an_active_fact() -> None:
    items = []
    for kind, support, negated, historical, hypothetical, whose in product(
        KINDS, SUPPORTS, (False, True), (False, True), (False, True), ("patient", "family", "other")
    ):
        assertion = Assertion(negated=negated, historical=historical, hypothetical=hypothetical, experiencer=whose)
        items.append(item(kind, "Asthma", support=support, assertion=assertion))
    for source, resource in zip(items, rendered(*items), strict=True):
        said = source.assertion
        careful = (
            said.negated
            or said.historical
            or said.hypothetical
            or said.experiencer != "patient"
            or source.support == "contradicted"
            or source.kind in {"absent_finding", "past_problem", "family_history", "conflict", "gap"}
            or source.kind in {"uncertain_finding", "stopped_medication"}
        )
        refuted = code_of(resource, "verificationStatus") in {"refuted", "unconfirmed"}
        if careful and not refuted:
            assert code_of(resource, "clinicalStatus") != "active"
            assert resource.get("status") != "active"
        if said.experiencer != "patient":
            assert resource["resourceType"] in {"FamilyMemberHistory", "DetectedIssue"}
        if said.experiencer == "family" and said.negated:
            assert "condition" not in resource
        if source.kind in {"conflict", "gap", "uncertain_finding"} or source.support == "contradicted":
            assert (resource["resourceType"], resource["status"]) == ("DetectedIssue", "preliminary")


@pytest.mark.parametrize(
    ("kind", "claim", "resource_type", "wording"),
    [
        ("absent_finding", "No pneumonia", "Condition", "pneumonia"),
        ("past_problem", "History of breast cancer", "Condition", "breast cancer"),
        ("absent_finding", "No allergy to latex", "AllergyIntolerance", "latex"),
        ("absent_finding", "Not done: colonoscopy", "Procedure", "colonoscopy"),
        ("allergy", "Allergy: penicillin (hives)", "AllergyIntolerance", "penicillin (hives)"),
        ("problem", "Normal pressure hydrocephalus", "Condition", "Normal pressure hydrocephalus"),
        ("problem", "Nodular goiter", "Condition", "Nodular goiter"),
    ],
)
def test_a_status_and_its_wording_do_not_deny_twice(
    kind: ItemKind, claim: str, resource_type: str, wording: str
) -> None:
    resource = one(kind, claim)
    assert (resource["resourceType"], resource["code"]["text"]) == (resource_type, wording)
    if kind == "absent_finding" and resource_type != "Procedure":
        assert code_of(resource, "verificationStatus") == "refuted"
    if resource_type == "Procedure":
        assert resource["status"] == "not-done"


@pytest.mark.parametrize("kind", ["allergy", "absent_finding"])
def test_no_known_allergies_is_stated_as_itself(kind: ItemKind) -> None:
    allergy = one(kind, "No known drug allergies", assertion=Assertion(negated=True))
    assert allergy["resourceType"] == "AllergyIntolerance"
    assert allergy["code"]["text"] == "No known drug allergies"
    assert code_of(allergy, "verificationStatus") != "refuted"


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("medication", {}, "active"),
        ("stopped_medication", {}, "stopped"),
        ("medication", {"assertion": Assertion(negated=True)}, "not-taken"),
        ("medication", {"assertion": Assertion(historical=True)}, "completed"),
        ("medication", {"assertion": Assertion(hypothetical=True)}, "intended"),
        ("medication", {"support": "uncertain"}, "unknown"),
    ],
)
def test_medication_statuses(kind: ItemKind, fields: dict[str, Any], status: str) -> None:
    medication = one(kind, "Metformin 500 mg by mouth twice daily", **fields)
    assert (medication["resourceType"], medication["status"]) == ("MedicationStatement", status)
    assert medication["medicationCodeableConcept"]["text"] == "Metformin 500 mg by mouth twice daily"
    assert medication["dosage"] == [{"text": "500 mg by mouth twice daily"}]


def test_a_drug_without_directions_has_no_dosage() -> None:
    assert "dosage" not in one("medication", "Metformin")


def test_a_result_keeps_every_digit() -> None:
    artifact = render_fhir_bundle(content(item("lab", "Potassium 5.40 mmol/L (H)")))
    assert b'"value": 5.40\n' in artifact.content
    observation = one("lab", "Potassium 5.40 mmol/L (H)")
    assert observation["status"] == "preliminary"
    assert observation["valueQuantity"] == {"value": Decimal("5.40"), "unit": "mmol/L"}
    assert observation["interpretation"][0]["coding"][0]["code"] == "H"
    assert observation["category"][0]["coding"][0]["code"] == "laboratory"
    assert observation["note"] == [{"text": "Potassium 5.40 mmol/L (H)"}]


def test_a_result_without_one_number_keeps_its_words() -> None:
    for claim in ("Urine culture negative", "Sodium 138, potassium 4.1"):
        observation = one("lab", claim)
        assert observation["valueString"] == claim
        assert "valueQuantity" not in observation


def test_blood_pressure_has_two_components_and_loinc_its_notice() -> None:
    pressure = one("vital", "BP 148/86 mmHg")
    values = {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in pressure["component"]}
    assert values == {"8480-6": 148, "8462-4": 86}
    assert pressure["code"]["coding"][0] == {"system": "http://loinc.org", "code": "85354-9"}
    with_loinc = json.loads(render_fhir_bundle(content(item("vital", "BP 148/86 mmHg"))).content)
    (notice,) = with_loinc["meta"]["extension"]
    assert "LOINC is copyright © Regenstrief" in notice["valueString"]
    without = json.loads(render_fhir_bundle(content(item("lab", "Potassium 5.4 mmol/L"))).content)
    assert "extension" not in without["meta"]


def test_what_is_planned_is_a_proposal() -> None:
    for kind, assertion in (("follow_up", Assertion(hypothetical=True)), ("procedure", Assertion(hypothetical=True))):
        request = one(kind, "Echocardiogram in 3 months", assertion=assertion)
        assert (request["resourceType"], request["status"], request["intent"]) == (
            "ServiceRequest",
            "draft",
            "proposal",
        )
    assert one("procedure", "Appendectomy")["status"] == "completed"


def test_a_measured_condition_that_has_not_happened_is_no_observation() -> None:
    issue = one("lab", "Potassium 5.5 mmol/L", assertion=Assertion(hypothetical=True))
    assert issue["resourceType"] == "DetectedIssue"


def test_issues_say_what_and_how_grave() -> None:
    issue = one("conflict", "Metformin: taken and stopped", severity="high", support="uncertain", notes="Ask.")
    assert (issue["severity"], issue["detail"]) == ("high", "Metformin: taken and stopped\nAsk.")


def test_an_empty_draft_is_a_valid_bundle() -> None:
    assert rendered() == []


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    claim=st.text(min_size=1, max_size=60).filter(lambda text: bool(text.strip())),
    notes=st.text(max_size=20),
    code=st.text(max_size=8),
    system=st.sampled_from(["ICD-10-CM", "LOINC", "http://hospital.invalid/codes", "local codes", "", "a b:c"]),
)
def test_any_words_make_a_valid_bundle(kind: ItemKind, claim: str, notes: str, code: str, system: str) -> None:
    try:
        made = item(kind, claim, notes=notes, codes=(Code(system=system, code=code, display=claim, release="r"),))
    except ValueError:
        return  # canonical JSON refuses lone surrogates before any artifact is made
    artifact = render_fhir_bundle(content(made))
    Bundle.model_validate_json(artifact.content)
    assert not any(character < " " and character not in "\n\t" for character in artifact.content.decode())


def test_rendering_does_not_load_the_validator() -> None:
    program = "import sys, openmed_agent.workflows.artifacts.fhir; sys.exit('fhir' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
