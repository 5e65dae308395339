"""What could be meant at the cursor: a command, a file, a skill."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.text.fuzzy import ranked
from openmed_agent.text.mentions import mention_of
from openmed_agent.tui.commands import COMMANDS, Command
from openmed_agent.workbench.requests.prompt import SkillName

MOST_CANDIDATES: Final = 50
_LONGEST_WORD: Final = 4_000
_BEFORE_A_MARK: Final = " \t\u00a0(["

Sign = Literal["/", "@", "$"]


@dataclass(frozen=True, slots=True)
class Token:
    """The word at the cursor that begins with a sign; ``start`` is the column of the sign."""

    sign: Sign
    start: int
    query: str = ""

    def same_place(self, other: "Token | None") -> bool:
        """Return whether it is the same word, more or less of it typed."""
        return other is not None and (self.sign, self.start) == (other.sign, other.start)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may be meant: its name, what is said of it, and what the prompt then holds."""

    name: str
    detail: str
    inserted: str
    whole: bool = False
    """Whether nothing more belongs to it, so that Enter sends it."""


def token_at(before: str, *, first_row: bool) -> Token | None:
    """Return the token that the cursor is at; ``before`` is the line up to it. Commands stand only at the start."""
    if first_row and before.startswith("/"):
        return None if any(one.isspace() for one in before) else Token("/", 0, before[1:])
    if (quoted := _quoted(before)) is not None:
        return quoted
    begin = max(len(before) - _LONGEST_WORD, *(before.rfind(mark) + 1 for mark in _BEFORE_A_MARK), 0)
    match before[begin : begin + 1]:
        case "@":
            return Token("@", begin, before[begin + 1 :])
        case "$":
            return Token("$", begin, before[begin + 1 :])
        case _:
            return None


def commands(query: str) -> list[Candidate]:
    """Return the commands that fit."""
    found = ranked(query, COMMANDS, lambda one: one.name, limit=MOST_CANDIDATES)
    return [Candidate(_usage(one), one.description, f"/{one.name} ", whole=not one.argument) for one in found]


def skills(query: str, known: Iterable[SkillName]) -> list[Candidate]:
    """Return the skills that fit."""
    found = ranked(query, known, lambda one: one.name, limit=MOST_CANDIDATES)
    return [Candidate(one.name, one.description, f"${one.name} ") for one in found]


def files(paths: Iterable[str]) -> list[Candidate]:
    """Return the files, in their order; one that no prompt can name is left out."""
    return [Candidate(path, "", f"{mention} ") for path in paths if (mention := mention_of(path)) is not None]


def _usage(command: Command) -> str:
    return f"/{command.name} {command.argument}".rstrip()


def _quoted(before: str) -> Token | None:
    for quote in "\"'":
        start = before.rfind(f"@{quote}")
        opened = start >= 0 and (start == 0 or before[start - 1] in _BEFORE_A_MARK)
        if opened and quote not in before[start + 2 :]:
            return Token("@", start, before[start + 2 :][-_LONGEST_WORD:])
    return None
