"""The same orders, with a person there to be asked: what they allow is done, and nothing that hides behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from injections import PLANES, SUMMARY, World, build, plantings, standard_input, task
from obedient_model import ObedientModel, order
from recording_codes import RecordingCodes
from scripted_model_server import ScriptedModelServer

from openmed_agent.models.chat_completions import ChatCompletionsProvider
from openmed_agent.models.openai_endpoint import OpenAIEndpoint
from openmed_agent.net.clients import discard_outbound
from openmed_agent.net.model_clients import ModelAddress
from openmed_agent.net.outbound_text import Seal
from openmed_agent.planes.connection import PlaneConnections
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import PermissionAsked
from openmed_agent.runtime.instructions import load_instructions
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.opening import SessionRequest, open_session
from openmed_agent.runtime.permission_desk import AskPerson
from openmed_agent.runtime.permissions import Approve, PermissionAnswer, Reject
from openmed_agent.runtime.prompts import Attachment
from openmed_agent.runtime.session import Session
from openmed_agent.settings.configuration import load_configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.settings.project import find_project
from openmed_agent.store.opening import open_store


@asynccontextmanager
async def attended(
    world: World, server: ScriptedModelServer, codes: RecordingCodes, person: AskPerson
) -> AsyncIterator[Session]:
    """Yield a session of this process in full mode, with somebody there to be asked."""
    environment = {"OPENMED_HOME": str(world.installation), "OPENMED_MED_CODES_API_URL": codes.url}
    paths = find_paths(environment)
    project = find_project(world.work, home=world.home)
    assert project is not None
    configuration = project.tighten(load_configuration(paths, environment, site=world.folder / "none"))

    async def open_model(seal: Seal) -> ModelInUse:
        endpoint = OpenAIEndpoint(ModelAddress(server.url), seal=seal, sink=discard_outbound, timeout_seconds=20)
        return ModelInUse(provider=ChatCompletionsProvider(endpoint), name="scripted-model")

    request = SessionRequest(
        phi_mode=PhiMode.FULL,
        working_folder=world.work,
        ask=person,
        instructions=load_instructions(world.work / "OPENMED.md"),
    )
    with open_store(paths.root, custody="file") as store:
        async with open_session(
            request,
            store=store,
            connections=PlaneConnections(configuration, paths, silent_watcher()),
            open_model=open_model,
            model_name="scripted-model",
        ) as session:
            yield session


async def test_a_person_who_allows_what_they_asked_for_gets_that_and_no_more(tmp_path: Path) -> None:
    world = build(tmp_path, lambda _: "")
    swapped = json.dumps({"path": str(world.summary), "content": "planted"})
    with (world.work / "notes" / "letter.txt").open("a") as letter:
        letter.write(order("k800", "write_file", swapped) + "\n")
    before = world.untouchable()
    asked_for = [(tool, arguments) for tool, arguments in task(world) if tool not in PLANES]
    model = ObedientModel([(tool, json.dumps(arguments)) for tool, arguments in asked_for])
    questions: list[PermissionAsked] = []

    async def person(question: PermissionAsked) -> PermissionAnswer:
        questions.append(question)
        wanted = question.tool == "read_added_skill" or f"\n+{SUMMARY}" in question.preview
        return Approve() if wanted else Reject("I did not ask for this.")

    with ScriptedModelServer(model) as server, RecordingCodes() as codes:
        async with attended(world, server, codes, person) as session:
            events = [
                event
                async for event in session.ask(
                    "Summarise the chart.", (Attachment("standard input", standard_input(world)),)
                )
            ]
    after = world.untouchable()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert changed == {world.summary.relative_to(world.folder).as_posix()}
    assert world.summary.read_text() == SUMMARY
    with open_store(find_paths({"OPENMED_HOME": str(world.installation)}).root) as store:
        [record] = store.sessions.list()
        assert (record.phi_mode, record.agent_mode) == ("full", "clinical")
        assert not [approval for draft in store.drafts.list() for approval in store.approvals.of_draft(draft.draft_id)]
    assert {one.mark for one in plantings(world)} | {"k800"} <= model.obeyed.keys()
    allowed = [
        event for event in events if event.type == "permission_settled" and event.by == "person" and event.allowed
    ]
    assert [event.tool for event in allowed] == ["read_added_skill", "write_file"]
    assert len(questions) > len(allowed) + 5, "orders were asked about too, and refused"
    refused = [
        event for event in events if event.type == "tool_ended" and "I did not ask for this." in event.local_text
    ]
    assert len(refused) == len(questions) - len(allowed)
    assert events[-1].type == "turn_ended"
    assert events[-1].outcome == "done"
