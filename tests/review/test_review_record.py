"""A review's record holds together: whoever reads it can follow each signed item back."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from review_samples import NOON, REVIEWER, accept, content, items, render, source

from openmed_agent.workflows.decisions import Decision, DecisionsFile
from openmed_agent.workflows.draft import Card, Draft, Item
from openmed_agent.workflows.drafting import DraftContent, make_draft
from openmed_agent.workflows.review_record import ReviewerReference, ReviewRecord, Round
from openmed_agent.workflows.review_revision import final_revision

DOCUMENT = source()
ITEMS = items(DOCUMENT)
REFERENCE = ReviewerReference(name=REVIEWER, key="ed25519:" + "A" * 43)
DRAFT_ID = "ab" * 16


def draft(
    chosen: tuple[Item, ...], revision: int, change: Callable[[DraftContent], DraftContent] = lambda c: c
) -> Draft:
    inside = change(content(DOCUMENT, chosen))
    return make_draft(
        inside,
        render(inside),
        phi_mode="deid",
        created=NOON,
        expires=NOON.replace(day=3),
        draft_id=DRAFT_ID,
        revision=revision,
    )


def round_of(one: Draft, *decisions: Decision) -> Round:
    chosen = {decision.item: decision for decision in decisions}
    file = DecisionsFile(
        draft_id=one.draft_id,
        revision=one.revision,
        payload_digest=one.payload_digest,
        decisions=tuple(chosen.get(item.digest, accept(item)) for item in one.items),
    )
    return Round(reviewer=REFERENCE, draft=one, decisions=file)


def _renamed(inside: DraftContent) -> tuple[Card, ...]:
    return tuple(card.model_copy(update={"title": "Nothing to see"}) for card in inside.cards)


FIRST = draft(ITEMS, 1)
REJECTED = round_of(FIRST, Decision(item=ITEMS[2].digest, action="reject", reason="old"))
LEFT = (*ITEMS[:2], *ITEMS[3:])


def test_a_chain_of_rounds_that_fit_is_a_record() -> None:
    second, _ = final_revision(REJECTED, (DOCUMENT,), render, now=NOON)
    record = ReviewRecord(rounds=(REJECTED, round_of(second)))
    assert record.final == second
    assert ReviewRecord.model_validate_json(record.content()) == record


@pytest.mark.parametrize(
    ("rounds", "why"),
    [
        ((REJECTED,), "does not accept every item"),
        ((round_of(draft(ITEMS, 2)),), "does not begin with the first"),
        ((round_of(FIRST), round_of(draft(ITEMS, 2))), "changed nothing"),
        ((REJECTED, round_of(draft(LEFT, 3))), "revision is missing"),
        ((REJECTED, round_of(draft(ITEMS, 2))), "does not hold what the decisions"),
        ((REJECTED, round_of(draft(LEFT[:-1], 2))), "does not hold what the decisions"),
        ((REJECTED, round_of(draft(LEFT[::-1], 2))), "does not hold what the decisions"),
        (
            (REJECTED, round_of(draft(LEFT, 2, lambda c: replace(c, cards=_renamed(c))))),
            "does not hold what the decisions",
        ),
        ((REJECTED, round_of(draft(LEFT, 2, lambda c: replace(c, workflow="other")))), "different drafts"),
        ((REJECTED, round_of(draft(LEFT, 2, lambda c: replace(c, releases=())))), "different drafts"),
        ((), "at least 1"),
    ],
)
def test_a_chain_that_does_not_fit_is_none(rounds: tuple[Round, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ReviewRecord(rounds=rounds)
