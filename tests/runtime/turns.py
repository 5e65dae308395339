"""Real sessions for tests of the turn: a store on disk, a scripted model over HTTP, tools made for the test."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import Field

from openmed_agent.errors import UnavailableError
from openmed_agent.models.chat_completions import ChatCompletionsProvider
from openmed_agent.models.openai_endpoint import OpenAIEndpoint
from openmed_agent.net.clients import DestinationKind, discard_outbound
from openmed_agent.net.model_clients import ModelAddress
from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.transport import Endpoint, PlaneTransport
from openmed_agent.privacy.detection import IdentifierDetector
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.runtime.calls import CallRunner
from openmed_agent.runtime.event_stream import EventStream
from openmed_agent.runtime.events import Event, PermissionAsked
from openmed_agent.runtime.handles import PathHandles
from openmed_agent.runtime.limits import TurnLimits
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.permission_desk import AskPerson, PermissionDesk
from openmed_agent.runtime.permissions import PermissionAnswer, PermissionPolicy
from openmed_agent.runtime.plan import SessionPlan
from openmed_agent.runtime.session import Session, SessionParts
from openmed_agent.runtime.session_log import SessionLog
from openmed_agent.runtime.shelf import SessionShelf
from openmed_agent.runtime.toolbox import Toolbox
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.store.opening import open_store
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.granted_files import GrantedFiles
from openmed_agent.tools.tool import Arguments, Display, Tool, ToolFacts, ToolResult


class Word(Arguments):
    """One word."""

    word: str = Field(description="A word.")


def tool(
    name: str,
    run: Callable[[Word], Any] = lambda given: given.word.upper(),
    *,
    read_only: bool = True,
    beside: bool = False,
    destructive: bool = False,
) -> Tool[Word]:
    """Return a tool that answers with what ``run`` returns or awaits."""

    async def work(given: Word, _: ToolContext) -> ToolResult:
        found = run(given)
        text = str(await found if asyncio.iscoroutine(found) else found)
        return ToolResult(text=text, display=Display(title=f"{name} {given.word}"))

    return Tool(
        name=name,
        family="files",
        description=f"Does {name}.",
        arguments=Word,
        facts=ToolFacts(read_only=read_only, concurrent_safe=beside, destructive=destructive),
        run=work,
        subject=lambda given, _context: given.word,
    )


async def nowhere() -> Endpoint:
    """Be a plane that is not there."""
    raise UnavailableError("There is no plane in this test.")


async def no_detector(_: str) -> list[Any]:
    """Be a detector that is not there: full mode must never ask it."""
    raise UnavailableError("There is no detector in this test.")


def asking(*answers: PermissionAnswer) -> tuple[AskPerson, list[PermissionAsked]]:
    """Return a person who gives these answers in turn, and what they were asked."""
    asked: list[PermissionAsked] = []

    async def ask(question: PermissionAsked) -> PermissionAnswer:
        asked.append(question)
        return answers[len(asked) - 1]

    return ask, asked


class Served(Protocol):
    """A model server that runs somewhere."""

    @property
    def url(self) -> str:
        """Its base URL."""


@dataclass(frozen=True)
class ServerAt:
    """A model server of another process."""

    url: str


@asynccontextmanager
async def opened(
    root: Path,
    server: Served,
    tools: Sequence[Tool[Any]] = (),
    *,
    session_id: str | None = None,
    ask: AskPerson | None = None,
    policy: PermissionPolicy | None = None,
    limits: TurnLimits | None = None,
    window: int | None = None,
    mode: PhiMode = PhiMode.FULL,
    detect: IdentifierDetector = no_detector,
) -> AsyncIterator[Session]:
    """Yield a session that starts no plane."""
    with open_store(root, custody="file") as store:
        record = (
            store.sessions.create(phi_mode=mode.value, agent_mode="clinical", model="scripted-model")
            if session_id is None
            else store.sessions.get(session_id)
        )
        with store.sessions.lease(record.session_id):
            log = SessionLog(store.sessions, record.session_id)
            stream = EventStream(log)
            gate = ModelGate(mode, Vault(store.sessions.vault(record.session_id)), detect)
            provider = ChatCompletionsProvider(
                OpenAIEndpoint(ModelAddress(server.url), seal=gate.seal, sink=discard_outbound, timeout_seconds=20)
            )
            toolbox = Toolbox(tools)

            async def permits(_: str) -> bool:
                return False

            context = ToolContext(
                phi_mode=mode,
                configuration=Configuration(),
                paths=find_paths({"OPENMED_HOME": str(root)}),
                files=GrantedFiles(roots=(), refused=(root,)),
                inference=InferenceClient(PlaneTransport(DestinationKind.INFERENCE, nowhere)),
                codes=CodesClient(PlaneTransport(DestinationKind.CODES, nowhere)),
                codes_gate=CodesQueryGate(PhiMode.FULL, remote=False, scan=permits),
                store=store,
                learn=gate.learn,
                plan=SessionPlan(log, stream.emit),
                results=SessionShelf(store.sessions, record.session_id, log, stream.emit),
                handles=PathHandles(log, stream.emit),
                load_families=toolbox.load,
            )
            desk = PermissionDesk(
                policy or PermissionPolicy(attended=ask is not None), ask=ask, keep=lambda _: None, emit=stream.emit
            )

            async def system() -> str:
                return "You are in a test."

            session = Session(
                SessionParts(
                    session_id=record.session_id,
                    log=log,
                    stream=stream,
                    gate=gate,
                    model=ModelInUse(provider=provider, name="scripted-model", window=window),
                    toolbox=toolbox,
                    runner=CallRunner(tools=toolbox.tools, context=context, gate=gate, desk=desk, emit=stream.emit),
                    limits=limits or TurnLimits(),
                    agent_mode="clinical",
                    system=system,
                    entitle=lambda _: None,
                )
            )
            session.recover()
            try:
                yield session
            finally:
                await provider.close()


async def turn(session: Session, typed: str = "Go.") -> list[Event]:
    """Return everything that happens in a turn."""
    return [event async for event in session.ask(typed)]


def kinds(events: Sequence[Event]) -> list[str]:
    """Return the types of events."""
    return [event.type for event in events]
