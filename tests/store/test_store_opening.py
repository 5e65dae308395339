import contextlib
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from store_samples import CHART, RECORDS_OF_MAKING, add_reviewer, digest, draft, key_of, open_with_file

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import create_empty_file
from openmed_agent.store import DraftRecord, open_store, store_status
from openmed_agent.store.database import Database
from openmed_agent.store.description import StoreDescription
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.schema import SCHEMA_VERSION

CHILD = str(Path(__file__).with_name("store_child.py"))
NEEDS_ROOT = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting needs root")


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_everything_is_private_to_its_owner_even_under_a_lax_umask(root: Path) -> None:
    before = os.umask(0)
    try:
        with open_with_file(root) as store:
            store.drafts.add(draft(), {digest(CHART): CHART})
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (root, *root.rglob("*"))}
    finally:
        os.umask(before)
    assert len(modes) >= 10  # the log and its index too
    for path, mode in modes.items():
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_the_notice_is_given_once_and_names_the_key_file(root: Path) -> None:
    with open_with_file(root) as store:
        assert store.notice is not None
        assert str(root / "sessions" / "openmed.key") in store.notice
        assert "not a stolen disk" in store.notice
    with open_with_file(root) as store:
        assert store.notice is None


def test_an_existing_store_keeps_the_custody_it_was_made_with(root: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "correct horse battery"

    with open_store(root, custody="passphrase", passphrase=ask) as store:
        store.drafts.add(draft(), {})
        assert store.custody == "passphrase"
    assert len(asked) == 2  # the new one, twice
    with open_store(root, custody="file", passphrase=ask) as store:
        assert store.custody == "passphrase"
        assert store.drafts.get("d-one") == draft()
    assert len(asked) == 3
    with pytest.raises(StoreError, match="passphrase is wrong"):
        open_store(root, passphrase=lambda _: "wrong horse battery")
    with pytest.raises(StoreError, match="needs its passphrase"):
        open_store(root)
    assert not (root / "sessions" / "openmed.key").exists()


@pytest.mark.parametrize("answers", [["short", "short"], ["long enough to be", "something different"]])
def test_a_bad_new_passphrase_makes_no_store_and_does_not_block_the_next_try(root: Path, answers: list[str]) -> None:
    replies = iter(answers)
    with pytest.raises(StoreError):
        open_store(root, custody="passphrase", passphrase=lambda _: next(replies))
    assert not StoreLayout(root).database.exists()
    with open_with_file(root) as store:
        assert store.custody == "file"


def test_a_missing_key_is_an_error_and_never_a_new_key(root: Path) -> None:
    with open_with_file(root):
        pass
    key = root / "sessions" / "openmed.key"
    kept = key.read_bytes()
    key.unlink()
    before = files(root)
    with pytest.raises(StoreError, match="key is missing") as caught:
        open_with_file(root)
    assert caught.value.remedy
    assert files(root) == before
    key.write_bytes(kept)
    key.chmod(0o600)
    with open_with_file(root) as store:
        assert store.audit.verify().ok


def test_another_key_is_told_from_a_damaged_database(root: Path) -> None:
    with open_with_file(root):
        pass
    (root / "sessions" / "openmed.key").write_bytes(b"ab" * 32)
    with pytest.raises(StoreError, match="not the one the store was made with"):
        open_with_file(root)


@pytest.mark.parametrize("spoil", ["mode", "link", "text", "short", "folder", "pipe"])
def test_a_key_file_that_is_not_as_it_should_be_is_refused(root: Path, spoil: str) -> None:
    with open_with_file(root):
        pass
    key = root / "sessions" / "openmed.key"
    match spoil:
        case "mode":
            key.chmod(0o640)
        case "link":
            key.rename(root / "elsewhere")
            key.symlink_to(root / "elsewhere")
        case "text":
            key.write_text("not a key")
        case "short":
            key.write_text("ab" * 31)
        case "folder":
            key.unlink()
            key.mkdir()
        case "pipe":
            key.unlink()
            os.mkfifo(key, 0o600)
    with pytest.raises(StoreError) as caught:
        open_with_file(root)
    assert caught.value.remedy
    assert "ab" * 8 not in str(caught.value)


@NEEDS_ROOT
def test_a_key_file_of_another_user_is_refused(root: Path) -> None:
    with open_with_file(root):
        pass
    os.chown(root / "sessions" / "openmed.key", 65534, 65534)
    with pytest.raises(StoreError, match="another user") as caught:
        open_with_file(root)
    assert "chown" in str(caught.value.remedy)


def interruptions(root: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield each state a killed first start can leave, in the order in which the store is made."""
    layout = StoreLayout(root)
    yield "database empty", lambda: layout.database.write_bytes(b"")
    yield "no database", layout.database.unlink
    yield "no head", layout.head.unlink
    yield "head staged", lambda: (layout.audit / "head.json.new").write_bytes(b"{")
    yield "no key", (layout.sessions / "openmed.key").unlink
    yield "key staged", lambda: (layout.sessions / "openmed.key.new").write_bytes(b"ab")
    yield "no description", layout.description.unlink
    yield "description staged", lambda: (layout.sessions / "store.json.new").write_bytes(b"{")


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_first_start_that_was_killed_anywhere_is_followed_by_a_good_one(root: Path, steps: int) -> None:
    layout = StoreLayout(root)
    with open_with_file(root):
        pass
    # Take the store back to before its first record, then undo the making of it step by step.
    key, description = key_of(root), layout.description.read_text()
    AuditHead(layout.head, key, StoreDescription.model_validate_json(description).store_id).begin()
    for _, (_, undo) in zip(range(steps), interruptions(root), strict=False):
        undo()
    with open_with_file(root) as store:
        store.drafts.add(draft(), {})
        assert store.audit.verify().ok
    with open_with_file(root) as store:
        assert store.drafts.get("d-one") == draft()


@pytest.mark.parametrize("also", ["", "key", "description", "key and description"])
def test_a_lost_database_is_not_replaced_by_an_empty_one(root: Path, also: str) -> None:
    layout = StoreLayout(root)
    with open_with_file(root):
        pass
    layout.database.unlink()
    if "key" in also:
        (layout.sessions / "openmed.key").unlink()
    if "description" in also:
        layout.description.unlink()
    before = files(root)
    with pytest.raises(StoreError, match="gone") as caught:
        open_with_file(root)
    assert caught.value.remedy
    assert files(root) == before


def test_a_database_without_its_description_is_an_error(root: Path) -> None:
    with open_with_file(root):
        pass
    StoreLayout(root).description.unlink()
    with pytest.raises(StoreError, match=r"store\.json is missing"):
        open_with_file(root)


def plain_sqlite(path: Path) -> None:
    path.unlink()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE audit (x)")
    connection.commit()
    connection.close()
    path.chmod(0o600)


def flip_everywhere(path: Path) -> None:
    content = bytearray(path.read_bytes())
    for position in range(100, len(content), 1000):
        content[position] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "spoil",
    [
        plain_sqlite,
        flip_everywhere,
        lambda path: path.write_bytes(b"this is no database" * 1000),
        lambda path: path.write_bytes(path.read_bytes()[:5000]),
    ],
    ids=["plain database", "flipped bits", "other file", "cut off"],
)
def test_a_damaged_database_is_said_in_one_sentence_and_left_alone(
    root: Path, capfd: pytest.CaptureFixture[str], spoil: Callable[[Path], object]
) -> None:
    with open_with_file(root) as store:
        store.drafts.add(draft(document=CHART * 1000), {digest(CHART): CHART})
    database = StoreLayout(root).database
    spoil(database)
    before = database.read_bytes()
    with pytest.raises(StoreError, match="damaged or not a store"), open_with_file(root) as store:
        store.drafts.get("d-one")
    assert database.read_bytes() == before
    assert capfd.readouterr().err == ""


def test_a_wrong_key_prints_nothing_of_its_own(root: Path) -> None:
    """SQLCipher writes errors to the descriptor itself, so only another process shows that it does not."""
    with open_with_file(root):
        pass
    program = (
        "import sys; from pathlib import Path; from openmed_agent.store.database import Database\n"
        "from openmed_agent.errors import StoreError\n"
        "try: Database(Path(sys.argv[1]), b'x' * 32).read('SELECT * FROM audit')\n"
        "except StoreError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(StoreLayout(root).database)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "damaged or not a store" in done.stdout
    assert done.stderr == ""


def test_a_newer_schema_is_refused_with_the_way_out(root: Path) -> None:
    with open_with_file(root):
        pass
    with Database(StoreLayout(root).database, key_of(root)) as database, database.transaction():
        database.write("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="schema 99") as caught:
        open_with_file(root)
    assert "newer version" in str(caught.value.remedy)
    assert store_status(root).schema == 99


@pytest.mark.slow
def test_a_store_held_by_another_process_is_waited_for_and_then_said(root: Path) -> None:
    with open_with_file(root):
        pass
    holder = subprocess.Popen([sys.executable, CHILD, "hold", str(root)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "ready\n"
        with open_with_file(root) as store:
            assert store.drafts.list() == ()  # reading goes on
            with pytest.raises(StoreError, match="locked by another process"):
                store.drafts.add(draft(), {})
            holder.kill()
            holder.wait()
            store.drafts.add(draft(), {})
            assert store.audit.verify().ok
    finally:
        holder.kill()
        holder.communicate()


def test_a_file_where_a_folder_should_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "openmed").write_text("")
    with pytest.raises(StoreError, match="file is where a folder should be"):
        open_with_file(tmp_path / "openmed")


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk of memory, and unmount it after the test."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(options: str) -> Path:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
        )
        if done.returncode != 0:
            pytest.skip("this machine does not let root mount a disk")
        return folder

    yield mounted
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


@NEEDS_ROOT
def test_a_read_only_folder_is_said(mount: Callable[[str], Path]) -> None:
    disk = mount("size=4m")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StoreError, match="read-only") as caught:
        open_with_file(disk / "openmed")
    assert "OPENMED_HOME" in str(caught.value.remedy)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with open_with_file(disk / "openmed") as store:
        store.drafts.add(draft(), {})
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(StoreError), open_with_file(disk / "openmed") as store:
        store.drafts.add(draft("d-two"), {})
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    with open_with_file(disk / "openmed") as store:
        assert [one.draft_id for one in store.drafts.list()] == ["d-one"]


@NEEDS_ROOT
def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(mount: Callable[[str], Path]) -> None:
    disk = mount("size=2m")
    root = disk / "openmed"
    kept: list[DraftRecord] = []
    refused: list[str] = []
    with open_with_file(root) as store:
        add_reviewer(store)
        for number in range(60):
            blob = os.urandom(50_000)
            one = draft(f"d-{number}", document=blob[:100])
            try:
                store.drafts.add(one, {digest(blob): blob})
                kept.append(one)
            except StoreError as error:
                refused.append(error.message)
            assert store.audit.verify().ok
    assert kept
    assert refused
    assert all("full" in message for message in refused)
    with open_with_file(root) as store:
        assert {one.draft_id for one in store.drafts.list()} == {one.draft_id for one in kept}
        for one in kept:
            assert store.drafts.get(one.draft_id) == one
            store.drafts.blob(store.drafts.blob_digests(one.draft_id, 1)[0])
        assert store.audit.verify().records == RECORDS_OF_MAKING + 1 + len(kept)


@NEEDS_ROOT
@pytest.mark.parametrize("room", range(0, 240, 8))
def test_a_disk_that_fills_during_the_first_start_leaves_a_store_that_can_still_be_made(
    mount: Callable[[str], Path], room: int
) -> None:
    disk = mount("size=1m")
    filler = disk / "filler"
    filler.write_bytes(b"x" * (1024 - room) * 1024 if room else b"x" * 1024 * 1024)
    with contextlib.suppress(StoreError):  # any other error fails the test
        open_with_file(disk / "openmed").close()
    filler.unlink()
    with open_with_file(disk / "openmed") as store:
        assert store.audit.verify().ok


def test_no_text_of_a_chart_is_readable_in_any_file(root: Path) -> None:
    planted = [CHART, b"Quillfeather", b"99-4417-Q", "Zora Quillfeather".encode("utf-16-le")]
    with open_with_file(root) as store:
        for revision in range(1, 40):
            store.drafts.add(draft(revision=revision, document=CHART * 50), {digest(CHART): CHART})
        add_reviewer(store, "Zora Quillfeather")
        store.decisions.put("d-one", 1, "Zora Quillfeather", "item", CHART, draft().created)
        opened = files(root)
        assert "sessions/openmed.db-wal" in opened
        shutil.copytree(root, root.with_name("copy"))
    for content in (*opened.values(), *files(root).values()):
        for text in planted:
            assert text not in content
    with open_with_file(root.with_name("copy")) as store:
        assert store.drafts.get("d-one").document == CHART * 50


def test_status_tells_without_making_anything(root: Path) -> None:
    status = store_status(root)
    assert (status.exists, status.custody, status.schema, status.problem) == (False, None, None, None)
    assert not root.exists()
    with open_with_file(root) as store:
        store_id = store.store_id
        assert store_status(root).schema == SCHEMA_VERSION  # beside an open store too
    before = files(root)
    status = store_status(root)
    assert (status.exists, status.custody, status.schema, status.problem) == (True, "file", SCHEMA_VERSION, None)
    assert status.store_id == store_id
    assert (status.keyring is None) != (status.no_keyring is None)
    assert files(root) == before
    (root / "sessions" / "openmed.key").unlink()
    assert "key is missing" in str(store_status(root).problem)
    StoreLayout(root).description.unlink()
    assert "store.json is missing" in str(store_status(root).problem)


def test_status_of_a_passphrase_store_asks_for_nothing(root: Path) -> None:
    open_store(root, custody="passphrase", passphrase=lambda _: "correct horse battery").close()
    status = store_status(root)
    assert (status.custody, status.schema, status.problem) == ("passphrase", None, None)


def test_an_empty_file_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "file"
    create_empty_file(path)
    path.write_bytes(b"kept")
    create_empty_file(path)
    assert path.read_bytes() == b"kept"


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_a_home_that_others_can_change_is_refused_with_the_way_out(root: Path, mode: int) -> None:
    """Whoever may write there can rename the store's folders away and put others in their place."""
    root.mkdir(parents=True)
    root.chmod(mode)
    with pytest.raises(StoreError, match="can be changed by other users") as caught:
        open_with_file(root)
    assert f"chmod 700 {root}" in str(caught.value)
    assert list(root.iterdir()) == []
    root.chmod(0o755)
    with open_with_file(root) as store:
        assert store.audit.verify().ok


@NEEDS_ROOT
def test_a_home_of_another_user_is_refused(root: Path) -> None:
    root.mkdir(parents=True)
    os.chown(root, 12345, 12345)
    with pytest.raises(StoreError, match="belongs to another user"):
        open_with_file(root)
    assert list(root.iterdir()) == []
