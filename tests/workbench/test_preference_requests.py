"""Requests about settings, the store's key, instructions and the audit chain, through the genuine working process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.store.opening import open_store
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.audit import AuditPage, AuditVerdict, ListRecords, VerifyAudit
from openmed_agent.workbench.requests.instructions import AcceptInstructions, InstructionsText, ShowInstructions
from openmed_agent.workbench.requests.preferences import (
    AskCustody,
    ChooseDefault,
    CustodyOffer,
    MakeStore,
    SettingsReport,
    ShowSettings,
)
from openmed_agent.workbench.requests.sessions import (
    DeleteSession,
    ListSessions,
    SessionDeleted,
    SessionList,
    StoreOpened,
    UnlockStore,
)
from openmed_agent.workbench.requests.turns import OpenedSession, OpenSession
from openmed_agent.workbench.wire import Done, StoreLockedError

PASSPHRASE = "correct horse battery staple"

LOCKS_ARE_LISTED = Path("/proc/locks").exists()  # by Linux


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project's folder."""
    place = tmp_path / "project"
    (place / ".git").mkdir(parents=True)
    return place


@pytest.fixture
async def workbench(home: Path, folder: Path) -> AsyncIterator[Workbench]:
    """The genuine working process in that folder."""
    del home
    bench = Workbench((*PROGRAM, "--folder", str(folder)))
    yield bench
    await bench.close()


def sources(report: SettingsReport) -> dict[str, tuple[str, str]]:
    return {one.name: (one.value, one.source) for one in report.lines}


async def test_each_setting_says_where_it_comes_from(home: Path, folder: Path, workbench: Workbench) -> None:
    (folder / ".openmed").mkdir()
    (folder / ".openmed" / "config.toml").write_text('[permissions]\nmode = "deny"\n')
    report = await workbench.ask(ShowSettings(), SettingsReport)
    said = sources(report)
    assert said["PHI mode"] == ("full", "your file")
    assert said["Permission mode"] == ("deny", "project")
    assert said["Inference service"] == ("on this machine", "default")
    assert said["Key of a new store"] == ("file", "environment")
    assert report.file == str(home / "config" / "config.toml")
    assert report.project_file == str(folder / ".openmed" / "config.toml")


async def test_a_default_is_written_within_what_the_project_allows(
    home: Path, folder: Path, workbench: Workbench
) -> None:
    file = home / "config" / "config.toml"
    report = await workbench.ask(ChooseDefault(phi_mode="strict"), SettingsReport)
    assert (report.phi_mode, sources(report)["PHI mode"]) == ("strict", ("strict", "your file"))
    assert file.read_text() == '[privacy]\nphi_mode = "strict"\n'
    report = await workbench.ask(ChooseDefault(permission_mode="plan"), SettingsReport)
    assert report.permission_mode == "plan"
    (folder / ".openmed").mkdir()
    (folder / ".openmed" / "config.toml").write_text('[privacy]\nphi_mode = "deid"\n[permissions]\nmode = "ask"\n')
    await workbench.ask(ChooseDefault(permission_mode="ask"), SettingsReport)  # reads the project's file from here on
    for request in (ChooseDefault(phi_mode="full"), ChooseDefault(permission_mode="auto")):
        with pytest.raises((InputError, NotPermittedError), match="not available here"):
            await workbench.ask(request, SettingsReport)
    assert "full" not in file.read_text()


async def test_the_store_is_made_as_the_person_chooses(home: Path, workbench: Workbench) -> None:
    offer = await workbench.ask(AskCustody(), CustodyOffer)
    assert not offer.exists
    assert not (home / "sessions" / "openmed.db").exists()  # asking makes nothing
    with pytest.raises(StoreError, match="too short"):
        await workbench.ask(MakeStore(custody="passphrase", passphrase="short"), StoreOpened)
    opened = await workbench.ask(MakeStore(custody="passphrase", passphrase=PASSPHRASE), StoreOpened)
    assert opened.custody == "passphrase"
    assert (home / "sessions" / "openmed.key.json").exists()
    assert not (home / "sessions" / "openmed.key").exists()
    with pytest.raises(StoreError, match="a store already"):
        await workbench.ask(MakeStore(custody="file"), StoreOpened)


