"""A key wrapped by a passphrase: scrypt (RFC 7914), then AES-256-GCM.

The cost is the one OWASP's password storage guidance gives for scrypt (N = 2^17, r = 8, p = 1): 128 MiB
and a few tenths of a second for each guess. The context is authenticated with the key, so a wrapped key
cannot be put in the place of another.
"""

import secrets
import unicodedata
from typing import Final, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from openmed_agent.errors import InputError, StoreError

SHORTEST_PASSPHRASE = 12
_COST = 1 << 17
_BLOCK_SIZE: Final = 8
_PARALLELISM: Final = 1
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32


class WrongPassphraseError(StoreError):
    """The passphrase is not the one that wrapped the key."""

    def __init__(self) -> None:
        super().__init__("The passphrase is wrong.", remedy="Try again.")


class WrappedKey(BaseModel):
    """The document a wrapped key is kept in; binary values are lower-case hexadecimal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["openmed.wrapped-key/1"] = "openmed.wrapped-key/1"
    cipher: Literal["scrypt+aes-256-gcm"] = "scrypt+aes-256-gcm"
    # Bounds keep a planted document from asking for more than 256 MiB and a second or two, or for a key that is
    # easy to guess.
    cost: int = Field(ge=1 << 14, le=1 << 18)
    block_size: Literal[8]
    parallelism: Literal[1]
    salt: str = Field(pattern=r"^[0-9a-f]{32}$", repr=False)
    nonce: str = Field(pattern=r"^[0-9a-f]{24}$", repr=False)
    wrapped: str = Field(pattern=r"^([0-9a-f]{2}){48,128}$", repr=False)

    @field_validator("cost")
    @classmethod
    def _is_a_power_of_two(cls, cost: int) -> int:
        if cost & (cost - 1):
            raise ValueError("scrypt takes powers of two only")
        return cost


def wrap_key(key: bytes, passphrase: str, *, context: str) -> bytes:
    """Return the JSON document that holds the key wrapped by the passphrase, bound to a context.

    Raises:
        InputError: the passphrase holds bytes that are no UTF-8.

    """
    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    wrapping = _derive(passphrase, salt, cost=_COST, block_size=_BLOCK_SIZE, parallelism=_PARALLELISM)
    document = WrappedKey(
        cost=_COST,
        block_size=_BLOCK_SIZE,
        parallelism=_PARALLELISM,
        salt=salt.hex(),
        nonce=nonce.hex(),
        wrapped=AESGCM(wrapping).encrypt(nonce, key, context.encode()).hex(),
    )
    return document.model_dump_json(indent=2).encode() + b"\n"


def unwrap_key(document: bytes, passphrase: str, *, context: str) -> bytes:
    """Return the key of a wrapped document.

    Raises:
        StoreError: the document is damaged.
        WrongPassphraseError: the passphrase is not the one that wrapped the key.
        InputError: the passphrase holds bytes that are no UTF-8.

    """
    try:
        wrapped = WrappedKey.model_validate_json(document)
    except ValidationError:
        raise StoreError("The wrapped key is damaged.", remedy="Restore it from a backup.") from None
    wrapping = _derive(
        passphrase,
        bytes.fromhex(wrapped.salt),
        cost=wrapped.cost,
        block_size=wrapped.block_size,
        parallelism=wrapped.parallelism,
    )
    try:
        return AESGCM(wrapping).decrypt(bytes.fromhex(wrapped.nonce), bytes.fromhex(wrapped.wrapped), context.encode())
    except InvalidTag:
        raise WrongPassphraseError from None


def _derive(passphrase: str, salt: bytes, *, cost: int, block_size: int, parallelism: int) -> bytes:
    # One form, so that a passphrase with accents works from every keyboard (RFC 8265, OpaqueString).
    try:
        text = unicodedata.normalize("NFC", passphrase).encode()
    except UnicodeEncodeError:  # Python reads bytes that are no UTF-8 as surrogates
        raise InputError(
            "The passphrase holds bytes that are not UTF-8.", remedy="Type it on a terminal that is set to UTF-8."
        ) from None
    return Scrypt(salt=salt, length=_KEY_BYTES, n=cost, r=block_size, p=parallelism).derive(text)
