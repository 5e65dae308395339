"""What became of a draft, and what is left to decide on it."""

from datetime import UTC, datetime
from typing import Literal

from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import ApprovalStatement
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.drafting import parse_moment

DraftState = Literal["draft", "finalizing", "committed", "expired"]


def draft_state(store: Store, draft: Draft) -> tuple[DraftState, str | None]:
    """Return what became of a draft, and the folder of its bundle where one was written or begun."""
    for approval in store.approvals.of_draft(draft.draft_id):
        if approval.state in {"committed", "finalizing"}:
            statement = ApprovalStatement.model_validate_json(approval.statement)
            return ("committed" if approval.state == "committed" else "finalizing"), statement.destination
    now = max(datetime.now(UTC), store.clock_floor or datetime.now(UTC))
    return ("expired" if now >= parse_moment(draft.expires) else "draft"), None


def left_to_decide(store: Store, draft: Draft) -> int:
    """Return how many items the reviewer who is furthest has not decided yet; what a script decided does not count."""
    decided = (
        sum(1 for one in store.decisions.all(draft.draft_id, draft.revision, name) if one.made == "interactive")
        for name in (reviewer.name for reviewer in store.reviewers.list())
    )
    return len(draft.items) - max(decided, default=0)
