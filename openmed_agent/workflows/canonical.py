"""Canonical JSON (RFC 8785) and the digests over it.

A digest of a model covers its canonical JSON, so that the same content has the same digest on every machine
and in every version of the serialiser.
"""

from typing import Any

import rfc8785
from pydantic import BaseModel

from openmed_agent.text.sources import sha256_digest


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """Return the RFC 8785 bytes of a JSON value.

    Raises:
        ValueError: the value holds a float that is not finite, an integer beyond 2**53, or no JSON type.

    """
    return rfc8785.dumps(value)


def canonical_model(model: BaseModel, *, exclude: set[str] | None = None) -> bytes:
    """Return the RFC 8785 bytes of ``model`` without the fields in ``exclude``."""
    return canonical_json(model.model_dump(mode="json", by_alias=True, exclude=exclude))


def model_digest(model: BaseModel, *, exclude: set[str] | None = None) -> str:
    """Return ``sha256:<hex>`` over the canonical JSON of ``model`` without the fields in ``exclude``."""
    return sha256_digest(canonical_model(model, exclude=exclude))
