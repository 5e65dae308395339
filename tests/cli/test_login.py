"""Login, logout, models and the endpoint's doctor, as a person types them."""

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import SCRIPT, Machine
from scripted_model_server import Model, Reply, Say, ScriptedModelServer

KEY = "sk-planted-4711"


def kept(machine: Machine) -> str:
    return "".join(file.read_text() for file in machine.home.glob("*.json")) if machine.home.exists() else ""


def test_a_key_is_checked_kept_used_and_removed(bare: Machine) -> None:
    with ScriptedModelServer(kind="vllm", key=KEY) as server:
        wrong = bare.openmed("login", "--url", server.url, "--key-fd", "0", "--keep", "file", stdin="sk-wrong\n")
        assert wrong.status == 5
        assert wrong.stderr.count("\n") == 1
        assert "refused the key" in wrong.stderr
        assert kept(bare) == ""

        right = bare.openmed("login", "--url", server.url, "--key-fd", "0", "--keep", "file", stdin=f"{KEY}\n")
        assert right.status == 0, right.stderr
        assert KEY in kept(bare)

        status = bare.openmed("login", "status", "--json")
        assert status.json()["services"] == [
            {
                "purpose": "model",
                "url": server.url,
                "configured_by": "openmed login",
                "key": "in a private file",
                "model": "scripted-model",
                "in_use": True,
            }
        ]
        models = bare.openmed("models", "--json").json()["endpoints"][0]["models"]
        assert [(one["name"], one["context_window"], one["current"]) for one in models] == [
            ("scripted-model", 8192, True)
        ]
        out = bare.openmed("logout")
        assert out.status == 0
        assert KEY not in kept(bare)
        assert bare.openmed("login", "status", "--json").json() == {"services": []}
        for printed in (wrong, right, status, out):
            assert KEY not in printed.stdout + printed.stderr


def test_without_a_keyring_a_file_has_to_be_asked_for(bare: Machine) -> None:
    with ScriptedModelServer(key=KEY) as server:
        refused = bare.openmed(
            "login",
            "--url",
            server.url,
            "--key-fd",
            "0",
            stdin=KEY,
            PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring",
        )
    assert refused.status == 3
    assert "--keep file" in refused.stderr
    assert KEY not in kept(bare) + refused.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "status"),
    [
        (("--url", "https://models.example.org/v1", "--key-fd", "0"), "a b\n", 3),
        (("--url", "https://models.example.org/v1", "--key-fd", "77"), "", 3),
        (("--url", "http://models.example.org/v1", "--key-fd", "0"), "sk\n", 4),
        (("--provider", "openai"), "", 2),
        (("--service", "codes", "--key-fd", "0"), "sk\n", 3),
        ((), "", 2),
        (("--key", "sk-planted"), "", 2),
    ],
)
def test_what_cannot_be_a_login_contacts_nobody(
    bare: Machine, arguments: tuple[str, ...], stdin: str, status: int
) -> None:
    outcome = bare.openmed("login", *arguments, stdin=stdin)
    assert outcome.status == status, outcome.stderr
    assert outcome.stderr.count("\n") == 1
    assert kept(bare) == ""


def test_a_server_without_keys_is_taken_as_it_is_and_a_model_chosen(bare: Machine) -> None:
    with ScriptedModelServer(kind="ollama", models=(Model("a"), Model("b", 4096))) as server:
        assert bare.openmed("login", "--url", server.url).status == 0
        assert bare.openmed("models", "--use", "other").status == 3
        assert bare.openmed("models", "--use", "b").status == 0
        status = bare.openmed("login", "status")
    assert "key: none needed" in status.stdout
    assert "model: b" in status.stdout


def test_the_environment_is_said_and_never_shown(bare: Machine) -> None:
    status = bare.openmed("login", "status", OPENAI_API_KEY=KEY)
    assert "https://api.openai.com/v1   (in use)" in status.stdout
    assert "OPENAI_API_KEY" in status.stdout
    assert KEY not in status.stdout + status.stderr


def test_a_destination_that_is_not_allowed_is_not_contacted(bare: Machine) -> None:
    with ScriptedModelServer() as server:
        file = bare.home / "config" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text('[destinations]\nmodels = ["https://models.example.org"]\n')
        for command in (("login", "--url", server.url), ("config", "endpoint-doctor", server.url),
                        ("models", "--url", server.url)):  # fmt: skip
            assert bare.openmed(*command).status == 4
        assert server.requests == []


def test_a_project_supplies_neither_address_nor_key(bare: Machine) -> None:
    for name in ("config.toml", "logins.json", "credentials.json", ".openmed/config.toml", ".env"):
        file = bare.folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text('[model]\nurl = "https://planted.example/v1"\nOPENAI_API_KEY=sk-planted\n')
    assert bare.openmed("login", "status", "--json").json() == {"services": []}


def test_the_doctor_of_an_endpoint_says_its_fault(bare: Machine) -> None:
    def answer(document: Any) -> Reply:
        if document.get("tools"):
            return Say('<tool_call>{"name": "report_word", "arguments": {"word": "ready"}}</tool_call>')
        return Say("one two three", usage=(100, 3))

    with ScriptedModelServer(answer, kind="vllm", models=(Model("m", 32768),)) as server:
        outcome = bare.openmed("config", "endpoint-doctor", server.url, "--json")
        sent = server.received
    assert outcome.status == 1
    faults = {one["subject"] for one in json.loads(outcome.stdout)["checks"] if one["state"] == "fault"}
    assert faults == {"tools", "leaked calls", "truncation"}
    assert str(bare.folder).encode() not in sent


def test_a_typed_key_is_not_echoed(bare: Machine) -> None:
    with ScriptedModelServer(key=KEY) as server:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [SCRIPT, "login", "--url", server.url, "--keep", "file"],
            cwd=bare.folder,
            env=bare.variables(TERM="xterm"),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        shown = _until(master, b"Enter for none): ")
        time.sleep(0.2)  # the prompt is written before the echo is off
        os.write(master, f"{KEY}\n".encode())
        shown += _until(master, b"Logged in")
        assert process.wait(60) == 0
        os.close(master)
    assert KEY.encode() not in shown
    assert KEY in kept(bare)


def _until(terminal: int, words: bytes, seconds: float = 60) -> bytes:
    shown = b""
    end = time.monotonic() + seconds
    while words not in shown:
        assert time.monotonic() < end, shown
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 4096)
            except OSError:
                raise AssertionError(shown) from None
    return shown


def test_a_kept_key_opens_a_service_of_the_same_origin_only(tmp_path: Path) -> None:
    from openmed_agent.login.accounts import Account
    from openmed_agent.login.credentials import Credentials
    from openmed_agent.net.clients import DestinationKind
    from openmed_agent.planes.connection import _remote_endpoint
    from openmed_agent.settings.configuration import PlaneSettings
    from openmed_agent.settings.paths import find_paths

    paths = find_paths({"OPENMED_HOME": str(tmp_path)})
    url = "https://codes.example.org"
    Credentials(paths.root, {}).keep(Account(purpose="codes", url=url, kept="file"), KEY)
    found = [
        _remote_endpoint(kind, address, PlaneSettings(), paths).headers
        for kind, address in (
            (DestinationKind.CODES, url),
            (DestinationKind.CODES, "https://codes.example.org:8443"),
            (DestinationKind.INFERENCE, url),
        )
    ]
    assert found == [{"X-API-Key": KEY}, {}, {}]
