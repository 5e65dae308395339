import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_samples import NOON, PATIENT, accept, content, items, render, source

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.workflows.decisions import (
    Decision,
    accept_together,
    check_decision,
    check_decisions,
    decided_item,
    decided_items,
    must_decide_individually,
    parse_decisions,
)
from openmed_agent.workflows.drafting import make_draft

DOCUMENT = source()
ITEMS = items(DOCUMENT)
WARFARIN, METFORMIN, LAB, FINDING, GAP = ITEMS
CONTENT = content(DOCUMENT, ITEMS)
DRAFT = make_draft(CONTENT, render(CONTENT), phi_mode="deid", created=NOON, expires=NOON.replace(day=3))


def file(decisions: list[dict[str, Any]] | None = None, **changes: Any) -> bytes:
    fields: dict[str, Any] = {
        "schema": "openmed.decisions/1",
        "draft_id": DRAFT.draft_id,
        "revision": 1,
        "payload_digest": DRAFT.payload_digest,
        "decisions": [accept(item).model_dump() for item in ITEMS] if decisions is None else decisions,
    }
    return json.dumps({**fields, **changes}).encode()


def test_a_file_decides_every_item_in_the_order_of_the_draft() -> None:
    shuffled = [accept(item).model_dump() for item in (GAP, LAB, WARFARIN, FINDING, METFORMIN)]
    checked = check_decisions(DRAFT, parse_decisions(file(shuffled)))
    assert [decision.item for decision in checked] == [item.digest for item in ITEMS]


