"""What recovery makes of each thing that an interruption, or somebody else, may have left."""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import pytest
from review_samples import (
    NOON,
    NOTE,
    SITE,
    Template,
    Ward,
    accept,
    accept_all,
    folder_bytes,
    new_draft,
    open_ward,
    render,
)

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.store.drafts import DraftRecord
from openmed_agent.workflows.approval import ApprovalToken
from openmed_agent.workflows.approval_destination import open_parent
from openmed_agent.workflows.approval_file import write_approval_file
from openmed_agent.workflows.bundle_folder import OccupiedError, remove_staging, staging_name, write_bundle
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.finalize_check import approved_bundle
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.reviewer import retire_reviewer
from openmed_agent.workflows.verify import verify_bundle

CHILD = Path(__file__).with_name("review_child.py")


def begin(ward: Ward) -> tuple[ApprovalToken, Path]:
    """Bring an approval to the state in which a crash right after the beginning leaves it."""
    token = ward.sign(ward.reviewed())
    staging = ward.out / staging_name(token.statement.nonce)
    ward.store.approvals.begin_finalizing(token.statement.nonce, str(staging))
    return token, staging


def state(ward: Ward, token: ApprovalToken) -> str:
    return ward.store.approvals.get(token.statement.nonce).state


def test_half_a_staging_folder_is_replaced_by_the_whole_bundle(ward: Ward) -> None:
    token, staging = begin(ward)
    staging.mkdir()
    (staging / "summary.md").write_text("half of it")
    (staging / "something").write_text("else")
    (outcome,) = recover(ward.store, home=ward.home)
    assert (outcome.state, outcome.destination) == ("committed", ward.out / "bundle")
    assert verify_bundle(ward.out / "bundle", {}).ok
    assert [path.name for path in ward.out.iterdir()] == ["bundle"]
    assert state(ward, token) == "committed"
    assert recover(ward.store, home=ward.home) == ()


def test_a_bundle_that_is_there_is_taken_as_it_is(ward: Ward) -> None:
    token, staging = begin(ward)
    destination = ward.out / "bundle"
    destination.mkdir()
    for file in approved_bundle(ward.store, token):
        (destination / file.name).write_bytes(file.content)
    staging.mkdir()
    before = destination.stat().st_ino
    assert [outcome.state for outcome in recover(ward.store, home=ward.home)] == ["committed"]
    assert destination.stat().st_ino == before
    assert not staging.exists()


def spoil(bundle: Path, damage: str) -> Callable[[], object]:
    """Change something in a bundle, and return what undoes it."""
    summary, approved = bundle / "summary.md", (bundle / "summary.md").read_bytes()
    match damage:
        case "changed":
            summary.write_text("changed")
        case "missing":
            summary.unlink()
        case "unreadable":
            bundle.chmod(0)
            return lambda: bundle.chmod(0o700)
        case count:
            added = [bundle / f".{number}" for number in range(int(count))]
            for path in added:
                path.touch()
            return lambda: deque(map(Path.unlink, added))
    return lambda: summary.write_bytes(approved)


@pytest.mark.parametrize("damage", ["changed", "missing", "1", "10001", "unreadable"])
def test_a_bundle_that_was_delivered_and_then_changed_is_never_given_up(ward: Ward, damage: str) -> None:
    """To give it up would let the draft be signed again: two bundles of one draft once the change is undone."""
    if damage == "unreadable" and os.geteuid() == 0:
        pytest.skip("root reads everything")
    token, _ = begin(ward)
    destination = ward.out / "bundle"
    destination.mkdir()
    for file in approved_bundle(ward.store, token):
        (destination / file.name).write_bytes(file.content)
    undo = spoil(destination, damage)
    for _ in range(2):
        (outcome,) = recover(ward.store, home=ward.home)
        assert (outcome.state, state(ward, token)) == ("waiting", "finalizing")
        assert outcome.reason is not None
    with pytest.raises(NotPermittedError, match="being finalized"):
        ward.session()  # so it cannot be signed for another place
    with pytest.raises(InputError):
        finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    undo()
    assert [outcome.state for outcome in recover(ward.store, home=ward.home)] == ["committed"]
    assert verify_bundle(destination, {}).ok


