"""One record of a corpus, what came of it, and how a corpus on disk is read and written."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

MAXIMUM_RECORD_BYTES: Final = 1024 * 1024
"""Most bytes of UTF-8 that the text of one record may have."""


class Problem(StrEnum):
    """Why a record has no de-identified text."""

    MALFORMED = "malformed"
    NOT_UTF8 = "not_utf8"
    NO_TEXT = "no_text"
    NO_SCOPE = "no_scope"
    TOO_LARGE = "too_large"
    RESIDUAL = "residual"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Record:
    """Record ``number`` (from 1) as read: its text, or why there is none; records of one ``scope`` agree."""

    number: int
    text: str | None
    scope: str | None = None
    problem: Problem | None = None


class Outcome(BaseModel):
    """What came of a record. ``text`` is de-identified, and missing where there was none or the status is error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    record: int = Field(ge=1)
    status: Literal["ok", "error"]
    error: Problem | None = None
    identifiers: int = 0
    repaired: int = 0
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """A corpus before work begins: the digest of all its bytes and how many records it has."""

    digest: str
    records: int


class Corpus(Protocol):
    """One kind of input. Its records come in one order that does not change while its bytes do not."""

    def survey(self) -> Survey:
        """Return digest and number of records, having read everything once.

        Raises:
            InputError: it cannot be read as a whole.

        """

    def records(self) -> Iterator[Record]:
        """Yield every record."""

    def write(self, outcomes: Iterator[Outcome], target: Path) -> None:
        """Write the corpus anew to ``target``, each record's text replaced by that of its outcome."""
