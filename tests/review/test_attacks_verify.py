"""Bundles that a key holder makes outside of the program, and folders that are no bundles: problems, never crashes."""

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from review_samples import NOON, OTHER_REVIEWER, REVIEWER, SITE, Ward, accept, content, render, source

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, sign_statement
from openmed_agent.workflows.bundle import BundleFile, make_manifest
from openmed_agent.workflows.canonical import canonical_json, canonical_model
from openmed_agent.workflows.decisions import Decision, DecisionsFile, check_decisions
from openmed_agent.workflows.draft import make_item
from openmed_agent.workflows.drafting import make_draft
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.review_trust import KnownKey, known_keys
from openmed_agent.workflows.reviewer import retire_reviewer
from openmed_agent.workflows.verify import verify_bundle

GIGABYTE = 1024**3


def signed_outside(ward: Ward, token: ApprovalToken, change: Callable[[dict[str, Any]], None], folder: Path) -> Path:
    """Make a bundle of a changed draft with a true signature, as whoever has the key can do it by hand."""
    draft = json.loads(canonical_model(ward.draft))
    change(draft)
    payload = {name: draft[name] for name in ("workflow", "workflow_version", "inputs", "releases", "cards", "items")}
    payload["sources"] = [one["digest"] for one in draft["sources"]]
    payload["artifacts"] = [{"name": one["name"], "digest": one["digest"]} for one in draft["artifacts"]]
    draft["payload_digest"] = sha256_digest(canonical_json(payload))
    decisions = {
        "schema": "openmed.decisions/1",
        "draft_id": draft["draft_id"],
        "revision": 1,
        "payload_digest": draft["payload_digest"],
        "decisions": [accept(item).model_dump() for item in ward.draft.items],
    }
    one = {"reviewer": ward.signer.reviewer.model_dump(), "draft": draft, "decisions": decisions}
    review = canonical_json({"schema": "openmed.review/1", "rounds": [one]})
    fields = token.statement.model_dump(mode="json", by_alias=True)
    fields |= {"payload_digest": draft["payload_digest"], "decisions_digest": sha256_digest(review)}
    forged = sign_statement(ApprovalStatement.model_validate_json(json.dumps(fields)), ward.signer.key)
    honest = ward.out / "bundle"
    files = {path.name: path.read_bytes() for path in honest.iterdir() if path.name != "manifest.json"}
    files["decisions.json"] = review
    listed = tuple(BundleFile(name, "text/plain", held) for name, held in files.items())
    folder.mkdir()
    for file in listed:
        (folder / file.name).write_bytes(file.content)
    (folder / "manifest.json").write_bytes(make_manifest(forged, listed).content())
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: draft.update(created="2026-99-99T00:00:00Z"),
        lambda draft: draft.update(expires="2026-02-30T25:00:00Z"),
        lambda draft: draft["artifacts"].append(draft["artifacts"][0]),
        lambda draft: draft["artifacts"].append({**draft["artifacts"][0], "digest": draft["artifacts"][1]["digest"]}),
    ],
    ids=["impossible day", "impossible hour", "an artifact twice", "two artifacts of one name"],
)
def test_what_a_key_holder_signs_by_hand_is_a_problem(
    ward: Ward, tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    token = ward.sign(ward.reviewed())
    finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE)
    known = known_keys(ward.store, tmp_path)
    report = verify_bundle(signed_outside(ward, token, change, tmp_path / "by-hand"), known)
    assert report.signature is not None  # it is a true signature
    assert report.problems != ()
    assert not report.trusted
    assert not any("is not what the signed facts give" in problem for problem in report.problems)


