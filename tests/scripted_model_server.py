"""A model server over real HTTP that says what a test scripted, and keeps every byte that it was sent.

    script = [Say("Let me look.", calls=(Call("list_files", '{"folder":"notes"}'),)), Say("Done.")]
    with ScriptedModelServer(script) as server:
        ...                                       # talk to server.url (it ends in /v1)
        server.conversations[0]["messages"]       # what the model was asked, in order
        server.received                           # every byte of every request: lines, headers, bodies

The script is a list of replies, or a function of the request's JSON that returns one. A reply is a ``Say``, a
``Fail`` (an error status) or a ``Raw`` (any bytes). ``Say`` answers Chat Completions, Responses, and Anthropic's
Messages, streamed or not, by the path of the request. ``kind`` adds the discovery routes of a local server.
"""

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Literal, Self

ServerKind = Literal["openai", "ollama", "llama.cpp", "vllm", "lmstudio"]
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"


@dataclass(frozen=True)
class Call:
    """One tool call; ``index`` and ``call_id`` can be left out (None) as sloppy servers do."""

    name: str
    arguments: str = "{}"
    call_id: str | None = "call_1"
    index: int | None = None


@dataclass(frozen=True)
class Say:
    """An answer. It is sent in pieces of ``piece`` characters, ``pause_seconds`` apart.

    ``cut_after`` ends the connection after so many events, without a finish; ``then`` is sent in place of the end.
    ``interleave`` sends the arguments of several calls in turn, as parallel calls may come.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    reasoning: str = ""
    reasoning_field: str = "reasoning_content"
    refusal: str = ""
    finish: str | None = None
    usage: tuple[int, int] | None = (11, 7)
    cached: int | None = None
    piece: int = 7
    pause_seconds: float = 0.0
    cut_after: int | None = None
    then: bytes | None = None
    interleave: bool = False


@dataclass(frozen=True)
class Fail:
    """An error status with a body; a mapping is sent as JSON."""

    status: int = 500
    body: object = field(default_factory=lambda: {"error": {"message": "planted failure", "type": "server_error"}})
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


@dataclass(frozen=True)
class Raw:
    """Bytes as they are, ``pause_seconds`` apart; ``hang`` then keeps the connection open and says nothing more."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    content_type: str = EVENTS
    headers: Mapping[str, str] = field(default_factory=dict)
    pause_seconds: float = 0.0
    hang: bool = False


Reply = Say | Fail | Raw
Script = Sequence[Reply] | Callable[[Any], Reply]


def rate_limited(retry_after: str = "1") -> Fail:
    """Return the answer of an endpoint that is asked too often."""
    body = {"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}
    return Fail(429, body, {"Retry-After": retry_after})


def redirect(location: str) -> Fail:
    """Return a redirection to another address."""
    return Fail(307, b"", {"Location": location}, "text/plain")


def web_page() -> Raw:
    """Return what a captive portal or a wrong port says."""
    return Raw((b"<!doctype html><title>Welcome</title><p>Please log in.",), content_type="text/html")


def silence() -> Raw:
    """Return headers and then nothing, until the client gives up."""
    return Raw(hang=True)


def error_mid_stream(text: str = "Let me", message: str = "the model crashed") -> Say:
    """Return an answer that breaks into an error object after some text."""
    return Say(text, then=event({"error": {"message": message, "type": "server_error", "code": 500}}))


def event(document: object, name: str | None = None) -> bytes:
    """Return one server-sent event."""
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(document)}\n\n".encode()


