import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from review_desk import HOSTILE, PASSPHRASE, REVIEWER, Desk, Terminal, copy_desk, make_template

from openmed_agent.text.terminal import cell_width
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.review import start_review

QUESTION = "q quit ›"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Draft]:
    folder = tmp_path_factory.mktemp("desk")
    return folder, make_template(folder)


@pytest.fixture
def desk(template: tuple[Path, Draft], tmp_path: Path) -> Desk:
    return copy_desk(*template, tmp_path)


def decided(desk: Desk) -> dict[str, str]:
    """Return the action on each decided item, by claim."""
    with desk.open() as store:
        session = start_review(store, desk.draft.draft_id, REVIEWER, made="interactive", now=datetime.now(UTC))
        claims = {item.digest: item.claim for item in session.draft.items}
        return {claims[digest]: decision.action for digest, decision in session.decisions().items()}


def decide_alone(terminal: Terminal) -> None:
    """Decide the three items that must be decided one by one."""
    assert "Warfarin 5 mg by mouth once daily" in terminal.expect(QUESTION)
    terminal.send("a")
    assert "Possible early CKD" in terminal.expect(QUESTION)
    terminal.send("a")
    terminal.expect("Reason for accepting it")
    terminal.send("asked the patient\n")
    assert "No allergies are stated" in terminal.expect(QUESTION)
    terminal.send("r")
    terminal.expect("Reason for rejecting it")
    terminal.send("allergies are on paper\n")


def test_a_person_walks_through_signs_and_sees_it_verified(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id, "--out", desk.out / "bundle") as terminal:
        assert "3 to decide one by one, 4 may be accepted together" in terminal.expect("goes on.")
        decide_alone(terminal)
        page = terminal.expect(QUESTION)
        assert "Warfarin" not in page
        assert "CKD" not in page
        assert "accept these 4 together" in page
        terminal.send("3")
        assert "Pain of the ⟦left knee" not in terminal.expect("⟦Pain of the left knee⟧")
        terminal.expect(QUESTION)
        terminal.send("e")
        terminal.expect("New claim")
        terminal.send(", since May\n")  # the claim stands there already, to be gone on with
        assert "accept these 3 together" in terminal.expect(QUESTION)
        terminal.send("a")
        shown = terminal.expect(QUESTION)
        assert "Revision 2 is what will be signed" in shown
        assert "- No allergies are stated" in shown
        assert "rejected: allergies are on paper" in shown
        assert "+ Pain of the left knee, since May" in shown
        assert str(desk.out / "bundle") in shown.replace("\n            ", "")
        assert "PHI mode   deid" in shown
        assert not (desk.out / "bundle").exists()
        terminal.send("v")
        assert "Pain of the left knee, since May" in terminal.expect(QUESTION)
        terminal.send("s")
        terminal.expect(f"Passphrase of {REVIEWER}:")
        terminal.send("not the passphrase\n")
        terminal.expect("2 tries left")
        terminal.expect(f"Passphrase of {REVIEWER}:")
        terminal.send(f"{PASSPHRASE}\n")
        terminal.expect(f"Yes: this is exactly what {REVIEWER} signed.")
        assert terminal.status() == 0
        assert PASSPHRASE not in terminal.text
        assert "openmed-approval" not in terminal.text
    report = json.loads(desk.openmed("verify", desk.out / "bundle", "--json").stdout)
    assert report["trusted"] is True
    assert report["signature"]["attestation"] == "interactive"
    assert report["draft"]["revision"] == 2
    summary = (desk.out / "bundle" / "chart_summary.md").read_text()
    assert "since May" in summary


