"""A proxy on loopback that passes requests on to a service, and spoils its answers on command."""

import http.client
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Spoil = Literal["reset", "reset in the body", "stall", "truncated", "wrong type", "cut json", "429", "503"]
HTML = b"<html><body>Sign in</body></html>"


class FaultProxy:
    """Spoils the answers to POST for the next ``times`` requests; health passes, as it does with a sick backend."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.spoil: Spoil | None = None
        self.times = 0
        self.seen = 0

    def next_spoil(self) -> Spoil | None:
        self.seen += 1
        if self.times <= 0:
            return None
        self.times -= 1
        return self.spoil


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(*self._asked(b""))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        spoil = self.server.proxy.next_spoil()
        self.close_connection = spoil is not None
        match spoil:
            case None:
                self._answer(*self._asked(body))
            case "reset":
                self._reset()
            case "stall":
                time.sleep(3)
            case "429" | "503":
                busy = b'{"error":{"code":"backpressure","message":"busy"}}'
                self._answer(int(spoil), "application/json", busy, retry_after="1")
            case "wrong type":
                self._answer(200, "text/html", HTML)
            case _:
                self._spoilt(spoil, *self._asked(body))

    def _spoilt(self, spoil: Spoil, status: int, kind: str, answer: bytes) -> None:
        half = answer[: len(answer) // 2]
        if spoil == "cut json":
            self._answer(status, kind, half)
            return
        self._answer(status, kind, half, announced=len(answer))
        if spoil == "reset in the body":
            self._reset()

    def _asked(self, body: bytes) -> tuple[int, str, bytes]:
        upstream = self.server.proxy.upstream
        connection = http.client.HTTPConnection(upstream.hostname or "", upstream.port, timeout=60)
        try:
            connection.request(self.command, self.path, body or None, {"content-type": "application/json"})
            answer = connection.getresponse()
            return answer.status, answer.headers.get("content-type", ""), answer.read()
        finally:
            connection.close()

    def _answer(
        self, status: int, kind: str, body: bytes, *, announced: int | None = None, retry_after: str | None = None
    ) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body) if announced is None else announced))
        if retry_after:
            self.send_header("retry-after", retry_after)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, *_: object) -> None:
        return

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # the client has gone, or the connection was reset here
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            return


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, proxy: FaultProxy) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proxy = proxy


@contextmanager
def proxying(proxy: FaultProxy) -> Iterator[str]:
    """Run the proxy; yields its origin."""
    server = _Server(proxy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
