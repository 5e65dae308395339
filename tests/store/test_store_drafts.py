from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import CHART, NOON, add_reviewer, digest, draft, key_of, open_with_file

from openmed_agent.errors import InputError, StoreError
from openmed_agent.store import Store, open_store
from openmed_agent.store.database import Database
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.times import parse_time, time_text


def test_a_draft_comes_back_as_it_was_from_another_process_of_the_store(root: Path) -> None:
    kept = draft(document=CHART)
    with open_with_file(root) as store:
        store.drafts.add(kept, {digest(CHART): CHART, digest(b""): b""})
    with open_with_file(root) as store:
        assert store.drafts.get("d-one") == kept
        assert store.drafts.blob_digests("d-one", 1) == tuple(sorted([digest(CHART), digest(b"")]))
        assert store.drafts.blob(digest(CHART)) == CHART
        assert store.drafts.blob(digest(b"")) == b""


def test_the_latest_revision_is_the_default_and_older_ones_stay(store: Store) -> None:
    store.drafts.add(draft(revision=1, document=b"one"), {})
    store.drafts.add(draft(revision=2, document=b"two"), {})
    assert store.drafts.get("d-one").document == b"two"
    assert store.drafts.get("d-one", 1).document == b"one"
    assert store.drafts.revisions("d-one") == (1, 2)
    assert [one.revision for one in store.drafts.list()] == [2]
    with pytest.raises(InputError, match="revision 3"):
        store.drafts.get("d-one", 3)


@pytest.mark.parametrize("revision", [1, 3])
def test_a_revision_is_never_replaced_and_leaves_no_gap(store: Store, revision: int) -> None:
    store.drafts.add(draft(document=b"first"), {})
    with pytest.raises(InputError):
        store.drafts.add(draft(revision=revision, document=b"other"), {})
    assert store.drafts.get("d-one").document == b"first"
    assert store.drafts.revisions("d-one") == (1,)


def test_ids_resolve_by_a_unique_start_and_nothing_is_a_pattern(store: Store) -> None:
    for name in ("ab", "abc", "xyz"):
        store.drafts.add(draft(name), {})
    assert store.drafts.get("x").draft_id == "xyz"
    assert store.drafts.get("ab").draft_id == "ab"  # a whole id wins over being the start of another
    for start in ("a", "", "%", "_", "ABC", "abcd"):
        with pytest.raises(InputError):
            store.drafts.get(start)


def test_a_blob_that_is_not_its_digest_keeps_the_whole_draft_out(store: Store) -> None:
    with pytest.raises(InputError):
        store.drafts.add(draft(), {digest(CHART): CHART, digest(b"x"): b"y"})
    assert store.drafts.list() == ()
    with pytest.raises(InputError):
        store.drafts.blob(digest(CHART))


def test_a_blob_shared_by_drafts_is_kept_once(store: Store, root: Path) -> None:
    big = bytes(range(256)) * 4096
    store.drafts.add(draft("d-one"), {digest(big): big})
    store.drafts.add(draft("d-two"), {digest(big): big})
    with Database(StoreLayout(root).database, key_of(root)) as database:
        assert database.read("SELECT count(*) FROM blobs") == [(1,)]
    assert store.drafts.blob_digests("d-two", 1) == (digest(big),)


def test_a_blob_changed_by_someone_with_the_key_is_noticed(store: Store, root: Path) -> None:
    store.drafts.add(draft(), {digest(CHART): CHART})
    with Database(StoreLayout(root).database, key_of(root)) as database, database.transaction():
        database.write("DROP TRIGGER blobs_are_not_changed")
        database.write("UPDATE blobs SET content = ?", b"Zora takes 500 mg")
    with pytest.raises(StoreError, match="not what its digest says"):
        store.drafts.blob(digest(CHART))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE drafts SET document = x'00'",
        "UPDATE blobs SET content = x'00'",
        "UPDATE decisions SET document = x'00'",
        "UPDATE audit SET actor = 'other'",
        "DELETE FROM audit",
        "DELETE FROM blobs",  # still referred to by a draft
    ],
)
def test_the_database_itself_refuses_to_change_what_is_written_once(store: Store, root: Path, statement: str) -> None:
    store.drafts.add(draft(), {digest(CHART): CHART})
    add_reviewer(store)
    store.decisions.put("d-one", 1, "Dr. Ada Example", "item", b"accept", NOON)
    with (
        Database(StoreLayout(root).database, key_of(root)) as database,
        pytest.raises(StoreError),
        database.transaction(),
    ):
        database.write(statement)
    assert store.drafts.get("d-one") == draft()
    assert store.audit.verify().ok


