"""Reading granted files: what a tool sees, and every path that it must not."""

import os
import threading
from pathlib import Path

import pytest
from tool_bench import CHART, Bench

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.files import MOST_LEARNED, list_folder
from openmed_agent.tools.granted_files import GrantedFiles


def test_a_file_is_read_with_line_numbers_and_learned_whole(bench: Bench) -> None:
    bench.write("note.txt", CHART)
    result = bench.call("read_file", path="note.txt", offset=3, limit=2)
    assert bench.learned == [CHART]
    lines = result.text.splitlines()
    assert lines[0].startswith("note.txt: lines 3-4 of ")
    assert lines[1] == "    3  HISTORY OF PRESENT ILLNESS:"
    assert "Metformin" not in result.text
    start = CHART.index("HISTORY")
    assert f"characters {start}-" in lines[0]


def test_offsets_count_characters_of_the_text_as_it_is(bench: Bench) -> None:
    text = "é\r\nüß\nlast words"
    bench.write("note.txt", text)
    head = bench.call("read_file", path="note.txt", offset=3).text.splitlines()[0]
    assert f"characters {text.index('last')}-{len(text)} of {len(text)}" in head


def test_an_offset_past_the_end_shows_the_last_line(bench: Bench) -> None:
    bench.write("note.txt", "one\ntwo words")
    assert bench.call("read_file", path="note.txt", offset=99).text.splitlines()[1] == "    2  two words"


@pytest.mark.parametrize(
    "path",
    [
        "../outside.txt",
        "sub/../../outside.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "~/outside.txt",
        "..",
        "sub/../..",
        "/",
    ],
)
def test_a_path_outside_of_the_granted_folder_is_refused(bench: Bench, path: str) -> None:
    (bench.folder.parent / "outside.txt").write_text("a secret of someone else")
    bench.write("sub/inside.txt", "inside")
    with pytest.raises(OpenMedError) as caught:
        bench.call("read_file", path=path)
    assert isinstance(caught.value, NotPermittedError | InputError)
    assert "secret" not in str(caught.value)
    assert bench.learned == []


@pytest.mark.parametrize("path", ["a\x00b", "\ud800", "x" * 300, "a/" * 2500, " "])
def test_what_is_no_path_is_refused_in_one_sentence(bench: Bench, path: str) -> None:
    with pytest.raises(InputError):
        bench.context.files.resolve(path, for_writing=False)


def test_an_absolute_path_and_dots_inside_of_the_folder_are_fine(bench: Bench) -> None:
    file = bench.write("sub/note.txt", "plain words")
    for path in (str(file), "./sub/note.txt", "sub/../sub/note.txt", "sub//note.txt"):
        assert bench.context.files.resolve(path, for_writing=False) == file


def test_a_granted_folder_may_be_named_by_a_link_to_it(bench: Bench, tmp_path: Path) -> None:
    file = bench.write("note.txt", "plain words")
    (tmp_path / "alias").symlink_to(bench.folder)
    assert bench.context.files.resolve(str(tmp_path / "alias" / "note.txt"), for_writing=False) == file


def test_links_are_not_followed(bench: Bench) -> None:
    secret = bench.folder.parent / "secret"
    secret.mkdir()
    (secret / "note.txt").write_text("a secret of someone else")
    (bench.folder / "file.txt").symlink_to(secret / "note.txt")
    (bench.folder / "folder").symlink_to(secret)
    (bench.folder / "inner.txt").symlink_to("missing.txt")
    for path in ("file.txt", "folder/note.txt", "inner.txt"):
        with pytest.raises(NotPermittedError, match="link"):
            bench.call("read_file", path=path)
    listed = bench.call("list_files")
    assert listed.text.startswith("0 files; 3 entries not for tools")


def test_devices_pipes_and_hard_links_are_refused(bench: Bench) -> None:
    os.mkfifo(bench.folder / "pipe.txt")
    outside = bench.folder.parent / "outside.txt"
    outside.write_text("a secret of someone else")
    os.link(outside, bench.folder / "second.txt")
    for path in ("pipe.txt", "second.txt"):
        with pytest.raises(NotPermittedError):
            bench.call("read_file", path=path)
    everything = GrantedFiles((Path("/"),), ())
    for device in ("/dev/null", "/proc/self/status", "/sys/kernel/notes"):
        with pytest.raises(NotPermittedError):
            everything.read(device, limit=10)


def test_the_store_and_credentials_are_refused(bench: Bench) -> None:
    paths = bench.context.paths
    wide = GrantedFiles((bench.folder.parent,), (paths.root, paths.configuration, paths.cache))
    assert (paths.root / "sessions" / "openmed.db").exists()
    for path in ("home/sessions/openmed.db", "home/sessions/../sessions/store.json"):
        with pytest.raises(NotPermittedError):
            wide.read(path, limit=10)
    with pytest.raises(NotPermittedError):
        list_folder(wide, "home")
    assert list_folder(wide, ".").files == ()
    for name in (".ssh/id_ed25519", ".aws/credentials", ".env", ".ENV", ".openmed/x", "server.pem", "a.approval"):
        bench.write(name, "words")
        with pytest.raises(NotPermittedError):
            bench.call("read_file", path=name)


