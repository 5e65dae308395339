"""Nothing of a chart is in anything that the service's process writes."""

import json
import socket
import subprocess
import sys
import time

import httpx

PROGRAM = """
import logging, sys, uvicorn
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from openmed_agent.planes.inference.app import create_inference_application
uvicorn.run(create_inference_application(), host="127.0.0.1", port=int(sys.argv[1]), log_level="debug", lifespan="off")
"""
SECRETS = ("Zuzzanka", "219-09-9999", "melanoma", "zapytanie")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(origin: str) -> None:
    for _ in range(200):
        try:
            httpx.get(f"{origin}/health", trust_env=False)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not start")


def test_no_text_of_a_request_is_written_even_at_debug_level() -> None:
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(port)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    text = "Zuzzanka has melanoma, SSN 219-09-9999."
    bodies = [
        {"text": text},
        {"text": text, "method": "replace", "keep_mapping": True},
        {"text": text, "zapytanie": text},
        {"text": text, "model_name": text},
        {"text": text, "lang": "Zuzzanka"},
        {"text": text, "confidence_threshold": text},
    ]
    refusals = []
    try:
        wait_until_up(origin)
        for path in ("/analyze", "/pii/extract", "/pii/deidentify"):
            for body in bodies:
                reply = httpx.post(origin + path, json=body, trust_env=False)
                if not reply.is_success:
                    refusals.append(reply.text)
            refusals.append(httpx.post(origin + path, content=json.dumps(text)[:-3], trust_env=False).text)
    finally:
        process.terminate()
        written = process.communicate(timeout=20)[0].decode()
    assert "/pii/extract" in written, "the log is on"
    assert not [secret for secret in SECRETS[:3] if secret in written]
    assert len(refusals) > 9
    assert not [secret for secret in SECRETS[:3] if any(secret in refusal for refusal in refusals)]
