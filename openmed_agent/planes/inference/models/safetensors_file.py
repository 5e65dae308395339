"""Reads a ``.safetensors`` file: eight bytes of length, a JSON header, then the numbers.

Format: https://github.com/huggingface/safetensors. Nothing in such a file is ever executed.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from openmed_agent.errors import InputError

Array = NDArray[np.float32]
Stored = NDArray[np.float32 | np.float16 | np.uint16 | np.float64]

_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 100_000_000
_METADATA: Final = "__metadata__"
_BF16_SHIFT: Final = 16
_Count = Annotated[int, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dtype: Literal["F32", "F16", "BF16", "F64", "I64", "I32", "U8", "BOOL"]
    shape: tuple[_Count, ...]
    data_offsets: tuple[_Count, _Count]


_HEADER: Final = TypeAdapter(dict[str, _Entry | dict[str, str]])
_STORED: Final = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"}


@dataclass(frozen=True, eq=False)
class StoredTensor:
    """A tensor in a file, which becomes numbers in single precision when they are asked for.

    Single precision is the file's own memory, mapped: it is shared by all processes and never copied. What is
    stored otherwise is converted once and kept, but for rows of a table, which are converted each time.
    """

    file: Path
    offset: int
    dtype: str
    shape: tuple[int, ...]

    @cached_property
    def numbers(self) -> Array:
        """The whole tensor."""
        if self.dtype == "F32" and self._mapped.flags.aligned:
            return self._mapped.view(np.float32)
        # Read rather than mapped: pages of the file would stand in memory beside what they were converted to.
        count = int(np.prod(self.shape, dtype=np.int64))
        stored = np.fromfile(self.file, dtype=_STORED[self.dtype], count=count, offset=self.offset)
        return self._single(stored).reshape(self.shape)

    def rows(self, places: list[int]) -> Array:
        """Return the rows at ``places``; the rest of the table stays in the file."""
        return self._single(self._mapped[places])

    @cached_property
    def _mapped(self) -> Stored:
        mapped = np.memmap(self.file, dtype=_STORED[self.dtype], mode="r", offset=self.offset, shape=self.shape)
        return mapped.view(np.ndarray)

    def _single(self, stored: Stored) -> Array:
        if self.dtype == "BF16":  # the upper half of a single-precision number
            return (stored.astype(np.uint32) << _BF16_SHIFT).view(np.float32)
        return stored.astype(np.float32, copy=False)


def read_safetensors(file: Path) -> dict[str, StoredTensor]:
    """Return the tensors of ``file`` by name; those of whole numbers, and empty ones, are left out.

    Raises:
        InputError: it is no such file, or is cut.

    """
    try:
        size = file.stat().st_size - _LENGTH_BYTES
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(_LENGTH_BYTES), "little")
            if not 0 < length <= min(_LONGEST_HEADER, size):
                raise _spoilt()
            header = _HEADER.validate_json(stream.read(length))
    except (OSError, ValidationError):
        raise _spoilt() from None
    return {
        name: _tensor(file, _LENGTH_BYTES + length, size - length, entry)
        for name, entry in header.items()
        if isinstance(entry, _Entry) and name != _METADATA and entry.dtype in _STORED and 0 not in entry.shape
    }


def _tensor(file: Path, begin: int, size: int, entry: _Entry) -> StoredTensor:
    first, last = entry.data_offsets
    width = np.dtype(_STORED[entry.dtype]).itemsize
    if last > size or last - first != width * int(np.prod([1, *entry.shape], dtype=object)):
        raise _spoilt()
    return StoredTensor(file, begin + first, entry.dtype, entry.shape)


def _spoilt() -> InputError:
    return InputError("A file of weights is no whole safetensors file.", remedy="Copy the model again.")
