"""A real HTTP server on loopback that answers as a test tells it, and keeps what it was sent."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut_after: int | None = None
    close_at_once: bool = False


@dataclass
class Sent:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class StubService:
    def __init__(self, answers: Callable[[Sent, int], Answer]) -> None:
        self.sent: list[Sent] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                headers = {key.lower(): value for key, value in self.headers.items()}
                sent = Sent(self.command, self.path, headers, self.rfile.read(length))
                stub.sent.append(sent)
                answer = answers(sent, len(stub.sent))
                time.sleep(answer.delay)
                self.close_connection = True
                if answer.close_at_once:
                    return
                try:
                    self.send_response(answer.status)
                    for name, value in answer.headers.items():
                        self.send_header(name, value)
                    self.send_header("content-length", str(len(answer.body)))
                    self.end_headers()
                    self.wfile.write(answer.body[: answer.cut_after])
                except OSError:
                    return

            do_GET = _answer
            do_POST = _answer

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"


@contextmanager
def stub_service(answers: Callable[[Sent, int], Answer]) -> Iterator[StubService]:
    stub = StubService(answers)
    thread = threading.Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.server.shutdown()
        stub.server.server_close()
        thread.join()
