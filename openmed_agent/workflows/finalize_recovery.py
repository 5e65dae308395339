"""What becomes of a finalizing that a crash or a failing disk interrupted.

    the destination is the approved bundle        -> committed
    nothing is at the destination                 -> written again from the store's bytes, committed
    something else is at the destination          -> abandoned
    the destination's folder cannot be reached    -> left as it is: the bundle might be there

The approval was consumed and everything checked before the first byte was written, so finishing needs no new
permission, and the nonce can do nothing else any more.
"""

import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.store.approvals import ApprovalRecord
from openmed_agent.store.store import Store
from openmed_agent.workflows.approval import ApprovalStatement, ApprovalToken, same_token
from openmed_agent.workflows.approval_destination import Parent, check_free, open_parent
from openmed_agent.workflows.bundle import BundleFile
from openmed_agent.workflows.bundle_folder import (
    OccupiedError,
    remove_staging,
    staging_name,
    synchronise,
    write_bundle,
)
from openmed_agent.workflows.finalize_check import approved_bundle, check_recorded
from openmed_agent.workflows.verify import verify_bundle

_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one interrupted finalizing: its end, or why it waits."""

    draft_id: str
    revision: int
    destination: Path
    state: Literal["committed", "abandoned", "waiting"]
    nonce: str
    reason: str | None = None


def recover_approval(store: Store, approval: ApprovalRecord, *, home: Path) -> Recovered:
    """Finish or abandon one interrupted finalizing, or leave it where that cannot be told.

    The caller holds the lock of finalizers, so nobody else is at work on it.

    Raises:
        StoreError: the store cannot be read or written.

    """
    statement = ApprovalStatement.model_validate_json(approval.statement)
    token = ApprovalToken(statement=statement, signature=approval.signature)
    try:
        check_recorded(store, token)
        with open_parent(statement.destination, home=home) as parent:
            finish(store, token, parent)
    except (InputError, NotPermittedError) as error:
        gone = store.approvals.get(statement.nonce).state == "abandoned"
        return _recovered(token, "abandoned" if gone else "waiting", error.message)
    return _recovered(token, "committed")


def finish(store: Store, token: ApprovalToken, parent: Parent) -> None:
    """Bring a finalizing that has begun to its end: the bundle is in its place and committed.

    Raises:
        OccupiedError: something else is at the destination; the finalizing is abandoned.
        InputError: the disk failed or is full; the finalizing can be finished later.
        NotPermittedError: the store no longer keeps what was approved; the finalizing is abandoned.
        StoreError: the store cannot be read or written.

    """
    if parent.holds(parent.name):
        _settle(store, token, parent)
        return
    try:
        files = approved_bundle(store, token)
    except NotPermittedError:
        _abandon(store, token, parent)
        raise
    check_free(parent)
    write_approved(store, token, parent, files)


def write_approved(store: Store, token: ApprovalToken, parent: Parent, files: tuple[BundleFile, ...]) -> None:
    """Write the bundle of a finalizing that has begun, and record that it is committed.

    Raises:
        OccupiedError: something has the destination's name; the finalizing is abandoned.
        InputError: the disk failed or is full; the finalizing can be finished later.
        StoreError: the store cannot be written.

    """
    staging = staging_name(token.statement.nonce)
    try:
        remove_staging(parent, staging)
        write_bundle(parent, staging, files)
    except OccupiedError:
        with suppress(OSError):
            remove_staging(parent, staging)
        _settle(store, token, parent)  # another finalizer may have been faster
        raise
    except OSError as error:
        with suppress(OSError):
            remove_staging(parent, staging)
        raise disk_failure(error) from error
    store.approvals.commit(token.statement.nonce, actor=token.statement.reviewer.key)


def _settle(store: Store, token: ApprovalToken, parent: Parent) -> None:
    """Commit where the destination is the approved bundle, abandon where it is anything else."""
    if not _is_ours(token, parent):
        if _carries(token, parent):
            raise InputError(
                "The bundle at the destination carries this approval, but something was added or changed in it.",
                remedy="Run openmed verify on it, undo that, and run the command again.",
            )
        _abandon(store, token, parent)
        raise OccupiedError(
            "Something else is at the destination, so the approval was given up.",
            remedy="Sign the draft again for a folder that does not exist.",
        )
    try:
        synchronise(parent.descriptor)
        remove_staging(parent, staging_name(token.statement.nonce))
    except OSError as error:
        raise disk_failure(error) from error
    store.approvals.commit(token.statement.nonce, actor=token.statement.reviewer.key)


def _is_ours(token: ApprovalToken, parent: Parent) -> bool:
    try:
        report = verify_bundle(Path(parent.name), {}, parent=parent.descriptor)
    except InputError:
        return False
    return (
        report.ok
        and report.token is not None
        and same_token(token, report.token.statement.content(), report.token.signature)
    )


def _carries(token: ApprovalToken, parent: Parent) -> bool:
    """Return whether the destination's manifest holds this approval: signing again would make a second bundle."""
    try:
        report = verify_bundle(Path(parent.name), {}, parent=parent.descriptor)
    except InputError:
        return False
    return report.token is not None and same_token(token, report.token.statement.content(), report.token.signature)


def _abandon(store: Store, token: ApprovalToken, parent: Parent) -> None:
    with suppress(OSError):
        remove_staging(parent, staging_name(token.statement.nonce))
    store.approvals.abandon(token.statement.nonce, actor=token.statement.reviewer.key)


def _recovered(
    token: ApprovalToken, state: Literal["committed", "abandoned", "waiting"], reason: str | None = None
) -> Recovered:
    statement = token.statement
    return Recovered(
        statement.draft_id, statement.revision, Path(statement.destination), state, statement.nonce, reason
    )


def disk_failure(error: OSError) -> InputError:
    """Return the sentence for a disk that failed while a bundle was written or looked for."""
    if error.errno in _DISK_FULL:
        return InputError(
            "The disk of the destination is full, so the bundle was not written.",
            remedy="Free some space and finalize again: the approval still holds.",
        )
    name = errno.errorcode.get(error.errno or 0, "unknown error")
    return InputError(
        f"The disk failed ({name}) while the bundle was finalized.",
        remedy="Check the disk and finalize again: what was begun is finished then, never doubled.",
    )
