"""Answers what the screen asks about settings and the store's key."""

import asyncio
import os
import tomllib
from collections.abc import Iterator

from openmed_agent.errors import InputError, StoreError
from openmed_agent.secrets.passphrase import SHORTEST_PASSPHRASE
from openmed_agent.settings.changing import change_setting
from openmed_agent.settings.configuration import SITE_FILE, STORE_KEY, Configuration, load_configuration
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.settings.project import ProjectLimits, find_project
from openmed_agent.store.status import store_status
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.preferences import (
    AskCustody,
    ChooseDefault,
    CustodyOffer,
    MakeStore,
    SettingLine,
    SettingsReport,
    ShowSettings,
    SourceName,
)
from openmed_agent.workbench.requests.sessions import StoreOpened


async def show_settings(bench: Bench, _: ShowSettings) -> SettingsReport:
    """Return the settings with their sources."""
    return _report(bench)


async def choose_default(bench: Bench, request: ChooseDefault) -> SettingsReport:
    """Write a default into the settings file, within the limits of the project and the site."""
    file = bench.paths.configuration_file
    if request.phi_mode is not None:
        bench.configuration.privacy.chosen(request.phi_mode)
        change_setting(file, "privacy", "phi_mode", request.phi_mode)
    elif request.permission_mode is not None:
        limit = bench.configuration.permissions.maximum_mode
        if PermissionMode(request.permission_mode).strictness < limit.strictness:
            raise InputError(
                f"The permission mode {request.permission_mode} is not available here.",
                remedy=f"The project or the site allows {limit.value} at most.",
            )
        change_setting(file, "permissions", "mode", request.permission_mode)
    bench.forget_configuration()
    return _report(bench)


async def ask_custody(bench: Bench, _: AskCustody) -> CustodyOffer:
    """Return how the store's key is kept, or could be."""
    status = await asyncio.to_thread(store_status, bench.paths.root)
    return CustodyOffer(
        exists=status.exists,
        custody=status.custody,
        keyring=status.keyring is not None,
        no_keyring=status.no_keyring or "",
        shortest_passphrase=SHORTEST_PASSPHRASE,
        database=str(status.database),
    )


async def make_store(bench: Bench, request: MakeStore) -> StoreOpened:
    """Make the store, unless there is one."""
    if store_status(bench.paths.root).exists:
        raise StoreError("There is a store already; it keeps its key as it was made.", remedy="Go on with it.")
    store = bench.unlock(request.passphrase, custody=request.custody)
    return StoreOpened(custody=store.custody, notice=store.notice or "")


def _report(bench: Bench) -> SettingsReport:
    own = load_configuration(bench.paths)
    project = find_project(bench.options.folder)
    configuration = bench.configuration
    return SettingsReport(
        file=str(bench.paths.configuration_file),
        file_exists=bench.paths.configuration_file.exists(),
        project_file=str(project.file) if project else "",
        site_file=str(SITE_FILE) if SITE_FILE.exists() else "",
        phi_mode=configuration.privacy.effective_phi_mode,
        minimum_phi_mode=configuration.privacy.minimum_phi_mode,
        permission_mode=configuration.permissions.effective_mode.value,
        maximum_permission_mode=configuration.permissions.maximum_mode.value,
        lines=tuple(_lines(bench, own, project)),
    )


def _lines(bench: Bench, own: Configuration, project: ProjectLimits | None) -> Iterator[SettingLine]:
    """Yield the settings that people ask about; ``own`` are the user's within the site's, without the project's."""
    configuration, written = bench.configuration, _written(bench)
    narrowing = f"narrowed by {project.file}" if project else ""
    phi, mode = configuration.privacy.effective_phi_mode, configuration.permissions.effective_mode
    phi_source = _source("privacy.phi_mode", written, own.privacy.phi_mode, own.privacy.effective_phi_mode, phi)
    yield SettingLine(
        name="PHI mode", value=phi, source=phi_source, note=narrowing if phi_source == "project" else "of new sessions"
    )
    mode_source = _source("permissions.mode", written, own.permissions.mode, own.permissions.effective_mode, mode)
    yield SettingLine(
        name="Permission mode",
        value=mode.value,
        source=mode_source,
        note=narrowing if mode_source == "project" else "what tools may do unasked",
    )
    yield SettingLine(
        name="Agent mode", value="clinical", source="default", note="openmed --agent MODE, or /agent in a session"
    )
    for name, settings in (("inference", configuration.inference), ("codes", configuration.codes)):
        source: SourceName = "your file" if f"{name}.url" in written else "environment"
        yield SettingLine(
            name=f"{name.capitalize()} service",
            value=settings.url or "on this machine",
            source=source if settings.url else "default",
            note=f"[{name}] url in the file",
        )
    yield SettingLine(
        name="Literature",
        value="on" if configuration.literature.enabled else "off",
        source="your file" if "literature.enabled" in written else "default",
        note="[literature] enabled in the file",
    )
    key_source: SourceName = "your file" if "store.key" in written else "default"
    yield SettingLine(
        name="Key of a new store",
        value=configuration.store.key,
        source="environment" if os.environ.get(STORE_KEY) else key_source,
        note="[store] key in the file; a store keeps its own",
    )


def _source(setting: str, written: frozenset[str], chosen: str, own: str, effective: str) -> SourceName:
    """Return where a mode comes from: the layer that narrowed it, else the user's file, else the default."""
    if effective != own:
        return "project"
    if own != chosen:
        return "site"
    return "your file" if setting in written else "default"


def _written(bench: Bench) -> frozenset[str]:
    """Return the settings that the user's file names, such as ``privacy.phi_mode``."""
    try:
        document = tomllib.loads(bench.paths.configuration_file.read_text(encoding="utf-8"))
    except OSError:
        return frozenset()
    return frozenset(
        f"{section}.{name}" for section, settings in document.items() if isinstance(settings, dict) for name in settings
    )


HANDLERS: tuple[Handler, ...] = (
    answered_by(ShowSettings, show_settings),
    answered_by(ChooseDefault, choose_default),
    answered_by(AskCustody, ask_custody),
    answered_by(MakeStore, make_store),
)
