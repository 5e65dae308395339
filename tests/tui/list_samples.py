"""What a scripted working process answers for the screens that are lists; some of it is hostile."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faces import SIZES, THEMES, parts, reply
from textual.pilot import Pilot

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.row_list import RowList
from openmed_agent.workbench.requests.audit import AuditPage, AuditRow, AuditVerdict
from openmed_agent.workbench.requests.instructions import InstructionsText
from openmed_agent.workbench.requests.models import (
    EndpointCheck,
    KeepingOffer,
    LocalServers,
    LoggedIn,
    ModelPlace,
    ModelPlaces,
    ModelUsed,
    Offered,
    OfferedModel,
)
from openmed_agent.workbench.requests.preferences import CustodyOffer, SettingLine, SettingsReport
from openmed_agent.workbench.requests.sessions import SessionDeleted, SessionList, SessionRow, StoreOpened
from openmed_agent.workbench.wire import Done

LOOKS = tuple((size, theme) for size in SIZES for theme in THEMES)
NOW = datetime(2026, 11, 20, 14, 32, tzinfo=UTC)
HOSTILE = "[@click=app.quit]press[/x] \x1b]52;c;QQ==\x07\u202etxt"
OLLAMA = "http://127.0.0.1:11434/v1"
OPENAI = "https://api.openai.com/v1"


def session(number: int, title: str, **other: Any) -> SessionRow:
    """Return a session of the list."""
    facts = {"phi_mode": "deid", "agent_mode": "clinical", "model": "qwen3:8b", "events": 10 + number, **other}
    return SessionRow(session_id=f"{number:032x}", title=title, created=NOW, updated=NOW, **facts)


SESSIONS = SessionList(
    sessions=(
        session(1, "Chart of 2026-11-20, medicines", held="here"),
        session(
            2, "Discharge letter of a long stay with many changes of treatment, summary and codes", phi_mode="full"
        ),
        session(3, "", phi_mode="strict", model=""),
        session(4, HOSTILE, held="elsewhere"),
        session(5, "診療録の要約と薬剤の確認", events=12_345),
        *(session(number, f"Visit {number}") for number in range(6, 40)),
    )
)
PLACES = ModelPlaces(
    places=(
        ModelPlace(
            url=OPENAI, host="api.openai.com", local=False, configured_by="openmed login", key="in the system's keyring"
        ),
        ModelPlace(
            url=OLLAMA,
            host="127.0.0.1:11434",
            local=True,
            configured_by="openmed login",
            key="none needed",
            model="qwen3:8b",
            in_use=True,
        ),
        ModelPlace(
            url="https://gateway.example.org/v1",
            host="gateway.example.org",
            local=False,
            configured_by="the environment (OPENAI_BASE_URL)",
            key="none",
            refused="The model at gateway.example.org is not on the list of allowed destinations.",
        ),
    ),
    effort="low",
)
OFFERED = Offered(
    url=OLLAMA,
    host="127.0.0.1:11434",
    local=True,
    found_by="",
    models=(
        OfferedModel(name="qwen3:8b", context_window=131_072, takes_tools=True, reasons=True),
        OfferedModel(name=HOSTILE, context_window=8192, takes_tools=False),
        OfferedModel(name="medgemma:4b"),
    ),
)
LLAMA = Offered(
    url="http://127.0.0.1:8080/v1",
    host="127.0.0.1:8080",
    local=True,
    found_by="found on this machine (llama.cpp)",
    models=(OfferedModel(name="gemma-3-12b-it-Q4_K_M.gguf", context_window=32_768, takes_tools=True),),
)
CHECKS = (
    EndpointCheck(subject="reachable", state="ok", sentence="it answers"),
    EndpointCheck(
        subject="tools", state="fault", sentence="no call arrived", remedy="Choose a model that takes tools."
    ),
    EndpointCheck(subject="truncation", state="unknown", sentence="the model did not repeat the first word"),
)
LINES = (
    SettingLine(
        name="PHI mode", value="deid", source="project", note="narrowed by /home/ada/charts/.openmed/config.toml"
    ),
    SettingLine(name="Permission mode", value="ask", source="default", note="what tools may do unasked"),
    SettingLine(name="Agent mode", value="clinical", source="default", note="/agent in a session"),
    SettingLine(
        name="Inference service", value="on this machine", source="default", note="[inference] url in the file"
    ),
    SettingLine(name="Codes service", value="https://codes.example.org", source="your file", note="[codes] url"),
    SettingLine(name="Literature", value="off", source="default", note="[literature] enabled in the file"),
)
REPORT = SettingsReport(
    file="/home/ada/.config/openmed/config.toml",
    file_exists=True,
    project_file="/home/ada/charts/.openmed/config.toml",
    phi_mode="deid",
    minimum_phi_mode="full",
    permission_mode="ask",
    maximum_permission_mode="auto",
    lines=LINES,
)
RECORDS = tuple(
    AuditRow(
        sequence=number,
        time=NOW,
        actor="openmed",
        act="outbound.sent" if number % 3 == 0 else "session.created",
        subject="model" if number % 3 == 0 else "0f3e" * 8,
        host="api.example.org:443" if number % 3 == 0 else "",
        sent_bytes=4711 if number % 3 == 0 else None,
    )
    for number in range(40, 0, -1)
)
INSTRUCTIONS = InstructionsText(
    found=True,
    file="/home/ada/charts/OPENMED.md",
    text="# House rules\n\n" + "".join(f"- rule {number}: {HOSTILE}\n" for number in range(40)),
    digest="sha256:00",
)
CUSTODY = CustodyOffer(
    exists=False,
    keyring=False,
    no_keyring="no service answers",
    shortest_passphrase=12,
    database="/home/ada/.openmed/sessions/openmed.db",
)
SCRIPT = {
    "sessions.list": reply(SESSIONS),
    "sessions.rename": reply(SESSIONS.sessions[1]),
    "sessions.fork": reply(SESSIONS.sessions[4]),
    "sessions.delete": reply(SessionDeleted(shared=2, erased=True)),
    "models.places": reply(PLACES),
    "models.offered": reply(OFFERED),
    "models.local": reply(LocalServers(servers=(LLAMA,))),
    "models.use": reply(ModelUsed(kept=True, sentence=f"From now on {HOSTILE} is used.")),
    "models.effort": reply(Done()),
    "models.keeping": reply(KeepingOffer(keyring=False, reason="no service answers")),
    "models.log_in": reply(LoggedIn(url=OLLAMA, models=3)),
    "models.log_out": reply(Done()),
    "models.examine": parts(*CHECKS),
    "preferences.show": reply(REPORT),
    "preferences.choose": reply(REPORT.model_copy(update={"phi_mode": "strict"})),
    "preferences.custody": reply(CUSTODY),
    "preferences.make_store": reply(StoreOpened(custody="file", notice="The store's key is in a file.")),
    "instructions.show": reply(INSTRUCTIONS),
    "instructions.accept": reply(Done()),
    "audit.records": reply(AuditPage(records=RECORDS, more=False)),
    "audit.verify": reply(AuditVerdict(whole=True, records=40, problems=())),
}
PREFERENCES = ScreenPreferences(
    setup_seen=True, favourite_models=(f"medgemma:4b @ {OLLAMA}",), recent_models=(f"gpt-5.2 @ {OPENAI}",)
)


@pytest.fixture
def in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of day are those of UTC, wherever the test runs."""
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()


async def until(pilot: Pilot[Any], holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    for _ in range(400):
        if holds():
            await pilot.pause()
            return
        await pilot.pause(0.02)
    raise AssertionError("it never came to hold")


def asked(record: Path, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of the requests of a kind that were made."""
    if not record.exists():
        return []
    orders = [json.loads(line) for line in record.read_text().splitlines()]
    return [order["body"] for order in orders if order.get("kind") == kind]


async def list_of(app: OpenMedApp, pilot: Pilot[Any], name: str) -> RowList:
    """Open a screen that is a list and return the list, once it has rows."""
    app.action_open(name)
    await until(pilot, lambda: app.screen.id == name and any(one.rows for one in app.screen.query(RowList)))
    return app.screen.query_one(RowList)


def screen_text(app: OpenMedApp) -> str:
    """Return what is seen, as lines."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
