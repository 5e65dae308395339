"""Taking a session out of a store whole, and into one: its log, its results and its vault."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

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
    read_lines,
    write_lines,
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

    def file(self, session: SessionRecord) -> Iterator[bytes]:
        """Yield the file of everything that a session shows, of one state of the store."""
        return write_lines(self._lines(session))

    def arrival(self, pieces: Iterable[bytes], rules: ImportRules) -> "Arrival":
        """Return a session that comes as a file, with its header read.

        Raises:
            InputError: it is no such file, or names a mode that the rules refuse.

        """
        lines = read_lines(pieces)
        header = next(lines, None)
        if not isinstance(header, SessionHeader):  # a type for the reader: the first line is one, or was refused
            raise InputError("The file is not an exported session.")
        return Arrival(self._database, self._logs, self._results, header, lines, rules)

    def _lines(self, session: SessionRecord) -> Iterator[SessionLine]:
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


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session that comes as a file."""

    database: Database
    logs: EventLogs
    results: SessionResults
    header: SessionHeader
    lines: Iterator[SessionLine]
    rules: ImportRules

    def modes(self) -> tuple[str, str]:
        """Return the PHI mode and the agent mode that the session gets; an InputError where the rules refuse them."""
        return self.rules.modes(self.header.phi_mode, self.header.agent_mode)

    def fill(self, session: SessionRecord, log: int) -> None:
        """Fill a new session with what the file holds, in the caller's transaction.

        Raises:
            InputError: a line holds what this program could not use, events leave a gap, or a handle comes twice; or
                the file was cut short or changed.

        """
        vault = VaultRecords(self.database, session.vault_id)
        for number, line in enumerate(self.lines, start=2):
            try:
                match line:
                    case IdentifierLine():
                        vault.add((_entry(line, self.rules),))
                    case ResultLine():
                        self.results.put(log, line.sequence, line.handle, _result(line))
                    case EventLine():
                        self._append(session, line)
                    case SessionHeader():
                        pass  # it comes first: read_lines sees to that
            except (ValueError, OverflowError, WentOnElsewhereError):  # a time may lie before the year 1 in UTC
                raise InputError(
                    f"Line {number} of the file holds what this version cannot use, so nothing was imported.",
                    remedy="Export the session again, with the version that imports it.",
                ) from None

    def _append(self, session: SessionRecord, line: EventLine) -> None:
        document = content_of(line.document)
        self.rules.check_event(document, line.sequence)
        self.logs.append(
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
