"""From decisions to a bundle, and every way in which that must not happen."""

from datetime import timedelta
from pathlib import Path

import pytest
from review_samples import NOON, NOTE, OTHER_REVIEWER, SITE, Ward, accept, folder_bytes, new_draft, render

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.store import open_store
from openmed_agent.workflows.approval import ApprovalToken, parse_token, sign_statement
from openmed_agent.workflows.approval_signing import SignPolicy
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import SourceReference
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.review import check_open, start_review
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.review_trust import KnownKey
from openmed_agent.workflows.reviewer import retire_reviewer
from openmed_agent.workflows.verify import verify_bundle


def run(ward: Ward, token: ApprovalToken, **more: object) -> Path:
    given: dict[str, object] = {"policy": SITE, **more}
    return finalize(ward.store, token, home=ward.home, now=ward.time.now, **given).destination  # type: ignore[arg-type]


def refused(ward: Ward, token: ApprovalToken, **more: object) -> str:
    before = sorted(ward.out.iterdir())
    with pytest.raises((NotPermittedError, InputError)) as caught:
        run(ward, token, **more)
    assert sorted(ward.out.iterdir()) == before
    return str(caught.value)


def test_an_approved_draft_becomes_a_bundle_of_the_approved_bytes(ward: Ward) -> None:
    session = ward.reviewed()
    destination = run(ward, ward.sign(session))
    written = folder_bytes(destination)
    approved = ward.artifacts(session.draft)
    assert {name: written[name] for name in approved} == approved
    assert set(written) == set(approved) | {
        "manifest.json",
        "decisions.json",
        "provenance.json",
        "provenance.fhir.json",
    }
    report = verify_bundle(destination, {ward.signer.reviewer.key: KnownKey(ward.signer.reviewer.name)})
    assert (report.problems, report.ok, report.known) == ((), True, True)
    assert list(ward.out.iterdir()) == [destination]
    assert destination.stat().st_mode & 0o077 == 0


def test_edits_and_rejections_make_the_revision_that_is_signed(ward: Ward) -> None:
    session = ward.session()
    warfarin, metformin, lab, finding, gap = session.draft.items
    for decision in (
        Decision(item=warfarin.digest, action="edit", text="warfarin 2.5 mg by mouth once a day"),
        accept(metformin),
        accept(lab),
        Decision(item=finding.digest, action="reject", reason="not in the chart"),
        accept(gap),
    ):
        session.decide(decision, now=NOON)
    with pytest.raises(NotPermittedError, match="final revision"):
        ward.sign(session)
    final = final_session(ward.store, session, render, now=NOON)
    assert final.draft.revision == 2
    assert final.draft.expires == session.draft.expires
    assert [item.claim for item in final.draft.items] == [
        "warfarin 2.5 mg by mouth once a day",
        metformin.claim,
        lab.claim,
        gap.claim,
    ]
    edited = final.draft.items[0]
    assert (edited.support, edited.codes, edited.evidence) == ("uncertain", (), warfarin.evidence)
    assert edited.notes == "edited by reviewer"
    assert len(final.undecided()) == 0
    destination = run(ward, ward.sign(final))
    written = folder_bytes(destination)
    assert b"2.5 mg" in written["summary.md"]
    assert b"kidney" not in written["summary.md"]
    assert b"not in the chart" in written["decisions.json"]
    assert b"warfarin 5 mg" in written["decisions.json"]
    assert verify_bundle(destination, {}).ok


def test_a_revision_can_be_decided_differently_before_signing(ward: Ward) -> None:
    session = ward.reviewed()
    first = session.draft.items[0]
    session.decide(Decision(item=first.digest, action="edit", text="warfarin 4 mg"), now=NOON)
    second = final_session(ward.store, session, render, now=NOON)
    lab = second.draft.items[2]
    second.decide(Decision(item=lab.digest, action="reject", reason="old"), now=NOON)
    third = final_session(ward.store, second, render, now=NOON)
    assert third.draft.revision == 3
    assert [one.draft.revision for one in third.record().rounds] == [1, 2, 3]
    assert verify_bundle(run(ward, ward.sign(third)), {}).ok


