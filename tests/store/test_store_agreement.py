"""The tables against the chain, with an attacker who has older copies of the file and no key."""

import itertools
import json
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from store_samples import CHART, NOON, add_reviewer, digest, draft, key_of, open_with_file, sign

from openmed_agent.errors import OpenMedError
from openmed_agent.store import Store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout

PAGE = 4096
ADA = "Dr. Ada Example"


def prepare(store: Store) -> None:
    store.drafts.add(draft(document=CHART), {digest(CHART): CHART})
    add_reviewer(store)
    store.decisions.put("d-one", 1, ADA, "i1", b'{"action":"accept"}', NOON)
    sign(store, "n1")


def is_retired(store: Store) -> bool:
    return store.reviewers.get(ADA).retired is not None


def is_rejected(store: Store) -> bool:
    return b"reject" in store.decisions.all("d-one", 1, ADA)[0].document


def is_used(store: Store) -> bool:
    return store.approvals.get("n1").state != "signed"


def finalize(store: Store) -> None:
    store.approvals.begin_finalizing("n1", "/staging/n1")
    store.approvals.commit("n1")


ATTACKS: list[tuple[Callable[[Store], object], Callable[[Store], bool]]] = [
    (lambda store: store.reviewers.retire(ADA, NOON), is_retired),
    (lambda store: store.decisions.put("d-one", 1, ADA, "i1", b'{"action":"reject"}', NOON), is_rejected),
    (finalize, is_used),
]


@pytest.mark.parametrize(("act", "happened"), ATTACKS, ids=["un-retire", "lose a rejection", "use again"])
def test_single_pages_put_back_without_the_key_are_noticed(
    root: Path, act: Callable[[Store], object], happened: Callable[[Store], bool]
) -> None:
    with open_with_file(root) as store:
        prepare(store)
    path = StoreLayout(root).database
    old = path.read_bytes()
    with open_with_file(root) as store:
        act(store)
        assert store.audit.verify().ok
    new, head = path.read_bytes(), StoreLayout(root).head.read_bytes()
    changed = [at for at in range(0, len(old), PAGE) if old[at : at + PAGE] != new[at : at + PAGE]]
    undone = 0
    for chosen in itertools.chain.from_iterable(itertools.combinations(changed, count) for count in (1, 2)):
        mixed = bytearray(new)
        for at in chosen:
            mixed[at : at + PAGE] = old[at : at + PAGE]
        path.write_bytes(mixed)
        StoreLayout(root).head.write_bytes(head)
        try:
            with open_with_file(root) as store:
                there, intact = happened(store), store.audit.verify().ok
        except OpenMedError:
            continue
        undone += not there
        assert there or not intact, chosen
    assert undone  # or this was no attack


def change(root: Path, *statements: str) -> None:
    """Change tables as someone with the key could, below every rule."""
    with Database(StoreLayout(root).database, key_of(root)) as database:
        database.read("PRAGMA foreign_keys = OFF")
        with database.transaction():
            for (trigger,) in database.read("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
                database.write(f"DROP TRIGGER {trigger}")
            for statement in statements:
                database.write(statement)


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE approvals SET state = 'abandoned', staging = ''", "An approval"),
        ("DELETE FROM approvals", "An approval"),
        ("UPDATE approvals SET draft_id = 'd-two'", "An approval"),
        ("UPDATE drafts SET payload_digest = 'sha256:0'", "The drafts"),
        ("DELETE FROM drafts", "The drafts"),
        ("DELETE FROM draft_blobs", "The drafts"),
        ("DELETE FROM blobs", "A file of a draft"),
        ("UPDATE decisions SET document = x'00'", "The decisions"),
        ("UPDATE decisions SET item = 'i2'", "The decisions"),
        ("DELETE FROM decisions", "The decisions"),
        ("UPDATE decisions SET reviewer = 'nobody'", "The decisions"),
        ("UPDATE reviewers SET public_key = x'00'", "The reviewers"),
        ("UPDATE reviewers SET retired = '2026-03-04T12:00:00.000000Z'", "The reviewers who are retired"),
        ("DELETE FROM clock", "The latest time"),
        ("UPDATE clock SET latest = '2020-01-01T00:00:00.000000Z'", "The latest time"),
    ],
)
def test_each_table_is_held_against_the_chain(root: Path, statement: str, sentence: str) -> None:
    with open_with_file(root) as store:
        prepare(store)
    change(root, statement)
    with open_with_file(root) as store:
        report = store.audit.verify()
        assert not report.ok
        assert any(problem.startswith(sentence) for problem in report.problems), report.problems


