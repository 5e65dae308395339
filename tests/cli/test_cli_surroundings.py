"""Homes, disks, stores, keys and settings that are not as they should be."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import SCRIPT, Machine, assert_refused, summary_arguments

KEYRING_INSTALLED = shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")


class Mounted:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mounted = False

    def mount(self, options: str) -> Path:
        self.folder.mkdir(exist_ok=True)
        again = ",remount" if self.mounted else ""
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"{options}{again}", "tmpfs", self.folder], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("this machine does not let us mount a small file system")
        self.mounted = True
        return self.folder


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Mounted]:
    """A file system of its own, of a size and mode that the test chooses."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root on Linux can mount a small file system")
    disk = Mounted(tmp_path / "disk")
    yield disk
    if disk.mounted:
        subprocess.run(["umount", "-l", disk.folder], check=True)


def fill(folder: Path) -> None:
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def moved(machine: Machine, folder: Path) -> Machine:
    shutil.copytree(machine.home, folder / "home")
    return replace(machine, home=folder / "home")


def test_a_read_only_home_is_refused_and_the_note_is_not_lost(machine: Machine, disk: Mounted) -> None:
    there = replace(machine, home=disk.mount("ro") / "home")
    for command in (summary_arguments("note.txt"), ["drafts"], ["show", "abcd"]):
        assert_refused(there.openmed(*command), 6)
    assert there.openmed("extract", "note.txt").status == 0, "what needs no store works"
    assert there.openmed("codes", "show", "I10").status == 0
    assert there.openmed().status == 0
    examined = there.openmed("doctor", "--json")
    assert examined.status == 1
    assert [one["state"] for one in json.loads(examined.stdout)["findings"] if one["subject"] == "store"] == ["fault"]


def test_a_home_that_became_read_only_is_said(machine: Machine, disk: Mounted) -> None:
    there = moved(machine, disk.mount("size=40m"))
    draft = there.summary("note.txt")
    disk.mount("ro")
    outcome = there.openmed(*summary_arguments("note.txt"))
    assert_refused(outcome, 6)
    disk.mount("rw")
    assert there.openmed("show", draft["draft_id"], "--json").json() == draft


def test_an_embedded_index_that_cannot_be_written_is_said(bare: Machine, disk: Mounted) -> None:
    for options in ("ro", "size=200k"):
        there = replace(bare, home=disk.mount(options) / "home")
        outcome = there.openmed("codes", "show", "I10")
        assert outcome.status == 5
        assert outcome.stdout == ""
        assert "does not start" in outcome.stderr.splitlines()[-1]


def test_a_full_disk_keeps_what_was_there_and_nothing_half(machine: Machine, disk: Mounted) -> None:
    there = moved(machine, disk.mount("size=4m"))
    draft = there.summary("note.txt")
    fill(disk.folder)
    outcome = there.openmed(*summary_arguments("note.txt"))
    assert_refused(outcome, 6, "disk")
    (disk.folder / "filler").unlink()
    assert [one["draft_id"] for one in there.openmed("drafts", "--json").json()] == [draft["draft_id"]]
    assert there.openmed("show", draft["draft_id"], "--json").json() == draft
    assert there.leftovers() == []
    there.summary("note.txt")


def test_a_disk_that_is_full_from_the_start_leaves_a_home_that_works_later(machine: Machine, disk: Mounted) -> None:
    for kilobytes in (8, 40, 80):
        there = replace(machine, home=disk.mount(f"size={kilobytes}k") / "home")
        outcome = there.openmed(*summary_arguments("note.txt"))
        assert outcome.status == 6, (kilobytes, outcome)
        assert outcome.stdout == ""
        assert "disk" in outcome.stderr.splitlines()[-1]
        disk.mount("size=40m")
        assert there.openmed(*summary_arguments("note.txt")).status == 0
        shutil.rmtree(there.home)


def test_a_copy_on_a_full_disk_is_whole_or_absent(machine: Machine, disk: Mounted) -> None:
    folder = disk.mount("size=64k")
    fill(folder)
    assert_refused(machine.openmed("deid", "note.txt", "--out", folder / "out.txt"), 3, "disk is full")
    assert [path.name for path in folder.iterdir()] == ["filler"]


def home_is_a_file(machine: Machine) -> None:
    shutil.rmtree(machine.home)
    machine.home.write_text("kept", encoding="utf-8")


def no_key(machine: Machine) -> None:
    (machine.home / "sessions" / "openmed.key").unlink()


def short_key(machine: Machine) -> None:
    (machine.home / "sessions" / "openmed.key").write_bytes(b"x")


def other_key(machine: Machine) -> None:
    file = machine.home / "sessions" / "openmed.key"
    content = file.read_bytes()
    file.write_bytes(bytes(reversed(content)) if content != bytes(reversed(content)) else content[::-1])


def zeroed(machine: Machine) -> None:
    file = machine.home / "sessions" / "openmed.db"
    file.write_bytes(bytes(file.stat().st_size))


