"""A folder of text files, one record a file.

The names of the files may hold identifiers, so the output's files are numbered by the order of the paths, and only
that order says which is which. The list of names is the one thing here that is held in memory.
"""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.files import digest_of
from openmed_agent.planes.inference.corpus.records import MAXIMUM_RECORD_BYTES, Outcome, Problem, Record, Survey

SUFFIX: Final = ".txt"


class TextFolder:
    """Every ``*.txt`` below a folder; links are not followed, and a failed record has no file in the output."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def survey(self) -> Survey:
        """Return the number of files, and a digest over their names and contents."""
        names = self._names()
        if not names:
            raise InputError(f"The folder holds no {SUFFIX} files.", remedy="Check the path.")
        digest = hashlib.sha256()
        for name in names:
            digest.update(os.fsencode(name) + b"\0" + digest_of(self._folder / name).encode() + b"\0")
        return Survey(f"sha256:{digest.hexdigest()}", len(names))

    def records(self) -> Iterator[Record]:
        """Yield every file in the order of the paths."""
        for number, name in enumerate(self._names(), start=1):
            with (self._folder / name).open("rb") as stream:
                content = stream.read(MAXIMUM_RECORD_BYTES + 1)
            if len(content) > MAXIMUM_RECORD_BYTES:
                yield Record(number, None, problem=Problem.TOO_LARGE)
                continue
            try:
                yield Record(number, content.decode())
            except UnicodeDecodeError:
                yield Record(number, None, problem=Problem.NOT_UTF8)

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write ``target/000001.txt`` and so on."""
        target.mkdir(exist_ok=True)
        for outcome in outcomes:
            if outcome.text is not None:
                (target / f"{outcome.record:06}{SUFFIX}").write_bytes(outcome.text.encode())

    def _names(self) -> list[str]:
        found = [
            os.path.relpath(Path(folder) / name, self._folder)
            for folder, _, names in os.walk(self._folder)
            for name in names
            if name.endswith(SUFFIX) and not (Path(folder) / name).is_symlink()
        ]
        return sorted(found, key=os.fsencode)
