"""Results that are too large for a model's context: kept with the session, and read again by a handle."""

import secrets
from collections.abc import Iterator

from openmed_agent.errors import InputError
from openmed_agent.store.database import Database
from openmed_agent.store.event_logs import EventLogs, Segment

LARGEST_RESULT = 16 << 20
HANDLE = r"^result-[0-9a-f]{16}$"
# Random: a digest of the text would let a model's host confirm a guess of it.
_HANDLE_BYTES = 8


class SessionResults:
    """The results of the sessions of a store. A fork has those that its parent had kept when it left."""

    def __init__(self, database: Database, logs: EventLogs) -> None:
        self._database = database
        self._logs = logs

    def keep(self, session_id: str, text: str) -> str:
        """Keep a text durably, for the event that will be appended next, and return its handle.

        Raises:
            InputError: no session has this id, or the text is larger than 16 MiB.

        """
        content = text.encode("utf-8", "surrogatepass")
        if len(content) > LARGEST_RESULT:
            raise InputError("A result is larger than 16 MiB.", remedy="Ask for a part of it.")
        handle = f"result-{secrets.token_hex(_HANDLE_BYTES)}"
        with self._database.transaction():
            log = self._logs.segments(session_id)[-1].log
            self.put(log, self._logs.last_sequence(session_id) + 1, handle, content)
        return handle

    def put(self, log: int, sequence: int, handle: str, content: bytes) -> None:
        """Put a result into a log, in the caller's transaction; a ValueError where the log has its handle."""
        if self._database.read("SELECT 1 FROM results WHERE log = ? AND handle = ?", log, handle):
            raise ValueError("a handle names one result")
        self._database.write(
            "INSERT INTO results (log, sequence, handle, content) VALUES (?, ?, ?, ?)", log, sequence, handle, content
        )

    def all(self, session_id: str) -> Iterator[tuple[int, str, bytes]]:
        """Yield the sequence, handle and content of each result of a session."""
        for segment in self._logs.segments(session_id):
            kept = "SELECT sequence, handle FROM results WHERE log = ? AND sequence <= ? ORDER BY sequence, handle"
            for sequence, handle in self._database.read(kept, segment.log, segment.upto):
                yield sequence, handle, self._content(segment, handle) or b""

    def get(self, session_id: str, handle: str) -> str:
        """Return the text with this handle.

        Raises:
            InputError: no session has this id, or the session has no such result.

        """
        for segment in self._logs.segments(session_id):
            content = self._content(segment, handle)
            if content is not None:
                return content.decode("utf-8", "surrogatepass")
        raise InputError("The session has no result with this handle.")

    def _content(self, segment: Segment, handle: str) -> bytes | None:
        rows = self._database.read(
            "SELECT content FROM results WHERE log = ? AND handle = ? AND sequence <= ?",
            segment.log,
            handle,
            segment.upto,
        )
        return bytes(rows[0][0]) if rows else None
