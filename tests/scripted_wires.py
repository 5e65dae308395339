"""How each protocol of language models writes a scripted answer, streamed and whole."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from scripted_replies import Call, Say, event


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@dataclass(frozen=True)
class Wire:
    """How one protocol writes a ``Say``; the last ``ending`` events of a stream are its end."""

    events: Callable[[Say, Any], Iterator[bytes]]
    whole: Callable[[Say, str], object]
    ending: int


# Chat Completions


def _chat_events(say: Say, document: Any) -> Iterator[bytes]:
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": document.get("model")}

    def chunk(delta: dict[str, object], finish: str | None = None) -> bytes:
        return event({**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(say.reasoning, say.piece):
        yield chunk({say.reasoning_field: piece})
    for piece in _pieces(say.text, say.piece):
        yield chunk({"content": piece})
    for piece in _pieces(say.refusal, say.piece):
        yield chunk({"refusal": piece})
    for delta in _chat_calls(say):
        yield chunk({"tool_calls": [delta]})
    yield chunk({}, say.finish or ("tool_calls" if say.calls else "stop"))
    if say.usage and (document.get("stream_options") or {}).get("include_usage"):
        yield event({**base, "choices": [], "usage": _chat_usage(say)})
    else:
        yield b": no usage\n\n"
    yield b"data: [DONE]\n\n"


def _chat_calls(say: Say) -> Iterator[dict[str, object]]:
    rows = [list(_chat_call(position, call, say.piece)) for position, call in enumerate(say.calls)]
    if not say.interleave:
        for row in rows:
            yield from row
        return
    for turn in range(max((len(row) for row in rows), default=0)):
        for row in rows:
            if turn < len(row):
                yield row[turn]


def _chat_call(position: int, call: Call, size: int) -> Iterator[dict[str, object]]:
    index = position if call.index is None else call.index
    start: dict[str, object] = {"index": index, "type": "function", "function": {"name": call.name, "arguments": ""}}
    yield start if call.call_id is None else {**start, "id": call.call_id}
    for piece in _pieces(call.arguments, size):
        yield {"index": index, "function": {"arguments": piece}}


def _chat_usage(say: Say) -> dict[str, object]:
    sent, back = say.usage or (0, 0)
    usage: dict[str, object] = {"prompt_tokens": sent, "completion_tokens": back, "total_tokens": sent + back}
    return usage if say.cached is None else {**usage, "prompt_tokens_details": {"cached_tokens": say.cached}}


def _chat_whole(say: Say, model: str) -> object:
    calls = [
        {"id": call.call_id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in say.calls
    ]
    message = {"role": "assistant", "content": say.text, **({"tool_calls": calls} if calls else {})}
    finish = say.finish or ("tool_calls" if calls else "stop")
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": _chat_usage(say),
    }


# Responses


def _response(say: Say, model: str, status: str, output: Sequence[object]) -> dict[str, object]:
    sent, back = say.usage or (0, 0)
    usage = {
        "input_tokens": sent,
        "input_tokens_details": {"cached_tokens": say.cached or 0},
        "output_tokens": back,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": sent + back,
    }
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": model,
        "status": status,
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "incomplete_details": {"reason": say.finish} if status == "incomplete" else None,
        "usage": usage if say.usage else None,
    }


def _response_output(say: Say) -> list[dict[str, object]]:
    output: list[dict[str, object]] = []
    if say.reasoning:
        output.append({"id": "rs_1", "type": "reasoning", "summary": [{"type": "summary_text", "text": say.reasoning}]})
    if say.text or say.refusal:
        part = {"type": "output_text", "text": say.text, "annotations": []}
        content = [{"type": "refusal", "refusal": say.refusal}] if say.refusal else [part]
        output.append(
            {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": content}
        )
    for position, call in enumerate(say.calls):
        output.append(
            {
                "id": f"fc_{position}",
                "type": "function_call",
                "status": "completed",
                "call_id": call.call_id,
                "name": call.name,
                "arguments": call.arguments,
            }
        )
    return output


def _response_events(say: Say, document: Any) -> Iterator[bytes]:
    number = 0

    def named(kind: str, **fields: object) -> bytes:
        nonlocal number
        number += 1
        return event({"type": kind, "sequence_number": number, **fields}, kind)

    model = str(document.get("model"))
    status = "incomplete" if say.finish in {"max_output_tokens", "content_filter"} else "completed"
    yield named("response.created", response=_response(say, model, "in_progress", ()))
    for position, item in enumerate(_response_output(say)):
        where = {"item_id": item["id"], "output_index": position}
        empty = {**item, **({"arguments": ""} if "arguments" in item else {}), "status": "in_progress"}
        yield named("response.output_item.added", output_index=position, item=empty)
        if item["type"] == "reasoning":
            for piece in _pieces(say.reasoning, say.piece):
                yield named("response.reasoning_summary_text.delta", **where, summary_index=0, delta=piece)
        elif item["type"] == "message":
            kind, text = ("refusal", say.refusal) if say.refusal else ("output_text", say.text)
            for piece in _pieces(text, say.piece):
                yield named(f"response.{kind}.delta", **where, content_index=0, delta=piece)
        else:
            for piece in _pieces(str(item["arguments"]), say.piece):
                yield named("response.function_call_arguments.delta", **where, delta=piece)
            yield named("response.function_call_arguments.done", **where, arguments=item["arguments"])
        yield named("response.output_item.done", output_index=position, item=item)
    yield named(f"response.{status}", response=_response(say, model, status, _response_output(say)))


def _response_whole(say: Say, model: str) -> object:
    return _response(say, model, "completed", _response_output(say))


# Anthropic's Messages


def _message_events(say: Say, document: Any) -> Iterator[bytes]:
    sent, back = say.usage or (0, 0)
    blocks = _message_blocks(say)
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": document.get("model"), "content": []}
    usage = {"input_tokens": sent, "output_tokens": 0, "cache_read_input_tokens": say.cached or 0}
    start = {**message, "stop_reason": None, "stop_sequence": None, "usage": usage}
    yield event({"type": "message_start", "message": start}, "message_start")
    for position, (block, delta, field_name, text) in enumerate(blocks):
        where = {"index": position}
        yield event({"type": "content_block_start", **where, "content_block": block}, "content_block_start")
        for piece in _pieces(text, say.piece):
            document_piece = {"type": "content_block_delta", **where, "delta": {"type": delta, field_name: piece}}
            yield event(document_piece, "content_block_delta")
        yield event({"type": "content_block_stop", **where}, "content_block_stop")
    stop = say.finish or ("tool_use" if say.calls else "end_turn")
    ending = {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}}
    yield event({**ending, "usage": {"output_tokens": back}}, "message_delta")
    yield event({"type": "message_stop"}, "message_stop")


def _message_blocks(say: Say) -> list[tuple[dict[str, object], str, str, str]]:
    blocks: list[tuple[dict[str, object], str, str, str]] = []
    if say.reasoning:
        empty: dict[str, object] = {"type": "thinking", "thinking": "", "signature": ""}
        blocks.append((empty, "thinking_delta", "thinking", say.reasoning))
    if say.text:
        blocks.append(({"type": "text", "text": ""}, "text_delta", "text", say.text))
    for call in say.calls:
        use: dict[str, object] = {"type": "tool_use", "id": call.call_id, "name": call.name, "input": {}}
        blocks.append((use, "input_json_delta", "partial_json", call.arguments))
    return blocks


def _message_whole(say: Say, model: str) -> object:
    sent, back = say.usage or (0, 0)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": say.text}],
        "stop_reason": say.finish or "end_turn",
        "usage": {"input_tokens": sent, "output_tokens": back},
    }


WIRES: Final[Mapping[str, Wire]] = {
    "/chat/completions": Wire(_chat_events, _chat_whole, 3),
    "/responses": Wire(_response_events, _response_whole, 1),
    "/messages": Wire(_message_events, _message_whole, 2),
}
