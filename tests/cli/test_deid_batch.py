"""`openmed deid-batch`: a corpus in, a de-identified corpus out, whole, whatever happens on the way."""

import csv
import io
import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import SCRIPT, Machine, Outcome, assert_refused

PLANTED = ("Margaret", "Connell", "219-09-9999", "88231907", "Zuzzanka")
NOTE = "Margaret Connell, MRN 88231907, has COPD. SSN 219-09-9999."
MASKED = "[first_name] [last_name], MRN [medical_record_number], has COPD. SSN [ssn]."
KEY = "an-invented-key-0123456789-0123456789"


def statuses(machine: Machine, out: str) -> list[dict[str, Any]]:
    lines = (machine.folder / f"{out}.status.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def written(machine: Machine, out: str) -> bytes:
    return (machine.folder / out).read_bytes()


def finished(machine: Machine, outcome: Outcome, out: str, *, status: int = 0) -> None:
    """Check that a run is over: the result is there, private, and nothing else is left or said."""
    assert outcome.status == status, outcome.stderr
    assert outcome.stdout == ""
    assert len(outcome.stderr.splitlines()) == 1
    for file in (machine.folder / out, machine.folder / f"{out}.status.jsonl"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0
    assert machine.leftovers() == []
    assert not [secret for secret in PLANTED if secret in outcome.stderr]


def test_lines_of_text_keep_their_ends_and_blanks(bare: Machine) -> None:
    bare.write("in.txt", f"{NOTE}\r\n\r\n  \nNo findings.\n{NOTE}")
    finished(bare, bare.openmed("deid-batch", "in.txt", "--out", "out.txt"), "out.txt")
    assert written(bare, "out.txt").decode() == f"{MASKED}\r\n\r\n  \nNo findings.\n{MASKED}"
    assert [(line["record"], line["status"], line["identifiers"]) for line in statuses(bare, "out.txt")] == [
        (1, "ok", 4),
        (2, "ok", 0),
        (3, "ok", 4),
    ]


def test_a_line_that_is_not_utf8_fails_alone(bare: Machine) -> None:
    bare.write("in.txt", NOTE.encode() + b"\n" + b"Margaret \xff Connell\n" + NOTE.encode() + b"\n")
    finished(bare, bare.openmed("deid-batch", "in.txt", "--out", "out.txt"), "out.txt", status=1)
    assert written(bare, "out.txt").decode() == f"{MASKED}\n\n{MASKED}\n"
    assert [line.get("error") for line in statuses(bare, "out.txt")] == [None, "not_utf8", None]


def test_a_folder_becomes_a_folder_whose_file_names_say_nothing(bare: Machine) -> None:
    (bare.folder / "notes" / "b").mkdir(parents=True)
    bare.write("notes/b/Connell_Margaret.txt", f"{NOTE}\nLine two.\n")
    bare.write("notes/a Margaret.txt", "No findings.\n")
    bare.write("notes/skipped.pdf", NOTE)
    bare.write("notes/z.txt", b"\xff")
    (bare.folder / "notes" / "link.txt").symlink_to(bare.folder / "notes" / "z.txt")
    finished(bare, bare.openmed("deid-batch", "notes", "--out", "out"), "out", status=1)
    found = {file.name: file.read_text(encoding="utf-8") for file in (bare.folder / "out").iterdir()}
    assert found == {"000001.txt": "No findings.\n", "000002.txt": f"{MASKED}\nLine two.\n"}
    assert [line["status"] for line in statuses(bare, "out")] == ["ok", "ok", "error"]


def test_other_columns_of_a_csv_file_stay_as_they_are(bare: Machine) -> None:
    rows = [
        ["id", "free text", "say so", " spaced "],
        ["007", NOTE, 'a "quoted", cell', "x\r\ny"],
        ["1e5", "", "", "  "],
        ["\u00e9\u65e5\U0001d4b3", f"{NOTE}\n\nSecond paragraph.", "=1+1", "\t"],
    ]
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows(rows)
    bare.write("in.csv", b"\xef\xbb\xbf" + stream.getvalue().encode() + b'"8",Stable.,"latin \xe9",\r\n')
    arguments = ("deid-batch", "in.csv", "--out", "out.csv", "--column", "free text")
    finished(bare, bare.openmed(*arguments), "out.csv")
    raw = written(bare, "out.csv")
    assert raw.startswith(b"\xef\xbb\xbfid,")
    assert b"latin \xe9" in raw
    assert raw.count(b"\r\n") == len(rows) + 2, "one in a cell"
    found = list(csv.reader(io.StringIO(raw.decode("utf-8-sig", errors="surrogateescape"), newline="")))
    wanted = [[row[0], row[1].replace(NOTE, MASKED), *row[2:]] for row in rows]
    assert found == [*wanted, ["8", "Stable.", "latin \udce9", ""]]


def test_a_row_of_another_width_fails_and_shows_nothing(bare: Machine) -> None:
    bare.write("in.tsv", f"id\ttext\n1\t{NOTE}\n2\n3\t{NOTE}\t{NOTE}\n")
    finished(bare, bare.openmed("deid-batch", "in.tsv", "--out", "out.tsv"), "out.tsv", status=1)
    assert written(bare, "out.tsv").decode() == f"id\ttext\n1\t{MASKED}\n\t\n\t\n"
    assert [line.get("error") for line in statuses(bare, "out.tsv")] == [None, "malformed", "malformed"]


def test_only_one_field_of_a_json_line_changes(bare: Machine) -> None:
    head, tail = '{ "n": 1.50, "big":12345678901234567890 ,"note"\t:', ' , "deep": {"note": "kept"}, "u": "\\u00e9"}'
    bare.write(
        "in.jsonl",
        f'{head}{json.dumps(NOTE)}{tail}\n\n{{Margaret\n[1]\n{{"text": 5}}\n{head}null{tail}\n{head}"the\\tflu"{tail}',
    )
    arguments = ("deid-batch", "in.jsonl", "--out", "out.jsonl", "--column", "note")
    finished(bare, bare.openmed(*arguments), "out.jsonl", status=1)
    expected = f'{head}{json.dumps(MASKED)}{tail}\n\nnull\nnull\nnull\nnull\n{head}"the\\tflu"{tail}\n'
    assert written(bare, "out.jsonl").decode() == expected
    assert [line.get("error") for line in statuses(bare, "out.jsonl")] == [
        None,
        "malformed",
        "malformed",
        "no_text",
        "no_text",
        None,
    ]


def test_parquet_keeps_schema_metadata_and_other_columns(bare: Machine) -> None:
    pa = pytest.importorskip("pyarrow")
    pq = pytest.importorskip("pyarrow.parquet")
    schema = pa.schema([("id", pa.int64()), ("text", pa.large_string()), ("w", pa.float32())], metadata={"who": "us"})
    rows = {"id": list(range(700)), "text": [NOTE, None, ""] + ["Fine."] * 697, "w": [0.5, None] * 350}
    pq.write_table(pa.table(rows, schema=schema), bare.folder / "in.parquet")
    finished(bare, bare.openmed("deid-batch", "in.parquet", "--out", "out.parquet"), "out.parquet")
    found = pq.read_table(bare.folder / "out.parquet")
    assert found.schema.equals(schema, check_metadata=True)
    assert found.to_pydict() == rows | {"text": [MASKED, None, ""] + ["Fine."] * 697}


def test_records_of_one_patient_agree_and_others_do_not(bare: Machine) -> None:
    key = bare.write("key", KEY)
    key.chmod(0o600)
    bare.write(
        "in.csv", f"mrn,text\nA,{NOTE.replace(',', ';')}\nB,{NOTE.replace(',', ';')}\nA,Margaret Connell left.\n,x\n"
    )
    arguments = ("--patient-column", "mrn", "--method", "hash", "--surrogate-key-file", "key")
    first = bare.openmed("deid-batch", "in.csv", "--out", "one.csv", *arguments)
    finished(bare, first, "one.csv", status=1)
    finished(bare, bare.openmed("deid-batch", "in.csv", "--out", "two.csv", *arguments), "two.csv", status=1)
    assert written(bare, "one.csv") == written(bare, "two.csv")
    of_a, of_b, again_a, nobody = [
        row["text"] for row in csv.DictReader(io.StringIO(written(bare, "one.csv").decode()))
    ]
    hashes = {word.strip(";.,") for word in again_a.split() if "_name_" in word}
    assert len(hashes) == 2
    assert all(one in of_a and one not in of_b for one in hashes)
    assert nobody == ""
    assert statuses(bare, "one.csv")[3]["error"] == "no_scope"
    assert bare.openmed("deid-batch", "in.csv", "--out", "three.csv", *arguments[:4]).status == 1
    assert written(bare, "three.csv") != written(bare, "one.csv"), "the key of the store"


def test_a_record_over_the_limit_fails_alone(bare: Machine) -> None:
    bare.write("in.jsonl", json.dumps({"text": "é" * 600_000}) + "\n" + json.dumps({"text": NOTE}) + "\n")
    finished(bare, bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl"), "out.jsonl", status=1)
    assert [line.get("error") for line in statuses(bare, "out.jsonl")] == ["too_large", None]


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("missing.csv", "--out", "o"), 3),
        (("in.unknown", "--out", "o"), 2),
        (("in.csv", "--out", "in.csv"), 3),
        (("in.csv", "--out", "o", "--column", "Margaret"), 3),
        (("in.csv", "--out", "o", "--method", "shift_dates", "--date-shift-days", "0"), 2),
        (("in.csv", "--out", "o", "--format", "text", "--column", "text"), 2),
        (("broken.csv", "--out", "o"), 3),
        (("in.csv", "--out", "o", "--format", "parquet"), 3),
        (("empty", "--out", "o"), 3),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_written(
    bare: Machine, arguments: tuple[str, ...], status: int
) -> None:
    bare.write("in.csv", f'id,text\n1,"{NOTE}"\n')
    bare.write("in.unknown", NOTE)
    bare.write("broken.csv", f'id,text\n1,"{NOTE}"x\n')
    (bare.folder / "empty").mkdir()
    before = sorted(path.name for path in bare.folder.iterdir())
    outcome = bare.openmed("deid-batch", *arguments)
    assert_refused(outcome, status)
    assert not [secret for secret in PLANTED if secret in outcome.stderr.replace("Margaret'", "")]
    assert sorted(path.name for path in bare.folder.iterdir()) == before


def many(records: int, *, seed: int = 4) -> str:
    chance = random.Random(seed)
    names = ("Margaret Connell", "Anil Deshpande", "Zuzzanka Okafor", "Rose Whitfield")
    return "".join(
        json.dumps(
            {
                "id": number,
                "text": f"{chance.choice(names)} was seen on 0{chance.randint(1, 9)}/12/2024, "
                f"MRN {chance.randint(10**7, 10**8)}. COPD, stable.",
            }
        )
        + "\n"
        for number in range(records)
    )


def run_until(machine: Machine, lines: int, *arguments: str) -> subprocess.Popen[str]:
    """Start a run and return it as soon as its journal holds so many records."""
    process = machine.start("deid-batch", "in.jsonl", "--out", "out.jsonl", *arguments)
    journal = machine.folder / "out.jsonl.partial" / "journal.jsonl"
    while process.poll() is None:
        if journal.exists() and journal.read_bytes().count(b"\n") >= lines:
            break
        time.sleep(0.005)
    return process


def test_a_run_killed_at_any_point_goes_on_and_ends_with_the_same_bytes(bare: Machine) -> None:
    bare.write("in.jsonl", many(320))
    key = bare.write("key", KEY)
    key.chmod(0o600)
    arguments = ("--method", "replace", "--surrogate-key-file", "key")
    assert bare.openmed("deid-batch", "in.jsonl", "--out", "whole.jsonl", *arguments).status == 0
    killed = 0
    for lines in (0, 64, 192):
        process = run_until(bare, lines, *arguments)
        if process.poll() is None:
            process.kill()
            killed += 1
        process.communicate()
        assert not (bare.folder / "out.jsonl").exists()
    assert killed >= 2
    journal = bare.folder / "out.jsonl.partial" / "journal.jsonl"
    with journal.open("ab") as stream:
        stream.write(b'{"record":')  # half a line, as a power failure leaves it
    finished(bare, bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl", *arguments), "out.jsonl")
    assert written(bare, "out.jsonl") == written(bare, "whole.jsonl")
    assert written(bare, "out.jsonl.status.jsonl") == written(bare, "whole.jsonl.status.jsonl")
    assert [line["record"] for line in statuses(bare, "out.jsonl")] == list(range(1, 321))


def test_a_run_does_not_go_on_over_other_input_or_options(bare: Machine) -> None:
    bare.write("in.jsonl", many(300))
    process = run_until(bare, 64)
    process.kill()
    process.communicate()
    partial = bare.folder / "out.jsonl.partial"
    assert stat.S_IMODE(partial.stat().st_mode) == 0o700
    kept = {path.name: path.read_bytes() for path in partial.iterdir()}
    arguments = ("deid-batch", "in.jsonl", "--out", "out.jsonl")
    assert_refused(bare.openmed(*arguments, "--method", "hash"), 3, "Options have changed (method)")
    changed = many(300).replace("stable", "stabil", 1)
    bare.write("in.jsonl", changed)
    assert_refused(bare.openmed(*arguments), 3, "The input has changed")
    bare.write("in.jsonl", many(300))
    key = bare.write("key", KEY)
    key.chmod(0o600)
    assert_refused(bare.openmed(*arguments, "--surrogate-key-file", "key"), 3, "The key has changed")
    assert {path.name: path.read_bytes() for path in partial.iterdir()} == kept
    finished(bare, bare.openmed(*arguments), "out.jsonl")


@pytest.mark.proof
def test_two_runs_do_not_share_a_folder(bare: Machine) -> None:
    bare.write("in.jsonl", many(400))
    process = run_until(bare, 64)
    try:
        os.kill(process.pid, signal.SIGSTOP)
        assert_refused(bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl"), 3, "Another run")
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.proof
def test_ctrl_c_leaves_a_run_that_goes_on(bare: Machine) -> None:
    bare.write("in.jsonl", many(500))
    process = run_until(bare, 64, "--processes", "2")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stdout == ""
    assert stderr.splitlines()[-1] == "openmed: Interrupted."
    finished(bare, bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl"), "out.jsonl")


def children_of(pid: int) -> list[int]:
    file = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in file.read_text(encoding="utf-8").split()] if file.exists() else []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_several_processes_give_the_same_bytes_even_when_some_are_killed(bare: Machine) -> None:
    bare.write("in.jsonl", many(320))
    key = bare.write("key", KEY)
    key.chmod(0o600)
    arguments = ("--method", "replace", "--surrogate-key-file", "key")
    assert bare.openmed("deid-batch", "in.jsonl", "--out", "whole.jsonl", *arguments).status == 0
    process = run_until(bare, 64, "--processes", "2", *arguments)
    workers = [
        child for child in children_of(process.pid) if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    assert len(workers) == 2
    os.kill(workers[0], signal.SIGKILL)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert written(bare, "out.jsonl") == written(bare, "whole.jsonl")
    assert bare.leftovers() == []


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_end_when_their_parent_is_killed(bare: Machine) -> None:
    bare.write("in.jsonl", many(1_000))
    process = run_until(bare, 64, "--processes", "2")
    children = children_of(process.pid)
    assert len(children) >= 2
    process.kill()
    process.communicate()
    for _ in range(100):
        alive = [child for child in children if Path(f"/proc/{child}").exists()]
        if not alive:
            break
        time.sleep(0.1)
    assert alive == []


def peak_kilobytes(machine: Machine, source: str, out: str) -> int:
    process = subprocess.Popen(
        [SCRIPT, "deid-batch", source, "--out", out], cwd=machine.folder, env=machine.variables()
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.proof
def test_memory_does_not_grow_with_the_corpus(bare: Machine) -> None:
    bare.write("small.jsonl", many(60))
    padding = " " * 100_000
    with (bare.folder / "large.jsonl").open("w", encoding="utf-8") as stream:
        for line in many(320).splitlines():
            stream.write(f'{line[:-1]}, "other": "{padding}"}}\n')
    assert (bare.folder / "large.jsonl").stat().st_size > 30_000_000
    small = peak_kilobytes(bare, "small.jsonl", "small.out")
    large = peak_kilobytes(bare, "large.jsonl", "large.out")
    assert large < small + 15_000, (small, large)


def test_nothing_of_the_corpus_is_left_in_any_file_or_message(bare: Machine) -> None:
    bare.write("in.jsonl", f'{json.dumps({"text": NOTE + " Zuzzanka Okafor was her nurse."})}\n{{"text": "{NOTE}\n')
    outcome = bare.openmed("deid-batch", "in.jsonl", "--out", "out.jsonl", "--method", "replace")
    every = [*bare.folder.rglob("*"), *(bare.home.rglob("*") if bare.home.exists() else [])]
    files = [path for path in every if path.is_file() and path.name != "in.jsonl"]
    said = [outcome.stdout, outcome.stderr, *(path.name for path in files)]
    said += [path.read_bytes().decode("utf-8", errors="replace") for path in files]
    assert not [secret for secret in PLANTED if any(secret in one for one in said)]
