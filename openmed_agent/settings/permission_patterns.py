"""Which calls a permission rule speaks of: ``name``, ``name*`` or ``name(subject glob)``.

In a glob ``*`` stands for any characters but ``/``, ``**`` for any characters, ``?`` for one character that is not
``/``; every other character stands for itself. ``/**`` at the end speaks of the folder and all in it, ``/**/`` of any
number of folders or none. Matching takes one step for each character of the subject, whatever the pattern.
"""

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Final

LONGEST_PATTERN: Final = 1024

_NAME: Final = re.compile(r"\*|[a-z][a-z0-9_]{0,63}\*?")
_TOKEN: Final = re.compile(r"\*+|[^*]", re.DOTALL)
_WILD: Final = frozenset("*?")
_BELOW: Final = "/**"


class PatternError(ValueError):
    """A pattern says nothing that can be held; the message never repeats the pattern."""


@dataclass(frozen=True, slots=True)
class SubjectGlob:
    """A glob as sets of bits, one for each of its tokens, so that a subject is read once from left to right."""

    exactly: Mapping[str, int]
    """For a character the tokens that are that character."""
    one_in_segment: int
    stays_in_segment: int
    stays_anywhere: int
    may_be_missing: int
    """``**`` between two ``/``, which stands for no folder too."""
    end: int

    def matches(self, subject: str) -> bool:
        """Tell whether the glob speaks of the whole subject."""
        stars = self.stays_in_segment | self.stays_anywhere
        reached = 1 | ((1 & self.may_be_missing) << 2)
        reached |= (reached & stars) << 1
        for character in subject:
            goes_on, stays = self.exactly.get(character, 0), self.stays_anywhere
            if character != "/":
                goes_on |= self.one_in_segment
                stays |= self.stays_in_segment
            went_on = (reached & goes_on) << 1
            reached = went_on | ((went_on & self.may_be_missing) << 2) | (reached & stays)
            if not reached:
                return False
            reached |= (reached & stars) << 1
        return bool(reached & self.end)


@dataclass(frozen=True, slots=True)
class PermissionPattern:
    """One rule's reach: the tools by name, and where ``subject`` is given only calls with such a subject."""

    name: str
    every_name_that_starts_so: bool
    subject: str | None

    def names(self, tool: str) -> bool:
        """Tell whether the pattern speaks of a tool, with any subject."""
        return tool.startswith(self.name) if self.every_name_that_starts_so else tool == self.name

    def matches(self, tool: str, subject: str) -> bool:
        """Tell whether the pattern speaks of a call exactly as it is written."""
        return self.names(tool) and (self.subject is None or _glob_matches(self.subject, normalised(subject)))

    def matches_alike(self, tool: str, subject: str) -> bool:
        """Tell the same, and also where names of files differ in case or in the form of their letters only.

        Some systems take such names for one file, so what forbids must not depend on them.
        """
        if self.matches(tool, subject):
            return True
        return (
            self.subject is not None
            and self.names(tool)
            and _glob_matches(_folded(self.subject), _folded(normalised(subject)))
        )


def parse_pattern(text: str) -> PermissionPattern:
    """Return the pattern that ``text`` writes; the path of its glob is normalised.

    Raises:
        PatternError: it is empty, too long, names no tool, is not balanced, or has control characters.

    """
    name, subject = _split(text)
    if not _NAME.fullmatch(name):
        raise PatternError("the pattern starts with no name of a tool (small letters, digits and _; * only at the end)")
    if subject is not None:
        compile_glob(subject)
        if subject.endswith("/") and len(subject) > 1:
            raise PatternError("the pattern's path ends in /: write /** for a folder and all that is in it")
        subject = normalised(subject)
    return PermissionPattern(name.removesuffix("*"), name.endswith("*"), subject)


def absolute_pattern(text: str, *, home: Path, base: Path | None = None) -> str:
    """Return the pattern with ``~/`` at the start of its glob replaced by ``home``, and ``./`` by ``base``.

    Raises:
        PatternError: as of parse_pattern; or the glob would start with a folder whose name has a wild card, or
            there is no base that ``./`` could stand for.

    """
    parse_pattern(text)
    name, subject = _split(text)
    if subject is None or not subject.startswith(("~/", "./")):
        return text
    folder = home if subject.startswith("~") else base
    if folder is None:
        raise PatternError("only a pattern of a project starts with ./: write an absolute path or ~/")
    if _WILD & set(folder.as_posix()):
        raise PatternError("the pattern lies in a folder whose name has a * or ?: write the whole path")
    whole = f"{name}({normalised(f'{folder.as_posix()}/{subject[2:]}')})"
    parse_pattern(whole)  # it may have become too long
    return whole


def normalised(subject: str) -> str:
    """Return an absolute path without ``.``, ``..`` and doubled separators, and any other subject as it is.

    This reads no disk: a tool resolves symbolic links before it names its subject.
    """
    if not PurePath(subject).is_absolute():
        return subject
    path = PurePath(os.path.normpath(subject)).as_posix()
    return "/" + path.lstrip("/") if path.startswith("/") else path


@lru_cache(maxsize=4096)
def compile_glob(glob: str) -> SubjectGlob:
    """Return the glob in the form that matches.

    Raises:
        PatternError: it is empty or has more than two stars in a row.

    """
    if not glob:
        raise PatternError("the pattern has nothing between its parentheses")
    exactly: dict[str, int] = {}
    one_in_segment = stays_in_segment = stays_anywhere = may_be_missing = 0
    bit = 1
    for token in _TOKEN.finditer(glob):
        match token.group():
            case "*":
                stays_in_segment |= bit
            case "**":
                stays_anywhere |= bit
                if glob[token.start() - 1 : token.start()] in {"", "/"} and glob[token.end() : token.end() + 1] == "/":
                    may_be_missing |= bit
            case "?":
                one_in_segment |= bit
            case stars if stars.startswith("*"):
                raise PatternError("the pattern has more than two stars in a row")
            case character:
                exactly[character] = exactly.get(character, 0) | bit
        bit <<= 1
    return SubjectGlob(exactly, one_in_segment, stays_in_segment, stays_anywhere, may_be_missing, bit)


def _glob_matches(glob: str, subject: str) -> bool:
    compiled = compile_glob(glob)
    return compiled.matches(subject) or (glob.endswith(_BELOW) and compiled.matches(subject + "/"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _split(text: str) -> tuple[str, str | None]:
    """Return the name and what stands between the outer parentheses."""
    if not text:
        raise PatternError("the pattern is empty")
    if len(text) > LONGEST_PATTERN:
        raise PatternError(f"the pattern is longer than {LONGEST_PATTERN} characters")
    if not text.isprintable():
        raise PatternError("the pattern holds control or invisible characters")
    name, opened, rest = text.partition("(")
    if not opened:
        return name, None
    if not rest.endswith(")") or not _balanced(rest[:-1]):
        raise PatternError("the pattern has parentheses that do not match")
    return name, rest[:-1]


def _balanced(text: str) -> bool:
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
