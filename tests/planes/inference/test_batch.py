"""``POST /batch``: documents in, answers out, line by line, in order, whatever a line holds."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Self

import httpx
import pytest
from conftest import RunningService
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.inference.app import create_inference_application
from openmed_agent.planes.inference.batch import LineSplitter, answer_line
from openmed_agent.planes.inference.batch_contract import MAXIMUM_DOCUMENT_BYTES, MAXIMUM_LINE_BYTES
from openmed_agent.planes.inference.engine import Engine

NOTE = "Margaret Connell has COPD, SSN 219-09-9999."
PLANTED = ("Margaret", "Connell", "219-09-9999")


def line(identity: str, operation: str, text: str = NOTE, **fields: object) -> bytes:
    return json.dumps({"id": identity, "operation": operation, "text": text, **fields}).encode() + b"\n"


def sent(origin: str, body: bytes) -> list[dict[str, Any]]:
    reply = httpx.post(f"{origin}/batch", content=body, trust_env=False, timeout=60)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/x-ndjson"
    return [json.loads(part) for part in reply.text.splitlines()]


def test_every_operation_answers_as_its_own_route_does(our_origin: str) -> None:
    asked = {
        "analyze": ("/analyze", {"model_name": "disease_detection_superclinical"}),
        "extract": ("/pii/extract", {"confidence_threshold": 0.4}),
        "deidentify": ("/pii/deidentify", {"method": "hash", "scope": "patient-1", "keep_mapping": True}),
    }
    body = b"".join(line(name, name, **fields) for name, (_, fields) in asked.items())
    answers = {answer["id"]: answer for answer in sent(our_origin, body)}
    assert list(answers) == list(asked)
    for name, (path, fields) in asked.items():
        alone = httpx.post(our_origin + path, json={"text": NOTE, **fields}, trust_env=False).json()
        result = answers[name]["result"]
        for clock in ("timestamp", "processing_time"):
            assert (clock in result) == (clock in alone)
            result.pop(clock, None), alone.pop(clock, None)
        assert result == alone


BAD_LINES = {
    "no json": (b"Margaret Connell", None, "validation_error"),
    "cut json": (line("a", "extract")[:-5], None, "validation_error"),
    "a list": (b"[]", None, "validation_error"),
    "a number": (b"7", None, "validation_error"),
    "not utf-8": (b'{"id":"a","operation":"extract","text":"\xff\xfe"}', None, "validation_error"),
    "lone surrogate": (b'{"id":"a","operation":"extract","text":"\\ud800"}', None, "validation_error"),
    "no operation": (b'{"id":"a","text":"COPD"}', "a", "validation_error"),
    "other operation": (line("a", NOTE).strip(), "a", "validation_error"),
    "no id": (b'{"operation":"extract","text":"COPD"}', None, "validation_error"),
    "number as id": (b'{"id":7,"operation":"extract","text":"COPD"}', None, "validation_error"),
    "long id": (line("a" * 201, "extract").strip(), None, "validation_error"),
    "unknown field": (line("a", "extract", **{"Margaret Connell": 1}).strip(), "a", "validation_error"),
    "blank text": (line("a", "extract", " \n").strip(), "a", "validation_error"),
    "wrong method": (line("a", "deidentify", method=NOTE).strip(), "a", "validation_error"),
    "shift of nothing": (line("a", "deidentify", date_shift_days=0).strip(), "a", "validation_error"),
    "unknown language": (line("a", "extract", lang="xx").strip(), "a", "validation_error"),
    "unknown model": (line("a", "analyze", model_name="no/such").strip(), "a", "model_not_served"),
    "deep": (b"[" * 100_000, None, "validation_error"),
    "document too large": (
        line("a", "extract", "é" * (MAXIMUM_DOCUMENT_BYTES // 2 + 1)).strip(),
        "a",
        "document_too_large",
    ),
    "line too large": (b" " * (MAXIMUM_LINE_BYTES + 1), None, "line_too_large"),
}


@pytest.mark.parametrize("name", list(BAD_LINES))
def test_a_bad_line_is_an_error_of_its_own_and_stops_nothing(our_origin: str, name: str) -> None:
    bad, identity, code = BAD_LINES[name]
    before, failed, after = sent(our_origin, line("before", "extract") + bad + b"\n" + line("after", "extract"))
    assert (before["id"], before["status"], before["line"]) == ("before", "ok", 1)
    assert (after["id"], after["status"], after["line"]) == ("after", "ok", 3)
    assert (failed["status"], failed.get("id"), failed["line"]) == ("error", identity, 2)
    assert failed["error"]["code"] == code
    assert failed["error"]["message"]
    assert not [secret for secret in PLANTED if secret in json.dumps(failed)]


def test_blank_lines_are_passed_over_and_the_last_line_needs_no_line_feed(our_origin: str) -> None:
    body = b"\n \r\n" + line("a", "extract").replace(b"\n", b"\r\n") + b"\n" + line("b", "extract").rstrip()
    assert [(answer["line"], answer["id"]) for answer in sent(our_origin, body)] == [(3, "a"), (5, "b")]
    assert sent(our_origin, b"") == []


def test_a_document_of_exactly_the_limit_is_taken(our_origin: str) -> None:
    text = "x" + "." * (MAXIMUM_DOCUMENT_BYTES - 2) + "x"
    (answer,) = sent(our_origin, line("a", "analyze", text))
    assert answer["status"] == "ok"


def test_many_lines_keep_their_order(our_origin: str) -> None:
    body = b"".join(line(str(i), "extract", f"Room {i}.") if i % 7 else b"{\n" for i in range(300))
    answers = sent(our_origin, body)
    assert [answer["line"] for answer in answers] == list(range(1, 301))
    assert [answer.get("id") for answer in answers] == [str(i) if i % 7 else None for i in range(300)]


class Wire:
    """A connection on which a batch is sent in chunks while its answer is read."""

    def __init__(self, origin: str) -> None:
        host, port = origin.removeprefix("http://").split(":")
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        head = "POST /batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.socket.sendall(head.encode())
        self._reader = self.socket.makefile("rb")

    def send(self, piece: bytes) -> None:
        self.socket.sendall(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")

    def end(self) -> None:
        self.socket.sendall(b"0\r\n\r\n")

    def head(self) -> int:
        status = int(self._reader.readline().split()[1])
        while self._reader.readline().strip():
            pass
        return status

    def pieces(self) -> Iterator[bytes]:
        while size := int(self._reader.readline(), 16):
            yield self._reader.read(size)
            self._reader.readline()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()
        self.socket.close()


def test_a_line_is_answered_before_the_next_one_is_sent(our_origin: str) -> None:
    with Wire(our_origin) as wire:
        wire.send(line("first", "extract") + b'{"id": "sec')
        assert wire.head() == 200
        pieces = wire.pieces()
        assert json.loads(next(pieces))["id"] == "first"
        wire.send(b'ond", "operation": "extract", "text": "COPD"}\n')
        assert json.loads(next(pieces))["id"] == "second"
        wire.end()
        assert list(pieces) == []


@pytest.mark.proof
def test_a_client_that_does_not_read_is_not_read_from(our_origin: str) -> None:
    document = line("a", "analyze", "x" + "." * 1_000_000 + "x")
    framed = f"{len(document):x}\r\n".encode() + document + b"\r\n"
    total, taken, left = 80, 0, b""
    with Wire(our_origin) as wire:
        wire.socket.settimeout(3)
        for _ in range(total):
            at = 0
            try:
                while at < len(framed):
                    at += wire.socket.send(framed[at : at + 65536])
            except TimeoutError:
                left = framed[at:]
                break
            taken += 1
        assert 10 < taken < total - 20, "16 MB of answers and the buffers of the system"
        wire.socket.settimeout(30)
        assert wire.head() == 200
        answered = 0
        pieces = wire.pieces()
        while answered < taken - 1:  # room is made by reading
            answered += next(pieces).count(b"\n")
        wire.socket.sendall(left)
        wire.end()
        answered += sum(piece.count(b"\n") for piece in pieces)
    assert answered == taken + 1


def test_a_client_that_goes_away_in_the_middle_leaves_room_for_others() -> None:
    with RunningService(create_inference_application(workers=1)) as origin:
        for _ in range(12):  # more than may run at once
            with Wire(origin) as wire:
                wire.send(line("a", "extract") + b'{"id"')
                assert wire.head() in {200, 503}
        for _ in range(100):
            reply = httpx.post(f"{origin}/batch", content=line("b", "extract"), trust_env=False)
            if reply.status_code == 200:
                break
            time.sleep(0.05)
        assert json.loads(reply.text)["id"] == "b"


def test_too_many_batches_at_once_are_told_when_to_come_back() -> None:
    with RunningService(create_inference_application(workers=1)) as origin, ExitStack() as opened:
        wires = [opened.enter_context(Wire(origin)) for _ in range(4)]
        for wire in wires:
            wire.send(line("a", "extract"))
            assert wire.head() == 200
        refused = httpx.post(f"{origin}/batch", content=line("b", "extract"), trust_env=False)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["error"]["code"] == "backpressure"
        assert httpx.post(f"{origin}/pii/extract", json={"text": NOTE}, trust_env=False).status_code == 200
        for wire in wires:
            wire.end()


def test_a_batch_needs_the_key() -> None:
    with RunningService(create_inference_application(api_key="the-right-key")) as origin:
        refused = httpx.post(f"{origin}/batch", content=line("a", "extract"), trust_env=False)
        assert refused.status_code == 401
        headers = {"X-API-Key": "the-right-key"}
        taken = httpx.post(f"{origin}/batch", content=line("a", "extract"), headers=headers, trust_env=False)
        assert json.loads(taken.text)["status"] == "ok"


def test_more_than_any_other_route_takes_goes_through_a_batch(our_origin: str) -> None:
    unread = b"{" + b" " * 5_000_000 + b"\n"
    assert len(sent(our_origin, unread * 4 + line("a", "extract"))) == 5


def test_health_lists_the_capability(our_origin: str) -> None:
    assert "batch" in httpx.get(f"{our_origin}/health", trust_env=False).json()["capabilities"]


@given(pieces=st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\x00", b"\n"))), limit=st.integers(1, 9))
def test_lines_do_not_depend_on_how_the_bytes_arrive(pieces: list[bytes], limit: int) -> None:
    splitter = LineSplitter(limit)
    found = [whole for piece in pieces for whole in splitter.feed(piece)] + list(splitter.rest())
    *wanted, last = b"".join(pieces).split(b"\n")
    if last:
        wanted.append(last)
    assert found == [whole if len(whole) <= limit else None for whole in wanted]


JSON_VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), st.lists, max_leaves=4)
OPTIONS = ("text", "lang", "method", "scope", "model_name", "confidence_threshold", "date_shift_days")
ALMOST_LINES = st.fixed_dictionaries(
    {"id": st.just("a") | JSON_VALUES, "operation": st.sampled_from(["analyze", "extract", "deidentify"])},
    optional=dict.fromkeys(OPTIONS, JSON_VALUES),
)


@given(raw=st.binary(max_size=200) | ALMOST_LINES.map(lambda value: json.dumps(value).encode()))
def test_nothing_a_line_can_hold_is_a_fault(raw: bytes) -> None:
    answer = json.loads(answer_line(Engine(key=b"k" * 32), 1, raw).encoded())
    assert answer["status"] in {"ok", "error"}
    assert answer["status"] == "ok" or answer["error"]["code"] != "internal_error"
