"""Times as the store writes them: RFC 3339, UTC, microseconds, so that text sorts as time does."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present in UTC."""
    return datetime.now(UTC)


def time_text(time: datetime) -> str:
    """Return an aware time as `2026-01-31T23:59:59.000001Z`; a naive one is a ValueError."""
    if time.tzinfo is None:
        raise ValueError("a time without its zone is not a time")
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Return the time that `time_text` wrote."""
    return datetime.fromisoformat(text)
