"""The folders that a session may touch, and every path resolved against them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GrantedFiles:
    """Granted folders (absolute, resolved) and folders that are never granted, such as the store's own."""

    roots: tuple[Path, ...]
    refused: tuple[Path, ...]