SPARSE = """
import resource, sys
from pathlib import Path
from openmed_agent.workflows.verify import verify_bundle
report = verify_bundle(Path(sys.argv[1]), {})
print(len(report.problems), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.parametrize(("files", "size"), [(1, 3 * GIGABYTE), (30, GIGABYTE // 5)], ids=["one", "many"])
def test_files_with_nothing_in_them_take_no_memory(ward: Ward, files: int, size: int) -> None:
    """Each of the many is smaller than a file may be, and together they are 6 GB."""
    bundle = finalize(ward.store, ward.sign(ward.reviewed()), home=ward.home, now=NOON, policy=SITE).destination
    for number in range(files):
        with (bundle / f"a{number}").open("wb") as file:
            file.truncate(size)
    done = subprocess.run(
        [sys.executable, "-c", SPARSE, str(bundle)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (3 * GIGABYTE, 3 * GIGABYTE)),
    )
    problems, most = map(int, done.stdout.split())
    assert problems >= files
    assert most * 1024 < 1.5 * GIGABYTE


def test_decisions_on_many_items_are_checked_in_linear_time() -> None:
    document = source()
    chosen = tuple(
        make_item(
            kind="gap", claim=f"{number} is not stated", support="unsupported", severity="low", assertion=Assertion()
        )
        for number in range(4000)
    )
    whole = content(document, chosen)
    draft = make_draft(whole, render(whole), phi_mode="deid", created=NOON, expires=NOON + timedelta(hours=1))
    file = DecisionsFile(
        draft_id=draft.draft_id,
        revision=1,
        payload_digest=draft.payload_digest,
        decisions=tuple(Decision(item=item.digest, action="accept", reason="seen") for item in reversed(chosen)),
    )
    gc.disable()  # a collection of the whole test process takes longer than the check
    try:
        begun = time.process_time()
        assert len(check_decisions(draft, file)) == 4000
        assert time.process_time() - begun < 1
    finally:
        gc.enable()


def test_what_was_signed_after_the_key_was_retired_is_not_trusted(ward: Ward, tmp_path: Path) -> None:
    before = finalize(ward.store, ward.sign(ward.reviewed()), home=ward.home, now=NOON, policy=SITE).destination
    for retired, trusted in ((NOON + timedelta(seconds=1), True), (NOON, False), (NOON - timedelta(days=400), False)):
        report = verify_bundle(before, {ward.signer.reviewer.key: KnownKey(REVIEWER, retired)})
        assert (report.ok, report.known, report.trusted) == (True, True, trusted)
        assert report.signature is not None
        assert report.signature.after_retirement is not trusted
    retire_reviewer(ward.store, REVIEWER, now=NOON - timedelta(days=1))
    assert not verify_bundle(before, known_keys(ward.store, tmp_path)).trusted
    listed = {"name": REVIEWER, "key": ward.signer.reviewer.key, "retired": "2026-03-02T11:59:59Z"}
    known = tmp_path / "known-reviewers.json"
    known.write_text(json.dumps({"schema": "openmed.known-reviewers/1", "reviewers": [listed]}))
    known.chmod(0o600)
    assert not verify_bundle(before, known_keys(None, tmp_path)).trusted


def test_rounds_in_the_name_of_another_reviewer_are_the_signers_word(ward: Ward) -> None:
    session = ward.reviewed()
    session.decide(Decision(item=session.draft.items[0].digest, action="edit", text="warfarin 4 mg"), now=NOON)
    final_session(ward.store, session, render, now=NOON)
    theirs = ward.session(ward.other)
    for item in theirs.draft.items:
        theirs.decide(accept(item), now=NOON)
    token = ward.sign(theirs, signer=ward.other)
    bundle = finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE).destination
    report = verify_bundle(bundle, {ward.other.reviewer.key: KnownKey(OTHER_REVIEWER)})
    assert (report.trusted, report.vouched_for) == (True, (REVIEWER,))


def test_who_reviewed_alone_vouches_for_nobody(ward: Ward) -> None:
    bundle = finalize(ward.store, ward.sign(ward.reviewed()), home=ward.home, now=NOON, policy=SITE).destination
    assert verify_bundle(bundle, {}).vouched_for == ()
