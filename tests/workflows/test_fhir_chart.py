"""What FHIR charts say, whose it is, where they say it, and what could not be read."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError
from openmed_agent.text.sources import SourceDocument, read_source, source_from_bytes
from openmed_agent.workflows.fhir_chart import FhirChart, read_fhir
from openmed_agent.workflows.fhir_entries import (
    AllergyDetail,
    FhirEntry,
    MeasurementDetail,
    MedicationDetail,
    RelativeDetail,
    Unreadable,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "fhir_bundle.json"
REAL = Path("/work/shared/data/fhir")
PATIENT = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Osei", "given": ["Ama"]}]}


def source_of(value: Any) -> SourceDocument:
    return source_from_bytes("chart.json", json.dumps(value, ensure_ascii=False).encode())


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    entries = [{"resource": resource} for resource in (PATIENT, *resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def chart_of(*resources: dict[str, Any]) -> FhirChart:
    return read_fhir(source_of(bundle(*resources)))


def only(*resources: dict[str, Any]) -> FhirEntry:
    chart = chart_of(*resources)
    assert chart.unreadable == ()
    (entry,) = chart.entries
    return entry


def status(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/any", "code": code}]}


def resource(kind: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": kind, "subject": {"reference": "Patient/p1"}, "code": {"text": "Asthma"}, **members}


def quotes(source: SourceDocument, entry: FhirEntry) -> list[str]:
    return [span.of(source.text) for span in entry.evidence]


@pytest.fixture(scope="module")
def example() -> tuple[SourceDocument, FhirChart]:
    source = read_source(EXAMPLE)
    return source, read_fhir(source)


class TestExample:
    def test_every_resource_is_read(self, example: tuple[SourceDocument, FhirChart]) -> None:
        _, chart = example
        assert (chart.bundle_type, chart.skipped, chart.unreadable) == ("collection", (), ())
        assert chart.unresolved_references == ()
        assert {entry.patient for entry in chart.entries} == {0}

    def test_identity_points_at_its_words(self, example: tuple[SourceDocument, FhirChart]) -> None:
        source, chart = example
        (identity,) = chart.identities
        assert identity.name is not None
        assert identity.birth_date is not None
        assert identity.record_number is not None
        assert identity.sex is not None
        assert identity.name.span.of(source.text) == identity.name.value == "Marisol A. Quintanilla"
        assert identity.birth_date.span.of(source.text) == identity.birth_date.value == "1958-03-14"
        assert identity.record_number.span.of(source.text) == "CH-0048213"
        assert identity.record_number.value == "CH0048213"
        assert identity.sex.value == "female"

    def test_evidence_starts_with_the_display(self, example: tuple[SourceDocument, FhirChart]) -> None:
        source, chart = example
        for entry in chart.entries:
            assert quotes(source, entry)[0] == entry.display

    def test_refuted_and_resolved_conditions_are_not_current(self, example: tuple[SourceDocument, FhirChart]) -> None:
        conditions = {entry.display: entry for entry in example[1].of_kind("condition")}
        assert conditions["Pulmonary embolism"].standing.assertion.negated
        assert conditions["Cancer of the left breast"].standing.assertion.historical
        diabetes = conditions["Type 2 diabetes mellitus"]
        assert not diabetes.standing.assertion.negated
        assert not diabetes.standing.assertion.historical
        assert [(code.system, code.code, code.release) for code in diabetes.codes] == [
            ("ICD-10-CM", "E11.9", "as stated in the source")
        ]
        assert diabetes.date == "2009"

    def test_structured_dosage_becomes_a_direction(self, example: tuple[SourceDocument, FhirChart]) -> None:
        source, chart = example
        lisinopril = next(entry for entry in chart.of_kind("medication") if "Lisinopril" in entry.display)
        assert lisinopril.detail == MedicationDetail("1 tablet by mouth once a day")
        assert {"1", "tablet", "by mouth", "d"} <= set(quotes(source, lisinopril))

    def test_blood_pressure_is_one_measurement(self, example: tuple[SourceDocument, FhirChart]) -> None:
        source, chart = example
        pressure = next(entry for entry in chart.of_kind("observation") if entry.display == "Blood pressure")
        assert isinstance(pressure.detail, MeasurementDetail)
        assert (pressure.detail.value, pressure.detail.unit) == ("148/86", "mmHg")
        assert quotes(source, pressure)[1:3] == ["148", "86"]

    def test_only_the_latest_of_a_code_is_newest(self, example: tuple[SourceDocument, FhirChart]) -> None:
        a1c = [entry for entry in example[1].of_kind("observation") if "A1c" in entry.display]
        found = {
            entry.detail.value: entry.detail.newest for entry in a1c if isinstance(entry.detail, MeasurementDetail)
        }
        assert found == {"8.2": True, "7.6": False}

    def test_family_history_is_the_relatives(self, example: tuple[SourceDocument, FhirChart]) -> None:
        (entry,) = example[1].of_kind("family_history")
        assert entry.standing.assertion.experiencer == "family"
        assert entry.detail == RelativeDetail("father")


@pytest.mark.parametrize(
    ("clinical", "verification", "negated", "historical", "uncertain", "withdrawn"),
    [
        ("active", "confirmed", False, False, False, False),
        ("recurrence", None, False, False, False, False),
        ("inactive", "confirmed", False, True, False, False),
        ("remission", "confirmed", False, True, False, False),
        ("resolved", "confirmed", False, True, False, False),
        ("active", "refuted", True, False, False, False),
        (None, "entered-in-error", False, False, False, True),
        ("active", "unconfirmed", False, False, True, False),
        ("active", "provisional", False, False, True, False),
        ("active", "differential", False, False, True, False),
        ("active", "no-such-code", False, False, True, False),
        ("no-such-code", "confirmed", False, False, True, False),
    ],
)
def test_condition_statuses(
    clinical: str | None,
    verification: str | None,
    negated: bool,  # noqa: FBT001
    historical: bool,  # noqa: FBT001
    uncertain: bool,  # noqa: FBT001
    withdrawn: bool,  # noqa: FBT001
) -> None:
    statuses = {"clinicalStatus": clinical, "verificationStatus": verification}
    members = {name: status(code) for name, code in statuses.items() if code}
    for shape in (members, {name: value["coding"][0]["code"] for name, value in members.items()}):
        standing = only(resource("Condition", **shape)).standing
        assert standing.assertion.negated is negated
        assert standing.assertion.historical is historical
        assert (standing.uncertain, standing.withdrawn) == (uncertain, withdrawn)


@pytest.mark.parametrize("wording", [{"text": "Refuted"}, {"coding": [{"display": "refuted"}]}])
def test_a_status_without_a_code_still_counts(wording: dict[str, Any]) -> None:
    assert only(resource("Condition", verificationStatus=wording)).standing.assertion.negated


def test_abatement_makes_an_active_condition_historical() -> None:
    for abatement in ({"abatementDateTime": "2020-01-01"}, {"abatementString": "long ago"}, {"abatementBoolean": True}):
        entry = only(resource("Condition", clinicalStatus=status("active"), **abatement))
        assert entry.standing.assertion.historical
    ongoing = only(resource("Condition", clinicalStatus=status("active"), abatementBoolean=False))
    assert not ongoing.standing.assertion.historical


@pytest.mark.parametrize(
    ("members", "flag"),
    [
        ({"status": "active"}, None),
        ({"status": "stopped"}, "historical"),
        ({"status": "completed"}, "historical"),
        ({"status": "cancelled"}, "historical"),
        ({"status": "not-taken"}, "negated"),
        ({"status": "intended"}, "hypothetical"),
        ({"status": "active", "intent": "proposal"}, "hypothetical"),
        ({"status": "active", "doNotPerform": True}, "negated"),
        ({"status": "active", "taken": "n"}, "negated"),
        ({"status": "recorded", "adherence": {"code": status("not-taking")}}, "negated"),
        ({"status": "on-hold"}, "uncertain"),
        ({"status": "unknown"}, "uncertain"),
        ({}, "uncertain"),
        ({"status": "entered-in-error"}, "withdrawn"),
    ],
)
def test_medication_statuses(members: dict[str, Any], flag: str | None) -> None:
    entry = only(resource("MedicationStatement", medicationCodeableConcept={"text": "Warfarin 5 mg"}, **members))
    standing = entry.standing
    flags = {
        "negated": standing.assertion.negated,
        "historical": standing.assertion.historical,
        "hypothetical": standing.assertion.hypothetical,
        "uncertain": standing.uncertain,
        "withdrawn": standing.withdrawn,
    }
    assert {name for name, value in flags.items() if value} == ({flag} if flag else set())


WARFARIN = {"text": "Warfarin", "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "11289"}]}


@pytest.mark.parametrize(
    "shape",
    [
        {"medicationCodeableConcept": WARFARIN},
        {"medication": {"concept": WARFARIN}},
        {
            "medicationReference": {"reference": "#drug"},
            "contained": [{"resourceType": "Medication", "id": "drug", "code": WARFARIN}],
        },
        {"medicationReference": {"reference": "Medication/m1"}},
        {"medication": {"reference": {"reference": "Medication/m1"}}},
    ],
)
def test_a_drug_is_found_in_every_shape(shape: dict[str, Any]) -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": WARFARIN}
    request = resource("MedicationRequest", status="active", **shape)
    source = source_of(bundle(request, drug))
    (entry,) = read_fhir(source).of_kind("medication")
    assert entry.display == quotes(source, entry)[0] == "Warfarin"
    assert [(code.system, code.code) for code in entry.codes] == [("RxNorm", "11289")]


def test_a_drug_whose_reference_leads_nowhere_keeps_its_display() -> None:
    reference = {"reference": "Medication/gone", "display": "Apixaban 5 mg"}
    assert (
        only(resource("MedicationRequest", status="active", medicationReference=reference)).display == "Apixaban 5 mg"
    )
    chart = chart_of(
        resource("MedicationRequest", status="active", medicationReference={"reference": "Medication/gone"})
    )
    assert chart.unreadable == (Unreadable(1, "MedicationRequest"),)


@pytest.mark.parametrize(
    ("dosage", "direction"),
    [
        ({"text": "2 puffs every 4 hours as needed"}, "2 puffs every 4 hours as needed"),
        ({"timing": {"repeat": {"frequency": 3, "period": 1, "periodUnit": "d"}}}, "3 times a day"),
        ({"timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}}, "every 8 hours"),
        (
            {"timing": {"repeat": {"frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h"}}},
            "every 4 to 6 hours",
        ),
        (
            {"timing": {"repeat": {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"}}},
            "1 to 2 times a day",
        ),
        (
            {
                "doseAndRate": [{"doseQuantity": {"value": 0.50, "unit": "mg"}}],
                "route": {"coding": [{"display": "oral"}]},
                "timing": {"code": {"coding": [{"code": "BID"}]}},
                "asNeededCodeableConcept": {"text": "anxiety"},
            },
            "0.5 mg oral BID as needed for anxiety",
        ),
        ({"doseQuantity": {"value": 1, "unit": "tablet"}, "asNeededBoolean": True}, "1 tablet as needed"),
        ({"timing": {"repeat": {"when": ["HS"]}}}, "at bedtime"),
        ({"patientInstruction": "Take with food"}, "Take with food"),
        ({"sequence": 1}, ""),
    ],
)
def test_directions(dosage: dict[str, Any], direction: str) -> None:
    entry = only(
        resource("MedicationRequest", status="active", medicationCodeableConcept=WARFARIN, dosageInstruction=[dosage])
    )
    assert entry.detail == MedicationDetail(direction)


def test_doses_keep_their_digits() -> None:
    text = json.dumps(bundle(resource("Observation", status="final", valueQuantity={"value": 0, "unit": "mmol/L"})))
    chart = read_fhir(source_from_bytes("chart.json", text.replace('"value": 0', '"value": 7.20').encode()))
    (entry,) = chart.entries
    assert isinstance(entry.detail, MeasurementDetail)
    assert entry.detail.value == "7.20"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"valueQuantity": {"value": 5, "comparator": "<", "unit": "ng/L"}}, ("<5", "ng/L")),
        ({"valueCodeableConcept": {"text": "Never smoked"}}, ("Never smoked", "")),
        ({"valueString": "positive"}, ("positive", "")),
        ({"valueInteger": 3}, ("3", "")),
        ({"valueBoolean": False}, ("no", "")),
        ({"valueRange": {"low": {"value": 2}, "high": {"value": 4, "unit": "mm"}}}, ("2-4", "")),
    ],
)
def test_values_of_observations(value: dict[str, Any], words: tuple[str, str]) -> None:
    entry = only(resource("Observation", status="final", **value))
    assert isinstance(entry.detail, MeasurementDetail)
    assert (entry.detail.value, entry.detail.unit) == words


def test_an_observation_without_a_value_is_counted_not_stated() -> None:
    chart = chart_of(resource("Observation", status="final", dataAbsentReason={"text": "unknown"}))
    assert chart.entries == ()
    assert chart.skipped == (("Observation without a value", 1),)


def test_newest_compares_instants_not_texts() -> None:
    def result(value: int, time: str) -> dict[str, Any]:
        return resource("Observation", status="final", valueQuantity={"value": value}, effectiveDateTime=time)

    chart = chart_of(
        result(1, "2024-03-01T23:30:00-05:00"),  # 04:30 UTC on the 2nd
        result(2, "2024-03-02T01:00:00+00:00"),
        result(3, "2023"),
        resource("Observation", status="entered-in-error", valueQuantity={"value": 4}, effectiveDateTime="2025-01-01"),
    )
    newest = {
        entry.detail.value
        for entry in chart.entries
        if isinstance(entry.detail, MeasurementDetail) and entry.detail.newest
    }
    assert newest == {"1"}


def test_no_known_allergies_is_a_negation() -> None:
    for words in ("No known allergies", "No Known Drug Allergy", "NKDA", "No known allergy (situation)"):
        entry = only(resource("AllergyIntolerance", code={"text": words}, clinicalStatus=status("active")))
        assert entry.standing.assertion.negated
    nut = only(resource("AllergyIntolerance", code={"text": "Nonoxynol"}, clinicalStatus=status("active")))
    assert not nut.standing.assertion.negated


def test_reactions_and_criticality() -> None:
    entry = only(
        resource(
            "AllergyIntolerance",
            code={"text": "Latex"},
            criticality="high",
            reaction=[{"manifestation": [{"text": "hives"}, {"concept": {"text": "wheezing"}}]}],
        )
    )
    assert entry.detail == AllergyDetail(("hives", "wheezing"), "high")


@pytest.mark.parametrize(
    ("planned", "display", "hypothetical"),
    [
        (resource("ServiceRequest", status="active"), "Asthma", True),
        (resource("ServiceRequest", status="completed"), "Asthma", False),
        (resource("Appointment", status="booked", description="Cardiology visit"), "Cardiology visit", True),
        (
            resource(
                "CarePlan", status="active", activity=[{"detail": {"status": "scheduled", "description": "Walk"}}]
            ),
            "Walk",
            True,
        ),
        (
            resource(
                "CarePlan", status="active", activity=[{"detail": {"status": "completed", "description": "Walk"}}]
            ),
            "Walk",
            False,
        ),
        (resource("CarePlan", status="active", title="Heart failure plan"), "Heart failure plan", True),
    ],
)
def test_plans(planned: dict[str, Any], display: str, hypothetical: bool) -> None:  # noqa: FBT001
    entry = only(planned)
    assert (entry.kind, entry.display) == ("plan", display)
    assert entry.standing.assertion.hypothetical is hypothetical


def test_a_procedure_not_done_is_negated() -> None:
    assert only(resource("Procedure", status="not-done")).standing.assertion.negated
    assert not only(resource("Procedure", status="completed")).standing.assertion.negated


def test_whose_each_entry_is() -> None:
    second = {"resourceType": "Patient", "id": "p2", "name": [{"text": "Lior Adeyemi"}]}
    chart = chart_of(
        second,
        resource("Condition"),
        resource("Condition", subject={"reference": "Patient/p2/_history/3"}),
        resource("Condition", subject={"reference": "https://elsewhere.invalid/Patient/p1"}),
        resource("Condition", subject={"display": "someone"}),
    )
    assert [entry.patient for entry in chart.entries] == [0, 1, None, None]
    assert len(chart.patients) == 2
    assert chart.unresolved_references == ("https://elsewhere.invalid/Patient/p1",)


def test_a_social_security_number_is_no_record_number() -> None:
    numbers = [
        {"type": status("SS"), "value": "000-00-0000"},
        {"type": status("MR"), "value": "77-1"},
        {"value": "untyped"},
    ]
    chart = read_fhir(source_of({**PATIENT, "identifier": numbers}))
    assert [number.value for number in chart.patients[0].record_numbers] == ["771"]


def test_the_official_name_comes_first_and_every_name_is_kept() -> None:
    names = [{"use": "maiden", "family": "Abara"}, {"use": "official", "family": "Osei", "given": ["Ama"]}]
    chart = read_fhir(source_of({**PATIENT, "name": names}))
    assert [name.value for name in chart.patients[0].names] == ["Ama Osei", "Abara"]


def test_a_single_resource_is_a_chart() -> None:
    chart = read_fhir(source_of(resource("Condition")))
    assert [entry.display for entry in chart.entries] == ["Asthma"]
    assert chart.unresolved_references == ("Patient/p1",)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": "b"}, "not FHIR"),
        ({"resourceType": 3}, "not FHIR"),
        ({"resourceType": "Bundle", "type": "collection"}, "empty FHIR bundle"),
        ({"resourceType": "Bundle", "entry": []}, "empty FHIR bundle"),
        ({"resourceType": "Bundle", "entry": {"x": 1}}, "not an array"),
    ],
)
def test_what_is_no_chart_is_refused(value: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_fhir(source_of(value))


@pytest.mark.parametrize(
    "broken",
    [
        {"code": "Asthma"},
        {"code": {"text": 3}},
        {"code": {"text": ["Asthma"]}},
        {"code": {"coding": {"display": "Asthma"}}},
        {"code": {}},
        {"code": {"text": "  "}},
        {"verificationStatus": ["refuted"]},
        {"clinicalStatus": 1},
        {"verificationStatus": ""},
        {"verificationStatus": {}},
        {"verificationStatus": {"coding": [{"system": "x"}]}},
        {"subject": "Patient/p1"},
    ],
)
def test_a_misshapen_resource_is_counted_with_its_place(broken: dict[str, Any]) -> None:
    chart = chart_of(resource("Procedure", status="completed"), resource("Condition", **broken))
    assert [entry.kind for entry in chart.entries] == ["procedure"]
    assert chart.unreadable == (Unreadable(2, "Condition"),)


def test_unknown_types_are_counted_without_repeating_hostile_names() -> None:
    chart = chart_of(
        {"resourceType": "Claim"}, {"resourceType": "Claim"}, {"resourceType": "\x1b[31mSmith"}, {"id": "x"}
    )
    assert chart.skipped == (("Claim", 2), ("of no known type", 2))


leaves = (
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", " ", "x", "active"])
    | st.just([])
    | st.just({})
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_misshapen_part_is_survived_and_evidence_stays_true(data: st.DataObject) -> None:
    value = copy.deepcopy(json.loads(EXAMPLE.read_text(encoding="utf-8")))
    for _ in range(data.draw(st.integers(1, 4))):
        node: Any = value["entry"]
        while isinstance(node, dict | list) and node:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(node[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
                node[key] = data.draw(leaves)
                break
            node = node[key]
    source = source_of(value)
    chart = read_fhir(source)
    for entry in chart.entries:
        assert entry.display.strip()
        assert all(span.end <= len(source.text) for span in entry.evidence)
        assert json.loads(f'"{entry.evidence[0].of(source.text)}"') == entry.display
    assert len({failure.index for failure in chart.unreadable}) == len(chart.unreadable)


@pytest.mark.skipif(not REAL.exists(), reason="the development charts are not on this machine")
@pytest.mark.parametrize("name", ["Benedict_Ortiz", "Eboni_Brekke", "Sofia_Koepp"])
def test_real_bundles_are_read_whole(name: str) -> None:
    source = read_source(REAL / f"{name}.json")
    raw = json.loads(source.text)
    chart = read_fhir(source)
    assert chart.unreadable == ()
    assert chart.unresolved_references == ()
    assert len(chart.patients) == 1
    read = {"Condition": "condition", "MedicationRequest": "medication", "AllergyIntolerance": "allergy"}
    for resource_type, kind in read.items():
        there = [e["resource"] for e in raw["entry"] if e["resource"]["resourceType"] == resource_type]
        entries = [entry for entry in chart.entries if entry.kind == kind]
        assert len(entries) == len(there)
    for entry in chart.entries:
        stated = raw["entry"][entry.index]["resource"]
        if entry.kind == "condition":
            resolved = stated["clinicalStatus"]["coding"][0]["code"] == "resolved"
            assert entry.standing.assertion.historical is resolved
            assert entry.display == stated["code"]["text"]
        if entry.kind == "medication":
            assert entry.standing.assertion.historical is (stated["status"] != "active")
        assert entry.evidence[0].of(source.text) == json.dumps(entry.display, ensure_ascii=False)[1:-1]
