"""The approval: a reviewer's signed statement, and the token that carries it (CONTRACTS C).

A token is ``openmed-approval.1.<base64url statement>.<base64url Ed25519 signature>``. The statement is RFC
8785 JSON, and a token has exactly one form: what does not serialise to the very same bytes again is refused.
A token is as good as a signature until it is used, so no text form of these objects shows it;
``ApprovalToken.reveal`` is the one way to have it.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ConfigDict, Field, ValidationError, model_validator

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.draft import Digest, Moment, PhiModeName, Record
from openmed_agent.workflows.drafting import parse_moment
from openmed_agent.workflows.review_record import ReviewerReference

TOKEN_PREFIX: Final = "openmed-approval.1"  # noqa: S105 - a format's name
KEY_PREFIX: Final = "ed25519:"
_DOMAIN: Final = b"openmed.approval/1\x00"
_LONGEST_TOKEN: Final = 256 * 1024
_PARTS: Final = 4
_SIGNATURE_BYTES: Final = 64
_NONCE_BYTES: Final = 32
_PRIME: Final = 2**255 - 19
_D: Final = -121665 * pow(121666, -1, _PRIME) % _PRIME  # of the curve -x² + y² = 1 + d·x²·y² (RFC 8032, 5.1)

Attestation = Literal["interactive", "scripted"]


class ApprovalStatement(Record):
    """What a reviewer signs: this revision, these decisions and sources, to this destination, once."""

    schema_: Annotated[Literal["openmed.approval/1"], Field(alias="schema")] = "openmed.approval/1"
    draft_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    revision: Annotated[int, Field(ge=1, lt=2**31, strict=True)]
    payload_digest: Digest
    decisions_digest: Digest
    sources: tuple[Digest, ...]
    phi_mode: PhiModeName
    destination: Annotated[str, Field(min_length=2, max_length=4096, pattern=r"^/")]
    reviewer: ReviewerReference
    attestation: Attestation
    issued: Moment
    expires: Moment
    nonce: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True, hide_input_in_errors=True
    )

    @model_validator(mode="after")
    def _holds_for_some_time(self) -> Self:
        if parse_moment(self.issued) >= parse_moment(self.expires):
            raise ValueError("the approval expires before it is issued")
        return self

    def __repr__(self) -> str:
        """Return no field: together with a signature they would be the token."""
        return "ApprovalStatement(...)"

    __str__ = __repr__

    def content(self) -> bytes:
        """Return the canonical JSON."""
        return canonical_model(self)


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalToken:
    """A statement with its signature, which nothing has verified yet."""

    statement: ApprovalStatement
    signature: bytes

    def __repr__(self) -> str:
        """Return no part of the token."""
        return "ApprovalToken(...)"

    def reveal(self) -> str:
        """Return the token itself, for an approval file and nothing else."""
        return f"{TOKEN_PREFIX}.{encode(self.statement.content())}.{encode(self.signature)}"


def new_nonce() -> str:
    """Return a nonce: 256 random bits as hexadecimal."""
    return secrets.token_hex(_NONCE_BYTES)


def sign_statement(statement: ApprovalStatement, key: Ed25519PrivateKey) -> ApprovalToken:
    """Return the token of ``statement``; the key must be the one that the statement names.

    Raises:
        ValueError: the key is another one.

    """
    if key_id(key.public_key()) != statement.reviewer.key:
        raise ValueError("the statement names another key")
    return ApprovalToken(statement=statement, signature=key.sign(_signed_bytes(statement)))


def check_signature(token: ApprovalToken) -> None:
    """Check that the key in the statement made the signature. Whose key that is, is another question.

    Raises:
        NotPermittedError: it did not.

    """
    try:
        public_key(token.statement.reviewer.key).verify(token.signature, _signed_bytes(token.statement))
    except (InvalidSignature, ValueError):
        raise NotPermittedError(
            "The approval was not signed by the key that it names.", remedy="Review and sign the draft again."
        ) from None


def parse_token(text: str) -> ApprovalToken:
    """Return the token in ``text``, without verifying it.

    Raises:
        InputError: the text is not a token in its one form.

    """
    if len(text) > _LONGEST_TOKEN or not text.isascii():
        raise _not_a_token()
    prefix, _, rest = text.rpartition(f"{TOKEN_PREFIX}.")
    parts = rest.split(".")
    if prefix or len(parts) != _PARTS - 2 or not text.startswith(f"{TOKEN_PREFIX}."):
        raise _not_a_token()
    try:
        content, signature = decode(parts[0]), decode(parts[1])
        statement = ApprovalStatement.model_validate_json(content)
        same = hmac.compare_digest(statement.content(), content)
    except (ValueError, ValidationError):
        raise _not_a_token() from None
    if not same or len(signature) != _SIGNATURE_BYTES:
        raise _not_a_token()
    return ApprovalToken(statement=statement, signature=signature)


def same_token(one: ApprovalToken, statement: bytes, signature: bytes) -> bool:
    """Return whether a token is the one with these bytes, in a time that does not depend on them."""
    return hmac.compare_digest(one.statement.content(), statement) & hmac.compare_digest(one.signature, signature)


def key_id(key: Ed25519PublicKey) -> str:
    """Return ``ed25519:<base64url of the 32 bytes>``."""
    return KEY_PREFIX + encode(key.public_bytes_raw())


def public_key(identifier: str) -> Ed25519PublicKey:
    """Return the key that ``key_id`` named.

    Raises:
        ValueError: it is not the one form of a key's id, or a key under which anybody can sign.

    """
    if not identifier.startswith(KEY_PREFIX):
        raise ValueError("not the id of an Ed25519 key")
    raw = decode(identifier.removeprefix(KEY_PREFIX))
    if _is_of_small_order(raw):
        raise ValueError("a key of small order")
    return Ed25519PublicKey.from_public_bytes(raw)


def encode(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url text in its one form: no padding, no stray character or bit.

    Raises:
        ValueError: the text is anything else.

    """
    try:
        content = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64url") from None
    if encode(content) != text:
        raise ValueError("not the one form of base64url")
    return content


def _is_of_small_order(raw: bytes) -> bool:
    """Return whether a point's order divides 8: then signatures hold that no private key made.

    By its coordinate: y is 1 or -1 for the orders 1 and 2, 0 for 4; doubling a point of order 8 gives y = 0, which
    makes x² = -y² and the curve's equation d·y⁴ + 2·y² = 1. Encodings that are not reduced are among them.
    """
    y = int.from_bytes(raw, "little") % 2**255 % _PRIME
    return y * (y**2 - 1) * (_D * y**4 + 2 * y**2 - 1) % _PRIME == 0


def _signed_bytes(statement: ApprovalStatement) -> bytes:
    """Return what is signed: the domain keeps a signature from meaning anything elsewhere."""
    return _DOMAIN + statement.content()


def _not_a_token() -> InputError:
    return InputError("This is not an approval.", remedy="Pass the approval file that signing wrote.")
