"""An exported session under a passphrase: a header with a wrapped key, then pieces sealed with AES-256-GCM.

The key is random for each file, so a piece's nonce is its number and whether it is the last one (the STREAM
construction, Hoang, Reyhanitabar, Rogaway and Vizar 2015): pieces cannot be left out, put in another order, or cut off
at the end. The header is authenticated with each.
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import InputError, StoreError
from openmed_agent.secrets.passphrase import SHORTEST_PASSPHRASE, WrappedKey, unwrap_key, wrap_key

_CONTEXT = "openmed.sealed-session/1"
_KEY_BYTES = 32
_PIECE = 1 << 20
_TAG = 16
_LONGEST_HEADER = 4096
_BEGINNING = b'{"format":"openmed.sealed-session/'


class SealedHeader(BaseModel):
    """The first line of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["openmed.sealed-session/1"] = "openmed.sealed-session/1"
    key: WrappedKey


def check_passphrase(passphrase: str) -> None:
    """Raise an InputError where a passphrase is too short for a file."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise InputError(
            f"The passphrase is shorter than {SHORTEST_PASSPHRASE} characters.", remedy="Take a longer one."
        )


def seal(content: Iterable[bytes], passphrase: str) -> Iterator[bytes]:
    """Yield the file that holds the content under the passphrase.

    Raises:
        InputError: the passphrase is too short, or holds bytes that are no UTF-8.

    """
    check_passphrase(passphrase)
    key = secrets.token_bytes(_KEY_BYTES)
    wrapped = WrappedKey.model_validate_json(wrap_key(key, passphrase, context=_CONTEXT))
    header = SealedHeader(key=wrapped).model_dump_json().encode() + b"\n"
    return seal_pieces(content, AESGCM(key), header)


def seal_pieces(content: Iterable[bytes], cipher: AESGCM, header: bytes) -> Iterator[bytes]:
    """Yield the header and the sealed pieces after it. A cipher may seal one file only: nonces are numbers."""
    yield header
    number, waiting = 0, bytearray()
    for piece in content:
        waiting += piece
        while len(waiting) > _PIECE:
            yield cipher.encrypt(_nonce(number, last=False), bytes(waiting[:_PIECE]), header)
            del waiting[:_PIECE]
            number += 1
    yield cipher.encrypt(_nonce(number, last=True), bytes(waiting), header)


def is_sealed(file: BinaryIO) -> bool:
    """Return whether a file, read from its beginning, is one that ``seal`` gave."""
    beginning = file.read(len(_BEGINNING))
    file.seek(0)
    return beginning == _BEGINNING


def unseal(file: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """Yield the content of a sealed file, each piece only once it is known to be genuine.

    Raises:
        InputError: the passphrase is not the one of the file, or the file was changed or cut short.

    """
    header = file.readline(_LONGEST_HEADER)
    try:
        wrapped = SealedHeader.model_validate_json(header).key
        key = unwrap_key(wrapped.model_dump_json().encode(), passphrase, context=_CONTEXT)
    except ValidationError:
        raise InputError("The file is not an exported session.") from None
    except StoreError:
        raise InputError("The passphrase is wrong, or the file was changed.", remedy="Try again.") from None
    return unseal_pieces(file, AESGCM(key), header)


def unseal_pieces(file: BinaryIO, cipher: AESGCM, header: bytes) -> Iterator[bytes]:
    """Yield the content of the pieces that follow the header in a file; an InputError where one is not genuine."""
    number, piece = 0, file.read(_PIECE + _TAG)
    while True:
        following = file.read(_PIECE + _TAG)
        try:
            content = cipher.decrypt(_nonce(number, last=not following), piece, header)
        except (InvalidTag, ValueError):
            raise InputError(
                "The file was cut short or changed, so nothing was imported.", remedy="Export the session again."
            ) from None
        yield content
        if not following:
            return
        number, piece = number + 1, following


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
