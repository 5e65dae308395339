"""The audit chain against someone who has the key and the files, and against the store's own crashes."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_samples import NOON, RECORDS_OF_MAKING, draft, key_of, open_with_file

from openmed_agent.errors import StoreError
from openmed_agent.store import Store
from openmed_agent.store.database import Database
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout

COLUMNS = ("time", "actor", "act", "subject", "details", "previous", "hash")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of a closed store whose chain has seven records."""
    root = tmp_path_factory.mktemp("audit") / "original"
    with open_with_file(root) as store:
        for number in range(RECORDS_OF_MAKING, 7):
            store.audit.append("tester", "test.act", f"subject-{number}", {"number": number})
    return root


@contextmanager
def copied(original: Path, folder: Path) -> Iterator[Path]:
    copy = folder / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    yield copy


@contextmanager
def unprotected(root: Path) -> Iterator[Database]:
    """Open the database as someone who has the key, with the append-only rules removed."""
    with Database(StoreLayout(root).database, key_of(root)) as database, database.transaction():
        database.write("DROP TRIGGER audit_is_not_changed")
        database.write("DROP TRIGGER audit_is_not_deleted")
        yield database


def test_the_chain_is_what_the_documentation_says(store: Store) -> None:
    """Recompute every hash from RFC 8785 by hand: sorted keys, no blanks, for these plain values."""
    import hashlib

    store.audit.append("ed25519:ab", "test.act", "subject", {"z": 1, "a": "x"})
    previous = "sha256:" + "0" * 64
    for record in store.audit.records():
        content = {
            "act": record.act,
            "actor": record.actor,
            "details": json.loads(record.details),
            "previous": record.previous,
            "sequence": record.sequence,
            "subject": record.subject,
            "time": record.time,
        }
        text = json.dumps(content, sort_keys=True, separators=(",", ":"))
        assert record.hash == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
        assert record.previous == previous
        previous = record.hash
    assert store.audit.verify().ok


@settings(max_examples=60, deadline=None)
@given(sequence=st.integers(1, 7), column=st.sampled_from(COLUMNS), position=st.integers(0, 200), data=st.data())
def test_any_changed_character_of_any_record_is_found(
    original: Path,
    tmp_path_factory: pytest.TempPathFactory,
    sequence: int,
    column: str,
    position: int,
    data: st.DataObject,
) -> None:
    with copied(original, tmp_path_factory.getbasetemp()) as root:
        with unprotected(root) as database:
            column_of = f"SELECT {column} FROM audit WHERE sequence = ?"  # noqa: S608 - from the list above
            [(text,)] = database.read(column_of, sequence)
            position %= len(text)
            character = data.draw(st.characters(codec="utf-8").filter(lambda one: one != text[position]))
            changed = text[:position] + character + text[position + 1 :]
            database.write(f"UPDATE audit SET {column} = ? WHERE sequence = ?", changed, sequence)  # noqa: S608
        with open_with_file(root) as store:
            assert not store.audit.verify().ok


@settings(max_examples=25, deadline=None)
@given(removed=st.sets(st.integers(1, 7), min_size=1))
def test_any_deleted_records_are_found_the_last_ones_too(
    original: Path, tmp_path_factory: pytest.TempPathFactory, removed: set[int]
) -> None:
    with copied(original, tmp_path_factory.getbasetemp()) as root:
        with unprotected(root) as database:
            for sequence in removed:
                database.write("DELETE FROM audit WHERE sequence = ?", sequence)
        with open_with_file(root) as store:
            assert not store.audit.verify().ok


@settings(max_examples=25, deadline=None)
@given(order=st.permutations(range(1, 8)).filter(lambda order: order != sorted(order)))
def test_any_new_order_is_found(original: Path, tmp_path_factory: pytest.TempPathFactory, order: list[int]) -> None:
    with copied(original, tmp_path_factory.getbasetemp()) as root:
        with unprotected(root) as database:
            database.write("UPDATE audit SET sequence = -sequence")
            for position, sequence in enumerate(order, start=1):
                database.write("UPDATE audit SET sequence = ? WHERE sequence = ?", position, -sequence)
        with open_with_file(root) as store:
            assert not store.audit.verify().ok


def test_a_chain_rewritten_from_some_record_on_with_right_hashes_is_found(original: Path, tmp_path: Path) -> None:
    with copied(original, tmp_path) as root:
        head = StoreLayout(root).head.read_bytes()
        with unprotected(root) as database:
            database.write("DELETE FROM audit WHERE sequence > 3")
        # Another chain of the same length, made by the store itself, under a head that is put back after.
        key = key_of(root)
        with Database(StoreLayout(root).database, key) as database:
            [(last,)] = database.read("SELECT hash FROM audit WHERE sequence = 3")
        signer = AuditHead(StoreLayout(root).head, key, json.loads(head)["statement"]["store_id"])
        signer.publish(signer.stage(3, last))
        with open_with_file(root) as store:
            for number in range(4):
                store.audit.append("forger", "test.act", f"other-{number}")
            assert store.audit.verify().ok
        StoreLayout(root).head.write_bytes(head)
        with open_with_file(root) as store:
            report = store.audit.verify()
            assert report.records == 7
            assert not report.ok


def copy_database(source: Path, target: Path) -> None:
    """Copy the database and its log as they are, while they may be open."""
    for name in ("openmed.db", "openmed.db-wal", "openmed.db-shm"):
        (target / "sessions" / name).unlink(missing_ok=True)
        if (source / "sessions" / name).exists():
            shutil.copy(source / "sessions" / name, target / "sessions" / name)