def truncated(machine: Machine) -> None:
    file = machine.home / "sessions" / "openmed.db"
    os.truncate(file, file.stat().st_size // 2)


def emptied(machine: Machine) -> None:
    os.truncate(machine.home / "sessions" / "openmed.db", 0)


def flipped(machine: Machine) -> None:
    file = machine.home / "sessions" / "openmed.db"
    content = bytearray(file.read_bytes())
    for page in range(0, len(content), 4096):
        content[page + 1000] ^= 1
    file.write_bytes(content)


def no_description(machine: Machine) -> None:
    (machine.home / "sessions" / "store.json").unlink()


def broken_description(machine: Machine) -> None:
    (machine.home / "sessions" / "store.json").write_text("{}", encoding="utf-8")


def no_database(machine: Machine) -> None:
    (machine.home / "sessions" / "openmed.db").unlink()


@pytest.mark.parametrize(
    "harm",
    [
        *(home_is_a_file, no_key, short_key, other_key, zeroed, truncated, emptied, flipped, no_description),
        *(broken_description, no_database),
    ],
)
def test_a_store_that_cannot_be_used_is_an_error_and_never_replaced(
    drafted: Machine, planes: dict[str, str], harm: Callable[[Machine], None]
) -> None:
    (drafted.folder / "note.txt").write_text("Gout.", encoding="utf-8")
    harm(drafted)
    before = contents(drafted.home)
    for command in (summary_arguments("note.txt"), ["drafts"]):
        assert_refused(drafted.openmed(*command, **planes), 6)
    after = contents(drafted.home)
    empty = {"sessions/openmed.db"} if harm is emptied else set()  # of an empty file there is nothing to keep
    kept = {name: content for name, content in before.items() if name not in empty}
    assert {name: after.get(name) for name in kept} == kept, "the evidence of the damage must stay"
    examined = drafted.openmed("doctor", **planes)
    assert examined.status == 1
    assert "✗ store" in examined.stdout


def contents(home: Path) -> dict[str, bytes]:
    if home.is_file():
        return {"": home.read_bytes()}
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[inference\n", ["config.toml", "TOML"]),
        ("\x00\xff", ["config.toml", "TOML"]),
        ("[inference]\nurll = 'x'\n", ["inference.urll", "config.toml"]),
        ("[telemetry]\non = true\n", ["telemetry"]),
        ("[inference]\napi_key = 'planted-secret-key'\n", ["API key", "config.toml"]),
        ("[codes]\napi_key = 'planted-secret-key'\n", ["API key", "config.toml"]),
        ("[codes]\ntimeout_seconds = 0\n", ["codes.timeout_seconds"]),
        ("[codes]\ntimeout_seconds = 'planted-secret-key'\n", ["codes.timeout_seconds"]),
        ("[store]\nkey = 'cloud'\n", ["store.key"]),
        ("inference = 5\n", ["inference"]),
        ("a = " + "[" * 5000 + "\n", ["config.toml"]),
        ("\x1b[31m = 1\n", ["config.toml"]),
        ('[inference]\n"\\u001b[31m" = 1\n', ["inference"]),
    ],
)
def test_broken_settings_are_named_and_no_key_is_printed(machine: Machine, text: str, words: list[str]) -> None:
    machine.settings("")
    (machine.home / "config" / "config.toml").write_bytes(text.encode("latin-1"))
    outcome = machine.openmed("drafts")
    assert_refused(outcome, 3, *words)
    assert "planted-secret-key" not in outcome.stderr


def test_an_unknown_way_to_keep_the_key_is_refused(bare: Machine) -> None:
    assert_refused(bare.openmed("drafts", OPENMED_STORE_KEY="cloud"), 3, "key")
    assert not (bare.home / "sessions").exists()


def test_a_demanded_keyring_that_is_not_there_is_refused(bare: Machine) -> None:
    assert_refused(bare.openmed("drafts", OPENMED_STORE_KEY="keyring"), 6)
    assert not list(bare.home.rglob("*.db"))


def test_a_passphrase_without_a_terminal_is_refused_and_through_a_descriptor_taken(bare: Machine) -> None:
    assert_refused(bare.openmed("drafts", OPENMED_STORE_KEY="passphrase"), 6)
    for _ in range(2):
        done = subprocess.run(
            ["bash", "-c", 'exec 3< <(echo "seven invented words make this phrase"); exec "$0" drafts', SCRIPT],
            env=bare.variables(OPENMED_STORE_KEY="passphrase", OPENMED_STORE_PASSPHRASE_FD="3"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "invented" not in done.stderr
    assert_refused(bare.openmed("drafts", OPENMED_STORE_PASSPHRASE_FD="77"), 6)


@pytest.mark.system
@pytest.mark.skipif(not KEYRING_INSTALLED, reason="gnome-keyring and dbus are not installed (make system)")
def test_a_locked_keyring_is_one_sentence_and_no_store(tmp_path: Path) -> None:
    program = """
import os, sys
os.environ["OPENMED_HOME"] = sys.argv[1]
from openmed_agent.cli.main import main
status = main(["drafts"])
print("exit", status, flush=True)
sys.exit(status)
"""
    home, runtime = tmp_path / "user", tmp_path / "run"
    for folder in (home / ".local" / "share" / "keyrings", runtime):
        folder.mkdir(parents=True, mode=0o700)
    done = subprocess.run(
        [
            *("dbus-run-session", "--", sys.executable),
            *(Path(__file__).parents[1] / "secrets" / "keyring_session.py", "locked", program, tmp_path / "openmed"),
        ],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_DATA_HOME": str(home / ".local" / "share"),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "exit 6" in done.stdout.partition("---")[2], done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith("openmed: ")]
    assert "keyring is locked" in said[-1]
    assert "Traceback" not in done.stderr
