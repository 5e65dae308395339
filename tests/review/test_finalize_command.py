"""What ``openmed finalize`` says of an approval file while another approval waits to be finished."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from review_samples import SITE, Template, Ward, accept_all, new_draft, open_ward

from openmed_agent.store import open_store
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, key_id, sign_statement
from openmed_agent.workflows.approval_file import write_approval_file
from openmed_agent.workflows.approval_signing import sign_review
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.verify import verify_bundle


def openmed(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "openmed_agent.cli.main", *map(str, arguments)],
        env={**os.environ, "OPENMED_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def interrupted(ward: Ward) -> ApprovalToken:
    """Sign a draft of today, and stop right after the beginning, as a crash would."""
    now = datetime.now(UTC)
    with open_store(ward.home, custody="file") as store:
        draft = new_draft(store, now=now)
        session = start_review(store, draft.draft_id, ward.signer.reviewer.name, made="interactive", now=now)
        accept_all(session, now=now)
        token = sign_review(
            store,
            session,
            ward.signer,
            shown=session.record().digest(),
            destination=str(ward.out / "bundle"),
            attestation="interactive",
            home=ward.home,
            now=now,
            policy=SITE,
        )
        store.approvals.begin_finalizing(token.statement.nonce, "staging")
    return token


def forged(token: ApprovalToken, **changes: Any) -> ApprovalToken:
    key = Ed25519PrivateKey.generate()
    reviewer = {"name": "Dr. Mallory", "key": key_id(key.public_key())}
    fields = token.statement.model_dump(mode="json", by_alias=True) | {"reviewer": reviewer} | changes
    return sign_statement(ApprovalStatement.model_validate_json(json.dumps(fields)), key)


@pytest.mark.parametrize("changes", [{}, {"nonce": "0" * 64, "revision": 99}, {"nonce": "0" * 64}], ids=str)
def test_a_forged_approval_is_never_reported_as_written(
    tmp_path: Path, template: Template, changes: dict[str, Any]
) -> None:
    ward = open_ward(tmp_path, template)
    ward.store.close()
    token = interrupted(ward)
    write_approval_file(tmp_path / "forged", forged(token, **changes))
    write_approval_file(tmp_path / "genuine", token)
    draft = token.statement.draft_id
    done = openmed(ward.home, "finalize", draft, "--approval-file", tmp_path / "forged", "--json")
    assert done.returncode == 4
    assert (done.stdout, "Mallory" in done.stderr, "Traceback" in done.stderr) == ("", False, False)
    done = openmed(ward.home, "finalize", draft, "--approval-file", tmp_path / "genuine", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["reviewer"] == ward.signer.reviewer.name
    assert verify_bundle(ward.out / "bundle", {}).ok


def test_the_command_says_what_waits_and_how_to_go_on(tmp_path: Path, template: Template) -> None:
    ward = open_ward(tmp_path, template)
    ward.store.close()
    token = interrupted(ward)
    write_approval_file(tmp_path / "genuine", token)
    command = ("finalize", token.statement.draft_id, "--approval-file", tmp_path / "genuine")
    ward.out.rename(tmp_path / "unplugged")
    done = openmed(ward.home, *command)
    assert done.returncode == 3
    assert "still waits" in done.stderr
    (tmp_path / "unplugged").rename(ward.out)
    assert openmed(ward.home, *command).returncode == 0
    (ward.out / "bundle" / ".DS_Store").touch()
    assert openmed(ward.home, "verify", ward.out / "bundle").returncode == 1
