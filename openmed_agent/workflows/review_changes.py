"""What the rounds of a review changed on the way to the revision that is signed."""

from collections.abc import Iterable
from dataclasses import dataclass

from openmed_agent.workflows.draft import Draft, Item
from openmed_agent.workflows.review_record import Round


@dataclass(frozen=True, slots=True)
class ReviewChange:
    """An item that a reviewer edited, to ``text``, or rejected, with ``reason``."""

    revision: int
    item: Item
    text: str | None
    reason: str | None


def changes_of(rounds: Iterable[Round]) -> tuple[ReviewChange, ...]:
    """Return what was edited and rejected, round by round, in the order of the draft."""
    return tuple(
        ReviewChange(one.draft.revision, _item(one.draft, decision.item), decision.text, decision.reason)
        for one in rounds
        for decision in one.decisions.decisions
        if decision.action != "accept"
    )


def _item(draft: Draft, digest: str) -> Item:
    return next(item for item in draft.items if item.digest == digest)
