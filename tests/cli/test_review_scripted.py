import json
import stat
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from review_desk import (
    PASSPHRASE,
    PATIENT,
    REVIEWER,
    Desk,
    add_draft,
    copy_desk,
    make_template,
    one_sentence,
)

from openmed_agent.workflows.approval_file import read_approval_file, write_approval_file
from openmed_agent.workflows.approval_signing import SignPolicy, sign_review
from openmed_agent.workflows.bundle_folder import staging_name
from openmed_agent.workflows.decisions import Decision, DecisionsFile
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.reviewer import retire_reviewer, unlock_reviewer

Decisions = dict[str, Any]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    folder = tmp_path_factory.mktemp("desk")
    return folder, make_template(folder)


@pytest.fixture
def desk(template: tuple[Path, Draft], tmp_path: Path) -> Desk:
    return copy_desk(*template, tmp_path)


def review(desk: Desk, decisions: Decisions | bytes, **more: object) -> Any:
    file = desk.folder / "decisions.json"
    file.write_bytes(decisions if isinstance(decisions, bytes) else json.dumps(decisions).encode())
    options = {
        "--decisions": file,
        "--reviewer": REVIEWER,
        "--approval-file": desk.folder / "approval",
        "--out": desk.out / "bundle",
        **{f"--{name.replace('_', '-')}": value for name, value in more.items() if name != "passphrase"},
    }
    words = [word for name, value in options.items() if value is not None for word in (name, value)]
    return desk.openmed("review", desk.draft.draft_id, *words, passphrase=more.get("passphrase", PASSPHRASE))


def signed(desk: Desk) -> Path:
    assert review(desk, desk.decisions()).returncode == 0
    return desk.folder / "approval"


def approvals(desk: Desk) -> list[str]:
    with desk.open() as store:
        return [approval.state for approval in store.approvals.of_draft(desk.draft.draft_id)]


