"""The end of a run over a corpus, and local models in one."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from tiny_model import make_model

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.workspace import Workspace

NAMES = {"qwx": "B-first_name", "##zorp": "I-first_name", "vark": "B-last_name"}
NOTE = "Seen by qwxzorp vark on the ward. SSN 219-09-9999."


def published(out: Path) -> Path:
    """Return the folder that a kill leaves between the renaming of the output and the end."""
    workspace = Workspace(out)
    with workspace.opened():
        workspace.output.write_text("[first_name]\n", encoding="utf-8")
        workspace.write_status()
        kept = shutil.copytree(workspace.folder, out.with_name("kept"))
        workspace.publish()
    assert not workspace.folder.exists()
    for name in ("output", "status"):
        (kept / name).unlink()
    (kept / "publishing").write_bytes(b"")
    return kept.rename(workspace.folder)


def test_what_a_kill_left_of_a_finished_run_is_cleared_at_the_next_start(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    left = published(out)
    with pytest.raises(InputError, match="exists already"):
        Workspace(out).check_free()
    assert not left.exists()
    assert out.read_text(encoding="utf-8") == "[first_name]\n"


def test_a_clearing_that_was_killed_too_goes_on(tmp_path: Path) -> None:
    left = published(tmp_path / "out.txt")
    for path in left.iterdir():
        if path.name != "publishing":
            path.unlink()
    with pytest.raises(InputError):
        Workspace(tmp_path / "out.txt").check_free()
    assert not left.exists()


@pytest.mark.parametrize("state", ["unfinished", "held", "begun"])
def test_the_folder_of_another_run_stays(tmp_path: Path, state: str) -> None:
    out = tmp_path / "out.txt"
    left = published(out)
    match state:
        case "unfinished":  # its output has not got its name: OUT is somebody else's
            (left / "output").write_text("x", encoding="utf-8")
        case "begun":
            (left / "publishing").unlink()
        case _:
            pass
    lock = FileLock(left / "lock")
    if state == "held":
        lock.acquire()
    with pytest.raises(InputError):
        Workspace(out).check_free()
    lock.release()
    assert (left / "journal.jsonl").exists()


def batch(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("openmed")
    command = [script, "deid-batch", "in.jsonl", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=250)


def test_local_models_find_what_the_rules_do_not(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": NOTE}) + "\n", encoding="utf-8")
    make_model(tmp_path / "models" / "tinypii", NAMES, extra=("ward",))
    alone = batch(tmp_path, "--out", "alone.jsonl")
    assert alone.returncode == 0, alone.stderr
    assert "vark" in (tmp_path / "alone.jsonl").read_text(encoding="utf-8")
    done = batch(tmp_path, "--out", "out.jsonl", "--models", "models")
    assert done.returncode == 0, done.stderr
    assert "Pinned 3 files" in done.stderr
    (line,) = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["text"] == "Seen by [first_name] [last_name] on the ward. SSN [ssn]."
    (tmp_path / "models" / "tinypii" / "config.json").write_text("{}", encoding="utf-8")
    assert batch(tmp_path, "--out", "again.jsonl", "--models", "models").returncode == 3


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("--models-lock", "x.lock"), 2),
        (("--models", "models", "--scheduler", "tcp://127.0.0.1:9"), 2),
        (("--models", "missing"), 3),
        (("--models", "models"), 3),  # it finds no identifiers
    ],
)
def test_models_that_cannot_be_used_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    pytest.importorskip("onnxruntime")
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": NOTE}) + "\n", encoding="utf-8")
    make_model(tmp_path / "models" / "tinydis", {"snargle": "B-DISEASE"})
    refused = batch(tmp_path, "--out", "out.jsonl", *arguments)
    assert refused.returncode == status, refused.stderr
    assert not (tmp_path / "out.jsonl.partial").exists()
