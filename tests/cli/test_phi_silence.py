"""Nothing of a chart is in anything that a process of ours wrote but what it was asked for: streams, files, names."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
from command_line import Machine

PLANTED = ("Zuzzanka", "Wrothgar", "219-09-9999", "88231907", "zwro@mail.example")
NOTE = "Patient: Zuzzanka Wrothgar, SSN 219-09-9999, MRN 88231907, e-mail zwro@mail.example. Has COPD.\n"


def written_by(machine: Machine, *streams: str, known: set[Path]) -> dict[str, str]:
    """Return everything that is on this machine now but not in `known`, by name, with the streams."""
    found = {f"stream {number}": stream for number, stream in enumerate(streams)}
    for root in (machine.home, machine.folder):
        for path in root.rglob("*"):
            if path.is_file() and path not in known:
                found[str(path)] = path.read_bytes().decode("utf-8", errors="replace")
    return found


def assert_silent(found: dict[str, str]) -> None:
    for name, content in found.items():
        leaks = [secret for secret in PLANTED if re.search(re.escape(secret), name + content, re.IGNORECASE)]
        assert not leaks, (name, leaks)


def test_commands_write_nothing_of_the_chart(bare: Machine) -> None:
    known = {
        bare.write("in.txt", NOTE * 3),
        bare.write("in.csv", f'mrn,text\n88231907,"{NOTE}"\n"{NOTE}'),
        bare.write("in.jsonl", json.dumps({"text": NOTE}) + "\n" + NOTE),
        bare.write("bad.txt", NOTE.encode() + b"\xff\xfe\x00"),
        bare.write("bad.parquet", NOTE),
    }
    streams: list[str] = []
    for arguments in (
        ("deid", "in.txt", "--out", "one.txt", "--method", "replace"),
        ("deid-batch", "in.txt", "--out", "four.txt", "--method", "replace", "--processes", "2"),
        ("deid-batch", "in.csv", "--out", "five.csv"),
        ("deid-batch", "in.jsonl", "--out", "seven.jsonl", "--method", "redact"),
        ("deid-batch", "bad.txt", "--out", "eight.txt"),
        ("deid-batch", "bad.parquet", "--out", "nine.parquet"),
    ):
        outcome = bare.openmed(*arguments)
        streams += [outcome.stdout, outcome.stderr]
    made = {path.name for path in bare.folder.iterdir()}
    assert {"one.txt", "four.txt", "seven.jsonl", "eight.txt"} <= made
    assert_silent(written_by(bare, *streams, known=known))


def test_a_service_writes_nothing_of_the_chart_even_where_it_fails(bare: Machine) -> None:
    process = subprocess.Popen(
        [Path(sys.executable).with_name("openmed"), "serve", "inference", "--port", "0", "--workers", "2"],
        cwd=bare.folder,
        env=bare.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        said = process.stderr.readline()
        origin = said.split(" on ")[1].split(", ")[0]
        line = json.dumps({"id": "a", "operation": "deidentify", "text": NOTE})
        with httpx.Client(base_url=origin, trust_env=False, timeout=60) as client:
            assert client.post("/pii/deidentify", json={"text": NOTE, "method": "replace"}).status_code == 200
            assert client.post("/batch", content=f"{line}\n{NOTE}\n{line[:-4]}\n").status_code == 200
            wrong = ({"text": NOTE, "lang": NOTE}, {NOTE: NOTE}, {"text": [NOTE]}, {"text": NOTE, "scope": NOTE * 9})
            refusals = [client.post("/pii/deidentify", json=body).text for body in wrong]
            refusals.append(client.post("/pii/extract", content=NOTE).text)
            refusals.append(client.get(f"/{PLANTED[0]}").text)
    finally:
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=40)
    assert_silent(written_by(bare, said, stdout, stderr, *refusals, known=set()))
