from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_samples import NOON, OTHER_REVIEWER, PASSPHRASE, REVIEWER, Ward

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.workflows.approval import key_id
from openmed_agent.workflows.review_passphrase import check_passphrase
from openmed_agent.workflows.review_trust import (
    KNOWN_REVIEWERS_FILE,
    KnownKey,
    add_known_reviewer,
    export_reviewer,
    fingerprint,
    known_keys,
    parse_reviewer_export,
    read_known_reviewers,
)
from openmed_agent.workflows.reviewer import (
    active_reviewer,
    check_reviewer_name,
    create_reviewer,
    retire_reviewer,
    unlock_reviewer,
)


def test_a_key_opens_with_its_passphrase_only(ward: Ward) -> None:
    signer = unlock_reviewer(ward.store, REVIEWER, PASSPHRASE)
    assert key_id(signer.key.public_key()) == signer.reviewer.key
    with pytest.raises(StoreError) as caught:
        unlock_reviewer(ward.store, REVIEWER, PASSPHRASE + " ")
    assert PASSPHRASE not in str(caught.value)
    last = tuple(ward.store.audit.records())[-1]
    assert (last.act, last.actor) == ("reviewer.not_unlocked", signer.reviewer.key)


def test_a_wrapped_key_cannot_stand_in_for_another(ward: Ward) -> None:
    mine, theirs = ward.store.reviewers.get(REVIEWER), ward.store.reviewers.get(OTHER_REVIEWER)
    ward.store.reviewers.add(
        name="Dr. Mallory",
        key_id=theirs.key_id[:-1] + ("A" if theirs.key_id[-1] != "A" else "B"),
        public_key=theirs.public_key,
        wrapped_key=mine.wrapped_key,
        created=NOON,
    )
    with pytest.raises(StoreError):
        unlock_reviewer(ward.store, "Dr. Mallory", PASSPHRASE)


def test_no_text_form_shows_a_key(ward: Ward) -> None:
    raw = ward.signer.key.private_bytes_raw()
    for shown in (repr(ward.signer), str(ward.signer), f"{ward.signer}"):
        assert raw.hex() not in shown
        assert repr(raw) not in shown
    assert raw not in ward.store.reviewers.get(REVIEWER).wrapped_key


def test_a_retired_reviewer_stays_retired_and_keeps_the_name(ward: Ward) -> None:
    retire_reviewer(ward.store, REVIEWER, now=NOON)
    for act in (
        lambda: active_reviewer(ward.store, REVIEWER),
        lambda: unlock_reviewer(ward.store, REVIEWER, PASSPHRASE),
        ward.session,
    ):
        with pytest.raises(NotPermittedError, match="retired"):
            act()
    with pytest.raises(InputError):
        retire_reviewer(ward.store, REVIEWER, now=NOON)
    with pytest.raises(InputError):
        create_reviewer(ward.store, REVIEWER, PASSPHRASE, now=NOON)


@pytest.mark.parametrize("name", [REVIEWER.upper(), REVIEWER.replace("A", "\uff21", 1)])
def test_names_that_read_the_same_are_the_same(ward: Ward, name: str) -> None:
    with pytest.raises(InputError, match="exists"):
        create_reviewer(ward.store, name, "gravel pylon sonnet 41 ember", now=NOON)


@pytest.mark.parametrize(
    "name", ["", " ", " Ada", "Ada ", "A\nB", "A\x1b[2J", "a\u202eb", "x" * 81, "A/B", "-A", "A\u200bB"]
)
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        check_reviewer_name(name)


@pytest.mark.parametrize("name", ["Ada", "Dr. Ada Quill", "O’Brien, M.", "José Núñez-Díaz", "李 小龙", "A"])
def test_names_of_persons_are_taken(name: str) -> None:
    assert check_reviewer_name(name) == name


