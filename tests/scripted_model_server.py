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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from scripted_listings import Model, ServerKind, described, ollama_model
from scripted_replies import (
    JSON,
    Call,
    Fail,
    Raw,
    Reply,
    Say,
    Script,
    error_mid_stream,
    event,
    rate_limited,
    redirect,
    silence,
    web_page,
)
from scripted_wires import WIRES, Wire

__all__ = [
    "Call",
    "Fail",
    "Model",
    "Raw",
    "Received",
    "Reply",
    "Say",
    "Script",
    "ScriptedModelServer",
    "ServerKind",
    "error_mid_stream",
    "event",
    "rate_limited",
    "redirect",
    "silence",
    "web_page",
]


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
        found = described(self.server_owner.kind, self.server_owner.models, self.path)
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
            self._json(*ollama_model(self.server_owner.models, document))
            return
        wire = WIRES.get(self.path.removeprefix("/v1"))
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

    def _answer(self, reply: Reply, document: Any, wire: Wire) -> None:
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
