"""A stand-in for a genuine OpenMed REST service: it replays recorded replies, and misbehaves on command.

It takes exactly the fields of the genuine service (anything else is 422), strips the text, and finds the few words
that the two tiny models of the recordings know. A fault, given by route, replaces the answer.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"
FIELDS = {
    "/analyze": {
        "text",
        "model_name",
        "confidence_threshold",
        "group_entities",
        "aggregation_strategy",
        "sentence_detection",
    },
    "/pii/extract": {"text", "confidence_threshold", "lang", "use_smart_merging", "model_name"},
    "/pii/deidentify": {
        "text",
        "method",
        "confidence_threshold",
        "keep_year",
        "date_shift_days",
        "keep_mapping",
        "lang",
        "model_name",
    },
}
DISEASES = re.compile(r"\b(COPD|pneumonia|dyspnea)\b")
IDENTIFIERS = {
    "first_name": re.compile(r"\b(Margaret|Anil)\b"),
    "last_name": re.compile(r"\b(Connell|Deshpande)\b"),
    "ssn": re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),
    "date": re.compile(r"\b\d{2}/\d{2}/\d{4}\b"),
}


def recorded(name: str) -> dict[str, Any]:
    return json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class Fault:
    """What to answer instead: raw bytes, or a reset, after a delay; for the first ``times`` requests only."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    announce: int | None = None
    reset: bool = False
    times: int = 10**9


Change = Callable[[dict[str, Any]], None]


class GenuineStub:
    """Answers like the genuine service, but for what ``faults`` and ``changes`` say of a path."""

    def __init__(self, *, capabilities: tuple[str, ...] = (), key: str | None = None) -> None:
        self.capabilities = capabilities
        self.key = key
        self.faults: dict[str, Fault] = {}
        self.changes: dict[str, Change] = {}
        self.requests: list[Request] = []
        self.at_once = 0
        self.most_at_once = 0
        self._lock = threading.Lock()

    def sent(self, path: str) -> list[dict[str, Any]]:
        return [request.body for request in self.requests if request.path == path]

    def answer(self, request: Request) -> tuple[int, dict[str, Any]]:
        if request.path == "/health":
            health = recorded("health")
            return 200, {**health, "capabilities": list(self.capabilities)} if self.capabilities else health
        if self.key is not None and request.headers.get("x-api-key") != self.key:
            return 401, {"error": {"code": "invalid_credentials", "message": "no", "details": None}}
        if request.path not in FIELDS:
            return 404, recorded("error_not_found")
        allowed = FIELDS[request.path] | ({"scope"} if "surrogate_scope" in self.capabilities else set())
        if set(request.body) - allowed:
            return 422, recorded("error_unknown_field")
        text = str(request.body.get("text", "")).strip()
        if not text:
            return 422, recorded("error_empty_text")
        if request.path == "/analyze":
            entities = [_entity(m, "DISEASE") for m in DISEASES.finditer(text)]
            return 200, {"text": text, "entities": entities, "model_name": "local/tinydis", "metadata": {}}
        if request.path == "/pii/extract":
            if text == recorded("pii_extract")["text"]:
                return 200, recorded("pii_extract")
            return 200, {"text": text, "entities": _identifiers(text), "model_name": "local/tinypii"}
        return 200, _deidentified(text, request.body["method"])


def _entity(match: re.Match[str], label: str) -> dict[str, Any]:
    return {
        "text": match.group(),
        "label": label,
        "confidence": 0.99,
        "start": match.start(),
        "end": match.end(),
        "metadata": {"span_valid": True},
    }


def _identifiers(text: str) -> list[dict[str, Any]]:
    found = [_entity(match, label) for label, pattern in IDENTIFIERS.items() for match in pattern.finditer(text)]
    return sorted(found, key=lambda entity: entity["start"])


def _deidentified(text: str, method: str) -> dict[str, Any]:
    if text == recorded("pii_extract")["text"]:
        return recorded(f"pii_deidentify_{method}")
    entities = [
        {**entity, "entity_type": entity["label"], "redacted_text": f"[{entity['label']}]"}
        for entity in _identifiers(text)
    ]
    written, at = "", 0
    for entity in entities:
        written += text[at : entity["start"]] + entity["redacted_text"]
        at = entity["end"]
    return {
        "original_text": text,
        "deidentified_text": written + text[at:],
        "pii_entities": entities,
        "method": method,
        "timestamp": "2026-11-22T01:19:24.783575",
        "num_entities_redacted": len(entities),
    }


@contextmanager
def running(stub: GenuineStub) -> Iterator[str]:
    """Serve the stub on loopback; yields its origin."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.path, headers, json.loads(raw) if raw else {})
            with stub._lock:
                stub.requests.append(request)
                stub.at_once += 1
                stub.most_at_once = max(stub.most_at_once, stub.at_once)
            try:
                self._write(request)
            except OSError:
                return
            finally:
                with stub._lock:
                    stub.at_once -= 1

        def _write(self, request: Request) -> None:
            fault = stub.faults.get(request.path)
            if fault is not None and fault.times > 0:
                fault.times -= 1
                time.sleep(fault.seconds)
                self.close_connection = True
                if fault.reset:
                    self.connection.close()
                    return
                self._send(fault.status, fault.body, fault.headers, fault.announce)
                return
            status, reply = stub.answer(request)
            if status == 200 and request.path in stub.changes:
                stub.changes[request.path](reply)
            self._send(status, json.dumps(reply).encode(), {"content-type": "application/json"}, None)

        def _send(self, status: int, body: bytes, headers: dict[str, str], announce: int | None) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body) if announce is None else announce))
            self.end_headers()
            self.wfile.write(body)

        do_GET = _serve
        do_POST = _serve

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
