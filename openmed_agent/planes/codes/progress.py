"""How far a long piece of work is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` steps of ``what`` (a short phrase for a person)."""

    done: int
    total: int
    what: str


ProgressCallback = Callable[[Progress], None]


def ignore_progress(_: Progress) -> None:
    """Take no notice."""
