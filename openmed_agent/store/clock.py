"""The latest time the store has seen, so that a clock that was moved back gains nothing."""

from datetime import datetime

from openmed_agent.store.database import Database
from openmed_agent.store.times import parse_time, time_text


class Clock:
    """A high-water mark of time: it rises and never falls."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def floor(self) -> datetime | None:
        """Return the latest time ever seen, or None in a store that has seen none."""
        rows = self._database.read("SELECT latest FROM clock")
        return parse_time(rows[0][0]) if rows else None

    def note_time(self, now: datetime) -> datetime:
        """Return the later of now and the floor, and raise the floor durably where now is later."""
        floor = self.floor()
        if floor is not None and now <= floor:
            return floor
        with self._database.transaction():
            # max: another process may have raised the floor since it was read.
            self._database.write(
                "INSERT INTO clock (only, latest) VALUES (1, ?) "
                "ON CONFLICT (only) DO UPDATE SET latest = max(latest, excluded.latest)",
                time_text(now),
            )
            latest = self.floor()
        return now if latest is None else max(now, latest)