@pytest.mark.parametrize(
    ("passphrase", "why"),
    [
        ("", "shorter"),
        ("short", "shorter"),
        ("elevenchars", "shorter"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("abababababababab", "repeats"),
        ("abcdefghijklmnop", "repeats or counts"),
        ("123456789012345", "commonly used"),
        ("zyxwvutsrqponmlk", "repeats or counts"),
        ("tulip9tulip9tulip9", "repeats or counts"),
        ("passwordpassword", "commonly used"),
        ("Password123456!", "commonly used"),
        ("qwertyuiop1234", "commonly used"),
        ("Dr. Ada Quill", "name"),
        ("dradaquill2026", "name"),
        ("adaquilladaquill", "name"),
        ("731946250837", "repeats or counts"),
        ("tulip anvil\x00harbour", "control"),
        ("x1y2z3" * 200, "longer"),
    ],
)
def test_a_weak_passphrase_is_refused_with_the_reason(passphrase: str, why: str) -> None:
    with pytest.raises(InputError) as caught:
        check_passphrase(passphrase, reviewer=REVIEWER)
    assert why in str(caught.value)
    assert len(passphrase) < 12 or passphrase not in str(caught.value)


@pytest.mark.parametrize(
    "passphrase",
    [
        PASSPHRASE,
        "correct horse battery staple",
        "kX7#pQ9!vL2$wZ5m",
        "größere Äpfel über Möhren",
        "ada quill loves fjord basalt 9",
    ],
)
def test_a_good_passphrase_is_taken(passphrase: str) -> None:
    check_passphrase(passphrase, reviewer=REVIEWER)


@given(st.text(max_size=60))
def test_every_passphrase_is_taken_or_refused(passphrase: str) -> None:
    try:
        check_passphrase(passphrase, reviewer=REVIEWER)
    except InputError:
        return
    assert len(passphrase) >= 12


def test_a_key_travels_to_another_machine(ward: Ward, tmp_path: Path) -> None:
    exported = export_reviewer(ward.signer.reviewer)
    assert ward.signer.key.private_bytes_raw().hex().encode() not in exported
    reference = parse_reviewer_export(exported)
    assert reference == ward.signer.reviewer
    folder = tmp_path / "config"
    assert read_known_reviewers(folder) == {}
    for _ in range(2):
        add_known_reviewer(folder, reference)
    assert read_known_reviewers(folder) == {reference.key: KnownKey(REVIEWER)}
    assert known_keys(None, folder) == {reference.key: KnownKey(REVIEWER)}
    assert {key.name for key in known_keys(ward.store, folder).values()} == {REVIEWER, OTHER_REVIEWER}
    assert (folder / KNOWN_REVIEWERS_FILE).stat().st_mode & 0o077 == 0


def test_a_known_name_does_not_get_another_key_unnoticed(ward: Ward, tmp_path: Path) -> None:
    add_known_reviewer(tmp_path, ward.signer.reviewer)
    mallory = ward.other.reviewer.model_copy(update={"name": REVIEWER})
    with pytest.raises(InputError):
        add_known_reviewer(tmp_path, mallory)
    assert read_known_reviewers(tmp_path) == {ward.signer.reviewer.key: KnownKey(REVIEWER)}


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\xff", b'{"schema":"openmed.reviewer/1","name":"A","key":"ed25519:A"}']
)
def test_what_is_no_exported_key_is_refused(content: bytes) -> None:
    with pytest.raises(InputError):
        parse_reviewer_export(content)


def test_a_damaged_file_of_known_reviewers_is_an_error_not_an_empty_list(ward: Ward, tmp_path: Path) -> None:
    add_known_reviewer(tmp_path, ward.signer.reviewer)
    (tmp_path / KNOWN_REVIEWERS_FILE).write_bytes(b"{")
    with pytest.raises(InputError):
        read_known_reviewers(tmp_path)


def test_a_fingerprint_can_be_read_out(ward: Ward) -> None:
    words = fingerprint(ward.signer.reviewer.key).split()
    assert [len(word) for word in words] == [4] * 10
    assert fingerprint(ward.other.reviewer.key).split() != words
