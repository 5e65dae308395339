"""The words of words.txt, by section."""

from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "words.txt"


@cache
def words(section: str) -> tuple[str, ...]:
    """Return the entries of a section; KeyError for no such section."""
    return _sections()[section]


@cache
def _sections() -> dict[str, tuple[str, ...]]:
    sections: dict[str, tuple[str, ...]] = {}
    title = ""
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            title = line.strip("[]")
        elif not line.startswith("# "):
            sections[title] = tuple(line.split("|"))
    return sections
