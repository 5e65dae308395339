"""The latest time the store has seen, so that a clock that was moved back gains nothing."""

from datetime import datetime, timedelta

from openmed_agent.errors import NotPermittedError
from openmed_agent.store.database import Database
from openmed_agent.store.times import parse_time, time_text

# Clocks are corrected by seconds, and by hours where a machine took local time for UTC.
_CORRECTION = timedelta(days=1)


def check_clock(now: datetime, floor: datetime) -> None:
    """Check that the machine's clock is not so far behind the latest time seen that one of both must be wrong.

    Raises:
        NotPermittedError: it is more than a day behind.

    """
    if floor - now > _CORRECTION:
        raise NotPermittedError(
            f"The store has seen the date {floor:%Y-%m-%d}; this machine's clock is behind it.",
            remedy="Set the clock right. If the date seen was wrong, run: openmed audit clock --reset",
        )


class Clock:
    """A high-water mark of time: it rises, and falls only by ``lower``, an act that a person asked for."""

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

    def lower(self, now: datetime) -> None:
        """Set the floor to now, inside the transaction that records the act."""
        self._database.write("UPDATE clock SET latest = ?", time_text(now))
