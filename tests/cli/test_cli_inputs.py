"""Files handed over by mistake, or prepared by somebody: one sentence, the right status, nothing kept."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from command_line import SCRIPT, Machine, assert_refused, summary_arguments

NOTE = "Patient: Wilhelmina Sprague  DOB: 02/03/1950\n\nMEDICATIONS\n- Metformin 500 mg PO BID\n"
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [
        {"resource": {"resourceType": "Patient", "id": "p", "name": [{"family": "Sprague", "given": ["Wilhelmina"]}]}},
        {
            "resource": {
                "resourceType": "Condition",
                "id": "c",
                "subject": {"reference": "Patient/p"},
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "code": {"text": "Gout"},
            }
        },
    ],
}


def assert_nothing_kept(machine: Machine) -> None:
    assert machine.openmed("drafts", "--json").json() == []
    assert machine.leftovers() == []


REFUSED_CONTENT = {
    "empty": b"",
    "blank": b" \r\n\t\n",
    "zero-width": "\u200b\u200d\ufeff\u2060".encode() * 50,
    "binary": bytes(range(256)) * 20,
    "png": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "nul": b"Metformin\x00 500 mg",
    "utf-16": NOTE.encode("utf-16"),
    "utf-16-be": NOTE.encode("utf-16-be"),
    "latin-1": "Patient: Jos\xe9 Mu\xf1oz\nMetformin 500 mg\n".encode("latin-1"),
    "surrogate": b"Metformin \xed\xa0\x80 500 mg",
    "json-list": b'[{"resourceType": "Patient"}]',
    "json-strings": b'[ "Metformin 500 mg" ]',
    "json-object": b'{"medications": ["metformin"]}',
    "json-truncated": json.dumps(BUNDLE).encode()[:-20],
    "json-nested": b'{"resourceType":"Bundle","entry":' + b"[" * 100_000,
    "json-nested-closed": b'{"resourceType":"Bundle","a":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001,
    "json-duplicate": b'{"resourceType":"Bundle","type":"collection","type":"batch","entry":[]}',
    "json-no-entries": b'{"resourceType":"Bundle","type":"collection","entry":[]}',
    "json-entry-text": b'{"resourceType":"Bundle","type":"collection","entry":"none"}',
    "json-long-number": b'{"resourceType":"Bundle","type":"collection","total":' + b"9" * 10_000 + b"}",
    "json-nan": b'{"resourceType":"Bundle","type":"collection","total":NaN}',
}


@pytest.mark.parametrize("kind", REFUSED_CONTENT)
def test_what_is_no_note_and_no_bundle_is_refused(machine: Machine, kind: str) -> None:
    machine.write("given.txt", REFUSED_CONTENT[kind])
    assert_refused(machine.openmed(*summary_arguments("given.txt"), "--json"), 3)
    assert_nothing_kept(machine)


def test_a_file_that_cannot_be_had_is_refused(machine: Machine) -> None:
    (machine.folder / "a folder").mkdir()
    os.mkfifo(machine.folder / "pipe")
    (machine.folder / "loop").symlink_to("loop")
    (machine.folder / "dangling").symlink_to("nowhere")
    for name in ("missing.txt", "a folder", "pipe", "loop", "dangling", "/dev/zero", "x" * 300, "/dev/null/x"):
        assert_refused(machine.openmed(*summary_arguments(name), timeout=30), 3)
        assert_refused(machine.openmed("extract", name, timeout=30), 3)
    assert_nothing_kept(machine)


def test_the_refused_one_of_several_files_is_named(machine: Machine) -> None:
    for kind in ("latin-1", "binary", "empty", "json-object", "json-no-entries"):
        machine.write("given.txt", REFUSED_CONTENT[kind])
        assert_refused(machine.openmed(*summary_arguments("note.txt", "given.txt")), 3, "given.txt")


def test_a_truncated_bundle_among_several_files_is_named(machine: Machine) -> None:
    machine.write("given.txt", REFUSED_CONTENT["json-truncated"])
    assert_refused(machine.openmed(*summary_arguments("note.txt", "given.txt")), 3, "given.txt")


def test_a_note_that_starts_with_a_bracket_is_a_note(machine: Machine) -> None:
    machine.write("bracket.txt", "[Draft] Progress note\n\nPROBLEMS\n1. Gout\n")
    assert machine.summary("bracket.txt")["sources"][0]["media_type"] == "text/plain"


def test_a_file_name_that_is_not_utf_8_is_read_and_shown(machine: Machine) -> None:
    name = os.fsencode(machine.folder) + b"/caf\xe9.txt"
    Path(os.fsdecode(name)).write_text(NOTE, encoding="utf-8")
    done = subprocess.run(
        [SCRIPT, "run", "chart_summary", "--input", b"note_path=caf\xe9.txt", "--json"],
        cwd=machine.folder,
        env=machine.variables(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["sources"][0]["name"].startswith("caf")
    assert "caf" in machine.openmed("drafts").stdout


@pytest.mark.skipif(os.geteuid() == 0, reason="file modes do not hold for root")
def test_an_unreadable_file_is_refused(machine: Machine) -> None:
    (machine.folder / "note.txt").chmod(0)
    assert_refused(machine.openmed(*summary_arguments("note.txt")), 3, "note.txt cannot be read")


def test_a_good_file_beside_a_bad_one_is_not_summarised_alone(machine: Machine) -> None:
    machine.write("bad.txt", b"\xff\xfe\x00")
    assert_refused(machine.openmed(*summary_arguments("note.txt", "bad.txt")), 3, "bad.txt")
    assert_nothing_kept(machine)


def test_fifty_megabytes_are_refused_at_once(machine: Machine) -> None:
    with (machine.folder / "huge.txt").open("wb") as file:
        file.truncate(50 * 1024 * 1024)
    for command in (summary_arguments("huge.txt"), ["extract", "huge.txt"], ["deid", "huge.txt"]):
        assert_refused(machine.openmed(*command, timeout=20), 3, "huge.txt", "MB")
    assert_nothing_kept(machine)


def test_byte_order_mark_and_windows_newlines_keep_offsets(machine: Machine) -> None:
    file = machine.write("windows.txt", b"\xef\xbb\xbf" + NOTE.replace("\n", "\r\n").encode())
    draft = machine.summary("windows.txt")
    text = file.read_bytes().decode("utf-8")
    quotes = [span for item in draft["items"] for span in item["evidence"]]
    assert any(span["quote"].startswith("Metformin 500 mg") for span in quotes)
    for span in quotes:
        assert text[span["start"] : span["end"]] == span["quote"]


@pytest.mark.parametrize(
    ("name", "hidden"), [("bidi", "\u202emg 005\u202c"), ("isolate", "\u2066x\u2069"), ("zero", "\u200b")]
)
def test_invisible_characters_are_said_and_stand_in_the_draft(machine: Machine, name: str, hidden: str) -> None:
    machine.write(f"{name}.txt", NOTE + f"- Warfarin {hidden} 5 mg PO daily\n")
    outcome = machine.openmed(*summary_arguments(f"{name}.txt"), "--json")
    assert "invisible or direction-changing" in outcome.stderr
    draft = outcome.json()
    said = [item for item in draft["items"] if "invisible or direction-changing" in item["claim"]]
    assert len(said) == 1
    assert said[0]["kind"] == "conflict"
    assert said[0]["evidence"]


def test_extraction_of_nothing_is_said(machine: Machine) -> None:
    machine.write("chat.txt", "The weather was fine and the train was late.\n")
    outcome = machine.openmed("extract", "chat.txt")
    assert outcome.status == 0
    assert outcome.stdout == ""
    assert "No clinical entities" in outcome.stderr


def test_a_note_without_findings_is_a_draft_that_says_so(machine: Machine) -> None:
    machine.write("chat.txt", "The weather was fine and the train was late.\n")
    outcome = machine.openmed(*summary_arguments("chat.txt"))
    assert outcome.status == 0
    said = (outcome.stdout + outcome.stderr).casefold()
    assert "no " in said or "nothing" in said, "an empty card must say that nothing was found"
    draft = machine.summary("chat.txt")
    assert draft["items"], "an empty draft is an empty success"


def test_a_name_starting_with_a_dash_or_holding_an_equals_sign_is_read(machine: Machine, tmp_path: Path) -> None:
    machine.write("-note=1.txt", NOTE)
    draft = machine.summary("-note=1.txt")
    assert [source["name"] for source in draft["sources"]] == ["-note=1.txt"]
    assert str(tmp_path) not in json.dumps(draft)
