"""`openmed deid` with methods, policies and patients, and `openmed risk`: as a person types them."""

import datetime as dt
import json
import re
from pathlib import Path

import pytest
from command_line import Machine, assert_refused
from stub_service import Answer, Sent, stub_service

FIRST = "Patient: John Smith, DOB 3/4/1951.\nSeen 02/28/2024, MRN 88231907. Call (508) 555-9173.\n"
DATE = re.compile(r"\d\d/\d\d/\d{4}")
SECOND = "Mr. J. Smith, seen again 03/01/2024.\nMRN 88231907.\n"


@pytest.fixture
def desk(bare: Machine) -> Machine:
    bare.write("first.txt", FIRST)
    bare.write("second.txt", SECOND)
    return bare


def key_file(machine: Machine, name: str, content: str = "k" * 43, mode: int = 0o600) -> Path:
    file = machine.write(name, content)
    file.chmod(mode)
    return file


def treated(machine: Machine, name: str, *arguments: str | Path, **environment: str) -> str:
    outcome = machine.openmed("deid", name, *arguments, **environment)
    assert outcome.status == 0, outcome.stderr
    return outcome.stdout


def test_redact_writes_a_block_a_cell_into_a_private_new_file(desk: Machine) -> None:
    desk.write("wide.txt", "Patient: John Smith, MRN 88231907, at Mercy General Hospital.\r\n")
    desk.write("mine.yaml", "act_on: [name, medical_record, organization]\nkeep_terms: [Mercy General Hospital]\n")
    outcome = desk.openmed("deid", "wide.txt", "--method", "redact", "--policy", "mine.yaml", "--out", "copy.txt")
    assert outcome.status == 0, outcome.stderr
    copy = desk.folder / "copy.txt"
    assert copy.read_bytes().decode() == "Patient: ████ █████, MRN ████████, at Mercy General Hospital.\r\n"
    assert copy.stat().st_mode & 0o777 == 0o600


def test_documents_of_a_patient_agree_as_long_as_the_store_lives(desk: Machine) -> None:
    first = treated(desk, "first.txt", "--method", "replace", "--patient-id", "7")
    second = treated(desk, "second.txt", "--method", "replace", "--patient-id", "7")
    given, surname = first.removeprefix("Patient: ").split(",")[0].split()
    assert second.startswith(f"Mr. {given[0]}. {surname}, ")
    assert first.split("MRN ")[1][:8] == second.split("MRN ")[1][:8] != "88231907"
    seen, again = (dt.datetime.strptime(found, "%m/%d/%Y") for found in DATE.findall(first)[-1:] + DATE.findall(second))  # noqa: DTZ007 - dates
    assert (again - seen).days == 2  # 28 February to 1 March of a leap year


def test_two_machines_with_one_key_file_agree_byte_for_byte(desk: Machine, tmp_path: Path) -> None:
    other = Machine(tmp_path / "elsewhere", desk.folder)
    key = key_file(desk, "key")
    mine = ("--method", "replace", "--patient-id", "7", "--surrogate-key-file", key)
    assert treated(desk, "first.txt", *mine) == treated(other, "first.txt", *mine)
    assert not (tmp_path / "elsewhere" / "sessions").exists()  # the store was not needed


def test_a_store_that_cannot_be_opened_gives_no_other_key(desk: Machine) -> None:
    assert desk.openmed("drafts").status == 0  # makes the store
    (desk.home / "sessions" / "openmed.key").unlink()
    outcome = desk.openmed("deid", "first.txt", "--method", "hash", "--patient-id", "7", "--out", "copy.txt")
    assert_refused(outcome, 6, "key is missing")
    assert not (desk.folder / "copy.txt").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [
        (("--surrogate-key-file", "key"), 2, "--patient-id"),
        (("--patient-id", "7", "--surrogate-key-file", "none"), 3, "cannot be read"),
        (("--patient-id", "7", "--surrogate-key-file", "short"), 3, "at least 32"),
        (("--patient-id", "7", "--surrogate-key-file", "open"), 3, "open to others"),
        (("--method", "shift_dates", "--policy", "limited-data-set"), 2, "nothing to shift"),
        (("--policy", "none.yaml"), 3, "safe-harbor, safe-harbor-parts, limited-data-set"),
    ],
)
def test_what_makes_no_sense_is_refused(desk: Machine, arguments: tuple[str, ...], status: int, word: str) -> None:
    key_file(desk, "key")
    key_file(desk, "short", "k" * 20)
    key_file(desk, "open", mode=0o644)
    outcome = desk.openmed("deid", "first.txt", *arguments)
    assert_refused(outcome, status, word)
    assert "k" * 20 not in outcome.stderr


