"""What one request carries to the model: the transcript, text by text through the privacy gate."""

from collections.abc import Iterable

from openmed_agent.models.messages import AssistantMessage, Message, ToolCall, ToolMessage, UserMessage
from openmed_agent.models.messages import ToolSchema as Schema
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.transcript import Answer, Entry, Result, Said, Summary

_CHARACTERS_PER_TOKEN = 4
_SUMMARY_HEADING = "Summary of the conversation so far, written because there was no more room:\n"


async def messages_for(entries: Iterable[Entry], gate: ModelGate) -> tuple[Message, ...]:
    """Return what may go to the model of ``entries``.

    Raises:
        NotPermittedError: strict mode, and a text holds an identifier.
        UnavailableError: the detector gave no answer, so nothing may leave.

    """
    # In strict mode a model has seen no record, so its own words hold none: what is known is kept out all the same.
    back = gate.closed if gate.mode is PhiMode.STRICT else gate.echoed
    messages: list[Message] = []
    for entry in entries:
        match entry:
            case Said():
                messages.append(UserMessage(await gate.outgoing(entry.text)))
            case Summary():
                messages.append(UserMessage(await back(_SUMMARY_HEADING + entry.text)))
            case Answer():
                calls = [ToolCall(call.call_id, call.tool, await back(call.model_arguments)) for call in entry.calls]
                messages.append(AssistantMessage(await back(entry.text), tuple(calls)))
            case Result():
                text = await (gate.closed(entry.text) if entry.closed else gate.outgoing(entry.text))
                messages.append(ToolMessage(entry.call_id, text, failed=entry.failed))
    return tuple(messages)


def estimated_tokens(system: str, messages: Iterable[Message], tools: Iterable[Schema]) -> int:
    """Return about how many tokens a request has, at four characters a token.

    An endpoint's own count is better and is used where there is one; this is for what it has not seen yet.
    """
    characters = len(system) + sum(len(tool.description) + len(str(tool.parameters)) for tool in tools)
    for message in messages:
        characters += len(message.text)
        if isinstance(message, AssistantMessage):
            characters += sum(len(call.arguments) + len(call.name) for call in message.calls)
    return characters // _CHARACTERS_PER_TOKEN