def test_a_second_reviewer_reviews_what_the_first_one_made(ward: Ward) -> None:
    session, other = ward.reviewed(), ward.other
    first = session.draft.items[0]
    session.decide(Decision(item=first.digest, action="edit", text="warfarin 4 mg"), now=NOON)
    second = final_session(ward.store, session, render, now=NOON)
    theirs = ward.session(other)
    assert len(theirs.undecided()) == len(second.draft.items)
    for item in theirs.draft.items:
        theirs.decide(accept(item), now=NOON)
    destination = run(ward, ward.sign(theirs, signer=other))
    report = verify_bundle(destination, {})
    assert report.ok
    assert report.signature is not None
    assert report.signature.name == OTHER_REVIEWER
    assert [one.reviewer.name for one in theirs.record().rounds] == [ward.signer.reviewer.name, OTHER_REVIEWER]


def test_rejecting_everything_leaves_nothing_to_sign(ward: Ward) -> None:
    session = ward.session()
    for item in session.draft.items:
        session.decide(Decision(item=item.digest, action="reject", reason="no"), now=NOON)
    with pytest.raises(NotPermittedError, match="nothing is left"):
        final_session(ward.store, session, render, now=NOON)
    assert ward.store.drafts.revisions(session.draft.draft_id) == (1,)


