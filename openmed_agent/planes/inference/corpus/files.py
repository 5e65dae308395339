"""What all corpora that are one file share: its bytes, its digest, and its lines up to a limit."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

_BLOCK: Final = 1024 * 1024


def digest_of(file: Path) -> str:
    """Return ``sha256:<hex>`` of the bytes of ``file``, read in blocks."""
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"


def lines_of(file: Path, *, limit: int) -> Iterator[bytes | None]:
    """Yield the lines of ``file`` with their line feeds; one over ``limit`` bytes comes out as ``None``."""
    with file.open("rb") as stream:
        while line := stream.readline(limit + 1):
            if len(line) <= limit or line.endswith(b"\n"):
                yield line
            else:
                _skip_line(stream)
                yield None


def _skip_line(stream: BinaryIO) -> None:
    while (rest := stream.readline(_BLOCK)) and not rest.endswith(b"\n"):
        pass
