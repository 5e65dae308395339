"""The encrypted store: drafts, decisions, approvals, reviewers and the audit chain, in one database."""

from openmed_agent.store.approvals import ApprovalRecord, ApprovalState
from openmed_agent.store.audit import AuditRecord, AuditReport
from openmed_agent.store.decisions import DecisionRecord
from openmed_agent.store.drafts import DraftRecord
from openmed_agent.store.opening import open_store
from openmed_agent.store.reviewers import ReviewerRecord
from openmed_agent.store.status import StoreStatus, store_status
from openmed_agent.store.store import Store

__all__ = [
    "ApprovalRecord",
    "ApprovalState",
    "AuditRecord",
    "AuditReport",
    "DecisionRecord",
    "DraftRecord",
    "ReviewerRecord",
    "Store",
    "StoreStatus",
    "open_store",
    "store_status",
]