def test_a_script_reviews_finalizes_and_verifies(desk: Desk) -> None:
    decisions = desk.decisions()
    decisions["decisions"][3] |= {"action": "edit", "text": "Metformin 500 mg by mouth twice daily with meals"}
    decisions["decisions"][5] |= {"action": "reject", "reason": "the other knee, the patient says"}
    done = review(desk, decisions)
    assert done.returncode == 0, done.stderr
    assert "revision 2" in done.stdout
    approval = desk.folder / "approval"
    assert stat.S_IMODE(approval.stat().st_mode) == 0o600
    done = desk.openmed("finalize", desk.draft.draft_id[:8], "--approval-file", approval, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "draft_id": desk.draft.draft_id,
        "revision": 2,
        "destination": str(desk.out / "bundle"),
        "reviewer": REVIEWER,
        "attestation": "scripted",
    }
    done = desk.openmed("verify", desk.out / "bundle", "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["trusted"] is True
    assert report["signature"]["attestation"] == "scripted"
    assert {file["state"] for file in report["files"]} == {"as signed"}
    summary = (desk.out / "bundle" / "chart_summary.md").read_text()
    assert "twice daily with meals" in summary
    assert "knee" not in summary


def test_the_template_names_every_item_and_is_refused_as_it_is(desk: Desk) -> None:
    done = desk.openmed("review", desk.draft.draft_id, "--decisions-template")
    assert done.returncode == 0
    template = json.loads(done.stdout)
    assert [one["item"] for one in template["decisions"]] == [item.digest for item in desk.draft.items]
    assert review(desk, template).returncode == 3
    for one in template["decisions"]:
        one["action"] = "accept"
        if "reason" in one:
            one["reason"] = "checked against the chart"
    assert review(desk, template).returncode == 0


def without_one(decisions: Decisions) -> None:
    del decisions["decisions"][2]


def twice(decisions: Decisions) -> None:
    decisions["decisions"].append(decisions["decisions"][0])


def unknown(decisions: Decisions) -> None:
    decisions["decisions"][0]["item"] = "sha256:" + "0" * 64


def without_reason(decisions: Decisions) -> None:
    del decisions["decisions"][2]["reason"]


def rejected_without_reason(decisions: Decisions) -> None:
    decisions["decisions"][0]["action"] = "reject"


def edited_to_nothing(decisions: Decisions) -> None:
    decisions["decisions"][3] |= {"action": "edit", "text": " "}


def other_revision(decisions: Decisions) -> None:
    decisions["revision"] = 2


def other_draft(decisions: Decisions) -> None:
    decisions["draft_id"] = "0" * 32


def unknown_field(decisions: Decisions) -> None:
    decisions["approved"] = True


def everything_rejected(decisions: Decisions) -> None:
    for one in decisions["decisions"]:
        one |= {"action": "reject", "reason": "not this patient"}


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        (without_one, 3, "Item 3 (gap) is not decided"),
        (twice, 3, "Item 1 (medication) is decided twice"),
        (unknown, 3, "not in the draft"),
        (without_reason, 3, "without a reason"),
        (rejected_without_reason, 3, "without a reason"),
        (edited_to_nothing, 3, "says nothing"),
        (other_revision, 3, "another draft or another revision"),
        (other_draft, 3, "another draft or another revision"),
        (unknown_field, 3, "approved"),
        (everything_rejected, 4, "Every item was rejected"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_decisions_that_break_a_rule_sign_nothing(
    desk: Desk, change: Callable[[Decisions], None], status: int, words: str
) -> None:
    decisions = desk.decisions()
    change(decisions)
    done = review(desk, decisions)
    assert done.returncode == status
    assert words in one_sentence(done)
    assert approvals(desk) == []
    assert not (desk.folder / "approval").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": "openmed.decisions/2"}', b"\xff\xfe", b"null"])
def test_a_file_that_is_no_decisions_file_is_one_sentence(desk: Desk, content: bytes) -> None:
    done = review(desk, content)
    assert done.returncode == 3
    one_sentence(done)


def test_a_script_that_cannot_sign_records_no_decision(desk: Desk) -> None:
    (desk.out / "taken").mkdir()
    (desk.out / "link").symlink_to(desk.folder / "elsewhere")
    (desk.out / "door").symlink_to(desk.home, target_is_directory=True)
    (desk.folder / "kept").write_text("an older file")
    cases = [
        ({"passphrase": "tulip anvil harbour 74 quartz"}, 6, "passphrase is wrong"),
        ({"reviewer": "Dr. Nobody"}, 3, "No reviewer has this name"),
        ({"out": desk.out / "taken"}, 3, "exists already"),
        ({"out": desk.out / "link"}, 3, "exists already"),
        ({"out": desk.out / "missing" / "bundle"}, 3, "There is no folder"),
        ({"out": desk.home / "bundle"}, 4, "lies in the folder of the store"),
        ({"out": desk.out / "door" / "bundle"}, 4, "lies in the folder of the store"),
        ({"out": None}, 2, "needs a destination"),
        ({"approval_file": desk.folder / "kept"}, 3, "exists already"),
        ({"approval_file": desk.folder / "missing" / "approval"}, 3, "does not exist"),
        ({"approval_file": None}, 2, "--approval-file"),
        ({"passphrase": None}, 2, "--passphrase-fd"),
    ]
    for more, status, words in cases:
        done = review(desk, desk.decisions(), **more)
        assert done.returncode == status, more
        assert words in one_sentence(done)
    assert (desk.folder / "kept").read_text() == "an older file"
    assert approvals(desk) == []
    with desk.open() as store:
        assert store.decisions.all(desk.draft.draft_id, 1, REVIEWER) == ()


def test_a_descriptor_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    for number in (-1, 1, 2, 99):
        done = review(desk, desk.decisions(), passphrase=None, passphrase_fd=number)
        assert done.returncode == 3
        assert "descriptor" in one_sentence(done)


def test_policy_can_refuse_scripts_before_and_after_signing(desk: Desk) -> None:
    approval = signed(desk)
    (desk.home / "config").mkdir()
    (desk.home / "config" / "config.toml").write_text("[review]\nallow_scripted = false\n")
    done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval)
    assert done.returncode == 4
    assert "scripted" in one_sentence(done)
    done = review(desk, desk.decisions(), approval_file=desk.folder / "second")
    assert done.returncode == 4
    assert "scripted" in one_sentence(done)
    assert not (desk.out / "bundle").exists()


def test_a_review_without_a_terminal_or_with_half_a_script_is_wrong_usage(desk: Desk) -> None:
    done = desk.openmed("review", desk.draft.draft_id)
    assert done.returncode == 2
    assert "terminal" in one_sentence(done)
    done = desk.openmed("review", desk.draft.draft_id, passphrase=PASSPHRASE)
    assert done.returncode == 2
    assert "--decisions" in one_sentence(done)


def test_an_expired_draft_and_a_retired_reviewer_sign_nothing(desk: Desk) -> None:
    with desk.open() as store:
        old = add_draft(store, age=2, hours=1)
    fresh, desk.draft = desk.draft, old
    done = review(desk, desk.decisions())
    assert done.returncode == 4
    assert "expired" in one_sentence(done)
    desk.draft = fresh
    with desk.open() as store:
        retire_reviewer(store, REVIEWER, now=datetime.now(UTC))
    done = review(desk, desk.decisions())
    assert done.returncode == 4
    assert "retired" in one_sentence(done)


def test_an_approval_is_good_once(desk: Desk) -> None:
    approval = signed(desk)
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval).returncode == 0
    before = {path.name: path.read_bytes() for path in (desk.out / "bundle").iterdir()}
    done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval)
    assert done.returncode == 4
    one_sentence(done)
    assert {path.name: path.read_bytes() for path in (desk.out / "bundle").iterdir()} == before
    assert len(list(desk.out.iterdir())) == 1


