"""A session as the program opens it, with embedded planes, asking a scripted model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from scripted_model_server import ScriptedModelServer

from openmed_agent.models.connection import ModelChoice, open_provider
from openmed_agent.net.clients import discard_outbound
from openmed_agent.net.outbound_text import Seal
from openmed_agent.planes.connection import PlaneConnections
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.loop import ModelInUse
from openmed_agent.runtime.opening import SessionRequest, open_session
from openmed_agent.runtime.session import Session
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.store.opening import open_store


@asynccontextmanager
async def opened_session(home: Path, server: ScriptedModelServer, mode: PhiMode) -> AsyncIterator[tuple[Session, Path]]:
    """Yield a session over a new store and the folder that it may touch; what would be asked is allowed."""
    paths = find_paths({"OPENMED_HOME": str(home / "openmed")})
    paths = replace(paths, cache=home.parent / "shared-cache")  # the codes index is built once a test run
    folder = home / "charts"
    folder.mkdir()

    async def open_model(seal: Seal) -> ModelInUse:
        choice = ModelChoice(url=server.url, protocol="chat_completions", name="m", source="settings")
        return ModelInUse(provider=open_provider(choice, seal, discard_outbound), name="m")

    request = SessionRequest(phi_mode=mode, working_folder=folder, permission_mode=PermissionMode.AUTO)
    with open_store(paths.root, custody="file") as store:
        async with open_session(
            request,
            store=store,
            connections=PlaneConnections(Configuration(), paths, silent_watcher()),
            open_model=open_model,
            model_name="m",
        ) as session:
            yield session, folder
