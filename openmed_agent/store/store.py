"""An open store: one encrypted database, and the tables in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Self

from openmed_agent.errors import InputError
from openmed_agent.secrets.custody import CustodyKind
from openmed_agent.store.agreement import CLOCK_LOWERED
from openmed_agent.store.approvals import Approvals
from openmed_agent.store.audit import AuditTrail
from openmed_agent.store.clock import Clock, check_clock
from openmed_agent.store.database import Database
from openmed_agent.store.decisions import Decisions
from openmed_agent.store.drafts import Drafts
from openmed_agent.store.head import AuditHead
from openmed_agent.store.layout import StoreLayout
from openmed_agent.store.reviewers import Reviewers
from openmed_agent.store.sessions import Sessions
from openmed_agent.store.times import time_text


class Store:
    """The open store. It belongs to the thread that opened it and closes with its `with` block.

    `notice` is what a person must be told once, when the store was just made; None otherwise. `surrogate_key` is
    derived from the store's own key: what makes stand-ins in de-identified text agree as long as the store lives.
    """

    def __init__(
        self,
        database: Database,
        head: AuditHead,
        layout: StoreLayout,
        *,
        store_id: str,
        surrogate_key: bytes,
        custody: CustodyKind,
        notice: str | None,
        clock: Callable[[], datetime],
        connect: "Callable[[], Store]",
    ) -> None:
        self.store_id = store_id
        self.surrogate_key = surrogate_key
        self.custody = custody
        self.notice = notice
        self.audit = AuditTrail(database, head, lock=layout.head_lock, clock=clock)
        self.drafts = Drafts(database, self.audit)
        self.reviewers = Reviewers(database, self.audit)
        self.decisions = Decisions(database, self.audit)
        self.approvals = Approvals(database, self.audit)
        self.sessions = Sessions(database, self.audit, leases=layout.leases, clock=clock)
        self._database = database
        self._clock = Clock(database)
        self._connect = connect

    def connect(self) -> "Store":
        """Return this store on another connection, of the thread that calls this; the caller closes it.

        The two stand to each other as two processes do: each transaction of one comes before or after any of the other.

        Raises:
            StoreError: the store cannot be opened any more.

        """
        return self._connect()

    @property
    def clock_floor(self) -> datetime | None:
        """The latest time ever seen by the store, or None where it has seen none."""
        return self._clock.floor()

    def note_time(self, now: datetime) -> datetime:
        """Return the later of now and the latest time ever seen, and remember it.

        Raises:
            NotPermittedError: now is more than a day before the latest time seen.

        """
        latest = self._clock.note_time(now)
        check_clock(now, latest)
        return latest

    def lower_clock_floor(self, now: datetime) -> int:
        """Forget that later times than now were seen, and return how many approvals that voided.

        For a clock that was wrong once and is right again. Every approval that was not used yet is void, since
        it might have expired; the act is audited.

        Raises:
            InputError: no later time than now was seen.
            NotPermittedError: a finalizing was interrupted and is not recovered yet.

        """
        with self._database.transaction():
            floor = self._clock.floor()
            if floor is None or floor <= now:
                raise InputError("The store has seen no later time than this machine's clock, so nothing is to do.")
            self._clock.lower(now)
            self.audit.append("openmed", CLOCK_LOWERED, "store", {"seen": time_text(floor)})
            return self.approvals.void_signed()

    def transaction(self) -> AbstractContextManager[None]:
        """Run a block of changes as one: all are durable when it returns, or none was made."""
        return self._database.transaction()

    def close(self) -> None:
        """Close the store; what was not committed is rolled back."""
        self._database.close()

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()
