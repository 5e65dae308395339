"""A bounded memory of what was worked out before."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Remembered(Generic[Key, Value]):
    """Values by key, up to a size in all; what was not asked for the longest goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._values: OrderedDict[Key, tuple[Value, int]] = OrderedDict()

    def get(self, key: Key) -> Value | None:
        """Return the value, or None where there is none any more."""
        if key not in self._values:
            return None
        self._values.move_to_end(key)
        return self._values[key][0]

    def put(self, key: Key, value: Value, *, size: int = 1) -> None:
        """Remember a value of a size in the unit of ``most``."""
        if key in self._values:
            self._size -= self._values.pop(key)[1]
        self._values[key] = (value, size)
        self._size += size
        while self._size > self._most and len(self._values) > 1:
            self._size -= self._values.popitem(last=False)[1][1]

    def __contains__(self, key: Key) -> bool:
        """Return whether the value of a key is still there."""
        return key in self._values

    def __len__(self) -> int:
        """Return how many values there are."""
        return len(self._values)
