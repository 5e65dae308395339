"""The errors a person may see, each tied to one exit status of the command line.

A message is one clear sentence that says what is wrong and, where there is a way out, a remedy says what
the user can do. Neither ever holds text from a chart, a key, a token or a passphrase.
"""

import os
from enum import IntEnum
from pathlib import Path
from typing import ClassVar


class ExitStatus(IntEnum):
    """Exit status of every command."""

    DONE = 0
    NO = 1
    WRONG_USAGE = 2
    WRONG_INPUT = 3
    NOT_PERMITTED = 4
    UNAVAILABLE = 5
    STORE_UNAVAILABLE = 6
    LIMIT_REACHED = 7
    INTERRUPTED = 130


class OpenMedError(Exception):
    """Base of all errors that are reported as one sentence instead of a traceback."""

    exit_status: ClassVar[ExitStatus] = ExitStatus.NO

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        """Return the sentence, followed by the remedy where there is one."""
        return f"{self.message} {self.remedy}" if self.remedy else self.message


class CheckFailedError(OpenMedError):
    """The command worked and its answer is no: a verification differs, a check found a fault."""

    exit_status = ExitStatus.NO


class UsageError(OpenMedError):
    """The command line is wrong: an unknown workflow, option or combination."""

    exit_status = ExitStatus.WRONG_USAGE


class InputError(OpenMedError):
    """A file or value that was handed over cannot be used."""

    exit_status = ExitStatus.WRONG_INPUT


class NotPermittedError(OpenMedError):
    """A rule forbids the act: no approval, policy, PHI mode."""

    exit_status = ExitStatus.NOT_PERMITTED


class UnavailableError(OpenMedError):
    """A service or model that is needed cannot be used right now."""

    exit_status = ExitStatus.UNAVAILABLE


class StoreError(OpenMedError):
    """The store or a key of it is not available."""

    exit_status = ExitStatus.STORE_UNAVAILABLE


class LimitReachedError(OpenMedError):
    """A limit of time, turns, size or cost ended the act."""

    exit_status = ExitStatus.LIMIT_REACHED


def fault_words(error: BaseException | None) -> str:
    """Return what may be said of a fault in this program: ``KeyError at files.py:12``.

    Kind and place only: a message or a local value could hold text of a chart. The place is the last one outside of
    libraries, whose lines help nobody find it.
    """
    if error is None:
        return "an unknown fault"
    import traceback  # noqa: PLC0415 - every command loads this module, and hardly one meets a fault

    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"
    return f"{type(error).__name__} at {place}"


def _is_library(file: str) -> bool:
    parts, standard = Path(file).parts, str(Path(os.__file__).parent)
    return __package__ not in parts and ("site-packages" in parts or file.startswith(("<", standard)))
