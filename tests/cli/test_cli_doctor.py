import json
import os
from pathlib import Path
from typing import Any

import pytest
from command_line import Machine
from stub_service import Answer, stub_service


def findings(machine: Machine, **environment: str) -> tuple[int, dict[str, Any]]:
    outcome = machine.openmed("doctor", "--json", **environment)
    report = json.loads(outcome.stdout)
    faults = [finding for finding in report["findings"] if finding["state"] == "fault"]
    assert report["faults"] == len(faults)
    assert outcome.status == (1 if faults else 0)
    for finding in report["findings"]:
        assert finding["sentence"]
    return outcome.status, {finding["subject"].strip(): finding for finding in report["findings"]}


def test_all_is_well_and_everything_of_importance_is_named(drafted: Machine, planes: dict[str, str]) -> None:
    status, found = findings(drafted, **planes)
    assert status == 0
    assert {"openmed", "python", "terminal", "settings", "inference plane", "codes plane", "keyring", "store"} <= set(
        found
    )
    assert "FY20" in found["icd10cm"]["sentence"]
    assert "partial" in found["rxnorm"]["sentence"]
    assert "stolen disk" in found["store"]["sentence"]
    assert planes["OPENMED_INFERENCE_URL"] in found["inference plane"]["sentence"]
    printed = drafted.openmed("doctor", **planes)
    assert printed.status == 0
    assert "Everything that is needed works." in printed.stdout


def test_a_new_machine_is_well_and_stays_without_a_store(bare: Machine, planes: dict[str, str]) -> None:
    status, found = findings(bare, **planes)
    assert status == 0
    assert found["store"]["state"] == "note"
    assert not bare.home.exists()


@pytest.mark.slow
def test_embedded_services_are_asked_too(embedded: Machine) -> None:
    status, found = findings(embedded)
    assert status == 0
    assert found["codes plane"]["sentence"].startswith("embedded")


def test_a_broken_setting_is_a_fault(machine: Machine) -> None:
    machine.settings("[inference]\nurll = 'x'\n")
    status, found = findings(machine)
    assert status == 1
    assert "urll" in found["settings"]["sentence"]


def test_services_that_do_not_answer_are_faults(machine: Machine) -> None:
    nobody = "http://127.0.0.1:9"
    status, found = findings(machine, OPENMED_INFERENCE_URL=nobody, OPENMED_MED_CODES_API_URL=nobody)
    assert status == 1
    for plane in ("inference plane", "codes plane"):
        assert found[plane]["state"] == "fault"
        assert "reached" in found[plane]["sentence"]
        assert found[plane]["remedy"]


def test_a_key_that_is_refused_is_a_fault_even_where_health_is_open(machine: Machine) -> None:
    health = {"status": "ok", "service": "s", "version": "1", "capabilities": ["icd10cm"], "releases": []}
    refusal = {"error": {"code": "invalid_credentials", "message": "no"}}

    def answer(sent: Any, _: int) -> Answer:
        if sent.path == "/health":
            return Answer(200, json.dumps(health).encode())
        return Answer(401, json.dumps(refusal).encode())

    with stub_service(answer) as stub:
        status, found = findings(machine, OPENMED_INFERENCE_URL=stub.origin, OPENMED_MED_CODES_API_URL=stub.origin)
    assert status == 1
    assert "refused the key" in found["inference plane"]["sentence"]
    assert "refused the key" in found["codes plane"]["sentence"]


def test_a_service_that_is_something_else_is_a_fault(machine: Machine) -> None:
    with stub_service(lambda *_: Answer(200, b"<html></html>", {"content-type": "text/html"})) as stub:
        status, found = findings(machine, OPENMED_INFERENCE_URL=stub.origin, OPENMED_MED_CODES_API_URL=stub.origin)
    assert status == 1
    assert found["inference plane"]["state"] == found["codes plane"]["state"] == "fault"


def test_what_a_service_says_of_itself_cannot_act_on_the_terminal(machine: Machine) -> None:
    health = {"status": "ok", "service": "\x1b]0;x\x07\u202e[red]", "version": "\x9b2J", "capabilities": ["\x1b[31m"]}

    def answer(sent: Any, _: int) -> Answer:
        if sent.path == "/health":
            return Answer(200, json.dumps(health).encode())
        text = json.loads(sent.body)["text"]
        return Answer(200, json.dumps({"text": text, "entities": []}).encode())

    with stub_service(answer) as stub:
        assert "[red]" in machine.openmed("doctor", OPENMED_INFERENCE_URL=stub.origin).stdout


def test_a_damaged_store_is_a_fault_and_is_left_as_it_is(drafted: Machine, planes: dict[str, str]) -> None:
    database = drafted.home / "sessions" / "openmed.db"
    harmed = bytes(4096) + database.read_bytes()[4096:]
    database.write_bytes(harmed)
    status, found = findings(drafted, **planes)
    assert status == 1
    assert found["store"]["state"] == "fault"
    assert database.read_bytes() == harmed


def test_a_database_without_its_description_is_a_fault(drafted: Machine, planes: dict[str, str]) -> None:
    (drafted.home / "sessions" / "store.json").unlink()
    status, found = findings(drafted, **planes)
    assert status == 1
    assert "store.json" in found["store"]["sentence"]


@pytest.mark.skipif(os.geteuid() == 0, reason="file modes do not hold for root")
def test_a_home_that_cannot_be_read_is_a_fault(drafted: Machine, planes: dict[str, str]) -> None:
    drafted.home.chmod(0)
    try:
        assert findings(drafted, **planes)[0] == 1
    finally:
        drafted.home.chmod(0o700)


def test_a_home_without_write_permission_can_still_be_examined(tmp_path: Path, machine: Machine) -> None:
    status, _ = findings(machine, OPENMED_HOME=str(tmp_path / "nowhere" / "at" / "all"))
    assert status == 0
    assert not (tmp_path / "nowhere").exists()