@dataclass(frozen=True)
class Model:
    """A model that the server lists."""

    name: str = "scripted-model"
    context_window: int | None = 8192
    tools: bool = True


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        """Return a header's value, or None."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def raw(self) -> bytes:
        """The request as bytes, headers in the order they came."""
        head = "".join(f"{key}: {value}\r\n" for key, value in self.headers)
        return f"{self.method} {self.path}\r\n{head}\r\n".encode() + self.body


class ScriptedModelServer:
    """Serves on a free port of loopback from ``__enter__`` to ``__exit__``.

    ``key`` None needs no authentication. ``refused_parameters`` are answered with status 400 when a request holds
    them, as older servers do. A reply that the script does not hold is status 500 and counts as ``unscripted``.
    ``keep_alive`` leaves connections open after a stream, as servers in use do; ``connections`` counts them.
    ``asked`` is set at the first request, ``client_left`` when a client ends a request before its answer.
    """

    def __init__(
        self,
        script: Script = (),
        *,
        kind: ServerKind = "openai",
        models: Sequence[Model] = (Model(),),
        key: str | None = None,
        refused_parameters: Sequence[str] = (),
        keep_alive: bool = False,
        port: int = 0,
    ) -> None:
        self.kind = kind
        self.models = tuple(models)
        self.key = key
        self.refused_parameters = tuple(refused_parameters)
        self.requests: list[Received] = []
        self.keep_alive = keep_alive
        self.connections = 0
        self.unscripted = 0
        self.closing = threading.Event()
        self.asked = threading.Event()
        self.client_left = threading.Event()
        self._script = script
        self._next = 0
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()
        self._port = port
        self._http: ThreadingHTTPServer | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        owner: ScriptedModelServer = self

        class Handler(_Handler):
            server_owner = owner

        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        assert self._http is not None
        assert self._thread is not None
        self._http.shutdown()
        with self._lock:
            for connection in self._connections:
                _shut(connection)
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on."""
        assert self._http is not None
        return int(self._http.server_address[1])

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL that an OpenAI client takes."""
        return f"{self.origin}/v1"

    @property
    def received(self) -> bytes:
        """Every byte of every request so far."""
        return b"\n".join(one.raw for one in self.requests)

    @property
    def conversations(self) -> list[Any]:
        """The JSON bodies of the requests that asked the model something."""
        return [one.json for one in self.requests if one.method == "POST" and not one.path.startswith("/api/")]

    def record(self, request: Received) -> None:
        """Keep one request."""
        with self._lock:
            self.requests.append(request)
        self.asked.set()

    def opened(self, connection: socket.socket) -> None:
        """Remember a connection, to end it with the server."""
        with self._lock:
            self.connections += 1
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        """Forget a connection."""
        with self._lock:
            self._connections.discard(connection)

    def next_reply(self, document: Any) -> Reply:
        """Return what the script says to a request."""
        if callable(self._script):
            return self._script(document)
        with self._lock:
            position, self._next = self._next, self._next + 1
        if position < len(self._script):
            return self._script[position]
        self.unscripted += 1
        return Fail(500, {"error": {"message": "the script is at its end", "type": "server_error"}})


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended already


class _Handler(BaseHTTPRequestHandler):
    server_owner: ScriptedModelServer
    protocol_version = "HTTP/1.1"
    server_version = "scripted"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.server_owner.opened(self.connection)

    def finish(self) -> None:
        self.server_owner.closed(self.connection)
        try:
            super().finish()
        except OSError:
            return

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002, ARG002 - the base class's names
        return

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.server_owner.client_left.set()

    def do_GET(self) -> None:
        self._take()
        if not self._authorised():
            return
        found = _described(self.server_owner, self.path)
        if found is None:
            self._json(404, {"error": {"message": "not found", "type": "invalid_request_error"}})
        else:
            self._json(200, found)

    def do_POST(self) -> None:
        body = self._take()
        if not self._authorised():
            return
        try:
            document = json.loads(body)
        except ValueError:
            self._json(400, {"error": {"message": "no JSON", "type": "invalid_request_error"}})
            return
        if self.path == "/api/show" and self.server_owner.kind == "ollama":
            self._json(*_ollama_model(self.server_owner, document))
            return
        wire = _WIRES.get(self.path.removeprefix("/v1"))
        if wire is None:
            self._json(404, {"error": {"message": "not found", "type": "invalid_request_error"}})
            return
        for name in self.server_owner.refused_parameters:
            if name in document:
                self._json(400, {"error": {"message": f"Unknown parameter: '{name}'.", "param": name, "type": "x"}})
                return
        self._answer(self.server_owner.next_reply(document), document, wire)

    def _take(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server_owner.record(Received(self.command, self.path, tuple(self.headers.items()), body))
        return body

    def _authorised(self) -> bool:
        key = self.server_owner.key
        offered = {self.headers.get("authorization"), self.headers.get("x-api-key")}
        if key is None or f"Bearer {key}" in offered or key in offered:
            return True
        self._json(401, {"error": {"message": "Incorrect API key provided: planted-echo", "code": "invalid_api_key"}})
        return False

    def _answer(self, reply: Reply, document: Any, wire: "_Wire") -> None:
        match reply:
            case Fail():
                content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                self._whole(reply.status, content, reply.content_type, reply.headers)
            case Raw():
                self._stream(reply.pieces, reply)
            case Say() if not document.get("stream"):
                self._json(200, wire.whole(reply, str(document.get("model"))))
            case Say():
                events = tuple(wire.events(reply, document))
                if reply.then is not None:
                    events = (*events[: max(1, len(events) - wire.ending)], reply.then)
                if reply.cut_after is not None:
                    events = events[: reply.cut_after]
                self._stream(events, Raw(pause_seconds=reply.pause_seconds))

    def _stream(self, pieces: Sequence[bytes], manner: Raw) -> None:
        chunked = self.server_owner.keep_alive
        self.close_connection = not chunked
        self.send_response(manner.status)
        self.send_header("Content-Type", manner.content_type)
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        for name, value in manner.headers.items():
            self.send_header(name, value)
        self.end_headers()
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            self.wfile.flush()
            if manner.pause_seconds:
                self._wait(manner.pause_seconds)
        if manner.hang:
            self._wait(60.0)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _wait(self, seconds: float) -> None:
        """Wait, but no longer than the client does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self.server_owner.closing.is_set():
            readable, _, _ = select.select([self.connection], [], [], 0.01)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.server_owner.client_left.set()
                raise ConnectionAbortedError("the client has gone")

    def _json(self, status: int, document: object) -> None:
        self._whole(status, json.dumps(document).encode(), JSON, {})

    def _whole(self, status: int, content: bytes, content_type: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _described(server: ScriptedModelServer, path: str) -> object | None:
    models = server.models
    match server.kind, path:
        case _, "/v1/models":
            return {"object": "list", "data": [_listed(server, one) for one in models]}
        case "ollama", "/api/version":
            return {"version": "0.30.1"}
        case "ollama", "/api/tags":
            return {"models": [{"name": one.name, "model": one.name, "details": {}} for one in models]}
        case "ollama", "/api/ps":
            return {"models": [{"name": one.name, "context_length": one.context_window} for one in models]}
        case "llama.cpp", "/props":
            return {
                "default_generation_settings": {"n_ctx": models[0].context_window},
                "chat_template_caps": {"supports_tools": models[0].tools},
                "model_path": "/models/scripted.gguf",
                "build_info": "b1-planted",
            }
        case "lmstudio", "/api/v0/models":
            return {
                "data": [
                    {
                        "id": one.name,
                        "type": "llm",
                        "state": "loaded",
                        "max_context_length": 2 * (one.context_window or 0) or None,
                        "loaded_context_length": one.context_window,
                        "capabilities": ["tool_use"] if one.tools else [],
                    }
                    for one in models
                ]
            }
    return None


def _listed(server: ScriptedModelServer, model: Model) -> dict[str, object]:
    listed: dict[str, object] = {"id": model.name, "object": "model", "created": 1, "owned_by": "test"}
    if server.kind == "vllm":
        listed |= {"max_model_len": model.context_window, "owned_by": "vllm"}
    if server.kind == "llama.cpp":
        listed |= {"meta": {"n_ctx_train": 4 * (model.context_window or 0)}, "owned_by": "llamacpp"}
    if server.kind == "ollama":
        listed |= {"owned_by": "library"}
    if server.kind == "lmstudio":
        listed |= {"owned_by": "organization_owner"}
    return listed


def _ollama_model(server: ScriptedModelServer, document: Any) -> tuple[int, object]:
    wanted = document.get("model") or document.get("name")
    model = next((one for one in server.models if one.name == wanted), None)
    if model is None:
        return 404, {"error": f"model '{wanted}' not found"}
    return 200, {
        "details": {"family": "llama"},
        "model_info": {"general.architecture": "llama", "llama.context_length": model.context_window},
        "capabilities": ["completion", *(["tools"] if model.tools else [])],
        "parameters": 'stop "<|eot|>"',
    }


def _pieces(text: str, size: int) -> Iterator[str]:
    for start in range(0, len(text), size):
        yield text[start : start + size]


@dataclass(frozen=True)
class _Wire:
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


_WIRES: Final[Mapping[str, _Wire]] = {
    "/chat/completions": _Wire(_chat_events, _chat_whole, 3),
    "/responses": _Wire(_response_events, _response_whole, 1),
    "/messages": _Wire(_message_events, _message_whole, 2),
}
