"""What sessions cost: appending to a short and to a long one, opening a store that holds it, searching, deleting.

Run: .venv/bin/python benchmarks/sessions.py [--events 100000] [--folder /tmp]

The events are of about a kilobyte with 300 characters to search; the folder must be on the disk that is measured.
"""

import argparse
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from openmed_agent.store import Store, open_store

_TIMED = 500
_WORDS = ("chest", "pain", "cough", "fever", "lisinopril", "metformin", "stable", "denies", "worsening", "left", "knee")


def main() -> int:
    """Fill a session, print the times at its beginning and its end; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        root = Path(folder) / "home" / "openmed"
        with open_store(root, custody="file") as store:
            session = store.sessions.create(phi_mode="deid", agent_mode="clinical", model="none").session_id
            _fill(store, session, 0, 100)
            _time_appends(store, session, 100)
            _fill(store, session, 100 + _TIMED, options.events)
            _time_appends(store, session, options.events)
        file = root / "sessions" / "openmed.db"
        print(f"database with {options.events} events: {file.stat().st_size / 1e6:.0f} MB")
        _once("open the store", lambda: open_store(root, custody="file").close())
        with open_store(root, custody="file") as store:
            _once("the last 50 events", lambda: list(store.sessions.events(session, limit=50, backwards=True)))
            _once("all events in order", lambda: sum(1 for _ in store.sessions.events(session)))
            _once("search a word that each event has", lambda: store.sessions.search("denies"))
            _once("search a word that one event has", lambda: store.sessions.search("number777"))
            _once("fork", lambda: store.sessions.fork(session))
            _once("verify the audit chain", store.audit.verify)
            for one in store.sessions.list():
                what = f"delete a session of {store.sessions.last_sequence(one.session_id)} events"
                _once(what, partial(store.sessions.delete, one.session_id))
        print(f"database afterwards: {file.stat().st_size / 1e6:.1f} MB")
    print(f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    return 0


def _event(number: int) -> tuple[bytes, str]:
    words = " ".join(random.Random(number).choices(_WORDS, k=40))  # noqa: S311 - a workload, nothing secret
    shown = f"number{number} denies {words}"
    return f'{{"shown":"{shown}","model_text":"{shown}","rest":"{"x" * 300}"}}'.encode(), shown


def _fill(store: Store, session: str, first: int, upto: int) -> None:
    """Append events in large commits, which is not what is timed."""
    for start in range(first, upto, 1000):
        with store.transaction():
            for number in range(start, min(start + 1000, upto)):
                document, shown = _event(number)
                store.sessions.append(session, "answered", document, expected=number, searchable=shown)


def _time_appends(store: Store, session: str, first: int) -> None:
    taken = []
    spent = time.process_time()
    for number in range(first, first + _TIMED):
        document, shown = _event(number)
        start = time.perf_counter()
        store.sessions.append(session, "answered", document, expected=number, searchable=shown)
        taken.append(1000 * (time.perf_counter() - start))
    tenths = statistics.quantiles(taken, n=10)
    processor = 1000 * (time.process_time() - spent) / _TIMED
    print(
        f"append at {first} events, durable: p50 {tenths[4]:.2f} ms, p90 {tenths[8]:.2f} ms, most {max(taken):.1f} ms; "
        f"processor time {processor:.2f} ms each"
    )


def _once(what: str, act: Callable[[], object]) -> None:
    start = time.perf_counter()
    act()
    print(f"{what}: {1000 * (time.perf_counter() - start):.1f} ms")


if __name__ == "__main__":
    sys.exit(main())
