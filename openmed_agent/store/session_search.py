"""Search over the text of sessions: words, "phrases" and beginnings*, in any spelling a person may type."""

import re
from collections import defaultdict

from openmed_agent.store.database import Database
from openmed_agent.store.event_logs import storable_text
from openmed_agent.store.session_records import SearchHit

_LONGEST_QUERY = 1_000
_MOST_TERMS = 32
_EXCERPT_WORDS = 16
_TERM = re.compile(r'"([^"]*)"(\*?)|([^\s"]+)')

# Each session with the logs it shows, and how far; the recursion ends at the oldest log.
_SHOWN = """WITH RECURSIVE shown (session_id, log, base, after, upto) AS (
    SELECT session_id, logs.log, base, base_sequence, 1 << 62 FROM sessions JOIN logs USING (log)
    UNION ALL SELECT session_id, logs.log, logs.base, logs.base_sequence, shown.after
    FROM shown JOIN logs ON logs.log = shown.base)
"""
_OWNERS = f"""{_SHOWN} SELECT shown.log, upto, session_id, title FROM shown JOIN sessions USING (session_id)
    ORDER BY upto DESC, created, session_id"""  # noqa: S608 - constants
_HITS = f"""SELECT log, sequence, kind, snippet(event_search, 0, '', '', '…', {_EXCERPT_WORDS})
    FROM event_search JOIN events ON events.event = event_search.rowid
    WHERE event_search MATCH ? ORDER BY event_search.rowid DESC LIMIT ?"""  # noqa: S608 - constants
_SESSIONS = f"""{_SHOWN}, found (log, sequence) AS (SELECT log, min(sequence) FROM events
        WHERE event IN (SELECT rowid FROM event_search WHERE event_search MATCH ?) GROUP BY log)
    SELECT DISTINCT session_id FROM shown JOIN found USING (log) WHERE sequence <= upto"""  # noqa: S608 - constants


class SessionSearch:
    """The search index of a store's sessions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hits(self, text: str, limit: int) -> tuple[SearchHit, ...]:
        """Return events whose text has all the terms, the newest first; none where the text has no letter or digit.

        An event that several sessions show is found once: in the one it was written in, or else in the oldest fork.
        """
        query = match_query(text)
        if not query:
            return ()
        owners: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
        for log, upto, session_id, title in self._database.read(_OWNERS):
            owners[log].append((upto, session_id, title))
        return tuple(
            SearchHit(session_id, title, sequence, kind, excerpt)
            for log, sequence, kind, excerpt in self._database.read(_HITS, query, limit)
            for session_id, title in [(owner[1], owner[2]) for owner in owners[log] if owner[0] >= sequence][:1]
        )

    def sessions(self, text: str) -> frozenset[str]:
        """Return the ids of the sessions that show an event whose text has all the terms."""
        query = match_query(text)
        if not query:
            return frozenset()
        return frozenset(str(row[0]) for row in self._database.read(_SESSIONS, query))

    def rebuild(self) -> None:
        """Make the index anew from the texts that are there, so that nothing of a deleted one is left in it."""
        self._database.write("INSERT INTO event_search (event_search) VALUES ('rebuild')")


def match_query(text: str) -> str:
    """Return the FTS5 query for what a person typed, or nothing where there is nothing to search for.

    Every term is quoted, so that no operator of the query language is ever read in it.
    """
    terms: list[str] = []
    for found in _TERM.finditer(storable_text(text[:_LONGEST_QUERY]).replace("\0", " ")):
        phrase, star, word = found.groups()
        content = phrase if word is None else word.rstrip("*")
        if not any(letter.isalnum() for letter in content):
            continue
        is_beginning = bool(star) if word is None else word.endswith("*")
        terms.append(f'"{content}"' + ("*" if is_beginning else ""))
        if len(terms) == _MOST_TERMS:
            break
    return " ".join(terms)
