"""`openmed codes crosswalk|compare|classes|duplicates|interactions`, with the command as a process."""

import json
import sys
from pathlib import Path

import pytest
from command_line import Machine, assert_refused

sys.path.append(str(Path(__file__).parents[1] / "planes"))  # for stub_service, a real server
sys.path.append(str(Path(__file__).parents[1] / "planes" / "codes"))  # for release_files, releases with invented rows
import release_files as made
from stub_service import Answer, Sent, stub_service


def test_an_icd9_code_has_its_candidates_and_the_release(machine: Machine) -> None:
    reply = machine.openmed("codes", "crosswalk", "250.00", "073.0", "--json").json()
    assert [[target["code"] for target in found["targets"]] for found in reply["results"]] == [
        ["E11.9"],
        ["A70", "J17"],
    ]
    assert reply["release"]["complete"] is False
    printed = machine.openmed("codes", "crosswalk", "073.0").stdout
    assert "scenario 1: one of choice list 2" in printed
    assert "GEMs of 2015" in printed
    assert "not for coding a chart" in printed


def test_back_to_icd9_and_a_code_without_a_map(machine: Machine) -> None:
    back = machine.openmed("codes", "crosswalk", "--from", "icd10cm", "I10", "E11.99")
    assert back.status == 1, "one of the codes has no map"
    assert "401.9" in back.stdout
    assert "cannot be reported now" not in back.stdout
    assert "E11.99     no map: " in back.stdout


def test_v24_beside_v28(machine: Machine) -> None:
    reply = machine.openmed("codes", "compare", "I73.9", "E11.9", "I10", "--json").json()
    assert [found["change"] for found in reply["results"]] == ["only_v24", "both", "neither"]
    lines = machine.openmed("codes", "compare", "I73.9", "E11.9", "--payment-year", "2025").stdout.splitlines()
    assert lines[0].startswith("I73.9      V24: HCC 108 ")
    assert "V28" not in lines[0].partition(";")[0]
    assert "V24: HCC 19 " in lines[1]
    assert "V28: HCC 38 " in lines[1]
    assert lines[2] == "payment year 2025"
    assert len(lines) == 5, "both releases are named"


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["compare", "I10", "--payment-year", "2027"], 3, ["payment year"]),
        (["crosswalk", "I10", "--from", "snomed"], 2, ["--from"]),
        (["crosswalk", b"\xff".decode(errors="surrogateescape")], 3, ["UTF-8"]),
        (["duplicates", *["6809"] * 201], 3, ["200"]),
        (["classes", "metformin"], 5, ["not installed", "openmed codes install rxnorm --from RxNorm_full"]),
        (["duplicates", "6809", "unobtainium"], 1, ["drug 2 of the list", "a part of RxNorm"]),
        (
            ["interactions", "warfarin", "aspirin", "--json"],
            5,
            ["not served", "no statement that the drugs go together"],
        ),
    ],
)
def test_what_cannot_be_answered_is_one_sentence(
    machine: Machine, arguments: list[str], status: int, words: list[str]
) -> None:
    assert_refused(machine.openmed("codes", *arguments), status, *words)


def test_an_installed_release_has_classes_and_hints(embedded: Machine) -> None:
    source = made.prescribable(embedded.folder, more_names=made.ATC_RELEASE)
    assert embedded.openmed("codes", "install", "rxnorm", "--from", source).status == 0
    shown = embedded.openmed("codes", "classes", "Glucophage", "42424242")
    assert shown.status == 1, "the release lacks the second"
    assert "    A10BA  Biguanides" in shown.stdout
    assert "ignored   42424242: " in shown.stdout
    assert "rxnorm 2026-11-02" in shown.stdout

    reply = embedded.openmed("codes", "duplicates", "hydrochlorothiazide", "424242", "6809", "--json").json()
    hints = [(found["kind"], [drug["rxcui"] for drug in found["drugs"]]) for found in reply["duplicates"]]
    assert hints == [("same_class", ["5487", "424242"])]
    alone = embedded.openmed("codes", "duplicates", "6809", "lisinopril")
    assert alone.status == 0
    assert "No two of these drugs share" in alone.stdout
    assert "no class: lisinopril" in alone.stdout
    assert "not shown to go together" in alone.stdout


def test_a_service_without_these_routes_is_sent_no_drug(machine: Machine) -> None:
    health = {"status": "ok", "service": "s", "version": "1", "capabilities": ["rxnorm"], "releases": []}

    def answers(sent: Sent, _: int) -> Answer:
        return Answer(200, json.dumps(health).encode()) if sent.path == "/health" else Answer(404, b"{}")

    with stub_service(answers) as stub:
        for action, named in (
            ("crosswalk", "crosswalk"),
            ("classes", "drug_classes"),
            ("interactions", "not served"),
        ):
            outcome = machine.openmed("codes", action, "metformin", OPENMED_MED_CODES_API_URL=stub.origin)
            assert_refused(outcome, 5, named)
    assert {sent.path for sent in stub.sent} == {"/health"}