def test_an_approval_that_this_version_cannot_read_holds_up_no_other(ward: Ward) -> None:
    token, _ = begin(ward)
    nonces = ("0" * 64, "f" * 64)
    for nonce, draft_id in zip(nonces, ("e" * 32, "f" * 32), strict=True):
        unknown = b'{"schema":"openmed.draft/9"}'
        record = DraftRecord(draft_id, 1, "w", "9", NOON, NOON, "sha256:" + "0" * 64, unknown)
        ward.store.drafts.add(record, {})
        changed = {"draft_id": draft_id, "nonce": nonce, "destination": str(ward.out / draft_id)}
        statement = token.statement.model_copy(update=changed)
        content = statement.content() if nonce == nonces[0] else b'{"schema":"openmed.approval/9"}'
        signature = ward.signer.sign(statement).signature
        ward.store.approvals.record_signed(nonce, draft_id, 1, content, signature, NOON, NOON.replace(hour=13))
        ward.store.approvals.begin_finalizing(nonce, "staging")
    outcomes = {one.nonce: one for one in recover(ward.store, home=ward.home)}
    assert outcomes.pop(token.statement.nonce).state == "committed"
    assert verify_bundle(ward.out / "bundle", {}).ok
    assert {(one.state, one.reason is not None) for one in outcomes.values()} == {("waiting", True)}
    assert outcomes.keys() == set(nonces)


@pytest.mark.parametrize("damage", ["another bundle", "empty folder", "no manifest", "file", "link"])
def test_anything_else_at_the_destination_stays_and_the_approval_is_given_up(ward: Ward, damage: str) -> None:
    token, _ = begin(ward)
    destination = ward.out / "bundle"
    if damage == "file":
        destination.write_text("mine")
    elif damage == "link":
        destination.symlink_to(ward.home)
    else:
        destination.mkdir()
    match damage:
        case "no manifest":
            (destination / "manifest.json").write_text("{}")
        case "another bundle":
            destination.rmdir()
            other = new_draft(ward.store, note=NOTE + "More.\n")
            theirs = start_review(ward.store, other.draft_id, ward.signer.reviewer.name, made="interactive", now=NOON)
            accept_all(theirs, now=NOON)
            finalize(ward.store, ward.sign(theirs), home=ward.home, now=NOON, policy=SITE)
        case _:
            pass
    before = folder_bytes(destination) if destination.is_dir() and not destination.is_symlink() else None
    (outcome,) = recover(ward.store, home=ward.home)
    assert outcome.state == "abandoned"
    assert outcome.reason is not None
    assert state(ward, token) == "abandoned"
    if before is not None:
        assert folder_bytes(destination) == before
    assert [path.name for path in ward.out.iterdir()] == ["bundle"]
    with pytest.raises((NotPermittedError, InputError)):
        finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    again = ward.sign(ward.session(), "again")
    assert verify_bundle(finalize(ward.store, again, home=ward.home, now=NOON, policy=SITE).destination, {}).ok


def test_a_destination_out_of_reach_waits_since_the_bundle_might_be_there(ward: Ward, tmp_path: Path) -> None:
    token, _ = begin(ward)
    ward.out.rename(tmp_path / "unplugged")
    for _ in range(2):
        (outcome,) = recover(ward.store, home=ward.home)
        assert (outcome.state, state(ward, token)) == ("waiting", "finalizing")
    # Meanwhile the draft cannot be signed for another place.
    with pytest.raises(NotPermittedError):
        ward.session()
    (tmp_path / "unplugged").rename(ward.out)
    assert [outcome.state for outcome in recover(ward.store, home=ward.home)] == ["committed"]
    assert verify_bundle(ward.out / "bundle", {}).ok


def test_a_staging_folder_that_is_a_link_is_not_followed(ward: Ward, tmp_path: Path) -> None:
    token, staging = begin(ward)
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("mine")
    staging.symlink_to(victim)
    (outcome,) = recover(ward.store, home=ward.home)
    assert (outcome.state, state(ward, token)) == ("waiting", "finalizing")
    assert (victim / "precious").read_text() == "mine"
    staging.unlink()
    assert [outcome.state for outcome in recover(ward.store, home=ward.home)] == ["committed"]


