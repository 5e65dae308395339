"""A sign-off says truly how the decisions were made, and is for the review that the signer was shown."""

import json
from pathlib import Path

import pytest
from review_samples import NOON, REVIEWER, SITE, Ward, accept, accept_all, render

from openmed_agent.errors import NotPermittedError, StoreError
from openmed_agent.secrets.private_files import create_empty_file
from openmed_agent.store import open_store
from openmed_agent.store.database import Database
from openmed_agent.store.schema import MIGRATIONS
from openmed_agent.text.sources import sha256_digest
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.decisions import Decision, DecisionsFile
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.review import ReviewSession, start_review
from openmed_agent.workflows.review_revision import final_session


def accepting(session: ReviewSession) -> DecisionsFile:
    return DecisionsFile(
        draft_id=session.draft.draft_id,
        revision=session.draft.revision,
        payload_digest=session.draft.payload_digest,
        decisions=tuple(accept(item) for item in session.draft.items),
    )


def refused_as_interactive(ward: Ward) -> None:
    session = ward.session(made="scripted")
    with pytest.raises(NotPermittedError, match="A script made some of the decisions"):
        ward.sign(session)
    assert ward.store.approvals.of_draft(ward.draft.draft_id) == ()
    assert ward.sign(session, attestation="scripted").statement.attestation == "scripted"


def test_a_files_decisions_are_a_scripts_even_in_a_session_at_a_terminal(ward: Ward) -> None:
    session = ward.session()
    session.decide_all(accepting(session), now=NOON)
    refused_as_interactive(ward)


def test_one_scripted_decision_is_enough(ward: Ward) -> None:
    ward.reviewed()
    ward.session(made="scripted").decide(accept(ward.draft.items[1]), now=NOON)
    refused_as_interactive(ward)


def test_what_a_script_decided_is_undecided_at_a_terminal(ward: Ward) -> None:
    scripted = ward.session(made="scripted")
    accept_all(scripted, now=NOON)
    assert len(scripted.undecided()) == 0
    session = ward.session()
    assert (len(session.undecided()), session.summary().undecided) == (5, 5)
    assert session.decisions() == {}
    for act in (session.file, lambda: final_session(ward.store, session, render, now=NOON)):
        with pytest.raises(NotPermittedError, match="5 of 5 items are not decided"):
            act()
    accept_all(session, now=NOON)
    token = ward.sign(session)
    assert finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE).destination.is_dir()


def test_a_revision_carries_how_its_decisions_were_made(ward: Ward) -> None:
    session = ward.session()
    for item in session.draft.items[:-1]:
        session.decide(accept(item), now=NOON)
    last = session.draft.items[-1]
    ward.session(made="scripted").decide(Decision(item=last.digest, action="reject", reason="no"), now=NOON)
    final_session(ward.store, ward.session(made="scripted"), render, now=NOON)
    with pytest.raises(NotPermittedError, match="A script changed this draft"):
        ward.session()  # nothing that a person does on revision 2 would make revision 1 a person's
    # Everything that was carried is a person's, and yet the former round is not.
    mine = ReviewSession(ward.store, ward.session(made="scripted").draft, ward.signer.reviewer, made="interactive")
    assert len(mine.undecided()) == 0
    refused_as_interactive(ward)


def test_an_edit_by_a_script_is_carried_as_a_scripts(ward: Ward) -> None:
    scripted = ward.session(made="scripted")
    accept_all(scripted, now=NOON)
    first = scripted.draft.items[0]
    scripted.decide(Decision(item=first.digest, action="edit", text="warfarin 4 mg"), now=NOON)
    final = final_session(ward.store, scripted, render, now=NOON)
    made = {record.made for record in ward.store.decisions.all(final.draft.draft_id, 2, REVIEWER)}
    assert made == {"scripted"}
    refused_as_interactive(ward)


def test_a_persons_edit_leads_to_an_interactive_sign_off(ward: Ward) -> None:
    session = ward.reviewed()
    session.decide(Decision(item=session.draft.items[0].digest, action="edit", text="warfarin 4 mg"), now=NOON)
    assert ward.sign(final_session(ward.store, session, render, now=NOON)).statement.attestation == "interactive"


def test_reasons_changed_behind_the_screen_are_not_signed(ward: Ward) -> None:
    session = ward.reviewed()
    shown = session.record().digest()
    with open_store(ward.home, custody="file", clock=ward.time) as other:
        elsewhere = start_review(other, ward.draft.draft_id, REVIEWER, made="interactive", now=NOON)
        reason = "confirmed with the patient by telephone"
        elsewhere.decide(Decision(item=ward.draft.items[0].digest, action="accept", reason=reason), now=NOON)
    with pytest.raises(NotPermittedError, match="changed since it was shown"):
        ward.sign(session, shown=shown)
    assert ward.store.approvals.of_draft(ward.draft.draft_id) == ()
    ward.sign(session, shown=session.record().digest())


def test_the_chain_records_how_and_what(ward: Ward) -> None:
    decision = accept(ward.draft.items[0])
    ward.session(made="scripted").decide(decision, now=NOON)
    ward.session().decide(decision, now=NOON)
    details = [json.loads(record.details) for record in ward.store.audit.records() if record.act == "decision.made"]
    document = sha256_digest(canonical_model(decision))
    assert [(one["made"], one["document"]) for one in details] == [("scripted", document), ("interactive", document)]
    assert ward.store.audit.verify().ok


def test_decisions_of_an_older_store_count_as_a_scripts(tmp_path: Path) -> None:
    """Nobody knows how they were made. The older store is made by the statements of its own schema."""
    path = tmp_path / "older.db"
    create_empty_file(path)
    first, second = MIGRATIONS[:2]
    when = "2026-03-02T12:00:00.000000Z"
    with Database(path, bytes(32)) as database:
        with database.transaction():
            for statement in first.statements:
                database.write(statement)
            database.write("INSERT INTO reviewers VALUES ('Dr. Old', 'k', x'00', x'00', ?, NULL)", when)
            database.write("INSERT INTO drafts VALUES ('d', 1, 'w', '1', ?, ?, 'sha256:0', x'00')", when, when)
            database.write("INSERT INTO decisions VALUES (1, 'd', 1, 'Dr. Old', 'i', x'00', ?)", when)
        with database.transaction():
            for statement in second.statements:
                database.write(statement)
        assert database.read("SELECT item, made FROM decisions") == [("i", "scripted")]
        for change in ("UPDATE decisions SET made = 'interactive'", "UPDATE decisions SET made = 'else'"):
            with pytest.raises(StoreError), database.transaction():
                database.write(change)
