"""The client of an inference plane, ours or a genuine OpenMed REST service, by CONTRACTS A.

Every method takes a whole document and returns offsets, in code points, into exactly that document. Long
documents travel in pieces, a few at a time, all within one deadline. Nothing of a document enters an error.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.chunking import Window, pieces, windows
from openmed_agent.planes.inference.contract import (
    SENT_TEXT,
    AnalyzeReply,
    AnalyzeRequest,
    Capability,
    DeidentifyReply,
    DeidentifyRequest,
    ExtractRequest,
    Health,
    Method,
)
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.planes.inference.pii.policy import SAFE_HARBOR, Policy
from openmed_agent.planes.inference.results import (
    DeidentifiedDocument,
    Entity,
    PiiEntity,
    all_asserted,
    asserted_here,
    checked,
    entity_of,
    joined,
    located_once,
    made_here,
    pii_entity_of,
)
from openmed_agent.planes.transport import Deadline, PlaneError, PlaneTransport
from openmed_agent.text.spans import Span, trimmed

__all__ = ["DeidentifiedDocument", "Entity", "InferenceClient", "PiiEntity"]

# The genuine service (3.1.0) silently loses mentions when it works on several requests at once, so only a service
# that says it can is asked several at a time.
_CONCURRENT_REQUESTS: Final = 4
_LARGEST_DRAWN_SHIFT: Final = 365

Sent = TypeVar("Sent")
Got = TypeVar("Got")
Reply = TypeVar("Reply", bound=BaseModel)


class InferenceClient:
    """Asks one inference plane; what the plane says about itself is asked once and kept."""

    def __init__(self, transport: PlaneTransport) -> None:
        self._transport = transport
        self._health: Health | None = None
        self._health_lock = asyncio.Lock()
        self._slots = asyncio.Semaphore(_CONCURRENT_REQUESTS)
        self._only_slot = asyncio.Semaphore(1)

    async def health(self, *, deadline: Deadline | None = None) -> Health:
        """Return what the service says about itself.

        Raises:
            PlaneError: there is no usable answer.

        """
        async with self._health_lock:
            if self._health is None:
                self._health = await self._transport.call(Health, "GET", "health", deadline=deadline)
            return self._health

    async def analyze(
        self,
        text: str,
        model: str = "disease_detection_superclinical",
        *,
        confidence_threshold: float = 0.0,
        deadline: Deadline | None = None,
    ) -> tuple[Entity, ...]:
        """Return the mentions that ``model`` finds in ``text``, in order, with assertion and section.

        Raises:
            InputError: the threshold is not in [0, 1].
            PlaneError: there is no usable answer for some part of the text, so there is none for the whole.

        """
        limit = deadline or self._transport.deadline()
        with _refusing_bad_options():
            wanted = AnalyzeRequest(text="-", model_name=model, confidence_threshold=confidence_threshold)

        async def ask(window: Window) -> AnalyzeReply:
            body = wanted.model_copy(update={"text": window.span.of(text)})
            return await self._call(AnalyzeReply, limit, body, "analyze")

        parts = windows(text)
        if not parts:
            return ()
        health = await self.health(deadline=limit)
        located = located_once(parts, await self._each(ask, parts))
        entities = tuple(entity_of(reply, span) for span, reply in located)
        if health.has(Capability.ASSERTIONS) and len(parts) == 1 and all_asserted(located):
            return entities
        return asserted_here(text, entities)

    async def extract_pii(
        self,
        text: str,
        *,
        language: str = "en",
        confidence_threshold: float = 0.5,
        model: str | None = None,
        deadline: Deadline | None = None,
    ) -> tuple[PiiEntity, ...]:
        """Return the identifiers that the service finds in ``text``, in order.

        Raises:
            InputError: the threshold is not in [0, 1].
            PlaneError: there is no usable answer for some part of the text, so there is none for the whole.

        """
        limit = deadline or self._transport.deadline()
        with _refusing_bad_options():
            wanted = ExtractRequest(
                text="-", confidence_threshold=confidence_threshold, lang=language, model_name=model
            )

        async def ask(window: Window) -> AnalyzeReply:
            body = wanted.model_copy(update={"text": window.span.of(text)})
            return await self._call(AnalyzeReply, limit, body, "pii", "extract")

        parts = windows(text)
        located = located_once(parts, await self._each(ask, parts))
        # A real service also sends what its rules merged below the threshold, section headers among it.
        return tuple(pii_entity_of(reply, span) for span, reply in located if reply.confidence >= confidence_threshold)

    async def united_pii(
        self,
        text: str,
        *,
        language: str = "en",
        confidence_threshold: float = 0.5,
        model: str | None = None,
        deadline: Deadline | None = None,
    ) -> tuple[PiiFinding, ...]:
        """Return what the service or the detector of this machine finds, in order and without overlap.

        Raises:
            PlaneError: there is no usable answer of the service.
            InputError: the detector of this machine does not know the language.

        """
        from openmed_agent.planes.inference.pii.detector import detect  # noqa: PLC0415 - loads dictionaries

        theirs = await self.extract_pii(
            text,
            language=language,
            confidence_threshold=confidence_threshold,
            model=model,
            deadline=deadline,
        )
        try:
            ours = await asyncio.to_thread(detect, text, language=language, threshold=confidence_threshold)
        except ValueError:
            raise InputError("The detector of identifiers on this machine does not know this language.") from None
        remote = (
            PiiFinding(e.span.start, e.span.end, e.label, e.confidence, e.sources or ("service",)) for e in theirs
        )
        return tuple(unite([*ours, *remote], text))

    async def deidentify(
        self,
        text: str,
        method: Method = Method.MASK,
        *,
        language: str = "en",
        confidence_threshold: float = 0.5,
        keep_year: bool = False,
        date_shift_days: int | None = None,
        scope: str | None = None,
        model: str | None = None,
        policy: Policy = SAFE_HARBOR,
        repair: bool = False,
        deadline: Deadline | None = None,
    ) -> DeidentifiedDocument:
        """Return ``text`` without identifiers, as the service does it and as a local check confirms it.

        Dates of one document always move by one shift: where none is given and the document needs several
        requests, one is drawn here. With ``repair`` what the service left is masked on this machine. A ``policy`` other
        than the service's own way is sent to a service that knows policies; for another one, the identifiers that it
        and this machine find are treated here.

        Raises:
            InputError: a threshold, shift or scope is out of range.
            PlaneError: there is no usable answer, or no way to keep ``scope``.
            NotPermittedError: identifiers are left, and ``repair`` was not asked for. It names counts only.

        """
        limit = deadline or self._transport.deadline()
        if not text.strip():
            return DeidentifiedDocument(text, method, ())
        with _refusing_bad_options():
            asked = DeidentifyRequest(
                text="-",
                method=method,
                confidence_threshold=confidence_threshold,
                keep_year=keep_year,
                date_shift_days=date_shift_days,
                lang=language,
                model_name=model,
                scope=scope,
                policy=None if policy.is_default else policy,
            )
        if not (policy.is_default or (await self.health(deadline=limit)).has(Capability.POLICIES)):
            document = await self._deidentify_here(text, asked, limit)
            return await asyncio.to_thread(checked, text, document, language, repair=repair, policy=policy)
        parts = await self._uncut_pieces(text, language, confidence_threshold, model, limit)
        common = await self._scope(scope, len(parts), limit)
        days = date_shift_days if common else _one_shift(method, date_shift_days, len(parts))
        wanted = asked.model_copy(update={"scope": common, "date_shift_days": days})

        async def ask(part: Span) -> DeidentifyReply:
            body = wanted.model_copy(update={"text": part.of(text)})
            reply = await self._call(DeidentifyReply, limit, body, "pii", "deidentify")
            if reply.method is not method:
                raise _broken_promise("answered with another method than the one asked for")
            return reply

        replies = await self._each(ask, parts)
        document = joined(text, method, parts, replies)
        return await asyncio.to_thread(checked, text, document, language, repair=repair, policy=policy)

    async def _deidentify_here(self, text: str, asked: DeidentifyRequest, limit: Deadline) -> DeidentifiedDocument:
        """Return what the methods of this machine make of what the service and this machine find."""
        from openmed_agent.planes.inference.pii.deidentify import deidentify  # noqa: PLC0415 - loads dictionaries

        if asked.scope is not None:
            raise _no_scope()
        findings = await self.united_pii(
            text,
            language=asked.lang,
            confidence_threshold=asked.confidence_threshold,
            model=asked.model_name,
            deadline=limit,
        )
        done = await asyncio.to_thread(
            deidentify,
            text,
            asked.chosen_policy.chosen(text, findings),
            method=asked.method.value,
            keep_year=asked.keep_year,
            date_shift_days=asked.date_shift_days,
            key=secrets.token_bytes(32),
            scope=None,
            language=asked.lang,
            policy=asked.chosen_policy,
        )
        return made_here(asked.method, done)

    async def _uncut_pieces(
        self, text: str, language: str, threshold: float, model: str | None, limit: Deadline
    ) -> tuple[Span, ...]:
        """Return the parts of ``text`` that are sent, none of which cuts an identifier.

        A service that takes whole documents reads names and the order of dates over all of one.
        """
        if (await self.health(deadline=limit)).has(Capability.WHOLE_DOCUMENTS):
            return tuple(span for span in (trimmed(text, 0, len(text)),) if span is not None)
        whole = pieces(text)
        if len(whole) > 1:
            found = await self.extract_pii(
                text, language=language, confidence_threshold=threshold, model=model, deadline=limit
            )
            whole = pieces(text, uncut=(entity.span for entity in found))
        return tuple(span for part in whole if (span := trimmed(text, part.start, part.end)) is not None)

    async def _scope(self, scope: str | None, parts: int, limit: Deadline) -> str | None:
        """Return the scope to send: the caller's, or for a document in parts a random one of its own."""
        if scope is None and parts == 1:
            return None
        known = (await self.health(deadline=limit)).has(Capability.SURROGATE_SCOPE)
        if scope is not None and not known:
            raise _no_scope()
        return (scope or secrets.token_urlsafe(16)) if known else None

    async def _call(
        self,
        reply: type[Reply],
        limit: Deadline,
        body: AnalyzeRequest | ExtractRequest | DeidentifyRequest,
        *segments: str,
    ) -> Reply:
        health = await self.health(deadline=limit)
        if isinstance(body, ExtractRequest | DeidentifyRequest):
            _check_language(health, body.lang)
        async with self._slots if health.has(Capability.CONCURRENT_REQUESTS) else self._only_slot:
            return await self._transport.call(
                reply, "POST", *segments, body=body, deadline=limit, context={SENT_TEXT: body.text}
            )

    async def _each(self, ask: Callable[[Sent], Awaitable[Got]], parts: Sequence[Sent]) -> tuple[Got, ...]:
        """Return the answers in order; the first failure cancels the rest and is raised as it is."""
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(_awaited(ask, part)) for part in parts]
        except BaseExceptionGroup as failures:
            raise _first(failures) from None
        return tuple(task.result() for task in tasks)


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first failure of a group, which carries the one sentence that counts."""
    error: BaseException = failures
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


async def _awaited(ask: Callable[[Sent], Awaitable[Got]], part: Sent) -> Got:
    return await ask(part)


def _check_language(health: Health, language: str) -> None:
    """Refuse a language that the service does not list; one that lists none decides by itself."""
    if health.languages is None or language in health.languages:
        return
    codes = sorted(code for code in health.languages if code.isascii() and code.isalpha())
    raise InputError(
        "The inference service does not read this language.", remedy=f"It reads these: {', '.join(codes)}."
    )


def _one_shift(method: Method, asked: int | None, parts: int) -> int | None:
    if method is not Method.SHIFT_DATES or asked is not None or parts == 1:
        return asked
    days = 1 + secrets.randbelow(_LARGEST_DRAWN_SHIFT)
    return days if secrets.randbelow(2) else -days


@contextmanager
def _refusing_bad_options() -> Iterator[None]:
    """Turn an option that no service takes into an error that the user can read."""
    try:
        yield
    except ValidationError as error:
        names = sorted({str(item["loc"][0]) for item in error.errors(include_input=False) if item["loc"]})
        raise InputError(f"An option for the inference service is out of range: {', '.join(names)}.") from None


def _no_scope() -> PlaneError:
    return PlaneError(
        "The inference service cannot keep surrogates consistent across documents.",
        code="missing_capability",
        remedy="Leave the scope out, or use the embedded service (unset OPENMED_INFERENCE_URL).",
    )


def _broken_promise(what: str) -> PlaneError:
    return PlaneError(
        f"The inference service {what}, so nothing of the answer was used.",
        code="contract",
        remedy="Check that the address is that of the right service, or run 'openmed doctor'.",
    )
