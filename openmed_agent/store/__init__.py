"""The encrypted store: drafts, decisions, approvals, reviewers, sessions and the audit chain, in one database."""

from openmed_agent.store.approvals import ApprovalRecord, ApprovalState
from openmed_agent.store.audit import AuditRecord, AuditReport
from openmed_agent.store.decisions import DecisionRecord
from openmed_agent.store.drafts import DraftRecord
from openmed_agent.store.opening import open_store
from openmed_agent.store.reviewers import ReviewerRecord
from openmed_agent.store.session_records import EventRecord, SearchHit, SessionRecord, WentOnElsewhereError
from openmed_agent.store.sessions import Sessions
from openmed_agent.store.status import StoreStatus, store_status
from openmed_agent.store.store import Store

__all__ = [
    "ApprovalRecord",
    "ApprovalState",
    "AuditRecord",
    "AuditReport",
    "DecisionRecord",
    "DraftRecord",
    "EventRecord",
    "ReviewerRecord",
    "SearchHit",
    "SessionRecord",
    "Sessions",
    "Store",
    "StoreStatus",
    "WentOnElsewhereError",
    "open_store",
    "store_status",
]
