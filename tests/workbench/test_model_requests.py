"""Requests about models through the genuine working process, against real servers."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
from scripted_model_server import Model, Say, ScriptedModelServer

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError
from openmed_agent.models.provider import ModelError
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.screen import ScreenPreferences, save_preferences
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.requests.audit import AuditPage, ListRecords
from openmed_agent.workbench.requests.models import (
    EndpointCheck,
    ExamineEndpoint,
    ListOffered,
    ListPlaces,
    LoggedIn,
    LogIn,
    LogOut,
    ModelPlaces,
    ModelUsed,
    Offered,
    SetEffort,
    UseModel,
)
from openmed_agent.workbench.requests.turns import (
    AskModel,
    FindModel,
    ModelStatus,
    OpenedSession,
    OpenSession,
    TurnPart,
)
from openmed_agent.workbench.wire import Done

KEY = "sk-planted-4711"


@pytest.fixture
async def workbench(home: Path, tmp_path: Path) -> AsyncIterator[Workbench]:
    """The genuine working process on an installation of its own."""
    del home
    bench = Workbench((*PROGRAM, "--folder", str(tmp_path)))
    yield bench
    await bench.close()


async def test_a_key_is_checked_kept_used_and_forgotten(home: Path, workbench: Workbench) -> None:
    with ScriptedModelServer(kind="vllm", models=(Model("small"), Model("large", 32_768)), key=KEY) as server:
        with pytest.raises(OpenMedError, match="refused the key"):
            await workbench.ask(LogIn(url=server.url, key="sk-wrong", keep="file"), LoggedIn)
        assert (await workbench.ask(ListPlaces(), ModelPlaces)).places == ()

        login = await workbench.ask(LogIn(url=server.url, key=KEY, keep="file"), LoggedIn)
        assert (login.url, login.models, login.model) == (server.url, 2, "")
        assert KEY in (home / "credentials.json").read_text()

        asked = len(server.requests)
        [place] = (await workbench.ask(ListPlaces(), ModelPlaces)).places
        assert (place.local, place.in_use, place.key, place.refused) == (True, True, "in a private file", "")
        assert len(server.requests) == asked  # saying what is configured contacts nobody

        offered = await workbench.ask(ListOffered(url=server.url), Offered)
        assert [(one.name, one.context_window) for one in offered.models] == [("small", 8192), ("large", 32_768)]

        used = await workbench.ask(UseModel(url=server.url, name="large"), ModelUsed)
        assert used.kept
        assert (await workbench.ask(FindModel(), ModelStatus)).name == "large"

        await workbench.ask(LogOut(url=server.url), Done)
        assert KEY not in (home / "credentials.json").read_text()
        with pytest.raises(InputError):
            await workbench.ask(LogOut(url=server.url), Done)


async def test_what_is_not_allowed_is_said_and_not_contacted(home: Path, workbench: Workbench) -> None:
    with ScriptedModelServer() as server:
        (home / "config" / "config.toml").write_text(
            f'[model]\nurl = "{server.url}"\n[destinations]\nmodels = ["https://models.example.org"]\n'
        )
        [place] = (await workbench.ask(ListPlaces(), ModelPlaces)).places
        assert "not on the list of allowed destinations" in place.refused
        for request, reply in (
            (ListOffered(url=server.url), Offered),
            (LogIn(url=server.url, key=KEY, keep="file"), LoggedIn),
            (UseModel(url=server.url, name="scripted-model"), ModelUsed),
        ):
            with pytest.raises(NotPermittedError):
                await workbench.ask(request, reply)
        with pytest.raises(NotPermittedError):
            [one async for one in workbench.follow(ExamineEndpoint(url=server.url), EndpointCheck)]
        assert server.requests == []
        assert not (home / "credentials.json").exists()


async def test_a_model_of_the_settings_is_not_overruled_for_good(home: Path, workbench: Workbench) -> None:
    with ScriptedModelServer(models=(Model("small"), Model("large"))) as server:
        (home / "config" / "config.toml").write_text(f'[model]\nurl = "{server.url}"\nname = "small"\n')
        assert (await workbench.ask(ListPlaces(), ModelPlaces)).fixed
        used = await workbench.ask(UseModel(url=server.url, name="large"), ModelUsed)
        assert not used.kept
        assert "in this session" in used.sentence
        with pytest.raises(InputError, match="a model elsewhere cannot be used"):
            await workbench.ask(UseModel(url="http://127.0.0.1:9/v1", name="x"), ModelUsed)
        assert (await workbench.ask(FindModel(), ModelStatus)).name == "small"


async def test_an_endpoint_is_examined_check_by_check(workbench: Workbench) -> None:
    with ScriptedModelServer(lambda _: Say("periwinkle"), kind="vllm") as server:
        parts = [one async for one in workbench.follow(ExamineEndpoint(url=server.url), EndpointCheck)]
        assert [one.subject for one in parts][:4] == ["reachable", "key", "models", "context"]
        assert parts[3].state == "fault"  # 8,192 tokens are too few for a chart
        assert parts[-1].state == "ok"
        page = await workbench.ask(ListRecords(outbound=True), AuditPage)
        assert page.records == ()  # nothing left this machine


async def test_the_chosen_effort_reaches_the_model(home: Path, workbench: Workbench) -> None:
    with ScriptedModelServer(lambda _: Say("Done."), kind="vllm", models=(Model("small"), Model("large"))) as server:
        (home / "config" / "config.toml").write_text(
            f'[privacy]\nphi_mode = "full"\n[model]\nurl = "{server.url}"\nname = "small"\nreasoning_effort = "low"\n'
        )
        paths = Paths(root=home, configuration=home / "config", cache=home / "cache")
        save_preferences(paths, ScreenPreferences(reasoning_effort="high"))
        await workbench.ask(OpenSession(model="large"), OpenedSession)
        [place] = (await workbench.ask(ListPlaces(), ModelPlaces)).places
        assert (place.in_use, place.model) == (True, "large")  # what answers now, not what the file names
        for request in (None, SetEffort(effort="minimal"), SetEffort()):
            if request is not None:
                await workbench.ask(request, Done)
            async with aclosing(workbench.follow(AskModel(text="Hello"), TurnPart)) as parts:
                assert [part.event.type async for part in parts][-1] == "turn_ended"
        assert {one["model"] for one in server.conversations} == {"large"}
        assert [one.get("reasoning_effort") for one in server.conversations] == ["high", "minimal", "low"]


async def test_an_address_that_is_none_and_a_dead_server_are_sentences(workbench: Workbench) -> None:
    with pytest.raises(InputError, match="must start with http"):
        await workbench.ask(ListOffered(url="ftp://models.example.org"), Offered)
    with pytest.raises(NotPermittedError, match="Plain http"):
        await workbench.ask(ListOffered(url="http://models.example.org/v1"), Offered)
    with pytest.raises(OpenMedError) as dead:
        await workbench.ask(ListOffered(url="http://127.0.0.1:9/v1"), Offered)
    assert not isinstance(dead.value, ModelError)  # the wire names kinds of error, and keeps their sentence
    assert "127.0.0.1:9" in dead.value.message
