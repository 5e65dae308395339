"""A project's own settings: ``.openmed/config.toml`` in the working folder or above it, which can only narrow.

Whoever hands over a folder could have put the file there. So it may make the permission mode and the PHI mode
stricter, add rules that ask or forbid, and leave out or close folders; a file that tries anything else stops the
session, because a part of it that was left out could be what someone relied on.
"""

import os
import stat
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.settings.configuration import Configuration, load_configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.permission_patterns import PatternError, absolute_pattern
from openmed_agent.settings.permissions import MOST_PATTERNS, PermissionMode, PhiModeName

PROJECT_FOLDER: Final = ".openmed"
INSTRUCTIONS_FILE: Final = "OPENMED.md"
_FILE: Final = "config.toml"
_LARGEST: Final = 256 * 1024
_MAY: Final = (
    "A project may set permissions.mode, permissions.ask, permissions.deny, files.roots, files.closed and "
    "privacy.phi_mode."
)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_Patterns = Annotated[tuple[str, ...], Field(max_length=MOST_PATTERNS)]


class _Permissions(_Section):
    mode: PermissionMode | None = None
    ask: _Patterns = ()
    deny: _Patterns = ()


class _Files(_Section):
    roots: tuple[Path, ...] | None = None
    closed: tuple[Path, ...] = ()


class _Privacy(_Section):
    phi_mode: PhiModeName | None = None


class _Project(_Section):
    permissions: _Permissions = _Permissions()
    files: _Files = _Files()
    privacy: _Privacy = _Privacy()


@dataclass(frozen=True, slots=True)
class ProjectLimits:
    """What a project asks for, with absolute folders and patterns; None and () ask for nothing."""

    file: Path
    mode: PermissionMode | None = None
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    roots: tuple[Path, ...] | None = None
    closed: tuple[Path, ...] = ()
    phi_mode: PhiModeName | None = None

    def tighten(self, configuration: Configuration) -> Configuration:
        """Return the configuration within these limits."""
        return configuration.model_copy(
            update={
                "permissions": configuration.permissions.narrow(mode=self.mode, ask=self.ask, deny=self.deny),
                "files": configuration.files.narrow(roots=self.roots, closed=self.closed),
                "privacy": configuration.privacy.narrow(self.phi_mode),
            }
        )


def project_folders(working_folder: Path, home: Path) -> Iterator[Path]:
    """Yield the folders that may hold a project's files, the innermost first.

    They go from the working folder up to the folder of its git repository; without one, up to the folder below the
    home folder. Outside of both only the working folder counts: others may write above it. The home folder itself
    is no project; ``.openmed`` in it is the store.
    """
    folder, home = working_folder.resolve(), home.resolve()
    above = [place for place in (folder, *folder.parents) if place != home and not home.is_relative_to(place)]
    repository = next((number for number, place in enumerate(above) if (place / ".git").exists()), None)
    if repository is not None:
        yield from above[: repository + 1]
    elif folder.is_relative_to(home):
        yield from above
    elif above:
        yield folder


def find_project(working_folder: Path, *, home: Path | None = None) -> ProjectLimits | None:
    """Return the limits of the innermost project file, or None where there is none.

    Raises:
        InputError: the file cannot be read, is not TOML, or asks for more than to narrow.

    """
    home = home or Path.home()
    for folder in project_folders(working_folder, home):
        file = folder / PROJECT_FOLDER / _FILE
        if os.path.lexists(file):
            return load_project(file, folder, home)
    return None


def load_configuration_in(working_folder: Path, paths: Paths) -> Configuration:
    """Return the settings, narrowed by the project that the working folder belongs to.

    Raises:
        InputError: a file of settings is wrong, or the project's one asks for more than to narrow.

    """
    configuration = load_configuration(paths)
    project = find_project(working_folder)
    return configuration if project is None else project.tighten(configuration)


def load_project(file: Path, folder: Path, home: Path) -> ProjectLimits:
    """Return the limits in ``file``; relative folders and ``./`` in patterns start at the project's ``folder``.

    Raises:
        InputError: as of find_project.

    """
    asked = _parsed(file)
    try:
        ask, deny = (
            tuple(absolute_pattern(pattern, home=home, base=folder) for pattern in patterns)
            for patterns in (asked.permissions.ask, asked.permissions.deny)
        )
    except PatternError as error:
        raise InputError(f"In {file}, {error}.", remedy="Correct its ask and deny rules.") from None
    roots = asked.files.roots
    return ProjectLimits(
        file=file,
        mode=asked.permissions.mode,
        ask=ask,
        deny=deny,
        roots=None if roots is None else tuple(_located(root, folder, home) for root in roots),
        closed=tuple(_located(closed, folder, home) for closed in asked.files.closed),
        phi_mode=asked.privacy.phi_mode,
    )


def _located(path: Path, folder: Path, home: Path) -> Path:
    return home.joinpath(*path.parts[1:]) if path.parts[:1] == ("~",) else folder / path


def _parsed(file: Path) -> _Project:
    try:
        return _Project.model_validate(tomllib.loads(_read(file).decode("utf-8")))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise InputError(f"{file} sets {where}, which no project may.", remedy=_MAY) from None
        raise InputError(f"Setting {where} in {file}: {first['msg']}.", remedy="Correct it.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{file} is not valid TOML: {error}.", remedy="Correct or remove it.") from None
    except RecursionError:
        raise InputError(f"{file} is nested too deeply.", remedy="Correct or remove it.") from None


def _read(file: Path) -> bytes:
    """Return what a plain file holds, without waiting for ever on a pipe that stands in for it."""
    try:
        descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                raise InputError(f"{file} is no settings file.", remedy="Correct or remove it.")
            return stream.read(_LARGEST)
    except OSError:
        raise InputError(f"{file} cannot be read.", remedy="Check its permissions, or remove it.") from None
