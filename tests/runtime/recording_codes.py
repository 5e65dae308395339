"""A service that answers as a small RxNav does, and keeps every request line and body that it was sent."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

METFORMIN = {"rxcui": "6809", "name": "metformin", "synonym": "", "tty": "IN", "language": "ENG", "suppress": "N"}


class RecordingCodes:
    """Serves on a free port of loopback from ``__enter__`` to ``__exit__``."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                owner.received.append(f"{self.requestline}\r\n{self.headers}".encode() + body)
                reply = _reply(self.path)
                content = json.dumps(reply).encode()
                self.send_response(404 if reply is None else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET

            def log_message(self, *_: object) -> None:
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def _reply(path: str) -> object:
    if path.startswith("/REST/rxcui.json"):
        return {"idGroup": {"rxnormId": ["6809"]} if "name=metformin" in path else {}}
    if path.startswith("/REST/approximateTerm.json"):
        return {"approximateGroup": {"inputTerm": None, "candidate": []}}
    if path.startswith("/REST/rxcui/6809/properties.json"):
        return {"properties": METFORMIN}
    return None