def test_what_was_begun_is_finished_even_when_the_approval_would_no_longer_hold(ward: Ward) -> None:
    token, _ = begin(ward)
    retire_reviewer(ward.store, ward.signer.reviewer.name, now=NOON)
    ward.time.advance(days=3)
    finalize(ward.store, token, home=ward.home, now=ward.time.now, policy=SITE)
    assert state(ward, token) == "committed"
    assert verify_bundle(ward.out / "bundle", {}).ok


def test_of_two_reviewers_who_make_a_revision_one_wins(ward: Ward) -> None:
    mine, theirs = ward.session(), ward.session(ward.other)
    for session in (mine, theirs):
        for item in session.draft.items[1:]:
            session.decide(accept(item), now=NOON)
        first = session.draft.items[0]
        session.decide(Decision(item=first.digest, action="edit", text=f"by {session.reviewer.name}"), now=NOON)
    final_session(ward.store, mine, render, now=NOON)
    with pytest.raises(NotPermittedError, match="newer revision"):
        final_session(ward.store, theirs, render, now=NOON)
    with pytest.raises(NotPermittedError, match="newer revision"):
        theirs.decide(accept(theirs.draft.items[1]), now=NOON)
    assert ward.store.drafts.revisions(ward.draft.draft_id) == (1, 2)


def test_a_move_replaces_nothing_not_even_an_empty_folder(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    files = approved_bundle(ward.store, token)
    with open_parent(token.statement.destination, home=ward.home) as parent:
        (ward.out / "bundle").mkdir()  # after every check
        before = (ward.out / "bundle").stat().st_ino
        with pytest.raises(OccupiedError):
            write_bundle(parent, "staging", files)
        remove_staging(parent, "staging")
    assert [path.name for path in ward.out.iterdir()] == ["bundle"]
    assert (ward.out / "bundle").stat().st_ino == before
    assert list((ward.out / "bundle").iterdir()) == []


def test_a_parent_that_is_swapped_for_a_link_redirects_nothing(ward: Ward, tmp_path: Path) -> None:
    token = ward.sign(ward.reviewed())
    files = approved_bundle(ward.store, token)
    (tmp_path / "trap").mkdir()
    with open_parent(token.statement.destination, home=ward.home) as parent:
        ward.out.rename(tmp_path / "aside")
        ward.out.symlink_to(tmp_path / "trap")
        write_bundle(parent, "staging", files)
    assert list((tmp_path / "trap").iterdir()) == []
    assert verify_bundle(tmp_path / "aside" / "bundle", {}).ok


def test_an_approval_that_the_store_was_made_to_record_needs_a_true_signature(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    forged = ApprovalToken(
        statement=token.statement.model_copy(update={"nonce": "e" * 64, "destination": str(ward.out / "other")}),
        signature=token.signature,
    )
    ward.store.approvals.record_signed(
        nonce=forged.statement.nonce,
        draft_id=forged.statement.draft_id,
        revision=forged.statement.revision,
        statement=forged.statement.content(),
        signature=forged.signature,
        issued=NOON,
        expires=NOON.replace(hour=13),
    )
    with pytest.raises(NotPermittedError, match="not signed by the key"):
        finalize(ward.store, forged, home=ward.home, now=NOON, policy=SITE)
    assert list(ward.out.iterdir()) == []


@pytest.mark.slow
def test_of_processes_that_finalize_at_once_one_writes_one_bundle(tmp_path: Path, template: Template) -> None:
    ward = open_ward(tmp_path, template)
    with ward.store:
        session = ward.reviewed()
        tokens = [ward.sign(session, name) for name in ("a", "b", "a")]
    for number, token in enumerate(tokens):
        write_approval_file(tmp_path / str(number), token)
    children = [
        subprocess.Popen(
            [sys.executable, str(CHILD), "finalize", str(ward.home), str(tmp_path / str(number % 3))],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(os.environ),
        )
        for number in range(6)
    ]
    answers = [child.communicate(timeout=200) for child in children]
    assert [child.returncode for child in children].count(0) == 1
    assert sum(b"committed" in said for said, _ in answers) == 1
    assert not any(b"Traceback" in errors for _, errors in answers)
    (bundle,) = ward.out.iterdir()
    assert verify_bundle(bundle, {}).ok
