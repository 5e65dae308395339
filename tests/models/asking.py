"""Asks a scripted server through a real provider."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager

from scripted_model_server import ScriptedModelServer

from openmed_agent.models.connection import ModelChoice, Protocol, open_provider
from openmed_agent.models.messages import Message, ToolSchema, UserMessage
from openmed_agent.models.provider import ModelEvent, ModelProvider, ModelRequest, Reply
from openmed_agent.net.clients import OutboundSink, discard_outbound
from openmed_agent.net.outbound_text import OutboundText

LIST_FILES = ToolSchema("list_files", "Lists files.", {"type": "object", "properties": {"folder": {"type": "string"}}})


async def cleared(body: bytes) -> OutboundText:
    """Clear everything."""
    return OutboundText(body)


@asynccontextmanager
async def provider_of(
    server: ScriptedModelServer,
    protocol: Protocol = "chat_completions",
    *,
    key: str | None = None,
    sink: OutboundSink = discard_outbound,
    timeout_seconds: float = 10.0,
) -> AsyncGenerator[ModelProvider, None]:
    credential = {"authorization": f"Bearer {key}"} if key else {}
    choice = ModelChoice(
        server.url, protocol, "scripted-model", "settings", credential=credential, timeout_seconds=timeout_seconds
    )
    provider = open_provider(choice, cleared, sink)
    try:
        yield provider
    finally:
        await provider.close()


def request(*messages: Message, tools: Sequence[ToolSchema] = (), system: str = "Be brief.") -> ModelRequest:
    return ModelRequest("scripted-model", system, messages or (UserMessage("Hello."),), tools=tuple(tools))


async def events_of(provider: ModelProvider, asked: ModelRequest | None = None) -> list[ModelEvent]:
    async with aclosing(provider.stream(asked or request())) as stream:  # type: ignore[type-var]
        return [event async for event in stream]


async def reply_of(provider: ModelProvider, asked: ModelRequest | None = None) -> Reply:
    last = (await events_of(provider, asked))[-1]
    assert isinstance(last, Reply)
    return last
