"""Finalizing: from a reviewer's approval to a bundle on the disk, once.

    signed --begin--> finalizing --commit--> committed
                                 --abandon-> abandoned

Everything is checked and the nonce consumed in one transaction of the store, so that of two finalizers one
wins, and what was checked cannot change before it is recorded. Only then is anything written. From there on
the act can only be finished or abandoned, by this process or by ``recover`` after a crash.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from openmed_agent.errors import NotPermittedError
from openmed_agent.store.locking import exclusive
from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import ApprovalToken
from openmed_agent.workflows.approval_destination import Parent, check_free, open_parent
from openmed_agent.workflows.approval_signing import SignPolicy
from openmed_agent.workflows.bundle_folder import staging_name
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.finalize_check import CurrentSource, check_approval, check_recorded
from openmed_agent.workflows.finalize_recovery import (
    Recovered,
    disk_failure,
    finish,
    recover_approval,
    write_approved,
)

_LOCK: Final = "finalize.lock"
_LOCK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Finalized:
    """A bundle that is on the disk and committed."""

    draft_id: str
    revision: int
    destination: Path


def finalize(
    store: Store,
    token: ApprovalToken,
    *,
    home: Path,
    now: datetime,
    policy: SignPolicy,
    current_source: CurrentSource | None = None,
) -> Finalized:
    """Write the bundle that a reviewer approved; when this returns, it is on the disk and committed.

    ``home`` is the folder of the store. An approval whose finalizing was interrupted is finished.

    Raises:
        InputError: the destination is taken or cannot be written; where the disk failed midway, the same call
            finishes the act later.
        NotPermittedError: the approval does not hold: forged, expired, used, of another or older revision,
            by a retired reviewer, or decisions or sources changed since.
        StoreError: the store cannot be read or written.

    """
    statement = token.statement
    with _only_finalizer(home), _refusals_audited(store, token):
        check_recorded(store, token)
        with open_parent(statement.destination, home=home) as parent:
            if store.approvals.get(statement.nonce).state == "finalizing":
                finish(store, token, parent)
            else:
                _begin_and_write(store, token, parent, now=now, current_source=current_source, policy=policy)
    return Finalized(statement.draft_id, statement.revision, Path(statement.destination))


def recover(store: Store, *, home: Path) -> tuple[Recovered, ...]:
    """Finish or abandon every finalizing that was interrupted, and say what became of each.

    ``home`` is the folder of the store. An act whose destination cannot be reached stays as it is.

    Raises:
        StoreError: the store cannot be read or written, or another process is finalizing for too long.

    """
    with _only_finalizer(home):
        return tuple(recover_approval(store, one, home=home) for one in store.approvals.unfinished())


def _begin_and_write(
    store: Store,
    token: ApprovalToken,
    parent: Parent,
    *,
    now: datetime,
    current_source: CurrentSource | None,
    policy: SignPolicy,
) -> None:
    statement = token.statement
    if now < parse_moment(statement.issued):
        # The store's time stands still while the clock is behind it, and nothing would ever expire.
        raise NotPermittedError("The clock is behind the time of the approval.", remedy="Set the clock right.")
    now = store.note_time(now)
    with store.transaction():
        files = check_approval(store, token, now=now, current_source=current_source, policy=policy)
        check_free(parent)
        store.approvals.begin_finalizing(
            statement.nonce,
            staging=f"{parent.path.rstrip('/')}/{staging_name(statement.nonce)}",
            actor=statement.reviewer.key,
        )
    write_approved(store, token, parent, files)


@contextmanager
def _refusals_audited(store: Store, token: ApprovalToken) -> Iterator[None]:
    """Record an approval that did not hold: whoever presents one may have forged it."""
    try:
        yield
    except NotPermittedError:
        store.audit.append("openmed", "approval.refused", token.statement.draft_id)
        raise


@contextmanager
def _only_finalizer(home: Path) -> Iterator[None]:
    """Hold the lock of finalizers: recovery must not take a live one for a dead one."""
    try:
        with exclusive(home / _LOCK, seconds=_LOCK_SECONDS):
            yield
    except OSError as error:  # an OpenMedError is none
        raise disk_failure(error) from error
