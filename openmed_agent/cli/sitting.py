"""Opens the session that a command line asks for: settings, project, store, model."""

import argparse
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from openmed_agent.models.connection import ModelChoice
    from openmed_agent.net.outbound_text import Seal
    from openmed_agent.runtime.instructions import Instructions
    from openmed_agent.runtime.limits import TurnLimits
    from openmed_agent.runtime.loop import ModelInUse
    from openmed_agent.runtime.session import Session
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store


@asynccontextmanager
async def open_sitting(options: argparse.Namespace) -> "AsyncIterator[Session]":
    """Yield the session that ``options`` ask for; nobody is there to be asked.

    Raises:
        OpenMedError: the settings, the store, the session or the model cannot be had.

    """
    from openmed_agent.cli.console import progress
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.planes.connection import PlaneConnections
    from openmed_agent.privacy.modes import PhiMode
    from openmed_agent.runtime.agent_modes import AgentMode
    from openmed_agent.runtime.model_selection import find_model, find_model_of_session, open_choice
    from openmed_agent.runtime.opening import SessionRequest, open_session, parsed_rules
    from openmed_agent.runtime.outbound_audit import outbound_recorded
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.settings.permissions import PermissionMode
    from openmed_agent.settings.project import load_configuration_in

    paths = find_paths()
    folder = working_folder(options.folder)
    rules = parsed_rules(options.allow or (), folder)
    configuration = load_configuration_in(folder, paths)
    goes_on = options.session is not None or options.resume_last
    choice = None if goes_on else _required(await find_model(configuration, paths, options.model))
    with open_local_store(paths, configuration) as store, progress() as (watcher, _):
        sink = outbound_recorded(store.audit)
        session_id = _last_session(store) if options.resume_last else options.session
        if choice is None:
            own = find_model_of_session(configuration, paths, options.model, store.sessions, session_id)
            choice = _required(await own)
        request = SessionRequest(
            session_id=session_id,
            phi_mode=PhiMode(options.phi_mode) if options.phi_mode else None,
            agent_mode=AgentMode(options.agent) if options.agent else None,
            working_folder=folder,
            permission_mode=PermissionMode(options.permission_mode) if options.permission_mode else None,
            allow=rules,
            limits=_limits(options, choice),
            instructions=_instructions(folder, paths),
        )

        async def open_model(seal: "Seal") -> "ModelInUse":
            return await open_choice(choice, seal, sink)

        async with open_session(
            request,
            store=store,
            connections=PlaneConnections(configuration, paths, watcher, sink, surrogate_key=store.surrogate_key),
            open_model=open_model,
            model_name=choice.name,
        ) as session:
            yield session


def _required(choice: "ModelChoice | None") -> "ModelChoice":
    from openmed_agent.runtime.session import HOW_TO_ADD_ONE, NO_MODEL

    if choice is None:
        raise UnavailableError(NO_MODEL, remedy=HOW_TO_ADD_ONE)
    return choice


def _last_session(store: "Store") -> str:
    found = store.sessions.last_used()
    if found is None:
        raise InputError("There is no session to go on with.", remedy="Leave --continue out.")
    return found.session_id


def working_folder(asked: Path | None) -> Path:
    """Return the folder that a session works in: the one asked for, or the present one.

    Raises:
        InputError: it is no folder.

    """
    folder = (asked or Path.cwd()).expanduser()
    if not folder.is_dir():
        raise InputError("The folder given with --folder is not a folder.", remedy="Name one that exists.")
    return folder.resolve()


def _limits(options: argparse.Namespace, choice: "ModelChoice") -> "TurnLimits":
    from openmed_agent.runtime.limits import DEFAULT_REQUESTS, Prices, TurnLimits

    prices = choice.prices
    return TurnLimits(
        requests=options.max_turns or DEFAULT_REQUESTS,
        tokens=options.max_tokens,
        seconds=options.max_seconds,
        cost=options.max_cost,
        prices=Prices(input_per_million=prices.input, output_per_million=prices.output) if prices else None,
    )


def _instructions(folder: Path, paths: "Paths") -> "Instructions | None":
    """Return the project's instructions where a person has accepted this very text; say so where nobody has."""
    from openmed_agent.cli.console import notice
    from openmed_agent.runtime.instructions import find_instructions, is_accepted, load_instructions

    file = find_instructions(folder)
    if file is None:
        return None
    try:
        instructions = load_instructions(file)
    except InputError as error:  # a file that came with a chart must not keep a person from working
        notice(f"The OPENMED.md here is not used. {error}")
        return None
    if is_accepted(instructions, paths):
        return instructions
    notice("The OPENMED.md here is not used: nobody has accepted it yet. To see and accept it: openmed instructions")
    return None