def test_an_approval_of_another_draft_is_refused(desk: Desk) -> None:
    approval = signed(desk)
    with desk.open() as store:
        other = add_draft(store)
    done = desk.openmed("finalize", other.draft_id, "--approval-file", approval)
    assert done.returncode == 4
    assert "another draft" in one_sentence(done)
    assert not (desk.out / "bundle").exists()


def test_approval_files_that_are_not_what_was_signed_write_nothing(desk: Desk) -> None:
    approval = signed(desk)
    token = approval.read_text()
    head, statement, signature = token.strip().rsplit(".", 2)
    flipped = statement[:40] + ("A" if statement[40] != "A" else "B") + statement[41:]
    forged = [
        ("", {3}),
        ("not a token", {3}),
        (f"{head}.{statement}", {3}),
        (f"{head}.{flipped}.{signature}", {3, 4}),
        (f"{head}.{statement}.{'A' * 86}", {4}),
        (token + token, {3}),
    ]
    for number, (text, statuses) in enumerate(forged):
        file = desk.folder / f"forged-{number}"
        file.touch(mode=0o600)
        file.write_text(text)
        done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", file)
        assert done.returncode in statuses, text[:20]
        assert statement not in one_sentence(done)
    loose = desk.folder / "loose"
    loose.write_text(token)
    loose.chmod(0o644)
    (desk.folder / "link").symlink_to(approval)
    for path, status in ((loose, 3), (desk.folder / "link", 3), (desk.folder / "missing", 3)):
        done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", path)
        assert done.returncode == status
        one_sentence(done)
    assert not (desk.out / "bundle").exists()
    assert approvals(desk) == ["signed"]


def test_decisions_changed_after_signing_write_nothing(desk: Desk) -> None:
    approval = signed(desk)
    with desk.open() as store:
        session = start_review(store, desk.draft.draft_id, REVIEWER, made="scripted", now=datetime.now(UTC))
        changed = Decision(item=desk.draft.items[1].digest, action="accept", reason="another reason")
        session.decide(changed, now=datetime.now(UTC))
    done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval)
    assert done.returncode == 4
    assert "changed after signing" in one_sentence(done)
    assert not (desk.out / "bundle").exists()


def test_a_destination_that_was_taken_in_between_is_left_alone(desk: Desk) -> None:
    approval = signed(desk)
    (desk.out / "bundle").symlink_to(desk.folder / "elsewhere")
    done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval)
    assert done.returncode == 3
    assert "exists already" in one_sentence(done)
    assert not (desk.folder / "elsewhere").exists()
    (desk.out / "bundle").unlink()
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval).returncode == 0


