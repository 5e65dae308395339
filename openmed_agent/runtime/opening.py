"""Opens a session: its log, vault and gate, its planes, tools and permissions, put together in one place."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from openmed_agent.errors import NotPermittedError, UsageError
from openmed_agent.net.outbound_text import Seal
from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.privacy.detection import united_detector
from openmed_agent.privacy.gate import CodesQueryGate, check_inference_plane
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.runtime.agent_modes import AgentMode, offered
from openmed_agent.runtime.calls import CallRunner
from openmed_agent.runtime.event_stream import EventStream
from openmed_agent.runtime.handles import PathHandles
from openmed_agent.runtime.instructions import Instructions
from openmed_agent.runtime.limits import TurnLimits
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.permission_desk import AskPerson, PermissionDesk
from openmed_agent.runtime.permission_grants import keep_grant, load_grants
from openmed_agent.runtime.permissions import session_policy
from openmed_agent.runtime.plan import SessionPlan
from openmed_agent.runtime.session import Session, SessionParts
from openmed_agent.runtime.session_log import SessionLog
from openmed_agent.runtime.shelf import SessionShelf
from openmed_agent.runtime.system_prompt import system_prompt
from openmed_agent.runtime.toolbox import Toolbox
from openmed_agent.settings.configuration import Configuration, PlaneSettings
from openmed_agent.settings.permission_patterns import (
    PatternError,
    PermissionPattern,
    absolute_pattern,
    parse_pattern,
)
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.store.session_records import SessionRecord
from openmed_agent.store.store import Store
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.granted_files import GrantedFiles
from openmed_agent.tools.registry import all_tools

OpenModel = Callable[[Seal], Awaitable[ModelInUse]]
"""Opens the model that is set up, sending only what the seal clears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRequest:
    """What a person asks for; None leaves it to the session, or to the settings for a new one."""

    session_id: str | None = None
    phi_mode: PhiMode | None = None
    agent_mode: AgentMode | None = None
    working_folder: Path
    permission_mode: PermissionMode | None = None
    allow: tuple[PermissionPattern, ...] = ()
    """Further permission rules."""
    ask: AskPerson | None = None
    limits: TurnLimits = field(default_factory=TurnLimits)
    instructions: Instructions | None = field(default=None, repr=False)


def parsed_rules(texts: Iterable[str], working_folder: Path) -> tuple[PermissionPattern, ...]:
    """Return permission rules written as in the settings; ``./`` in them starts at the working folder.

    Raises:
        UsageError: one of them is no rule.

    """
    try:
        return tuple(parse_pattern(absolute_pattern(one, home=Path.home(), base=working_folder)) for one in texts)
    except PatternError as error:
        raise UsageError(f"A rule is none: {error}.", remedy="For example: write_file(./reports/*)") from None


