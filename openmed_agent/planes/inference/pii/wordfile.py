"""Reading the package's own word files: sections of words, `#` for comments, `_` for a space inside an entry."""

from functools import cache
from importlib import resources


@cache
def section(file: str, name: str) -> tuple[str, ...]:
    """Return the entries under `[name]` of a file in the data folder, in order; KeyError for no such section."""
    return _sections(file)[name]


@cache
def _sections(file: str) -> dict[str, tuple[str, ...]]:
    sections: dict[str, list[str]] = {}
    current: list[str] = []
    for line in resources.files(__package__).joinpath("data", file).read_text("utf-8").splitlines():
        if line.startswith("["):
            current = sections.setdefault(line.strip("[]"), [])
        elif not line.startswith("#"):
            current.extend(entry.replace("_", " ") for entry in line.split())
    return {name: tuple(entries) for name, entries in sections.items()}