async def test_a_locked_store_is_a_refusal_of_its_own(home: Path, workbench: Workbench) -> None:
    with open_store(home, custody="passphrase", passphrase=lambda _: PASSPHRASE):
        pass
    with pytest.raises(StoreLockedError):
        await workbench.ask(ListSessions(), SessionList)
    with pytest.raises(StoreError, match="passphrase") as wrong:
        await workbench.ask(UnlockStore(passphrase="wrong horse battery"), StoreOpened)
    assert not isinstance(wrong.value, StoreLockedError)
    assert not (await workbench.ask(UnlockStore(passphrase=PASSPHRASE), StoreOpened)).locked
    assert (await workbench.ask(ListSessions(), SessionList)).sessions == ()


async def test_instructions_are_accepted_as_they_were_shown(folder: Path, workbench: Workbench) -> None:
    assert not (await workbench.ask(ShowInstructions(), InstructionsText)).found
    file = folder / "OPENMED.md"
    file.write_text("Write doses with units.\n")
    shown = await workbench.ask(ShowInstructions(), InstructionsText)
    assert (shown.text, shown.accepted) == ("Write doses with units.\n", False)
    file.write_text("Write doses without units.\n")
    with pytest.raises(InputError, match="changed since they were shown"):
        await workbench.ask(AcceptInstructions(digest=shown.digest), Done)
    again = await workbench.ask(ShowInstructions(), InstructionsText)
    await workbench.ask(AcceptInstructions(digest=again.digest), Done)
    assert (await workbench.ask(ShowInstructions(), InstructionsText)).accepted


async def test_sessions_say_who_holds_them_and_the_audit_what_was_done(home: Path, workbench: Workbench) -> None:
    with open_store(home, custody="file") as store:
        made = [
            store.sessions.create(phi_mode="full", agent_mode="clinical", model="", title=f"No {n}") for n in range(3)
        ]
        store.audit.append("openmed", "outbound.sent", "model", {"host": "models.example.org:443", "bytes": 4711})
        with store.sessions.lease(made[1].session_id):
            await workbench.ask(OpenSession(session_id=made[0].session_id), OpenedSession)
            rows = (await workbench.ask(ListSessions(), SessionList)).sessions
            with pytest.raises(StoreError, match="in use in another window"):
                await workbench.ask(DeleteSession(session_id=made[1].session_id), SessionDeleted)
    told = "elsewhere" if LOCKS_ARE_LISTED else ""
    assert {one.title: one.held for one in rows} == {"No 0": "here", "No 1": told, "No 2": ""}
    with pytest.raises(NotPermittedError, match="open here"):
        await workbench.ask(DeleteSession(session_id=made[0].session_id), SessionDeleted)

    page = await workbench.ask(ListRecords(limit=2), AuditPage)
    assert page.more
    assert [one.sequence for one in page.records] == sorted((one.sequence for one in page.records), reverse=True)
    older = await workbench.ask(ListRecords(before=page.records[-1].sequence), AuditPage)
    assert not older.more
    assert {one.act for one in older.records} >= {"session.created"}
    [sent] = (await workbench.ask(ListRecords(outbound=True), AuditPage)).records
    assert (sent.host, sent.sent_bytes, sent.subject) == ("models.example.org:443", 4711, "model")
    verdict = await workbench.ask(VerifyAudit(), AuditVerdict)
    assert (verdict.whole, verdict.problems) == (True, ())
    assert verdict.records == len(older.records) + 2


async def test_a_search_finds_beginnings_while_a_person_types(home: Path, workbench: Workbench) -> None:
    with open_store(home, custody="file") as store:
        one = store.sessions.create(phi_mode="full", agent_mode="clinical", model="", title="Tuesday")
        store.sessions.create(phi_mode="full", agent_mode="clinical", model="", title="Wednesday")
        store.sessions.append(one.session_id, "asked", b"{}", expected=0, searchable="Metformin was stopped")
    for typed, titles in (("metf", ["Tuesday"]), ("stopped metf", ["Tuesday"]), ("DNES", ["Wednesday"]), ("xyz", [])):
        found = (await workbench.ask(ListSessions(query=typed), SessionList)).sessions
        assert [row.title for row in found] == titles, typed
