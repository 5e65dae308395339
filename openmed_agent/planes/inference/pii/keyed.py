"""Choices that a secret makes: the same for the same words in one scope, and not to be foretold without the key."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class KeyedChoices:
    """A family of functions of a secret key and a scope (HMAC-SHA-512 of unambiguous JSON)."""

    key: bytes = field(repr=False)
    scope: str

    def stream(self, kind: str, value: str, attempt: int = 0) -> bytes:
        """Return 64 bytes that only the key foretells."""
        message = json.dumps([kind, self.scope, value, attempt], ensure_ascii=True)
        return hmac.new(self.key, message.encode(), hashlib.sha512).digest()

    def number(self, kind: str, value: str, attempt: int = 0) -> int:
        """Return a number below 2**64."""
        return int.from_bytes(self.stream(kind, value, attempt)[:8])

    def one_of(self, choices: Sequence[Choice], kind: str, value: str, attempt: int = 0) -> Choice:
        """Return one of the choices, which must not be empty."""
        return choices[self.number(kind, value, attempt) % len(choices)]
