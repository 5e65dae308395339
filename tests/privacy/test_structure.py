import json

from detectors import detector_of, finding

from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.regions import local_regions
from openmed_agent.privacy.structure import format_spans
from openmed_agent.privacy.vault import Vault


def spared(text: str) -> set[str]:
    return {text[start:end] for start, end in format_spans(text)}


def test_field_names_resource_types_and_codes_of_published_systems_are_the_formats_own() -> None:
    coding = {"system": "http://snomed.info/sct", "code": "44054006", "display": "Diabetes"}
    text = json.dumps({"resourceType": "Condition", "fullUrl": "x", "code": {"coding": [coding]}})
    assert {"resourceType", "Condition", "fullUrl", "44054006", "display"} <= spared(text)
    tag = '<value code="44054006" codeSystem="2.16.840.1.113883.6.96" displayName="Diabetes"/>'
    assert {"value", "codeSystem", "displayName", "44054006"} <= spared(tag)


def test_values_names_and_numbers_are_not() -> None:
    texts = (
        '{"Okafor": 1, "Maria Okafor": 2}',
        '{"identifier": [{"system": "http://hospital.example.org", "value": "44054006"}]}',
        '{"system": "http://hospital.example.org", "code": "44054006"}',
        '<id extension="44054006" root="2.16.840.1.113883.6.96"/>',
        "a <Okafor> tag, Patient Okafor; code=44054006",
    )
    for text in texts:
        assert not {"Okafor", "Maria Okafor", "44054006"} & spared(text)


def test_a_finding_over_a_field_and_its_value_leaves_the_value_out() -> None:
    text = '{"display": "Okafor"}'
    regions = local_regions(text, (), [finding(2, 19)])
    assert [text[region.start : region.end].strip('": ') for region in regions] == ["Okafor"]


async def test_what_is_known_counts_in_a_field_name_too() -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="Thorvaldsen"))
    await gate.learn("Seen by Thorvaldsen")
    out = await gate.outgoing('{"thorvaldsen": 1, "display": "Thorvaldsen"}')
    assert "thorvaldsen" not in out.lower()
    assert '"display"' in out


async def test_coordinates_of_an_address_are_announced() -> None:
    point = {"url": "latitude", "valueDecimal": 42.3319681}
    patient = {"resourceType": "Patient", "address": [{"extension": [{"url": "geolocation", "extension": [point]}]}]}
    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="x"))
    assert "42.3319681" not in await gate.outgoing(json.dumps(patient))