HEALTH = {"status": "ok", "service": "stub", "version": "1"}


def plain_service(sent: Sent, _: int) -> Answer:
    """A service as the genuine one: no extensions; it finds the surname and knows nothing of policies."""
    if sent.path == "/health":
        return Answer(200, json.dumps(HEALTH).encode())
    request = json.loads(sent.body)
    if sent.path.endswith("extract"):
        assert set(request) <= {"text", "confidence_threshold", "lang", "use_smart_merging", "model_name"}
        at = request["text"].index("Smith")
        found = [{"text": "Smith", "label": "last_name", "confidence": 0.99, "start": at, "end": at + 5}]
        return Answer(200, json.dumps({"text": request["text"], "entities": found}).encode())
    return Answer(422, b'{"error":{"code":"validation_error","message":"unknown field"}}')


def test_a_service_without_scopes_is_refused_and_not_silently_inconsistent(desk: Machine) -> None:
    with stub_service(plain_service) as stub:
        arguments = ("deid", "first.txt", "--method", "replace", "--patient-id", "7", "--out", "copy.txt")
        outcome = desk.openmed(*arguments, OPENMED_INFERENCE_URL=stub.origin)
    assert_refused(outcome, 5, "cannot keep surrogates consistent")
    assert not (desk.folder / "copy.txt").exists()
    assert not (desk.home / "sessions").exists()


def test_a_policy_is_kept_on_our_side_where_the_service_knows_none(desk: Machine) -> None:
    with stub_service(plain_service) as stub:
        text = treated(desk, "first.txt", "--policy", "limited-data-set", OPENMED_INFERENCE_URL=stub.origin)
    masked = FIRST.replace("John Smith", "[first_name] [last_name]").replace("(508) 555-9173", "[phone]")
    assert text == masked.replace("88231907", "[medical_record_number]")
    assert {sent.path for sent in stub.sent} == {"/health", "/pii/extract"}


def test_risk_names_what_is_left_first_and_promises_nothing(desk: Machine) -> None:
    desk.write("case.txt", "A 47-year-old woman, mayor, MRN 88231907.\n")
    desk.write("clean.txt", "A 47-year-old woman,\nmayor, MRN [medical_record_number].\n")
    raw = desk.openmed("risk", "case.txt")
    assert raw.status == 1
    assert "direct identifier" in raw.stdout.splitlines()[2]
    assert "read the text before you share it" in raw.stderr
    clean = desk.openmed("risk", "clean.txt", "--json")
    report = clean.json()
    findings = report["files"][0]["findings"]
    assert [finding["kind"] for finding in findings] == ["occupation", "combination"]
    assert report["direct_identifiers"] == 0
    assert (findings[0]["line"], findings[0]["quote"]) == (2, "mayor")
    for outcome in (raw, clean, desk.openmed("risk", "--help")):
        assert "anonym" not in (outcome.stdout + outcome.stderr).lower()


def test_risk_of_a_folder_names_the_records_that_stand_alone(desk: Machine) -> None:
    for number, work in enumerate(("teacher", "teacher", "driver")):
        folder = desk.folder / "notes" / str(number)
        folder.mkdir(parents=True)
        (folder / "note.txt").write_text(f"A woman who works as a {work}.\n", encoding="utf-8")
    report = desk.openmed("risk", "notes", "--json").json()
    assert [file["name"] for file in report["files"]] == ["0/note.txt", "1/note.txt", "2/note.txt"]
    assert report["unique_records"] == 1
    assert "occupation driver" in report["files"][2]["findings"][-1]["reason"]


def test_risk_refuses_what_it_cannot_read(desk: Machine) -> None:
    (desk.folder / "empty").mkdir()
    assert_refused(desk.openmed("risk", "empty"), 3, "holds no files")
    assert_refused(desk.openmed("risk", "none.txt"), 3, "none.txt")
    (desk.folder / "empty" / "image.bin").write_bytes(b"\x00\xff\x01")
    assert_refused(desk.openmed("risk", "empty"), 3, "image.bin")
