"""The folder ``OUT.partial`` of a run that is not finished: what it works on, its key, its journal, its output.

It is there until the result is; ``OUT`` itself appears whole, in one step, or not at all.
"""

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.corpus.journal import Journal
from openmed_agent.planes.inference.corpus.records import Outcome
from openmed_agent.text.terminal import terminal_safe

_KEY_BYTES: Final = 32


class JobRecord(BaseModel):
    """What a run works on and how: a run goes on only where all of it is as it was."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_name: Literal["openmed.deid-batch/1"] = "openmed.deid-batch/1"
    release: str
    input_digest: str
    records: int
    options: dict[str, str | int | bool | None]
    key_check: str


class Workspace:
    """The folder beside ``out``; ``journal`` is open while the workspace is."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.status = out.with_name(f"{out.name}.status.jsonl")
        self.folder = out.with_name(f"{out.name}.partial")
        self.output = self.folder / "output"
        self.journal = Journal(self.folder / "journal.jsonl")
        self._publishing = self.folder / "publishing"

    def check_free(self) -> None:
        """Return if nothing has the names of the results; what a kill left of a finished run is removed.

        Raises:
            InputError: something has.

        """
        if os.path.lexists(self.out):
            self._clear_finished()
            raise self._exists(self.out)
        if os.path.lexists(self.status) and not self.folder.is_dir():
            raise self._exists(self.status)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder, made where it is missing, for the length of the block.

        Raises:
            InputError: there is a result already, the folder cannot be made, or another run holds it.

        """
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            lock = FileLock(self.folder / "lock", timeout=0)
            with lock:
                self.check_free()
                with self.journal:
                    yield
        except Timeout:
            raise InputError(
                f"Another run is at work in {_shown(self.folder)}.", remedy="Wait for it, or choose another --out."
            ) from None
        except FileNotFoundError as error:
            if error.filename and Path(error.filename).parent == self.folder.parent:
                raise InputError(f"There is no folder for {_shown(self.out)}.", remedy="Make it first.") from None
            raise

    def key(self) -> bytes:
        """Return the random key of this run, the same one when it goes on."""
        file = self.folder / "key"
        if not file.exists():
            _write_whole(file, secrets.token_bytes(_KEY_BYTES))
        key = file.read_bytes()
        if len(key) != _KEY_BYTES:
            raise self._spoilt()
        return key

    def agree(self, job: JobRecord) -> None:
        """Return if the folder is new or belongs to the same job.

        Raises:
            InputError: the input or an option has changed since the run began.

        """
        file = self.folder / "job.json"
        if not file.exists():
            _write_whole(file, job.model_dump_json(indent=2).encode())
            return
        try:
            begun = JobRecord.model_validate_json(file.read_bytes())
        except ValidationError:
            raise self._spoilt() from None
        if begun == job:
            return
        what = _difference(begun, job)
        raise InputError(
            f"{what} since the run in {_shown(self.folder)} began.",
            remedy="Run it as it was, or delete that folder to begin anew.",
        )

    def write_status(self) -> None:
        """Write the status file beside the output: every outcome without its text."""
        with os.fdopen(os.open(self.folder / "status", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            for outcome in self.journal.outcomes():
                stream.write(_status_line(outcome))
            stream.flush()
            _sync(stream.fileno())

    def publish(self) -> None:
        """Give the status file and then the output their names; the folder is gone afterwards.

        Raises:
            InputError: something has taken the name of the output meanwhile.

        """
        self.output.chmod(0o700 if self.output.is_dir() else 0o600)
        _sync_path(self.output)
        _write_whole(self._publishing, b"")
        (self.folder / "status").replace(self.status)
        if os.path.lexists(self.out):
            raise self._exists(self.out)
        self.output.rename(self.out)
        _sync_path(self.out.parent)
        self._remove()

    def _clear_finished(self) -> None:
        """Remove the folder of a run that was killed after its output had got its name."""
        if not self._publishing.exists() or os.path.lexists(self.output):
            return
        try:
            with FileLock(self.folder / "lock", timeout=0):
                self._remove()
        except Timeout:
            return  # that run is at it itself

    def _remove(self) -> None:
        """Remove the folder; what tells that its run is finished goes last, so that the next start can go on."""
        for path in self.folder.iterdir():
            if path != self._publishing:
                path.unlink()
        shutil.rmtree(self.folder)

    def _exists(self, path: Path) -> InputError:
        return InputError(f"{_shown(path)} exists already.", remedy="Choose another --out; nothing was overwritten.")

    def _spoilt(self) -> InputError:
        return InputError(
            f"{_shown(self.folder)} is not the folder of a run.", remedy="Delete it, or choose another --out."
        )


def _difference(begun: JobRecord, job: JobRecord) -> str:
    if begun.input_digest != job.input_digest:
        return "The input has changed"
    changed = sorted(
        name for name in {*begun.options, *job.options} if begun.options.get(name) != job.options.get(name)
    )
    if changed:
        return f"Options have changed ({', '.join(changed)})"
    return "The key has changed" if begun.key_check != job.key_check else "OpenMed Agent has changed"


def _status_line(outcome: Outcome) -> bytes:
    return json.dumps(outcome.model_dump(mode="json", exclude={"text"}, exclude_none=True)).encode() + b"\n"


def _write_whole(file: Path, content: bytes) -> None:
    beside = file.with_name(f"{file.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        _sync(stream.fileno())
    beside.replace(file)


def _sync_path(path: Path) -> None:
    if os.name != "posix":
        return  # a folder cannot be opened there
    descriptor = os.open(path, os.O_RDONLY)
    try:
        _sync(descriptor)
    finally:
        os.close(descriptor)


def _sync(descriptor: int) -> None:
    os.fsync(descriptor)


def _shown(path: Path) -> str:
    return terminal_safe(str(path), single_line=True)
