"""Taking a session out of a store whole, and into one: its log, its results and its vault."""

from collections.abc import Iterable, Iterator

from openmed_agent.errors import InputError
from openmed_agent.store.database import Database
from openmed_agent.store.event_logs import EventLogs
from openmed_agent.store.session_file import (
    EventLine,
    IdentifierLine,
    ImportRules,
    ResultLine,
    SessionHeader,
    SessionLine,
    content_of,
    held,
)
from openmed_agent.store.session_records import SessionRecord, WentOnElsewhereError
from openmed_agent.store.session_results import LARGEST_RESULT, SessionResults
from openmed_agent.store.vault import VaultEntry, VaultRecords, text_bytes


class SessionTransfer:
    """Sessions on their way between a store and a file."""

    def __init__(self, database: Database, logs: EventLogs, results: SessionResults) -> None:
        self._database = database
        self._logs = logs
        self._results = results

    def lines(self, session: SessionRecord) -> Iterator[SessionLine]:
        """Yield everything that a session shows, of one state of the store."""
        with self._database.snapshot():
            self._logs.last_sequence(session.session_id)  # a snapshot begins with the first look
            yield SessionHeader(
                title=session.title, phi_mode=session.phi_mode, agent_mode=session.agent_mode, model=session.model
            )
            for entry in VaultRecords(self._database, session.vault_id).load():
                yield IdentifierLine(
                    surrogate=held(text_bytes(entry.surrogate)),
                    original=held(text_bytes(entry.original)),
                    kind=entry.kind,
                    entity=entry.entity,
                )
            for sequence, handle, content in self._results.all(session.session_id):
                yield ResultLine(sequence=sequence, handle=handle, content=held(content))
            for event in self._logs.read(session.session_id):
                yield EventLine(
                    sequence=event.sequence,
                    kind=event.kind,
                    appended=event.appended,
                    document=held(event.document),
                    searchable=event.searchable,
                )

    def take_in(self, session: SessionRecord, log: int, lines: Iterable[SessionLine], rules: ImportRules) -> None:
        """Fill a new session from the lines after the header, in the caller's transaction.

        Raises:
            InputError: a line holds what this program could not use, events leave a gap, or a handle comes twice.

        """
        vault = VaultRecords(self._database, session.vault_id)
        for number, line in enumerate(lines, start=2):
            try:
                match line:
                    case IdentifierLine():
                        vault.add((_entry(line, rules),))
                    case ResultLine():
                        self._results.put(log, line.sequence, line.handle, _result(line))
                    case EventLine():
                        self._append(session, line, rules)
                    case SessionHeader():
                        pass  # it comes first: read_lines sees to that
            except (ValueError, WentOnElsewhereError):
                raise InputError(
                    f"Line {number} of the file holds what this version cannot use, so nothing was imported.",
                    remedy="Export the session again, with the version that imports it.",
                ) from None

    def _append(self, session: SessionRecord, line: EventLine, rules: ImportRules) -> None:
        document = content_of(line.document)
        rules.check_event(document, line.sequence)
        self._logs.append(
            session.session_id,
            line.kind,
            document,
            expected=line.sequence - 1,
            searchable=line.searchable,
            now=line.appended,
        )


def _entry(line: IdentifierLine, rules: ImportRules) -> VaultEntry:
    surrogate, original = (content_of(one).decode("utf-8", "surrogatepass") for one in (line.surrogate, line.original))
    entry = VaultEntry(surrogate, original, line.kind, line.entity)
    rules.check_entry(entry)
    return entry


def _result(line: ResultLine) -> bytes:
    content = content_of(line.content)
    content.decode("utf-8", "surrogatepass")
    if len(content) > LARGEST_RESULT:
        raise ValueError("too large")
    return content
