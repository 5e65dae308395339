"""Writing and editing granted files: what a person sees first, what is never touched, what a fault leaves."""

import hashlib
import os
import re
import threading
from pathlib import Path

import pytest
from tool_bench import Bench

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.writing import write_file


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_new_file_is_shown_as_a_difference_and_written_private(bench: Bench) -> None:
    shown = bench.preview("write_file", path="summary.md", content="one\ntwo\n")
    assert shown.kind == "diff"
    assert "+one\n+two" in shown.body
    assert names(bench.folder) == set()
    bench.call("write_file", path="summary.md", content="one\ntwo\n")
    file = bench.folder / "summary.md"
    assert file.read_bytes() == b"one\ntwo\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert names(bench.folder) == {"summary.md"}


def test_an_existing_file_is_replaced_only_on_request_and_keeps_its_mode(bench: Bench) -> None:
    file = bench.write("summary.md", "old words\n")
    file.chmod(0o640)
    with pytest.raises(InputError, match="exists"):
        bench.call("write_file", path="summary.md", content="new words\n")
    assert file.read_text() == "old words\n"
    digest = re.search("digest ([0-9a-f]{16})", bench.call("read_file", path="summary.md").text)
    assert digest is not None
    new = {"path": "summary.md", "content": "new words\n", "replaces": digest.group(1)}
    shown = bench.preview("write_file", **new)
    assert "-old words\n+new words" in shown.body
    file.write_text("old words, and a word of a person\n")
    with pytest.raises(InputError, match="not the one that was read"):
        bench.call("write_file", **new)
    file.write_text("old words\n")
    bench.call("write_file", **new)
    assert file.read_text() == "new words\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert "old words\n" in bench.learned


def test_an_edit_replaces_exactly_one_place_and_no_other_byte(bench: Bench) -> None:
    file = bench.write("note.txt", "\ufeffé one\r\ntwo two\r\n")
    for old in ("two", "three"):
        with pytest.raises(InputError, match=r"2 times|does not stand"):
            bench.call("edit_file", path="note.txt", old_text=old, new_text="x")
    shown = bench.preview("edit_file", path="note.txt", old_text="é one", new_text="è one")
    assert "+\ufeffè one" in shown.body
    bench.call("edit_file", path="note.txt", old_text="é one", new_text="è one")
    assert file.read_bytes() == "\ufeffè one\r\ntwo two\r\n".encode()


@pytest.mark.parametrize(
    "path",
    [
        "../out.txt",
        "/tmp/out.txt",
        ".hidden",
        "sub/.git/hooks/post-commit",
        ".agents/skills/own/SKILL.md",
        "SKILL.md",
        "OPENMED.md",
        "agents.MD",
        "server.key",
        "id_ed25519",
        "sub",
        "missing/new.txt",
        ".",
        "a\u202etxt.exe",
        "a\nb.txt",
        "a\u200bb.txt",
    ],
)
def test_these_are_never_written(bench: Bench, path: str) -> None:
    (bench.folder / "sub").mkdir()
    before = names(bench.folder)
    for tool, arguments in (
        ("write_file", {"content": "words"}),
        ("write_file", {"content": "words", "replaces": "0" * 16}),
        ("edit_file", {"old_text": "a", "new_text": "b"}),
    ):
        with pytest.raises(OpenMedError):
            bench.call(tool, path=path, **arguments)
        with pytest.raises(OpenMedError):
            bench.preview(tool, path=path, **arguments)
    assert names(bench.folder) == before


def test_links_hard_links_and_the_store_are_never_written(bench: Bench) -> None:
    outside = bench.folder.parent / "outside.txt"
    outside.write_text("kept")
    (bench.folder / "link.txt").symlink_to(outside)
    os.link(outside, bench.folder / "second.txt")
    (bench.folder / "dangling.txt").symlink_to(bench.folder.parent / "new.txt")
    for path in ("link.txt", "second.txt", "dangling.txt"):
        for more in ({}, {"replaces": "0" * 16}):
            with pytest.raises(NotPermittedError):
                bench.call("write_file", path=path, content="words", **more)
    assert outside.read_text() == "kept"
    assert not (bench.folder.parent / "new.txt").exists()


def test_a_file_that_nobody_could_read_in_a_difference_is_not_replaced(bench: Bench) -> None:
    (bench.folder / "image.txt").write_bytes(b"\xff\xd8\xff")
    bench.write("token.txt", "openmed-approval.1." + "A" * 200)
    for path in ("image.txt", "token.txt"):
        digest = hashlib.sha256((bench.folder / path).read_bytes()).hexdigest()[:16]
        with pytest.raises(OpenMedError, match=r"not text|approval"):
            bench.call("write_file", path=path, content="words", replaces=digest)


def test_a_signed_bundle_is_never_added_to(bench: Bench) -> None:
    bench.write("bundle/manifest.json", '{"schema":"openmed.manifest/1","files":[]}')
    with pytest.raises(NotPermittedError, match="bundle"):
        bench.call("write_file", path="bundle/more.txt", content="words")
    assert names(bench.folder / "bundle") == {"manifest.json"}


def test_a_file_that_changed_meanwhile_is_kept(bench: Bench) -> None:
    file = bench.write("note.txt", "as it is now")
    for replacing in (b"as it was", b"as it is", b""):
        with pytest.raises(InputError, match="changed"):
            write_file(bench.context.files, file, b"new", replacing=replacing)
    with pytest.raises(InputError, match="exists"):
        write_file(bench.context.files, file, b"new", replacing=None)
    assert file.read_text() == "as it is now"
    assert names(bench.folder) == {"note.txt"}


def test_a_folder_swapped_for_a_link_is_never_written_through(bench: Bench) -> None:
    outside = bench.folder.parent / "outside"
    outside.mkdir()
    inside, link, spare = bench.folder / "sub", bench.folder / "link", bench.folder / "spare"
    inside.mkdir()
    link.symlink_to(outside)
    done = threading.Event()

    def swap() -> None:
        while not done.is_set():
            inside.rename(spare)
            link.rename(inside)
            inside.rename(link)
            spare.rename(inside)

    thread = threading.Thread(target=swap)
    thread.start()
    written = 0
    try:
        for number in range(300):
            try:
                write_file(bench.context.files, f"sub/new{number}.txt", b"words", replacing=None)
            except OpenMedError:
                continue
            written += 1
    finally:
        done.set()
        thread.join()
    assert names(outside) == set()
    assert written == len(names(inside)) > 0


def test_a_folder_that_cannot_be_written_leaves_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    file = bench.write("note.txt", "as it is")
    real = os.fsync

    def full(_: int) -> None:
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="disk is full"):
        write_file(bench.context.files, file, b"new words", replacing=b"as it is")
    monkeypatch.setattr(os, "fsync", real)
    assert file.read_text() == "as it is"
    assert names(bench.folder) == {"note.txt"}


def test_strict_mode_has_no_way_to_ask_what_a_file_says(bench: Bench) -> None:
    bench.write("note.txt", "Quackenbush")
    strict = bench.in_mode(PhiMode.STRICT)
    for old in ("Quackenbush", "Somebody"):
        with pytest.raises(NotPermittedError):
            strict.call("edit_file", path="note.txt", old_text=old, new_text="x")