def test_an_approval_is_used_once(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    run(ward, token)
    refused(ward, token)


def test_two_approvals_of_a_draft_give_one_bundle(ward: Ward) -> None:
    session = ward.reviewed()
    one, two = ward.sign(session, "one"), ward.sign(session, "two")
    run(ward, one)
    refused(ward, two)


def test_the_audit_chain_says_who_did_what_and_what_was_refused(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    run(ward, token)
    refused(ward, token)
    acts = [(record.act, record.actor) for record in ward.store.audit.records()]
    key = ward.signer.reviewer.key
    assert acts[-5:] == [
        ("decision.made", key),
        ("approval.signed", key),
        ("approval.finalizing", key),
        ("approval.committed", key),
        ("approval.refused", "openmed"),
    ]
    assert ward.store.audit.verify().ok


def test_every_field_that_is_bound_is_bound(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    other = new_draft(ward.store, note=NOTE + "Follow up in May.\n")
    changes: dict[str, object] = {
        "draft_id": other.draft_id,
        "revision": 2,
        "payload_digest": other.payload_digest,
        "decisions_digest": "sha256:" + "1" * 64,
        "sources": tuple(source.digest for source in other.sources),
        "phi_mode": "full",
        "destination": str(ward.out / "elsewhere"),
        "attestation": "scripted",
        "issued": "2026-03-02T11:00:00Z",
        "expires": "2027-03-02T11:00:00Z",
        "nonce": "0" * 64,
        "reviewer": token.statement.reviewer.model_copy(update={"name": "Dr. Nobody"}),
    }
    assert set(changes) | {"schema_"} == set(type(token.statement).model_fields)
    for name, value in changes.items():
        forged = token.statement.model_copy(update={name: value})
        refused(ward, ApprovalToken(statement=forged, signature=token.signature))
        if name != "reviewer":
            # Even a statement that the key did sign counts only as it was recorded.
            refused(ward, sign_statement(forged, ward.signer.key))
    run(ward, token)


def test_an_approval_expires_and_a_clock_moved_back_does_not_help(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    ward.time.advance(minutes=60)
    assert "expired" in refused(ward, token)
    ward.time.now = NOON
    assert "expired" in refused(ward, token)


def test_a_draft_dated_in_the_future_cannot_be_reviewed(ward: Ward) -> None:
    draft = ward.draft
    with pytest.raises(NotPermittedError, match="dated in the future"):
        check_open(ward.store, draft, now=parse_moment(draft.created) - timedelta(seconds=1))
    check_open(ward.store, draft, now=parse_moment(draft.created))


def test_an_expired_draft_is_neither_decided_nor_signed_nor_finalized(ward: Ward) -> None:
    session = ward.reviewed()
    ward.time.advance(hours=23, minutes=30)
    token = ward.sign(session)
    assert token.statement.expires == session.draft.expires
    ward.time.advance(minutes=30)
    refused(ward, token)
    with pytest.raises(NotPermittedError, match="expired"):
        ward.sign(session, "again")
    with pytest.raises(NotPermittedError, match="expired"):
        session.decide(accept(session.draft.items[0]), now=ward.time.now)


def test_decisions_changed_after_signing_void_the_approval(ward: Ward) -> None:
    session = ward.reviewed()
    token = ward.sign(session)
    item = session.draft.items[3]
    session.decide(Decision(item=item.digest, action="accept", reason="on second thought"), now=NOON)
    assert "changed after signing" in refused(ward, token)


def test_a_newer_revision_voids_the_approval_of_the_older_one(ward: Ward) -> None:
    session = ward.reviewed()
    token = ward.sign(session)
    session.decide(Decision(item=session.draft.items[2].digest, action="reject", reason="old"), now=NOON)
    final_session(ward.store, session, render, now=NOON)
    refused(ward, token)


def test_a_retired_reviewer_neither_signs_nor_has_signed(ward: Ward) -> None:
    session = ward.reviewed()
    token = ward.sign(session)
    retire_reviewer(ward.store, ward.signer.reviewer.name, now=NOON)
    assert "retired" in refused(ward, token)
    with pytest.raises(NotPermittedError, match="retired"):
        ward.sign(session, "again")


def test_a_changed_source_voids_the_approval(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())

    def changed(source: SourceReference) -> bytes:
        assert source.name == "visit.txt"
        return NOTE.replace("5 mg", "50 mg").encode()

    assert "changed" in refused(ward, token, current_source=changed)
    run(ward, token, current_source=lambda _: NOTE.encode())


def test_a_scripted_sign_off_can_be_refused_at_either_end(ward: Ward) -> None:
    session = ward.reviewed()
    strict = SignPolicy(allow_scripted=False)
    with pytest.raises(NotPermittedError, match="scripted"):
        ward.sign(session, attestation="scripted", policy=strict)
    token = ward.sign(session, attestation="scripted")
    assert "scripted" in refused(ward, token, policy=strict)
    report = verify_bundle(run(ward, token), {})
    assert report.signature is not None
    assert report.signature.attestation == "scripted"


def test_another_store_does_not_take_the_approval(ward: Ward, tmp_path: Path) -> None:
    token = ward.sign(ward.reviewed())
    with open_store(tmp_path / "other", custody="file", clock=ward.time) as other, pytest.raises(NotPermittedError):
        finalize(other, token, home=tmp_path / "other", now=NOON, policy=SITE)
    assert list(ward.out.iterdir()) == []


def test_signing_refuses_what_is_not_decided(ward: Ward) -> None:
    session = ward.session()
    with pytest.raises(NotPermittedError, match="5 of 5"):
        ward.sign(session)
    assert ward.store.approvals.of_draft(session.draft.draft_id) == ()


def test_nothing_is_decided_after_finalizing(ward: Ward) -> None:
    session = ward.reviewed()
    run(ward, ward.sign(session))
    with pytest.raises(NotPermittedError):
        session.decide(accept(session.draft.items[0]), now=NOON)
    with pytest.raises(NotPermittedError):
        start_review(ward.store, session.draft.draft_id, ward.signer.reviewer.name, made="interactive", now=NOON)


@pytest.mark.parametrize("kind", ["folder", "file", "dangling link", "full folder"])
def test_what_is_at_the_destination_stays(ward: Ward, kind: str) -> None:
    token = ward.sign(ward.reviewed())
    destination = ward.out / "bundle"
    match kind:
        case "folder":
            destination.mkdir()
        case "file":
            destination.write_text("mine")
        case "dangling link":
            destination.symlink_to(ward.out / "nowhere")
        case _:
            destination.mkdir()
            (destination / "mine").write_text("mine")
    before = destination.lstat()
    assert "exists already" in refused(ward, token)
    assert (destination.lstat().st_ino, destination.lstat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_link_on_the_way_is_not_followed(ward: Ward, tmp_path: Path) -> None:
    token = ward.sign(ward.reviewed())
    elsewhere = tmp_path / "elsewhere"
    ward.out.rename(elsewhere)
    ward.out.symlink_to(elsewhere)
    assert "symbolic link" in refused(ward, token)
    assert list(elsewhere.iterdir()) == []


def test_recovery_has_nothing_to_do_when_nothing_was_interrupted(ward: Ward) -> None:
    run(ward, ward.sign(ward.reviewed()))
    assert recover(ward.store, home=ward.home) == ()


def test_the_lifetime_of_an_approval_is_bounded(ward: Ward) -> None:
    session = ward.reviewed()
    with pytest.raises(InputError):
        ward.sign(session, policy=SignPolicy(lifetime=timedelta(hours=25)))


def test_a_token_survives_its_text_form(ward: Ward) -> None:
    token = ward.sign(ward.reviewed())
    run(ward, parse_token(token.reveal()))


def test_an_approval_that_could_not_be_used_in_time_is_not_given(ward: Ward) -> None:
    session = ward.reviewed()
    with pytest.raises(NotPermittedError, match="expire in the second in which it is given"):
        ward.sign(session, policy=SignPolicy(lifetime=timedelta(milliseconds=400)))
    assert ward.store.approvals.of_draft(ward.draft.draft_id) == ()