@pytest.mark.parametrize("closed", [True, False])
def test_an_older_copy_of_the_database_is_found_and_takes_nothing_more(
    root: Path, tmp_path: Path, *, closed: bool
) -> None:
    older = tmp_path / "older"
    (older / "sessions").mkdir(parents=True)
    with open_with_file(root) as store:
        store.drafts.add(draft("d-old"), {})
        if not closed:
            copy_database(root, older)
    if closed:
        copy_database(root, older)
    with open_with_file(root) as store:
        store.drafts.add(draft("d-new"), {})
    copy_database(older, root)
    with open_with_file(root) as store:
        report = store.audit.verify()
        assert not report.ok
        assert f"signed head is at record {RECORDS_OF_MAKING + 2}" in report.problems[0]
        for attempt in (
            lambda: store.audit.append("tester", "test.act", "subject"),
            lambda: store.drafts.add(draft("d-other"), {}),
            lambda: store.note_time(NOON.replace(year=2099)),
        ):
            with pytest.raises(StoreError, match="Nothing was written"):
                attempt()
        assert [one.draft_id for one in store.drafts.list()] == ["d-old"]
        assert store.audit.verify() == report  # nothing healed it in silence
    copy_database(older, root)


def test_a_log_cut_off_after_a_crash_is_found(root: Path, tmp_path: Path) -> None:
    """Without a checkpoint the newest commits are in the log only; removing it rolls the store back."""
    crashed = tmp_path / "crashed"
    with open_with_file(root):
        pass
    with open_with_file(root) as store:
        store.audit.append("tester", "test.act", "subject")
        shutil.copytree(root, crashed)  # as the disk is when the process dies here
    with open_with_file(crashed) as store:
        assert store.audit.verify().ok
    shutil.rmtree(crashed)
    with open_with_file(root) as store:
        store.audit.append("tester", "test.act", "subject")
        shutil.copytree(root, crashed)
    (crashed / "sessions" / "openmed.db-wal").unlink()
    with open_with_file(crashed) as store:
        assert not store.audit.verify().ok


def test_a_missing_head_is_found_and_stops_every_write(original: Path, tmp_path: Path) -> None:
    with copied(original, tmp_path) as root:
        StoreLayout(root).head.unlink()
        with open_with_file(root) as store:
            report = store.audit.verify()
            assert not report.ok
            assert "missing" in report.problems[0]
            with pytest.raises(StoreError, match="missing"):
                store.audit.append("tester", "test.act", "subject")
            assert store.audit.verify().records == 7


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_no_changed_head_is_trusted(
    original: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    with copied(original, tmp_path_factory.getbasetemp()) as root:
        path = StoreLayout(root).head
        head = json.loads(path.read_text())
        match data.draw(st.sampled_from(["sequence", "hash", "signature", "store", "extra", "junk"])):
            case "sequence":
                head["statement"]["sequence"] = data.draw(st.integers(0, 2**53 - 1).filter(lambda n: n != 7))
            case "hash":
                digits = data.draw(st.text("0123456789abcdef", min_size=64, max_size=64))
                head["statement"]["hash"] = "sha256:" + digits
            case "signature":
                head["signature"] = data.draw(st.text("0123456789abcdef", min_size=128, max_size=128))
            case "store":
                head["statement"]["store_id"] = data.draw(st.uuids().map(str))
            case "extra":
                head["statement"]["more"] = 1
            case "junk":
                head = data.draw(st.one_of(st.none(), st.text(), st.lists(st.integers())))
        path.write_text(json.dumps(head))
        with open_with_file(root) as store:
            assert not store.audit.verify().ok
            with pytest.raises(StoreError):
                store.audit.append("tester", "test.act", "subject")


def test_the_head_of_another_store_does_not_pass(original: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with open_with_file(other) as store:
        for _ in range(6):
            store.audit.append("tester", "test.act", "subject")
    with copied(original, tmp_path) as root:
        shutil.copy(StoreLayout(other).head, StoreLayout(root).head)
        with open_with_file(root) as store:
            assert not store.audit.verify().ok


def test_records_beyond_the_head_are_a_crash_and_not_a_fault(original: Path, tmp_path: Path) -> None:
    """The database commits before the head moves: an unacknowledged record may be there, and is kept."""
    with copied(original, tmp_path) as root:
        lagging = StoreLayout(root).head.read_bytes()
        with open_with_file(root) as store:
            store.audit.append("tester", "test.act", "not-acknowledged")
        StoreLayout(root).head.write_bytes(lagging)
        with open_with_file(root) as store:
            assert store.audit.verify().ok
            store.audit.append("tester", "test.act", "next")
            assert store.audit.verify().ok
        assert json.loads(StoreLayout(root).head.read_text())["statement"]["sequence"] == 7 + 2


@pytest.mark.parametrize(
    "value",
    [
        "Zora Quillfeather",
        "denies chest pain",
        "/home/zora/chart.txt",
        "",
        "x" * 201,
        "März",
        "a\nb",
        2**53,
        1.5,
    ],
)
def test_nothing_that_could_be_text_of_a_chart_enters_the_chain(store: Store, value: str | int) -> None:
    for arguments in (("tester", "act", str(value)), ("tester", "act", "subject", {"detail": value})):
        if arguments[2] in {"9007199254740992", "1.5"}:
            continue
        with pytest.raises(ValueError, match="audit value"):
            store.audit.append(*arguments)  # type: ignore[arg-type]
    assert store.audit.verify().records == RECORDS_OF_MAKING
