"""Turns what an endpoint answers in place of an answer into one ``ModelError``.

An endpoint's own words may repeat the conversation, so they are read to tell what happened and never repeated.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from typing import Final

from openmed_agent.models.provider import ModelError, ModelFailure

_OVERFLOW_CODES: Final = frozenset(
    {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length", "request_too_large"}
)
_OVERFLOW_WORDS: Final = re.compile(
    r"context (?:length|size|window)[^.]{0,40} (?:exceeded|exceeds|of only)"
    r"|exceeds? (?:the |this model's |its )?(?:available |maximum |model's )*(?:context|input|prompt)"
    r" ?(?:length|size|window)"
    r"|maximum (?:context|prompt|model) length"
    r"|(?:longer|greater) than the (?:maximum )?(?:model|context) (?:length|window)"
    r"|prompt is too long"
    r"|exceeds? the maximum number of tokens"
    r"|exceed context limit"
    r"|input (?:length )?exceeds the context"
    r"|inputs? tokens \+ .{0,20}max_new_tokens"
    r"|reduce the length of the (?:messages|prompt|input)"
    r"|requested tokens .{0,40}exceed context window"
)
"""Wordings of OpenAI, llama.cpp, vLLM, LM Studio, Ollama, OpenRouter, Anthropic, Gemini, TGI and xAI."""
_TOO_LARGE: Final = 413
_TOO_MANY: Final = 429
_OVERLOADED: Final = 529
_REDIRECTS: Final = range(300, 400)
_SERVER: Final = range(500, 600)
_CREDENTIALS: Final = frozenset({401, 403})
_TIMEOUTS: Final = frozenset({408, 504})
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_READ_CHARACTERS: Final = 4000
_CHECK: Final = "Run 'openmed config endpoint-doctor' on its address."


def status_failure(
    status: int, body: object, *, host: str, retry_after: float | None = None, keyless: bool = False
) -> ModelError:
    """Return the error for an HTTP status, or for an error object in a stream (``status`` is then 0).

    ``keyless`` says that no key was sent.
    """
    words = error_words(body)
    code = _code(body)
    if is_overflow(status, code, words):
        return overflow(host)
    if status in _CREDENTIALS or code == "invalid_api_key":
        said = "asks for a key" if keyless else f"refused the key{_named(code)}"
        return ModelError(
            f"The model service at {host} {said}.",
            failure=ModelFailure.AUTHENTICATION,
            remedy="Run 'openmed login' with a valid key for it.",
        )
    if code in {"insufficient_quota", "billing_not_active"}:
        return ModelError(
            f"The account at {host} has no credit left ({code}).",
            failure=ModelFailure.RATE_LIMIT,
            remedy="Check its billing, or choose another model.",
        )
    if status == _TOO_MANY or code in {"rate_limit_exceeded", "rate_limit_error"}:
        return ModelError(
            f"The model service at {host} is asked too often.",
            failure=ModelFailure.RATE_LIMIT,
            remedy="Wait a little and try again.",
            transient=True,
            retry_after_seconds=retry_after,
        )
    if code == "model_not_found" or (status == 404 and "model" in words):  # noqa: PLR2004 - Not Found
        return ModelError(
            f"The model service at {host} does not have this model.",
            failure=ModelFailure.NOT_FOUND,
            remedy="'openmed models' lists what it offers.",
        )
    if code in {"content_filter", "content_policy_violation"}:
        return ModelError(f"The model service at {host} refused the text.", failure=ModelFailure.REFUSED)
    if status in _TIMEOUTS:
        return late(host)
    if status in _SERVER or status in {0, _OVERLOADED}:
        return ModelError(
            f"The model service at {host} failed{_named(code, status)}.",
            failure=ModelFailure.SERVER,
            remedy="Try again.",
            transient=True,
            retry_after_seconds=retry_after,
        )
    return _not_the_protocol(status, code, host)


def _not_the_protocol(status: int, code: str, host: str) -> ModelError:
    if status in _REDIRECTS:
        return ModelError(
            f"The address at {host} sends requests on to another address, which is not followed.",
            failure=ModelFailure.PROTOCOL,
            remedy="Configure the address that it stands for.",
        )
    if status == 404:  # noqa: PLR2004 - Not Found
        return ModelError(
            f"There is no model service at this address of {host}.",
            failure=ModelFailure.NOT_FOUND,
            remedy=f"Most addresses end in /v1. {_CHECK}",
        )
    return ModelError(
        f"The model service at {host} does not take the request{_named(code, status)}.",
        failure=ModelFailure.PROTOCOL,
        remedy=_CHECK,
    )


def connection_failure(error: BaseException, host: str) -> ModelError:
    """Return the error for a connection that could not be made or broke off."""
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)):
        return ModelError(
            f"The certificate of {host} is not one that this machine trusts.",
            failure=ModelFailure.UNREACHABLE,
            remedy="Set SSL_CERT_FILE to the certificate of its authority, if you trust it.",
        )
    return ModelError(
        f"The model service at {host} cannot be reached, or broke off.",
        failure=ModelFailure.UNREACHABLE,
        remedy="Check that it runs and its address is right.",
        transient=True,
    )


def late(host: str) -> ModelError:
    """Return the error for an endpoint that is silent for too long."""
    return ModelError(
        f"The model service at {host} was silent for too long.",
        failure=ModelFailure.TIMEOUT,
        remedy="Try again, or raise timeout_seconds under [model] in config.toml.",
        transient=True,
    )


def overflow(host: str) -> ModelError:
    """Return the error for a conversation that is longer than the model's context window."""
    return ModelError(
        f"The conversation is longer than the model at {host} can take.",
        failure=ModelFailure.OVERFLOW,
        remedy="Compact the conversation, or choose a model with a larger context window.",
    )


def broken(host: str, what: str, *, transient: bool = False) -> ModelError:
    """Return the error for an answer that is not what the protocol says; ``what`` follows the word answer."""
    return ModelError(
        f"The answer of the model service at {host} {what}, so nothing of it was used.",
        failure=ModelFailure.PROTOCOL,
        remedy=_CHECK,
        transient=transient,
    )


def is_overflow(status: int, code: str, words: str) -> bool:
    """Return whether an endpoint says that the conversation is too long for its model."""
    return status == _TOO_LARGE or code in _OVERFLOW_CODES or _OVERFLOW_WORDS.search(words) is not None


def error_words(body: object) -> str:
    """Return what an error body says, in lower case, to be searched and never shown."""
    match body:
        case str():
            return body[:_READ_CHARACTERS].lower()
        case {"error": inner}:
            return error_words(inner)
        case {"message": str(message)} | {"detail": str(message)}:
            return message[:_READ_CHARACTERS].lower()
    return ""


def _code(body: object) -> str:
    """Return an error's code or type where it is an identifier, so that it can hold no text."""
    match body:
        case {"error": Mapping() as inner}:
            return _code(inner)
        case Mapping():
            named = (body.get(field) for field in ("code", "type"))
            return next((one for one in named if isinstance(one, str) and _CODE.fullmatch(one)), "")
    return ""


def _named(code: str, status: int = 0) -> str:
    said = ", ".join(part for part in (str(status) if status else "", code) if part)
    return f" ({said})" if said else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
