"""`extract`, `deid` and `codes`: each prints what was asked, and writes only a new file."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from command_line import Machine, assert_refused

NOTE = """\
Patient: Wilhelmina Sprague     DOB: 02/03/1950     MRN: QX-5521907
Phone: (555) 555-0172     Email: w.sprague@example.org

Ms. Sprague was seen on 03/12/2024. She denies chest pain. Her mother had breast cancer.
Gout and hypertension. Metformin 500 mg PO BID.
"""
IDENTIFIERS = ("Wilhelmina", "Sprague", "02/03/1950", "QX-5521907", "555-0172", "w.sprague", "03/12/2024")


@pytest.fixture
def ready(machine: Machine) -> Machine:
    machine.write("sprague.txt", NOTE)
    return machine


def test_extract_gives_entities_at_their_place_with_assertions(ready: Machine) -> None:
    found = ready.openmed("extract", "sprague.txt", "--json").json()["entities"]
    for entity in found:
        assert NOTE[entity["start"] : entity["end"]] == entity["text"]
    by_text = {entity["text"]: entity for entity in found}
    assert by_text["chest pain"]["assertion"]["negated"] is True
    assert by_text["breast cancer"]["assertion"]["experiencer"] == "family"
    assert by_text["Gout"]["assertion"]["negated"] is False
    assert "Metformin" in by_text
    table = ready.openmed("extract", "sprague.txt")
    assert "negated" in table.stdout


def test_extract_gives_values_and_procedures_with_what_is_stated_of_them(machine: Machine) -> None:
    machine.write("values.txt", "BP 142/88. Labs: K 5.9 mmol/L (H). Schedule MRI brain.\n")
    by_label = {
        entity["label"]: entity for entity in machine.openmed("extract", "values.txt", "--json").json()["entities"]
    }
    assert by_label["VITAL_SIGN"]["value"] == "142/88"
    assert [by_label["LAB_VALUE"][part] for part in ("name", "value", "unit", "flag")] == [
        "potassium",
        "5.9",
        "mmol/L",
        "high",
    ]
    assert by_label["PROCEDURE"]["timing"] == "planned"
    table = machine.openmed("extract", "values.txt", COLUMNS="200").stdout
    assert "potassium 5.9 mmol/L high" in table


@pytest.mark.parametrize("method", ["mask", "remove", "replace", "hash", "shift_dates"])
def test_every_method_writes_a_copy_without_the_identifiers(ready: Machine, method: str) -> None:
    outcome = ready.openmed("deid", "sprague.txt", "--method", method, "--out", "copy.txt")
    assert outcome.status == 0, outcome.stderr
    assert outcome.stdout == ""
    file = ready.folder / "copy.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    copy = file.read_text(encoding="utf-8")
    for identifier in IDENTIFIERS:
        assert identifier not in copy
        assert identifier not in outcome.stderr
    assert "Metformin 500 mg PO BID" in copy
    assert "hypertension" in copy
    assert ready.leftovers() == []
    assert (ready.folder / "sprague.txt").read_text(encoding="utf-8") == NOTE


def test_without_out_the_copy_is_the_whole_of_standard_output(ready: Machine) -> None:
    outcome = ready.openmed("deid", "sprague.txt")
    assert outcome.status == 0
    assert "Metformin 500 mg PO BID.\n" in outcome.stdout
    assert not any(identifier in outcome.stdout for identifier in IDENTIFIERS)


def test_a_copy_never_replaces_anything(ready: Machine) -> None:
    ready.write("there.txt", "kept")
    (ready.folder / "link.txt").symlink_to("there.txt")
    (ready.folder / "dangling.txt").symlink_to("nowhere.txt")
    (ready.folder / "folder").mkdir()
    for out in (
        "there.txt",
        "link.txt",
        "dangling.txt",
        "folder",
        "sprague.txt",
        "missing/copy.txt",
        "there.txt/x",
        "",
    ):
        assert_refused(ready.openmed("deid", "sprague.txt", "--out", out), 3)
    assert (ready.folder / "there.txt").read_text(encoding="utf-8") == "kept"
    assert (ready.folder / "sprague.txt").read_text(encoding="utf-8") == NOTE
    assert not (ready.folder / "nowhere.txt").exists()
    assert ready.leftovers() == []


def test_a_shift_that_moves_nothing_or_too_far_is_refused(ready: Machine) -> None:
    for days in ("0", "9999999999", "-36501", "five", "1.5"):
        outcome = ready.openmed("deid", "sprague.txt", "--method", "shift_dates", "--date-shift-days", days)
        assert outcome.status in {2, 3}, outcome.stderr
        assert_refused(outcome, outcome.status)


def codes(machine: Machine, *arguments: str) -> Any:
    return machine.openmed("codes", *arguments, "--json").json()


def test_a_term_and_a_code_are_found_with_their_release(machine: Machine) -> None:
    found = codes(machine, "search", "type", "2", "diabetes", "mellitus")
    assert "E11" in {result["code"][:3] for result in found["results"]}
    assert found["release"]["system"] == "icd10cm"
    assert codes(machine, "search", "gout", "--billable", "--limit", "3")["results"]
    assert all(result["billable"] for result in codes(machine, "search", "gout", "--billable")["results"])
    for spelt in ("E11.9", "e119", "E119"):
        assert codes(machine, "show", spelt)["code"] == "E11.9"
    shown = machine.openmed("codes", "show", "E11")
    assert "not billable" in shown.stdout
    assert "icd10cm" in shown.stdout


def test_validation_says_why_and_answers_no(machine: Machine) -> None:
    outcome = machine.openmed("codes", "validate", "E11.9", "E11", "ZZZ.99", "--json")
    assert outcome.status == 1
    verdicts = {result["code"]: result for result in json.loads(outcome.stdout)["results"]}
    assert [verdicts[code]["valid"] for code in ("E11.9", "E11")] == [True, False]
    assert verdicts["E11"]["reason"]
    assert machine.openmed("codes", "validate", "E11.9").status == 0


def test_the_known_score_is_itemised(machine: Machine) -> None:
    arguments = ("E11.22", "I50.9", "N18.4", "--age", "67", "--sex", "F")
    reply = codes(machine, "raf", *arguments)
    assert (reply["raw_score"], reply["payment_score"]) == ("1.658", "1.462")
    printed = machine.openmed("codes", "raf", *arguments).stdout
    for part in ("1.658", "1.462", "0.330", "0.514", "0.112", "2026"):
        assert part in printed


def test_a_medicine_is_found_and_the_set_is_said_to_be_partial(machine: Machine) -> None:
    found = codes(machine, "drug", "lisinopril")
    assert (found["drugs"][0]["rxcui"], found["drugs"][0]["exact"], found["release"]["complete"]) == (
        "29046", True, False,
    )  # fmt: skip
    assert_refused(machine.openmed("codes", "drug", "qqqqzzzz"), 1, "a part of RxNorm", "openmed codes install rxnorm")


@pytest.mark.parametrize(
    ("written", "rxcui"), [("metformin 500mg bid", "861007"), ("Lasix", "313988"), ("hctz", "310798")]
)
def test_a_medicine_as_it_is_written_has_candidates_and_no_answer(machine: Machine, written: str, rxcui: str) -> None:
    found = codes(machine, "drug", *written.split())
    assert (found["drugs"][0]["rxcui"], found["drugs"][0]["exact"]) == (rxcui, False)
    assert "(partial)" in machine.openmed("codes", "drug", written).stdout


def test_an_ndc_needs_an_installed_release(machine: Machine) -> None:
    assert_refused(machine.openmed("codes", "show", "0093-1048-01"), 5, "openmed codes install rxnorm")


HOSTILE = (
    "../../etc/passwd",
    "..",
    "/",
    "a/b",
    "%2e%2e%2f",
    "?q=1#x",
    "\x1b[2J",
    "\u202egout",
    "' OR 1=1 --",
    "%",
    '"*"',
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_lookups_get_an_answer_or_one_sentence(machine: Machine, text: str) -> None:
    for action in ("search", "show", "validate", "drug"):
        outcome = machine.openmed("codes", action, "--", text)
        assert outcome.status in {0, 1, 2, 3}, (action, outcome)
        if outcome.stdout == "":
            assert_refused(outcome, outcome.status)


@pytest.mark.parametrize("action", ["search", "show", "validate", "drug"])
def test_blank_and_endless_lookups_get_one_sentence(machine: Machine, action: str) -> None:
    for text in ("", "   ", "gout " * 5000):
        outcome = machine.openmed("codes", action, text)
        assert outcome.status in {1, 2, 3}, outcome
        if outcome.stdout == "":
            assert_refused(outcome, outcome.status)


@pytest.mark.parametrize(
    "arguments",
    [
        ("E11.9", "--age", "-1", "--sex", "F"),
        ("E11.9", "--age", "131", "--sex", "F"),
        ("E11.9", "--age", "1e9", "--sex", "F"),
        ("E11.9", "--age", "60", "--sex", "F", "--eligibility", "CNA"),  # a segment of people of 65 and more
        ("E11.9", "--age", "70", "--sex", "X"),
        ("E11.9", "--age", "70", "--sex", "F", "--eligibility", "XXX"),
        ("E11.9", "--age", "70", "--sex", "F", "--model", "V99"),
        ("E11.9", "--age", "70", "--sex", "F", "--payment-year", "1999"),
        ("x" * 5000, "--age", "70", "--sex", "F"),
    ],
)
def test_a_score_of_nonsense_is_refused_in_one_sentence(machine: Machine, arguments: tuple[str, ...]) -> None:
    outcome = machine.openmed("codes", "raf", *arguments)
    assert outcome.status in {2, 3}
    assert_refused(outcome, outcome.status)


def test_what_cannot_be_scored_is_listed_with_its_reason(machine: Machine) -> None:
    reply = codes(machine, "raf", "E11.9", "ZZZ99", "--age", "70", "--sex", "M")
    assert [ignored["code"] for ignored in reply["ignored"]] == ["ZZZ99"]
    assert reply["ignored"][0]["reason"]


def test_tools_make_no_store(bare: Machine, planes: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "work" / "sprague.txt"
    file.write_text(NOTE, encoding="utf-8")
    for arguments in (("extract", "sprague.txt"), ("deid", "sprague.txt"), ("codes", "show", "I10")):
        assert bare.openmed(*arguments, **planes).status == 0
    assert not bare.home.exists()