def test_a_stopped_review_goes_on_where_it_was(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        terminal.expect(QUESTION)
        terminal.send("a")
        terminal.expect("Possible early CKD")
        terminal.expect(QUESTION)
        terminal.interrupt()
        assert "1 of 7 decisions are kept" in terminal.expect("openmed review")
        assert terminal.status() == 130
    assert decided(desk) == {"Warfarin 5 mg by mouth once daily": "accept"}
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        assert "1 already, 6 left" in terminal.expect("goes on.")
        assert "Possible early CKD" in terminal.expect(QUESTION)
        terminal.send("b")
        assert "accepted" in terminal.expect(QUESTION)
        terminal.send("q")
        assert terminal.status() == 0


@pytest.mark.parametrize("words", ["Reason for accepting it", "Passphrase of", "New claim"])
def test_ctrl_c_anywhere_ends_with_130_and_loses_nothing(desk: Desk, words: str) -> None:
    with Terminal(desk, "review", desk.draft.draft_id, "--out", desk.out / "bundle") as terminal:
        if words == "Passphrase of":
            decide_alone(terminal)
            terminal.expect(QUESTION)
            terminal.send("a")
            terminal.expect("Sign draft")
            terminal.expect(QUESTION)
            terminal.send("s")
        else:
            terminal.expect(QUESTION)
            terminal.send("a" if words.startswith("Reason") else "e")
            if words.startswith("Reason"):
                terminal.expect(QUESTION)
                terminal.send("a")
        terminal.expect(words)
        terminal.interrupt()
        assert terminal.status() == 130
        assert "decisions are kept" in " ".join(terminal.text.split())
        assert "Traceback" not in terminal.text
    expected = {"Reason for accepting it": 1, "New claim": 0, "Passphrase of": 6}[words]
    assert len(decided(desk)) == expected
    assert not (desk.out / "bundle").exists()


def test_keys_typed_before_an_item_is_shown_decide_nothing(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id, early=b"aaaaaaaaaaaaaaaa") as terminal:
        terminal.expect(QUESTION)
        terminal.send("q")
        terminal.status()
    assert decided(desk) == {}


def test_a_kill_keeps_every_decision_that_was_followed_by_the_next_item(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        terminal.expect(QUESTION)
        terminal.send("a")
        terminal.expect("2 of 3")
        terminal.terminate()
        terminal.status()
    assert decided(desk) == {"Warfarin 5 mg by mouth once daily": "accept"}


def test_without_a_reason_nothing_is_decided(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        terminal.expect(QUESTION)
        terminal.send("r")
        terminal.expect("Reason for rejecting it")
        terminal.send("\n")
        terminal.expect("Without a reason nothing was decided.")
        terminal.expect(QUESTION)
        terminal.send("r")
        terminal.expect("Reason for rejecting it")
        terminal.send("?!\n")
        terminal.expect("says nothing")
        terminal.expect(QUESTION)
        terminal.send("q")
        terminal.status()
    assert decided(desk) == {}


def test_a_hostile_chart_cannot_act_on_the_terminal(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id, "--out", desk.out / "bundle") as terminal:
        decide_alone(terminal)
        terminal.expect(QUESTION)
        terminal.send("q")
        assert terminal.status() == 0
        assert b"\x1b]" not in terminal.raw
        assert b"\x1b[2J" not in terminal.raw
        assert b"\x07" not in terminal.raw
        assert "\u202e" not in terminal.text
        assert "‹U+202E›evil" in terminal.text
        assert HOSTILE not in terminal.text


def test_the_source_stands_beside_the_claim_with_the_evidence_marked(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        screen = terminal.expect(QUESTION)
        assert "visit.txt · line 4 of 12" in screen
        assert re.search(r"3\s+MEDICATIONS", screen)
        assert re.search(r"4 ▏ ⟦Warfarin 5 mg PO daily⟧\.", screen)
        assert re.search(r"5\s+Metformin 500 mg PO BID\.", screen)
        assert screen.index("Severity") < screen.index("⟦Warfarin")
        assert max(cell_width(line) for line in screen.splitlines()) <= 80
        terminal.send("q")
        terminal.status()


def test_with_several_reviewers_one_must_be_named(desk: Desk) -> None:
    assert desk.openmed("reviewer", "create", "Dr. Ben Okoro", passphrase=PASSPHRASE).returncode == 0
    with Terminal(desk, "review", desk.draft.draft_id) as terminal:
        terminal.expect("There are several reviewers.")
        assert terminal.status() == 3


def test_a_reviewer_may_look_again_and_decide_differently_before_signing(desk: Desk) -> None:
    with Terminal(desk, "review", desk.draft.draft_id, "--out", desk.out / "bundle") as terminal:
        decide_alone(terminal)
        terminal.expect(QUESTION)
        terminal.send("a")
        terminal.expect("Revision 2 is what will be signed")
        terminal.expect(QUESTION)
        terminal.send("w")
        first = terminal.expect(QUESTION)
        assert "Warfarin 5 mg by mouth once daily" in first
        assert "accepted" in first
        terminal.send("e")
        terminal.expect("New claim")
        terminal.send(" in the evening\n")
        terminal.expect(QUESTION)
        terminal.send("n")  # nothing is undecided, so this ends the second look
        shown = terminal.expect(QUESTION)
        assert "Revision 3 is what will be signed" in shown
        assert "+ Warfarin 5 mg by mouth once daily in the evening" in shown
        terminal.send("q")
        assert terminal.status() == 0
    assert not (desk.out / "bundle").exists()


def test_when_everything_is_rejected_the_reviewer_can_still_change_it(desk: Desk) -> None:
    with desk.open() as store:
        session = start_review(store, desk.draft.draft_id, REVIEWER, made="interactive", now=datetime.now(UTC))
        for item in desk.draft.items:
            rejection = Decision(item=item.digest, action="reject", reason="another patient's chart")
            session.decide(rejection, now=datetime.now(UTC))
    with Terminal(desk, "review", desk.draft.draft_id, "--out", desk.out / "bundle") as terminal:
        terminal.expect("Every item was rejected")
        terminal.expect(QUESTION)
        terminal.send("w")
        terminal.expect(QUESTION)
        terminal.send("a")
        terminal.expect(QUESTION)
        terminal.send("n")
        shown = terminal.expect(QUESTION)
        assert "1 accepted" in shown
        terminal.send("q")
        assert terminal.status() == 0
