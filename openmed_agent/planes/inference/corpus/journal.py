"""The outcomes so far, one JSON object a line, from which a killed run goes on.

Only whole lines count: what a kill left of the last one is cut off. It holds no original text.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from pydantic import ValidationError

from openmed_agent.planes.inference.corpus.records import Outcome

_SYNC_SECONDS: Final = 2.0


class Journal:
    """Appends outcomes to a file; ``done`` is how many records it holds."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.done = 0
        self.errors = 0
        self._synced = monotonic()

    def __enter__(self) -> Self:
        """Open the file, cut off what is not whole, and go to its end."""
        self._stream = os.fdopen(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        end = 0
        for line in self._stream:
            outcome = _whole(line, self.done + 1)
            if outcome is None:
                break
            self._count(outcome)
            end += len(line)
        self._stream.truncate(end)
        self._stream.seek(end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._stream.close()

    def append(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes down; every few seconds they are also made safe from a power failure."""
        for outcome in outcomes:
            self._stream.write(outcome.model_dump_json(exclude_none=True).encode() + b"\n")
            self._count(outcome)
        self._stream.flush()
        if monotonic() - self._synced > _SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        """Make everything written safe from a power failure."""
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._synced = monotonic()

    def outcomes(self) -> Iterator[Outcome]:
        """Yield everything written, from the first record on."""
        with self._file.open("rb") as stream:
            for line in stream:
                yield Outcome.model_validate_json(line)

    def _count(self, outcome: Outcome) -> None:
        self.done += 1
        self.errors += outcome.status == "error"


def _whole(line: bytes, number: int) -> Outcome | None:
    try:
        outcome = Outcome.model_validate_json(line)
    except ValidationError:
        return None
    return outcome if line.endswith(b"\n") and outcome.record == number else None