def short(value: object) -> str | None:
    """Return a test's name for a file: its text holds the draft's random id, and all processes name tests alike."""
    return f"{len(value)} bytes" if isinstance(value, bytes) else None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (file([accept(item).model_dump() for item in ITEMS[:-1]]), "Item 5 (gap) is not decided."),
        (file([accept(item).model_dump() for item in (*ITEMS, LAB)]), "Item 3 (lab) is decided twice."),
        (
            file([*(accept(item).model_dump() for item in ITEMS), {"item": "sha256:" + "0" * 64, "action": "accept"}]),
            "Decision 6 is on an item that is not in the draft.",
        ),
        (file(draft_id="f" * 32), "another draft"),
        (file(revision=2), "another draft or another revision"),
        (file(payload_digest="sha256:" + "0" * 64), "another draft"),
    ],
    ids=short,
)
def test_a_file_that_does_not_fit_the_draft_is_refused(content: bytes, what: str) -> None:
    with pytest.raises(InputError) as caught:
        check_decisions(DRAFT, parse_decisions(content))
    assert what in str(caught.value)
    assert not any(item.claim in str(caught.value) for item in ITEMS)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"not json",
        file(schema="openmed.decisions/2"),
        file(extra=1),
        file().replace(b'"schema": "openmed.decisions/1", ', b""),
        file(revision=0),
        file([{"item": LAB.digest, "action": "accept", "note": PATIENT}]),
        file([{"item": LAB.digest, "action": "approve"}]),
        file([{"item": PATIENT, "action": "accept"}]),
        file([{"item": LAB.digest}]),
        b" " * (8 * 1024 * 1024 + 1),
    ],
    ids=short,
)
def test_what_is_not_a_decisions_file_is_refused_without_quoting_it(content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parse_decisions(content)
    assert PATIENT not in str(caught.value)


@pytest.mark.parametrize(
    ("decision", "what"),
    [
        (Decision(item=LAB.digest, action="reject"), "Item 3 (lab) is rejected without a reason."),
        (Decision(item=LAB.digest, action="reject", reason=" \t"), "says nothing"),
        (Decision(item=LAB.digest, action="reject", reason="..."), "says nothing"),
        (Decision(item=GAP.digest, action="accept"), "Item 5 (gap) is unsupported and accepted without a reason."),
        (Decision(item=FINDING.digest, action="accept"), "Item 4 (uncertain_finding) is uncertain"),
        (Decision(item=LAB.digest, action="edit"), "Item 3 (lab) is edited without a text."),
        (Decision(item=LAB.digest, action="edit", text=LAB.claim), "is the old one"),
        (Decision(item=LAB.digest, action="edit", text=f"  {LAB.claim} "), "is the old one"),
        (Decision(item=LAB.digest, action="edit", text=""), "says nothing"),
        (Decision(item=LAB.digest, action="edit", text="\u200b"), "says nothing"),
        (Decision(item=LAB.digest, action="edit", text="HbA1c\u202e 1.7"), "invisible"),
        (Decision(item=LAB.digest, action="edit", text="HbA1c\x1b[2J"), "invisible"),
        (Decision(item=LAB.digest, action="edit", text="two\nlines"), "plain line"),
        (Decision(item=LAB.digest, action="edit", text="\ud800x"), "invisible"),
        (Decision(item=LAB.digest, action="edit", text="x" * 4001), "longer than 4000"),
        (Decision(item=LAB.digest, action="reject", reason="x" * 2001), "longer than 2000"),
        (Decision(item=LAB.digest, action="accept", text="HbA1c 9 %"), "without being edited"),
        (Decision(item="sha256:" + "0" * 64, action="accept"), "not in the draft"),
    ],
)
def test_each_rule_of_a_decision(decision: Decision, what: str) -> None:
    with pytest.raises(InputError) as caught:
        check_decision(DRAFT, decision)
    assert what in str(caught.value)
    assert not any(item.claim in str(caught.value) for item in ITEMS)


def test_what_weighs_heavily_or_is_not_supported_is_decided_alone() -> None:
    assert [must_decide_individually(item) for item in ITEMS] == [True, False, False, True, True]


@pytest.mark.parametrize("item", [WARFARIN, FINDING, GAP])
def test_no_bulk_act_takes_such_an_item_along(item: Any) -> None:
    with pytest.raises(NotPermittedError) as caught:
        accept_together(DRAFT, [LAB.digest, item.digest])
    assert item.claim not in str(caught.value)


def test_a_bulk_act_takes_the_rest() -> None:
    accepted = accept_together(DRAFT, [LAB.digest, METFORMIN.digest])
    assert [decision.item for decision in accepted] == [LAB.digest, METFORMIN.digest]


def test_an_edited_claim_is_the_reviewers_word() -> None:
    edited = decided_item(WARFARIN, Decision(item=WARFARIN.digest, action="edit", text="warfarin 3 mg"))
    assert edited is not None
    assert (edited.claim, edited.support, edited.severity) == ("warfarin 3 mg", "uncertain", "high")
    assert (edited.codes, edited.evidence, edited.notes) == ((), WARFARIN.evidence, "edited by reviewer")
    assert edited.digest != WARFARIN.digest
    assert must_decide_individually(edited)


def test_two_items_cannot_become_one() -> None:
    first = decided_item(METFORMIN, Decision(item=METFORMIN.digest, action="edit", text="metformin 1 g"))
    assert first is not None
    both = content(DOCUMENT, (METFORMIN, first))
    draft = make_draft(both, render(both), phi_mode="deid", created=NOON, expires=NOON.replace(day=3))
    decisions = (
        Decision(item=METFORMIN.digest, action="edit", text="metformin 1 g"),
        Decision(item=first.digest, action="accept", reason="seen"),
    )
    with pytest.raises(InputError, match="equal to another"):
        decided_items(draft, decisions)


def test_what_is_absent_from_a_decision_is_absent_from_its_json() -> None:
    assert accept(LAB).model_dump(mode="json") == {"item": LAB.digest, "action": "accept"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists) | st.binary())
def test_no_content_makes_anything_but_a_file_or_an_input_error(value: Any) -> None:
    raw = value if isinstance(value, bytes) else json.dumps({"decisions": value}).encode()
    with pytest.raises(InputError):
        parse_decisions(raw)