def test_every_addition_has_its_audit_record_or_did_not_happen(store: Store) -> None:
    with pytest.raises(ValueError, match="audit value"):
        store.drafts.add(draft("an id with blanks"), {digest(CHART): CHART})
    assert store.drafts.list() == ()
    store.drafts.add(draft(), {digest(CHART): CHART})
    *_, last = store.audit.records()
    assert (last.act, last.subject) == ("draft.added", "d-one")
    assert draft().payload_digest in last.details


def test_a_transaction_of_several_acts_is_whole_or_nothing(store: Store) -> None:
    records = store.audit.verify().records
    with pytest.raises(InputError), store.transaction():  # noqa: PT012 - the block is what is tested
        for name in ("d-one", "d-two", "d-two"):
            store.drafts.add(draft(name), {})
    assert store.drafts.list() == ()
    assert store.audit.verify().records == records
    with store.transaction():
        store.drafts.add(draft("d-one"), {})
        with pytest.raises(InputError):
            store.drafts.add(draft("d-one"), {digest(CHART): CHART})
        store.drafts.add(draft("d-two"), {})
    assert {one.draft_id for one in store.drafts.list()} == {"d-one", "d-two"}
    assert store.audit.verify().records == records + 2
    with pytest.raises(InputError):
        store.drafts.blob(digest(CHART))


def test_the_latest_decision_on_an_item_counts_and_the_history_stays(store: Store) -> None:
    store.drafts.add(draft(), {})
    add_reviewer(store)
    add_reviewer(store, "Dr. Ben Other")
    for item, document in (("i1", b"accept"), ("i2", b"reject"), ("i1", b"edit")):
        store.decisions.put("d-one", 1, "Dr. Ada Example", item, document, NOON)
    store.decisions.put("d-one", 1, "Dr. Ben Other", "i1", b"reject", NOON)
    mine = store.decisions.all("d-one", 1, "Dr. Ada Example")
    assert {one.item: one.document for one in mine} == {"i1": b"edit", "i2": b"reject"}
    assert mine[0].decided == NOON
    history = store.decisions.history("d-one", 1, "Dr. Ada Example")
    assert [one.document for one in history] == [b"accept", b"reject", b"edit"]
    assert store.decisions.all("d-one", 2, "Dr. Ada Example") == ()


def test_a_decision_needs_a_known_revision_and_reviewer(store: Store) -> None:
    store.drafts.add(draft(), {})
    with pytest.raises(InputError, match="reviewer"):
        store.decisions.put("d-one", 1, "nobody", "i1", b"accept", NOON)
    add_reviewer(store)
    with pytest.raises(InputError, match="revision"):
        store.decisions.put("d-one", 2, "Dr. Ada Example", "i1", b"accept", NOON)


def test_reviewers_are_unique_and_retire_once(store: Store) -> None:
    add_reviewer(store)
    with pytest.raises(InputError):
        add_reviewer(store)
    with pytest.raises(InputError):  # the key of another
        store.reviewers.add("New", store.reviewers.list()[0].key_id, b"p", b"w", NOON)
    store.reviewers.retire("Dr. Ada Example", NOON + timedelta(days=1))
    assert store.reviewers.get("Dr. Ada Example").retired == NOON + timedelta(days=1)
    with pytest.raises(InputError):
        store.reviewers.retire("Dr. Ada Example", NOON)
    with pytest.raises(InputError):
        add_reviewer(store)  # a retired name is not free again
    with pytest.raises(InputError):
        store.reviewers.get("nobody")
    assert "Ada" not in "".join(str(record) for record in store.audit.records())


WITHIN_REACH = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones())  # noqa: DTZ001


@given(WITHIN_REACH, WITHIN_REACH)
def test_times_survive_and_their_text_sorts_as_they_do(one: datetime, other: datetime) -> None:
    assert parse_time(time_text(one)) == one.astimezone(UTC)
    assert (time_text(one) < time_text(other)) == (one.astimezone(UTC) < other.astimezone(UTC))


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        time_text(datetime(2026, 1, 1))  # noqa: DTZ001 - what is to be refused


def test_the_clock_floor_never_falls(root: Path) -> None:
    with open_store(root, custody="file", clock=lambda: NOON) as store:
        assert store.clock_floor == NOON  # the record of the store's making
        later = NOON + timedelta(days=1)
        assert store.note_time(later) == later
        assert store.note_time(NOON) == later
    with open_store(root, custody="file", clock=lambda: NOON) as store:
        assert store.note_time(NOON + timedelta(hours=1)) == later
        store.audit.append("test", "act", "subject")
        assert store.clock_floor == later