@asynccontextmanager
async def open_session(
    request: SessionRequest,
    *,
    store: Store,
    connections: PlaneConnections,
    open_model: OpenModel | None,
    model_name: str,
) -> AsyncIterator[Session]:
    """Yield the session, held by this process alone; planes start when they are first needed and end here.

    Raises:
        InputError: there is no such session.
        NotPermittedError: the settings do not allow a mode that was asked for.
        StoreError: another process holds the session.

    """
    configuration = connections.configuration
    record = _record(request, store, configuration, model_name)
    mode = PhiMode(record.phi_mode)
    check_inference_plane(mode, configuration.inference)
    async with AsyncExitStack() as stack:
        stack.enter_context(store.sessions.lease(record.session_id))
        inference = await stack.enter_async_context(open_inference(connections))
        codes = await stack.enter_async_context(open_codes(connections))
        embedded = await _embedded(stack, connections, inference)
        vault = Vault(store.sessions.vault(record.session_id))
        remote = inference if configuration.inference.url is not None else None
        gate = ModelGate(mode, vault, united_detector(embedded, remote))
        log = SessionLog(store.sessions, record.session_id)
        stream = EventStream(log)
        agent_mode = AgentMode(record.agent_mode)
        toolbox = Toolbox(offered(agent_mode, all_tools()))
        gate.own_words(toolbox.words())
        refusing = gate.with_mode(PhiMode.STRICT)

        async def holds_identifier(term: str) -> bool:
            try:
                await refusing.outgoing(term)
            except NotPermittedError:
                return True
            return False

        paths = connections.paths
        context = ToolContext(
            phi_mode=mode,
            configuration=configuration,
            paths=paths,
            files=GrantedFiles(
                roots=configuration.files.granted(request.working_folder),
                refused=(paths.root, paths.configuration, paths.cache, *configuration.files.refused()),
            ),
            inference=inference,
            codes=codes,
            codes_gate=CodesQueryGate(mode, remote=configuration.codes.url is not None, scan=holds_identifier),
            store=store,
            learn=gate.learn,
            plan=SessionPlan(log, stream.emit),
            results=SessionShelf(store.sessions, record.session_id, log, stream.emit),
            handles=PathHandles(log, stream.emit),
            load_families=toolbox.load,
            identifiers=gate.identifiers,
        )
        policy = session_policy(
            configuration,
            paths=paths,
            saved=load_grants(paths),
            mode=request.permission_mode,
            attended=request.ask is not None,
        ).with_rules(request.allow)
        desk = PermissionDesk(policy, ask=request.ask, keep=lambda grant: keep_grant(paths, grant), emit=stream.emit)
        model = None if open_model is None else await open_model(gate.seal)
        if model is not None:
            stack.push_async_callback(model.provider.close)

        async def system() -> str:
            text = request.instructions.text if request.instructions else ""
            cleared = await gate.outgoing(text) if text else None
            families = {tool.family for tool in toolbox.tools.values()}
            return await gate.closed(system_prompt(agent_mode, mode, cleared, families))

        def entitle(title: str) -> None:
            if not store.sessions.get(record.session_id).title:
                store.sessions.rename(record.session_id, title)

        session = Session(
            SessionParts(
                session_id=record.session_id,
                log=log,
                stream=stream,
                gate=gate,
                model=model,
                toolbox=toolbox,
                runner=CallRunner(tools=toolbox.tools, context=context, gate=gate, desk=desk, emit=stream.emit),
                limits=request.limits,
                agent_mode=agent_mode.value,
                system=system,
                entitle=entitle,
            )
        )
        session.recover()
        yield session


def _record(request: SessionRequest, store: Store, configuration: Configuration, model: str) -> SessionRecord:
    """Return the session that is asked for, changed to the modes that are asked for, or a new one."""
    privacy = configuration.privacy
    agent_mode = request.agent_mode.value if request.agent_mode else None
    if request.session_id is None:
        phi_mode = privacy.chosen(request.phi_mode.value if request.phi_mode else None)
        return store.sessions.create(phi_mode=phi_mode, agent_mode=agent_mode or AgentMode.CLINICAL.value, model=model)
    record = store.sessions.get(request.session_id)
    phi_mode = privacy.chosen((request.phi_mode or PhiMode(record.phi_mode)).value)
    if phi_mode != record.phi_mode:
        store.audit.append("openmed", "session.phi_mode", record.session_id, {"from": record.phi_mode, "to": phi_mode})
    return store.sessions.change_modes(record.session_id, phi_mode=phi_mode, agent_mode=agent_mode, model=model or None)


async def _embedded(
    stack: AsyncExitStack, connections: PlaneConnections, inference: InferenceClient
) -> InferenceClient:
    """Return a client of the embedded inference plane, whose detector always takes part."""
    if connections.configuration.inference.url is None:
        return inference
    local = connections.configuration.model_copy(update={"inference": PlaneSettings()})
    alone = PlaneConnections(local, connections.paths, connections.watcher, connections.sink)
    return await stack.enter_async_context(open_inference(alone))
