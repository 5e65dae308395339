"""The plaintext description of a store: its id and how its key is kept. It holds no secret."""

from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import StoreError
from openmed_agent.secrets.custody import Custody, CustodyKind
from openmed_agent.secrets.private_files import read_private_file, write_private_file

_UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


class StoreDescription(BaseModel):
    """What must be known about a store before its key is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["openmed.store/1"] = "openmed.store/1"
    store_id: str = Field(pattern=_UUID)
    custody: CustodyKind
    # Derived one-way from the key: tells a wrong key from a damaged database.
    key_check: str = Field(pattern=r"^[0-9a-f]{32}$")


def key_check(key: bytes, store_id: str) -> str:
    """Return 128 bits that only this key of this store gives (HKDF-SHA256), in hexadecimal."""
    return derive(key, store_id, purpose="openmed.key-check/1", length=16).hex()


def derive(key: bytes, store_id: str, *, purpose: str, length: int) -> bytes:
    """Return bytes derived from the store's key for one purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=store_id.encode(), info=purpose.encode()).derive(key)


def read_description(path: Path) -> StoreDescription | None:
    """Return the description, or None where there is none.

    Raises:
        StoreError: it cannot be read, is open to other users, or is not a description.

    """
    text = read_private_file(path)
    if text is None:
        return None
    try:
        return StoreDescription.model_validate_json(text)
    except ValidationError:
        raise StoreError(f"{path} is damaged.", remedy="Restore it from a backup.") from None


def write_description(path: Path, description: StoreDescription) -> None:
    """Write the description durably."""
    write_private_file(path, description.model_dump_json(indent=2).encode() + b"\n")


def load_key(description: StoreDescription, custody: Custody) -> bytes:
    """Return the key of an existing store.

    Raises:
        StoreError: the key is missing, or is not the one the store was made with.

    """
    key = custody.get(description.store_id)
    if key is None:
        raise StoreError(
            f"The store exists, but its key is missing (custody: {description.custody}).",
            remedy="Restore the key from a backup; without it nothing in the store can be read.",
        )
    return check_key(key, description)


def check_key(key: bytes, description: StoreDescription) -> bytes:
    """Return the key, or raise a StoreError where it is not the one the store was made with."""
    if key_check(key, description.store_id) != description.key_check:
        raise StoreError(
            f"The key is not the one the store was made with (custody: {description.custody}).",
            remedy="Restore the right key from a backup.",
        )
    return key
