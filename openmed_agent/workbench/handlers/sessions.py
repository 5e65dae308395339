"""Answers what the screen asks about sessions in the store."""

from openmed_agent.errors import NotPermittedError, StoreError
from openmed_agent.runtime.events import read_event
from openmed_agent.store.session_records import SessionRecord
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.sessions import (
    DeleteSession,
    EventPage,
    FindLastUsed,
    ForkSession,
    LastUsed,
    ListSessions,
    ReadEvents,
    RenameSession,
    SessionDeleted,
    SessionList,
    SessionRow,
    StoreOpened,
    UnlockStore,
)
from openmed_agent.workbench.wire import StoreLockedError


async def unlock_store(bench: Bench, request: UnlockStore) -> StoreOpened:
    """Open the store, or say that it waits for its passphrase."""
    try:
        store = bench.unlock(request.passphrase)
    except StoreLockedError:
        return StoreOpened(locked=True)
    return StoreOpened(custody=store.custody, notice=store.notice or "")


async def list_sessions(bench: Bench, request: ListSessions) -> SessionList:
    """Return sessions, the last used first."""
    sessions = bench.store.sessions
    found, held = sessions.list(request.limit, request.query), sessions.held()
    return SessionList(sessions=tuple(_row(bench, one, held) for one in found))


async def find_last_used(bench: Bench, _: FindLastUsed) -> LastUsed:
    """Return the session to go on with where none is named."""
    found = bench.store.sessions.last_used()
    return LastUsed() if found is None else LastUsed(session_id=found.session_id)


async def read_events(bench: Bench, request: ReadEvents) -> EventPage:
    """Return a page of events, the last ones before a sequence."""
    sessions = bench.store.sessions
    session_id = sessions.get(request.session_id).session_id
    records = sessions.events(session_id, before=request.before, limit=request.limit, backwards=True)
    try:
        events = [read_event(record.document, record.sequence) for record in records]
    except ValueError:
        raise StoreError(
            "The session holds an event that this version cannot read.",
            remedy="Update OpenMed Agent, or start a new session.",
        ) from None
    first = events[-1].sequence if events else 1
    return EventPage(events=tuple(reversed(events)), more=first is not None and first > 1)


async def rename_session(bench: Bench, request: RenameSession) -> SessionRow:
    """Give a session another title."""
    return _row(bench, bench.store.sessions.rename(request.session_id, request.title))


async def fork_session(bench: Bench, request: ForkSession) -> SessionRow:
    """Make a fork of a session."""
    return _row(bench, bench.store.sessions.fork(request.session_id, request.at))


async def delete_session(bench: Bench, request: DeleteSession) -> SessionDeleted:
    """Delete a session for good."""
    if request.session_id == bench.open_session:
        raise NotPermittedError("This session is open here.", remedy="Begin a new one first, then delete it.")
    deletion = bench.store.sessions.delete(request.session_id)
    return SessionDeleted(shared=deletion.shared, erased=deletion.erased)


def _row(bench: Bench, record: SessionRecord, held: frozenset[str] = frozenset()) -> SessionRow:
    return SessionRow(
        session_id=record.session_id,
        title=record.title,
        created=record.created,
        updated=record.updated,
        phi_mode=record.phi_mode,
        agent_mode=record.agent_mode,
        model=record.model,
        events=bench.store.sessions.last_sequence(record.session_id),
        forked_from=None if record.parent is None else record.parent.session_id,
        held="here" if record.session_id == bench.open_session else "elsewhere" if record.session_id in held else "",
    )


HANDLERS: tuple[Handler, ...] = (
    answered_by(UnlockStore, unlock_store),
    answered_by(ListSessions, list_sessions),
    answered_by(FindLastUsed, find_last_used),
    answered_by(ReadEvents, read_events),
    answered_by(RenameSession, rename_session),
    answered_by(ForkSession, fork_session),
    answered_by(DeleteSession, delete_session),
)
