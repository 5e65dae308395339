"""What becomes of a finalizing that a crash or a failing disk interrupted.

    the destination is the approved bundle        -> committed
    nothing is at the destination                 -> written again from the store's bytes, committed
    it carries this approval, but was changed     -> waits: the bundle was delivered, and must not be a second time
    something else is at the destination          -> abandoned
    the destination cannot be reached or read     -> waits: the bundle might be there
    the store cannot read what was approved       -> waits, and holds up no other

The approval was consumed and everything checked before the first byte was written, so finishing needs no new
permission, and the nonce can do nothing else any more.
"""

import errno
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import ValidationError

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError, StoreError
from openmed_agent.store.approvals import ApprovalRecord
from openmed_agent.store.store import Store
from openmed_agent.text.terminal import terminal_safe
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
from openmed_agent.workflows.verify import carried_approval, verify_bundle

_DISK_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


_NOT_LEFT_BY_US: Final = frozenset(
    {errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOTEMPTY, errno.EEXIST, errno.EPERM, errno.EACCES}
)

EndState = Literal["committed", "abandoned", "waiting"]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one interrupted finalizing: its end, or why it waits.

    ``destination`` is None where the approval cannot be read.
    """

    draft_id: str
    revision: int
    destination: Path | None
    state: EndState
    nonce: str
    reason: str | None = None

    def told(self) -> str:
        """Return it as a sentence for a person."""
        where = "" if self.destination is None else f" for {self.destination}"
        what = f"draft {self.draft_id[:8]}{where}"
        match self.state:
            case "committed":
                return f"An interrupted finalizing was finished: {what}."
            case "abandoned":
                return f"An interrupted finalizing was given up: {what}. {self.reason or ''}".rstrip()
            case "waiting":
                return f"An interrupted finalizing still waits: {what}. {self.reason or ''}".rstrip()


def recover_approval(store: Store, approval: ApprovalRecord, *, home: Path) -> Recovered:
    """Finish or abandon one interrupted finalizing, or leave it where that cannot be told.

    The caller holds the lock of finalizers, so nobody else is at work on it.

    Raises:
        StoreError: the state of the approval cannot be read.

    """
    try:
        statement = ApprovalStatement.model_validate_json(approval.statement)
    except ValidationError:
        return _recovered(approval, None, "waiting", "This version of openmed cannot read the approval.")
    token = ApprovalToken(statement=statement, signature=approval.signature)
    try:
        check_recorded(store, token)
        with open_parent(statement.destination, home=home) as parent:
            finish(store, token, parent)
    except (InputError, NotPermittedError, StoreError) as error:
        gone = store.approvals.get(statement.nonce).state == "abandoned"
        return _recovered(
            approval, statement.destination, "abandoned" if gone else "waiting", _reason(error, gone=gone)
        )
    return _recovered(approval, statement.destination, "committed")


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
    except OSError as error:
        raise _in_the_way(parent, staging, error) from error
    try:
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
    """Commit where the destination is the approved bundle, abandon where it is something else.

    What carries the approval was delivered, whatever was added or changed since: to give the approval up would let
    the draft be signed again, and a second bundle be made. So that waits for a person.
    """
    if not _is_ours(token, parent):
        if _is_same(token, carried_approval(parent.name, parent.descriptor)):
            raise InputError(
                "The bundle at the destination carries this approval, but something was added or changed in it.",
                remedy="Run openmed verify on it, undo that, and run any command again.",
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
    return report.ok and _is_same(token, report.token)


def _is_same(token: ApprovalToken, other: ApprovalToken | None) -> bool:
    return other is not None and same_token(token, other.statement.content(), other.signature)


def _abandon(store: Store, token: ApprovalToken, parent: Parent) -> None:
    with suppress(OSError):
        remove_staging(parent, staging_name(token.statement.nonce))
    store.approvals.abandon(token.statement.nonce, actor=token.statement.reviewer.key)


def _recovered(
    approval: ApprovalRecord, destination: str | None, state: EndState, reason: str | None = None
) -> Recovered:
    place = None if destination is None else Path(destination)
    return Recovered(approval.draft_id, approval.revision, place, state, approval.nonce, reason)


def _reason(error: OpenMedError, *, gone: bool) -> str:
    """Return why; what waits can be helped, so its reason says how."""
    return error.message if gone else str(error)


def _in_the_way(parent: Parent, staging: str, error: OSError) -> InputError:
    """Return the sentence for a staging folder that cannot be cleared away."""
    if error.errno not in _NOT_LEFT_BY_US:
        return disk_failure(error)
    return InputError(
        f"Something that openmed did not leave there lies in the way: {terminal_safe(f'{parent.path}/{staging}')}.",
        remedy="Move it away and finalize again: the approval still holds.",
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