def test_an_older_decision_of_the_same_item_cannot_take_the_place_of_the_later(root: Path) -> None:
    with open_with_file(root) as store:
        prepare(store)
        store.decisions.put("d-one", 1, ADA, "i1", b'{"action":"reject"}', NOON)
        assert store.audit.verify().ok
    change(root, "UPDATE decisions SET sequence = -sequence", "UPDATE decisions SET sequence = sequence + 10")
    with open_with_file(root) as store:
        assert not store.audit.verify().ok


@pytest.mark.parametrize("details", [{}, {"nonce": 5, "revision": 1}, {"nonce": "n1", "revision": "one"}])
def test_a_record_without_what_its_act_needs_is_a_sentence(store: Store, details: dict[str, str | int]) -> None:
    store.audit.append("tester", "approval.signed", "d-one", details)
    report = store.audit.verify()
    assert not report.ok
    assert report.problems == (f"Record {report.records} of the audit chain does not hold what its act needs.",)


def test_records_of_earlier_versions_and_of_unknown_acts_are_no_fault(root: Path) -> None:
    """An earlier version recorded neither the digest of a decision's document nor that of a reviewer's key."""
    with open_with_file(root) as store:
        store.drafts.add(draft(), {})
        with store.transaction():
            store.audit.append("ed25519:ada", "reviewer.added", "ed25519:ada")
            store.audit.append("ed25519:ada", "decision.made", "d-one", {"revision": 1, "item": "i1"})
            store.audit.append("tester", "something.new", "subject", {"count": 1})
    change(
        root,
        "INSERT INTO reviewers VALUES ('Ada', 'ed25519:ada', x'01', x'02', '2026-03-04T12:00:00.000000Z', NULL)",
        "INSERT INTO decisions (draft_id, revision, reviewer, item, document, decided) "
        "VALUES ('d-one', 1, 'Ada', 'i1', x'03', '2026-03-04T12:00:00.000000Z')",
    )
    with open_with_file(root) as store:
        assert store.audit.verify().problems == ()


def test_a_verification_sees_one_state_while_another_process_writes(root: Path) -> None:
    with open_with_file(root) as store, open_with_file(root) as other:
        store.drafts.add(draft(), {})
        records = store.audit.records

        with store._database.snapshot():
            before = len(tuple(records()))
            other.drafts.add(draft("d-two"), {})
            assert len(tuple(records())) == before
        assert len(tuple(records())) == before + 1


def test_a_clock_reset_is_no_fault_and_voids_what_was_signed(root: Path) -> None:
    with open_with_file(root) as store:
        prepare(store)
        store.drafts.add(draft("d-done"), {})
        sign(store, "used", "d-done")
        store.approvals.begin_finalizing("used", "/staging/used")
        store.approvals.commit("used")
        far = store.note_time(NOON + timedelta(days=365 * 80))
        now = max(record.time for record in store.audit.records())
        moment = NOON.fromisoformat(now) + timedelta(seconds=1)
        with pytest.raises(OpenMedError, match=rf"has seen the date {far:%Y-%m-%d}; this machine's clock is behind it"):
            store.note_time(moment)
        assert store.lower_clock_floor(moment) == 1
        assert store.note_time(moment) == moment
        assert [store.approvals.get(nonce).state for nonce in ("n1", "used")] == ["abandoned", "committed"]
        acts = [(record.act, json.loads(record.details)) for record in store.audit.records()][-2:]
        assert [act for act, _ in acts] == ["clock.lowered", "approval.abandoned"]
        assert acts[0][1]["seen"].startswith(f"{far:%Y-%m-%d}")
        assert store.audit.verify().problems == ()
        with pytest.raises(OpenMedError, match="no later time"):
            store.lower_clock_floor(moment + timedelta(days=1))


def test_a_clock_is_not_reset_while_a_finalizing_is_open(store: Store) -> None:
    prepare(store)
    store.approvals.begin_finalizing("n1", "/staging/n1")
    far = store.note_time(NOON.replace(year=2099))
    with pytest.raises(OpenMedError, match="interrupted"):
        store.lower_clock_floor(NOON.replace(year=2090))
    assert store.clock_floor == far
    assert store.audit.verify().ok


def test_no_record_shows_what_it_keeps(store: Store) -> None:
    prepare(store)
    shown = repr((store.approvals.get("n1"), store.drafts.get("d-one"), store.reviewers.get(ADA)))
    for secret in (b"statement", b"s" * 64, CHART, b"w" * 64):
        assert secret.decode() not in shown
    assert "d-one" in shown


def test_a_copy_of_the_database_and_head_together_is_beyond_notice(root: Path, tmp_path: Path) -> None:
    """What docs/store.md says is not noticed is not: the reason to keep a copy of the head elsewhere."""
    with open_with_file(root) as store:
        prepare(store)
    shutil.copytree(root, tmp_path / "older")
    with open_with_file(root) as store:
        store.reviewers.retire(ADA, NOON)
    with open_with_file(tmp_path / "older") as store:
        assert store.audit.verify().ok
        assert not is_retired(store)