def test_a_granted_folder_inside_of_the_store_is_refused(bench: Bench) -> None:
    root = bench.context.paths.root
    inside = GrantedFiles((root / "sessions",), (root,))
    with pytest.raises(NotPermittedError):
        inside.read("store.json", limit=10)


def test_files_that_hold_approvals_or_keys_are_refused_by_their_content(bench: Bench) -> None:
    for number, text in enumerate(
        (
            "openmed-approval.1." + "A" * 200 + "." + "B" * 86,
            "-----BEGIN OPENSSH PRIVATE KEY-----\nabc",
            '{"schema":"openmed.manifest/1","signature":"' + "A" * 86 + '"}',
        )
    ):
        bench.write(f"plain{number}.txt", text)
        with pytest.raises(NotPermittedError):
            bench.call("read_file", path=f"plain{number}.txt")
    assert bench.learned == []


def test_binary_files_huge_files_and_folders_are_refused(bench: Bench) -> None:
    (bench.folder / "image.txt").write_bytes(b"\x89PNG\x00\x01\x02")
    (bench.folder / "latin.txt").write_bytes("Müller".encode("latin-1"))
    (bench.folder / "huge.txt").write_bytes(b"word " * 2_000_000)
    (bench.folder / "folder").mkdir()
    for path in ("image.txt", "latin.txt", "huge.txt", "folder", "missing.txt"):
        with pytest.raises(InputError):
            bench.call("read_file", path=path)


def test_a_folder_swapped_for_a_link_never_leads_outside(bench: Bench) -> None:
    outside = bench.folder.parent / "outside"
    outside.mkdir()
    (outside / "note.txt").write_text("SECRET OF SOMEONE ELSE")
    inside, link, spare = bench.folder / "sub", bench.folder / "link", bench.folder / "spare"
    inside.mkdir()
    (inside / "note.txt").write_text("inside words")
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
    seen: set[bytes] = set()
    try:
        for _ in range(1500):
            try:
                seen.add(bench.context.files.read("sub/note.txt", limit=100))
            except OpenMedError:
                continue
    finally:
        done.set()
        thread.join()
    assert seen <= {b"inside words"}


def test_names_in_other_unicode_forms_are_other_files(bench: Bench) -> None:
    bench.write("cafe\u0301.txt", "decomposed")
    with pytest.raises(InputError):
        bench.call("read_file", path="caf\u00e9.txt")
    bench.write("\uff0eenv", "full-width dot")
    with pytest.raises(NotPermittedError):
        bench.call("read_file", path="\uff0eenv")


def test_a_name_that_would_rewrite_the_screen_is_listed_as_visible_text(bench: Bench) -> None:
    bench.write("note\u202etxt.exe", "words here")
    bench.write("two\nlines.txt", "words here")
    text = bench.call("list_files").text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3


def test_a_listing_names_files_by_kind_and_depth(bench: Bench) -> None:
    bench.write("a.txt", "words")
    bench.write("sub/b.TXT", "words")
    bench.write("sub/c.json", "{}")
    text = bench.call("list_files", extension="txt").text
    assert text.splitlines() == ["2 files", "a.txt  5 bytes", "sub/b.TXT  5 bytes"]
    assert "b.TXT" in bench.call("list_files", path="sub").text
    with pytest.raises(InputError):
        bench.call("list_files", path="a.txt")


def test_a_file_is_named_only_once_its_content_is_known_to_the_gate(bench: Bench) -> None:
    bench.write("a.txt", CHART)
    bench.write("b Quackenbush.txt", "word " * (MOST_LEARNED // 5))
    (bench.folder / "c Quackenbush.pdf").write_bytes(b"%PDF \x00\x01")
    bench.write("d.txt", "the last words")
    listed = bench.call("list_files")
    assert bench.learned == [CHART, "the last words"]
    names = [line.split("  ")[0] for line in listed.text.splitlines()[1:]]
    assert names == ["a.txt", "document_1", "document_2", "d.txt"]
    assert "c Quackenbush.pdf" in listed.display.body
    assert bench.call("read_file", path="document_1", limit=1).text.startswith("b Quackenbush.txt: lines 1-1 of 1")
    full = bench.in_mode(PhiMode.FULL).call("list_files").text
    assert "c Quackenbush.pdf" in full


def test_strict_mode_tells_counts_and_handles_only(bench: Bench) -> None:
    bench.write("Quackenbush.txt", CHART)
    strict = bench.in_mode(PhiMode.STRICT)
    assert "document_1" in str(strict.call("list_files").values)
    by_handle = strict.call("read_file", path="document_1")
    assert strict.learned == [CHART]
    assert "Quackenbush" not in str(by_handle.values)
