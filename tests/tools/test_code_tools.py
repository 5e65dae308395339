"""Codes as tools: the service's own answers with their release, and the gate before every query."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tool_bench import Bench

from openmed_agent.errors import InputError, NotPermittedError, UnavailableError
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.invoke import render_values

CALLS: dict[str, dict[str, Any]] = {
    "icd10_search": {"query": "type 2 diabetes mellitus"},
    "icd10_concept": {"code": "E11.9"},
    "icd10_validate": {"codes": ["E11.9"]},
    "rxnorm_lookup": {"query": "metformin"},
    "crosswalk": {"codes": ["250.00"]},
    "terminology_search": {"system": "loinc", "query": "hemoglobin a1c"},
    "hcc_map": {"codes": ["E11.9"]},
    "raf_score": {"codes": ["E11.9"], "age": 72, "sex": "F", "eligibility": "CNA"},
    "comorbidity_index": {"codes": ["E11.9"], "age": 72},
    "duplicate_medicines": {"rxcuis": ["6809", "29046"]},
}


def remote(bench: Bench, mode: PhiMode, *, scan: Callable[[str], bool]) -> tuple[Bench, list[str]]:
    """Return a bench whose codes plane counts as remote, and what the gate's scan was asked."""
    asked: list[str] = []

    async def scanned(term: str) -> bool:
        asked.append(term)
        return scan(term)

    gate = CodesQueryGate(mode, remote=True, scan=scanned)
    return replace(bench, context=replace(bench.context, phi_mode=mode, codes_gate=gate)), asked


def test_every_tool_of_the_family_is_tried_here() -> None:
    from openmed_agent.tools.registry import tools_of

    assert {tool.name for tool in tools_of(("codes",))} == set(CALLS)


@pytest.mark.parametrize("name", [name for name in CALLS if name not in {"terminology_search", "duplicate_medicines"}])
def test_an_answer_names_its_release_and_whether_it_is_complete(bench: Bench, name: str) -> None:
    text = bench.call(name, **CALLS[name]).text
    assert text.splitlines()[-1].startswith("Release: ")
    assert "complete" in text.splitlines()[-1] or "PARTIAL" in text.splitlines()[-1]


def test_a_search_finds_the_code_and_a_miss_is_a_miss(bench: Bench) -> None:
    found = bench.call("icd10_search", query="type 2 diabetes mellitus without complications")
    assert "E11.9 Type 2 diabetes mellitus without complications" in found.text
    assert bench.call("icd10_search", query="zzqqxx").text.startswith("No ICD-10-CM code fits")
    assert bench.call("icd10_concept", code="Z9Z.Z").text.startswith("ICD-10-CM has no such code")


def test_a_code_above_the_billable_level_is_said_to_be_one(bench: Bench) -> None:
    text = bench.call("icd10_validate", codes=["E11", "E11.9", "E11.999"]).text
    assert text.startswith("1 of 3 codes can be reported")
    shown = bench.call("icd10_concept", code="E11").text
    assert shown.splitlines()[0] == "E11 Type 2 diabetes mellitus (not billable)"
    assert "has E11.9 " in shown


def test_a_medicine_is_found_by_name_and_by_number(bench: Bench) -> None:
    assert "6809 metformin" in bench.call("rxnorm_lookup", query="Metformin").text.casefold()
    assert "metformin" in bench.call("rxnorm_lookup", query="6809").text.casefold()
    assert bench.call("rxnorm_lookup", query="no such medicine at all").text.startswith("No RxNorm concept fits")


def test_a_risk_score_is_itemised(bench: Bench) -> None:
    text = bench.call("raf_score", codes=["E11.9", "I50.9"], age=72, sex="F", eligibility="CNA").text
    assert text.startswith("V28 2026 CNA: raw score ")
    assert "HCC 38" in text
    assert "HCC 226" in text
    with pytest.raises(InputError, match="openmed codes raf --help"):
        bench.call("raf_score", codes=["E11.9"], age=72, sex="F", eligibility="CNA", model="V99")


def test_a_model_that_nobody_is_paid_by_has_no_payment_score_and_says_why(bench: Bench) -> None:
    call = CALLS["raf_score"] | {"model": "V24", "payment_year": 2026}
    result = bench.call("raf_score", **call)
    assert "payment score" not in result.text.splitlines()[0]
    assert "no payment score: " in result.text
    assert "model_not_paid" in render_values(result.values)


def test_what_is_not_installed_is_said_with_the_command(bench: Bench) -> None:
    with pytest.raises(UnavailableError, match="openmed codes install loinc"):
        bench.call("terminology_search", **CALLS["terminology_search"])
    with pytest.raises(UnavailableError, match="openmed codes install rxnorm"):
        bench.call("duplicate_medicines", **CALLS["duplicate_medicines"])


@pytest.mark.parametrize("name", list(CALLS))
def test_nothing_is_sent_to_a_remote_plane_that_the_gate_refuses(bench: Bench, name: str) -> None:
    closed, asked = remote(bench, PhiMode.DEID, scan=lambda _: True)
    closed = replace(closed, context=replace(closed.context, codes=Unreachable()))
    with pytest.raises(NotPermittedError):
        closed.call(name, **CALLS[name])
    assert asked


def test_strict_mode_sends_codes_and_no_words_to_a_remote_plane(bench: Bench) -> None:
    strict, asked = remote(bench, PhiMode.STRICT, scan=lambda _: False)
    assert strict.call("icd10_concept", code="E11.9").text.startswith("E11.9")
    assert asked == ["E11.9"]
    for name in ("icd10_search", "rxnorm_lookup"):
        with pytest.raises(NotPermittedError):
            strict.call(name, query="Zebulon Quackenbush")
    with pytest.raises(NotPermittedError):
        strict.call("hcc_map", codes=["MRN4471902"])


def test_an_age_over_89_is_not_sent_to_a_remote_plane(bench: Bench) -> None:
    open_gate, _ = remote(bench, PhiMode.DEID, scan=lambda _: False)
    closed = replace(open_gate, context=replace(open_gate.context, codes=Unreachable()))
    for name in ("raf_score", "comorbidity_index"):
        with pytest.raises(NotPermittedError, match="89"):
            closed.call(name, **(CALLS[name] | {"age": 90}))
    assert "score" in bench.call("raf_score", **(CALLS["raf_score"] | {"age": 90})).text


class Unreachable:
    """A plane that must not be asked: asking it fails the test."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the plane was asked: {name}")


def test_a_result_in_strict_mode_holds_codes_of_the_vocabulary(bench: Bench) -> None:
    rendered = json.loads(render_values(bench.call("icd10_search", query="essential hypertension").values))
    assert {"system": "icd10cm", "code": "I10", "display": "Essential (primary) hypertension"} in rendered["codes"]
