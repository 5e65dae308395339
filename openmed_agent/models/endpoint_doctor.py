"""Says what an endpoint of language models can do and where it fails, one line a check.

Everything that is sent is a text of this program. The last check is long: a word stands at the start of
some thousands of others, and a server that drops the start without a word of it cannot be trusted with a chart.
"""

import json
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.models.connection import ModelChoice, open_provider
from openmed_agent.models.leaks import looks_like_leaked_call
from openmed_agent.models.messages import ToolCall, ToolSchema, UserMessage
from openmed_agent.models.provider import (
    ModelDescription,
    ModelError,
    ModelEvent,
    ModelFailure,
    ModelProvider,
    ModelRequest,
    Reply,
    TextDelta,
)
from openmed_agent.net.clients import OutboundSink
from openmed_agent.privacy.program_text import clear_program_text

State = Literal["ok", "fault", "unknown"]

CANARY: Final = "periwinkle"
FILLER_WORDS: Final = 6000
SMALLEST_WINDOW: Final = 16_000
"""Tokens; the tools and the instructions take up to 8,000 of them, and a chart has to fit beside."""

_FILLER: Final = ("river", "stone", "cloud", "garden", "window", "paper", "bridge", "lamp", "forest", "table")
_WORD: Final = ToolSchema(
    "report_word",
    "Reports one word.",
    {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"], "additionalProperties": False},
)
_LIMIT: Final = 1000
_SET_WINDOW: Final = "Set context_window under [model] in config.toml to the window that the server was started with."


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; ``remedy`` says what to do about a fault."""

    subject: str
    state: State
    sentence: str
    remedy: str = ""


async def examine(choice: ModelChoice, sink: OutboundSink, *, model: str | None) -> AsyncIterator[Check]:
    """Yield the checks of an endpoint; without a ``model`` the first one that it lists is asked.

    Raises:
        NotPermittedError: the address is plain http to another machine.

    """
    provider = open_provider(choice, clear_program_text, sink)
    try:
        offered: tuple[ModelDescription, ...] = ()
        try:
            offered = await provider.models()
        except ModelError as error:
            for check in _unlisted(error):
                yield check
            if error.failure is not ModelFailure.NOT_FOUND or model is None:
                return
        else:
            for check in _listed(choice, offered, model):
                yield check
        if model is None and not offered:
            return
        name = model or next((one.name for one in offered if one.takes_tools is not False), offered[0].name)
        described = next((one for one in offered if one.name == name), ModelDescription(name))
        yield _context(described)
        async for check in _conversation(provider, name):
            yield check
    finally:
        await provider.close()


def _unlisted(error: ModelError) -> tuple[Check, ...]:
    remedy = error.remedy or ""
    match error.failure:
        case ModelFailure.UNREACHABLE | ModelFailure.TIMEOUT:
            return (Check("reachable", "fault", error.message, remedy),)
        case ModelFailure.AUTHENTICATION:
            return (Check("reachable", "ok", "it answers"), Check("key", "fault", error.message, remedy))
    return (Check("reachable", "ok", "it answers"), Check("models", "fault", error.message, remedy))


def _listed(choice: ModelChoice, offered: tuple[ModelDescription, ...], model: str | None) -> tuple[Check, ...]:
    key = "accepted" if choice.credential else "none was needed to list models"
    if not offered:
        models = Check("models", "fault", "it lists none", "Load a model in the server.")
    elif model is not None and model not in {one.name for one in offered}:
        models = Check("models", "fault", f"it does not list {model}", "Choose one of 'openmed models'.")
    else:
        models = Check("models", "ok", f"it lists {len(offered)}")
    return (Check("reachable", "ok", "it answers"), Check("key", "ok", key), models)


def _context(described: ModelDescription) -> Check:
    window = described.context_window
    if window is None:
        return Check("context", "unknown", "the server does not say how long a conversation may be", _SET_WINDOW)
    if window < SMALLEST_WINDOW:
        remedy = f"Start the server with a window of {SMALLEST_WINDOW:,} tokens or more."
        return Check("context", "fault", f"{window:,} tokens are too few for a chart", remedy)
    return Check("context", "ok", f"{window:,} tokens")


async def _conversation(provider: ModelProvider, name: str) -> AsyncIterator[Check]:
    streaming, works = await _streaming(provider, name)
    yield streaming
    if not works:
        return
    one = await _asked(provider, name, "Call the tool report_word with the word ready.", tools=(_WORD,))
    for check in _tools(one):
        yield check
    two = await _asked(
        provider,
        name,
        "Call the tool report_word twice in this one answer: with the word left, and with the word right.",
        tools=(_WORD,),
    )
    yield _parallel(two)
    yield _canary(await _asked(provider, name, _canary_text()))


async def _streaming(provider: ModelProvider, name: str) -> tuple[Check, bool]:
    pieces = 0
    reply: Reply | None = None
    try:
        async with aclosing(_stream(provider, name, "Count from one to ten in words.")) as events:
            async for event in events:
                pieces += isinstance(event, TextDelta)
                reply = event if isinstance(event, Reply) else reply
    except ModelError as error:
        return Check("streaming", "fault", error.message, error.remedy or ""), False
    counts = reply is not None and reply.usage.input_tokens is not None
    said = "with token counts" if counts else "without token counts, so cost and context are estimated"
    if pieces <= 1:
        return Check("streaming", "unknown", f"the answer came in one piece, {said}"), True
    return Check("streaming", "ok", f"in {pieces} pieces, {said}"), True


def _tools(answer: Reply | ModelError) -> tuple[Check, ...]:
    if isinstance(answer, ModelError):
        return (Check("tools", "fault", answer.message, answer.remedy or "Choose a model that takes tools."),)
    if answer.calls:
        call = answer.calls[0]
        good = call.name == _WORD.name and _has_word(call)
        tools = (
            Check("tools", "ok", "it called the tool with the right arguments")
            if good
            else Check("tools", "fault", "it called a tool wrongly", "Choose a larger model.")
        )
        return (tools, Check("leaked calls", "ok", "the call came as a call"))
    if looks_like_leaked_call(answer.text, (_WORD.name,)):
        leaked = "the call came as text: the server's parser does not fit its model"
        remedy = "Start the server with the tool parser of the model (llama.cpp: --jinja; vLLM: --tool-call-parser)."
        return (Check("tools", "fault", "no call arrived"), Check("leaked calls", "fault", leaked, remedy))
    return (Check("tools", "unknown", "the model did not call the tool", "Try a larger model."),)


def _parallel(answer: Reply | ModelError) -> Check:
    subject = "several calls"
    if isinstance(answer, ModelError):
        return Check(subject, "fault", answer.message, answer.remedy or "")
    words = sorted(_words(answer.calls))
    if words == ["left", "right"]:
        return Check(subject, "ok", "two calls in one answer were told apart")
    if len(answer.calls) > 1 or any(not _has_word(call) for call in answer.calls):
        return Check(subject, "fault", "calls of one answer were mixed up", "Update the server, or choose another.")
    return Check(subject, "unknown", "the model made no two calls in one answer")


def _canary(answer: Reply | ModelError) -> Check:
    subject = "truncation"
    if isinstance(answer, ModelError):
        if answer.failure is ModelFailure.OVERFLOW:
            return Check(subject, "ok", "a conversation that is too long is refused, and said")
        return Check(subject, "unknown", answer.message, answer.remedy or "")
    if CANARY in answer.text.lower():
        return Check(subject, "ok", f"the first of {FILLER_WORDS:,} words was still known")
    taken = answer.usage.input_tokens
    if taken is not None and taken < FILLER_WORDS:
        sentence = f"it silently dropped the start: {taken:,} tokens were read of {FILLER_WORDS:,} words or more"
        return Check(subject, "fault", sentence, "Raise the window (Ollama: OLLAMA_CONTEXT_LENGTH=32768).")
    return Check(
        subject, "unknown", "the model did not repeat the first word; it read all or does not say", _SET_WINDOW
    )


def _canary_text() -> str:
    # In another order each time: a server that remembers the last request may count only what is new to it.
    filler = " ".join(secrets.choice(_FILLER) for _ in range(FILLER_WORDS))
    return f"The first word is {CANARY}. {filler}. What is the first word? Answer with that word alone."


async def _asked(
    provider: ModelProvider, name: str, text: str, *, tools: tuple[ToolSchema, ...] = ()
) -> Reply | ModelError:
    reply: Reply | None = None
    try:
        async with aclosing(_stream(provider, name, text, tools=tools)) as events:
            async for event in events:
                reply = event if isinstance(event, Reply) else reply
    except ModelError as error:
        return error
    return reply or ModelError("The answer has no end.", failure=ModelFailure.PROTOCOL)


async def _stream(
    provider: ModelProvider, name: str, text: str, *, tools: tuple[ToolSchema, ...] = ()
) -> AsyncGenerator[ModelEvent, None]:
    request = ModelRequest(name, "Answer briefly.", (UserMessage(text),), tools=tools, max_output_tokens=_LIMIT)
    async for event in provider.stream(request):
        yield event


def _has_word(call: ToolCall) -> bool:
    return len(list(_words((call,)))) == 1


def _words(calls: tuple[ToolCall, ...]) -> list[str]:
    words = []
    for call in calls:
        try:
            arguments: object = json.loads(call.arguments)
        except (ValueError, RecursionError):
            continue
        if isinstance(arguments, dict) and isinstance(arguments.get("word"), str):
            words.append(arguments["word"].lower())
    return words
