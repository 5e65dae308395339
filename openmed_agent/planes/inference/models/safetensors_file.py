"""Reads a ``.safetensors`` file: eight bytes of length, a JSON header, then the numbers.

Format: https://github.com/huggingface/safetensors. Nothing in such a file is ever executed.
"""

from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from openmed_agent.errors import InputError

Array = NDArray[np.float32]

_LENGTH_BYTES: Final = 8
_LONGEST_HEADER: Final = 100_000_000
_METADATA: Final = "__metadata__"
_BF16_SHIFT: Final = 16
_Count = Annotated[int, Field(ge=0)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    dtype: Literal["F32", "F16", "BF16", "F64", "I64", "I32", "U8", "BOOL"]
    shape: list[_Count]
    data_offsets: tuple[_Count, _Count]


_HEADER: Final = TypeAdapter(dict[str, _Entry | dict[str, str]])
_STORED: Final = {"F32": "<f4", "F16": "<f2", "BF16": "<u2", "F64": "<f8"}


def read_safetensors(file: Path) -> dict[str, Array]:
    """Return the tensors of ``file`` by name, in single precision; those of whole numbers are left out.

    Raises:
        InputError: it is no such file, or is cut.

    """
    try:
        raw = np.memmap(file, dtype=np.uint8, mode="r")
        length = int.from_bytes(raw[:_LENGTH_BYTES].tobytes(), "little")
        if not 0 < length <= min(_LONGEST_HEADER, raw.size - _LENGTH_BYTES):
            raise _spoilt()
        begin = _LENGTH_BYTES + length
        header = _HEADER.validate_json(raw[_LENGTH_BYTES:begin].tobytes())
    except (OSError, ValueError, ValidationError):
        raise _spoilt() from None
    return {
        name: _tensor(raw[begin:], entry)
        for name, entry in header.items()
        if isinstance(entry, _Entry) and name != _METADATA and entry.dtype in _STORED
    }


def _tensor(numbers: NDArray[np.uint8], entry: _Entry) -> Array:
    first, last = entry.data_offsets
    stored = np.dtype(_STORED[entry.dtype])
    if last > numbers.size or last - first != stored.itemsize * int(np.prod(entry.shape, dtype=np.int64)):
        raise _spoilt()
    flat = np.frombuffer(numbers[first:last].tobytes(), dtype=stored)
    if entry.dtype == "BF16":  # the upper half of a single-precision number
        flat = (flat.astype(np.uint32) << _BF16_SHIFT).view(np.float32)
    return flat.astype(np.float32).reshape(entry.shape)


def _spoilt() -> InputError:
    return InputError("A file of weights is no whole safetensors file.", remedy="Copy the model again.")
