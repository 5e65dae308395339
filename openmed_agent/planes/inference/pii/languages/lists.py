"""The lists of one language: names and towns that the build script made, and the hand-kept words."""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

_HEADING: Final = re.compile(r"\[([a-z_]+)\]")


@dataclass(frozen=True, slots=True)
class Names:
    """Given names, surnames and towns; Latin ones in lower case without accents, others as written."""

    given: frozenset[str]
    surnames: frozenset[str]
    cities: frozenset[str]


@cache
def names_of(code: str) -> Names:
    """Return the lists of a language, or of all Latin scripts together (`latin`), reading them on the first call."""
    data = resources.files(__package__).joinpath("data", f"{code}.txt.gz").read_bytes()
    sections = _sections(gzip.decompress(data).decode().split("\n"))
    return Names(*(frozenset(sections.get(name, ())) for name in ("given", "surnames", "cities")))


@cache
def words_of(code: str, section: str) -> frozenset[str]:
    """Return the words under `[section]` of a language's hand-kept file; a section it lacks is empty."""
    return frozenset(word for line in phrases_of(code, section) for word in line.split())


@cache
def phrases_of(code: str, section: str) -> tuple[str, ...]:
    """Return the lines under `[section]` of a language's hand-kept file, in order."""
    text = resources.files(__package__).joinpath("data", f"{code}.words.txt").read_text("utf-8")
    return tuple(_sections(text.splitlines()).get(section, ()))


def _sections(lines: list[str]) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in lines:
        heading = _HEADING.fullmatch(line)
        if heading is not None:
            current = sections.setdefault(heading[1], [])
        elif line and not line.startswith("#"):
            current.append(line)
    return sections
