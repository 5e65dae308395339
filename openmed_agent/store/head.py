"""The signed head of the audit chain, kept apart from the database.

A chain alone cannot tell that its newest records are missing. The head names the newest record that was
acknowledged, is signed with a key derived from the store's key, and lies outside the database's folder, so
that a truncated database or an older copy of it no longer agrees with it.
"""

import binascii
from pathlib import Path
from typing import Literal

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.secrets.private_files import (
    publish_private_file,
    read_private_file,
    stage_private_file,
)
from openmed_agent.store.description import derive

GENESIS = "sha256:" + "0" * 64


class HeadStatement(BaseModel):
    """What is signed: the store, and the sequence and hash of its newest acknowledged record."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["openmed.audit-head/1"] = "openmed.audit-head/1"
    store_id: str
    sequence: int = Field(ge=0)
    hash: str = Field(pattern=r"^sha256:[0-9a-f]{64}$")


class SignedHead(BaseModel):
    """The head file: the statement and the Ed25519 signature over its canonical JSON (RFC 8785)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    statement: HeadStatement
    signature: str = Field(pattern=r"^[0-9a-f]{128}$")


class AuditHead:
    """The head file of one store."""

    def __init__(self, path: Path, key: bytes, store_id: str) -> None:
        self._path = path
        self._store_id = store_id
        seed = derive(key, store_id, purpose="openmed.audit-head/1", length=32)
        self._signing_key = Ed25519PrivateKey.from_private_bytes(seed)
        # Every commit reads the head; the same bytes need not be verified twice.
        self._verified: tuple[bytes, HeadStatement] | None = None

    def read(self) -> HeadStatement:
        """Return the verified head.

        Raises:
            StoreError: it is missing, damaged, forged, or of another store.

        """
        text = read_private_file(self._path)
        if text is None:
            raise _untrusted(f"The audit head {self._path} is missing.")
        if self._verified is not None and self._verified[0] == text:
            return self._verified[1]
        try:
            head = SignedHead.model_validate_json(text)
            self._signing_key.public_key().verify(binascii.unhexlify(head.signature), _canonical(head.statement))
        except (ValidationError, InvalidSignature):
            raise _untrusted(f"The audit head {self._path} is damaged or forged.") from None
        if head.statement.store_id != self._store_id:
            raise _untrusted(f"The audit head {self._path} is of another store.")
        self._verified = (text, head.statement)
        return head.statement

    def stage(self, sequence: int, record_hash: str) -> Path:
        """Sign a new head and write it beside the former one; return where it waits."""
        statement = HeadStatement(store_id=self._store_id, sequence=sequence, hash=record_hash)
        signature = self._signing_key.sign(_canonical(statement)).hex()
        head = SignedHead(statement=statement, signature=signature)
        return stage_private_file(self._path, head.model_dump_json(indent=2).encode() + b"\n")

    def publish(self, staged: Path) -> None:
        """Put a staged head in the place of the former one, durably."""
        publish_private_file(staged, self._path)

    def begin(self) -> None:
        """Write the head of a chain that has no record yet."""
        self.publish(self.stage(0, GENESIS))


def _canonical(statement: HeadStatement) -> bytes:
    return rfc8785.dumps(statement.model_dump())


def _untrusted(message: str) -> StoreError:
    return StoreError(message, remedy="Keep the folder as it is, and restore database and head together from a backup.")