def test_an_expired_approval_writes_nothing(desk: Desk) -> None:
    with desk.open() as store:
        now = datetime.now(UTC)
        session = start_review(store, desk.draft.draft_id, REVIEWER, made="scripted", now=now)
        session.decide_all(_accepting(desk.draft), now=now)
        token = sign_review(
            store,
            session,
            unlock_reviewer(store, REVIEWER, PASSPHRASE),
            shown=session.record().digest(),
            destination=str(desk.out / "bundle"),
            attestation="scripted",
            home=desk.home,
            now=datetime.now(UTC),
            policy=SignPolicy(lifetime=timedelta(seconds=2)),
        )
    write_approval_file(desk.folder / "approval", token)
    time.sleep(3)
    done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", desk.folder / "approval")
    assert done.returncode == 4
    assert "expired" in one_sentence(done)
    assert not (desk.out / "bundle").exists()


def _accepting(draft: Draft) -> DecisionsFile:
    return DecisionsFile(
        draft_id=draft.draft_id,
        revision=draft.revision,
        payload_digest=draft.payload_digest,
        decisions=tuple(
            Decision(item=item.digest, action="accept", reason=None if item.support == "supported" else "checked")
            for item in draft.items
        ),
    )


def test_nothing_secret_is_anywhere_but_where_it_belongs(desk: Desk) -> None:
    passphrase = "planted kestrel 41 marzipan vole"
    assert desk.openmed("reviewer", "create", "Dr. Planted", passphrase=passphrase).returncode == 0
    assert desk.openmed("reviewer", "create", "Dr. Weak", passphrase="password password").returncode == 3
    assert review(desk, desk.decisions(), passphrase="planted wrong 41 marzipan").returncode == 6
    approval = signed(desk)
    token = approval.read_text().strip()
    statement, signature = token.split(".")[2:]
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", desk.folder / "decisions.json").returncode
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval).returncode == 0
    assert desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval).returncode == 4
    assert desk.openmed("verify", desk.out / "bundle").returncode == 0
    for command in (("audit", "verify"), ("audit", "show"), ("runs", "list"), ("reviewer", "list")):
        assert desk.openmed(*command).returncode == 0
    secrets = (passphrase, PASSPHRASE, "planted wrong 41 marzipan", "password password", statement, signature)
    printed = "".join(done.stdout + done.stderr for done in desk.results).encode()
    kept = desk.scan(without=(desk.out / "bundle", approval))
    assert len(desk.seen) > 1000
    for secret in secrets:
        for place in (desk.seen, printed, kept):
            assert secret.encode() not in place
    for phi in (PATIENT, "Metformin", "chest pain"):
        for place in (desk.seen, printed, kept):
            assert phi.encode() not in place
    for path in (desk.out / "bundle").iterdir():  # the charts belong there, the passphrases do not
        assert not any(secret.encode() in path.read_bytes() for secret in secrets[:4])
    assert list((desk.folder / "tmp").iterdir()) == []


@pytest.mark.parametrize("command", ["finalize", "review"])
def test_what_a_crash_interrupted_is_finished_by_the_next_command(desk: Desk, command: str) -> None:
    approval = signed(desk)
    token = read_approval_file(approval)
    with desk.open() as store:  # what the store holds when a finalizer dies right after it began
        staging = desk.out / staging_name(token.statement.nonce)
        store.approvals.begin_finalizing(token.statement.nonce, staging=str(staging))
    staging.mkdir()
    (staging / "chart_summary.md").write_text("half a")
    assert json.loads(desk.openmed("runs", "list", "--json").stdout)[0]["state"] == "interrupted"
    if command == "finalize":
        done = desk.openmed("finalize", desk.draft.draft_id, "--approval-file", approval)
        assert done.returncode == 0
    else:
        done = review(desk, desk.decisions(), approval_file=desk.folder / "second", out=desk.out / "other")
        assert done.returncode == 4
    assert "An interrupted finalizing was finished" in done.stderr
    assert [path.name for path in desk.out.iterdir()] == ["bundle"]
    assert desk.openmed("verify", desk.out / "bundle").returncode == 0
