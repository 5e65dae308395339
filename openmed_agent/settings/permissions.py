"""What a session may do: the permission mode, rules, folders, and the least protection of patient data.

A layer above the user's own (the project's, the site's) can only narrow these; each ``narrow`` says how.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from openmed_agent.errors import NotPermittedError
from openmed_agent.settings.permission_patterns import absolute_pattern

MOST_PATTERNS: Final = 500

PhiModeName = Literal["full", "deid", "strict"]
_PHI_MODES: Final[tuple[PhiModeName, ...]] = ("full", "deid", "strict")


class PermissionMode(StrEnum):
    """What happens to a call that no rule speaks of, from the most permissive to the strictest."""

    AUTO = "auto"
    ASK = "ask"
    DENY = "deny"
    PLAN = "plan"

    @property
    def strictness(self) -> int:
        """Return the place in that order, from 0."""
        return list(PermissionMode).index(self)


def stricter_mode(first: PermissionMode, second: PermissionMode) -> PermissionMode:
    """Return the mode that allows less."""
    return max(first, second, key=lambda mode: mode.strictness)


def stricter_phi_mode(first: PhiModeName, second: PhiModeName) -> PhiModeName:
    """Return the mode that lets less leave."""
    return max(first, second, key=_PHI_MODES.index)


def _absolute_pattern(pattern: str) -> str:
    return absolute_pattern(pattern, home=Path.home())


Pattern = Annotated[str, AfterValidator(_absolute_pattern)]
Patterns = Annotated[tuple[Pattern, ...], Field(max_length=MOST_PATTERNS)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PermissionSettings(_Section):
    """Rules and mode; ``maximum_mode`` is the most permissive mode that a person may choose in a session."""

    mode: PermissionMode = PermissionMode.ASK
    maximum_mode: PermissionMode = PermissionMode.AUTO
    allow: Patterns = ()
    ask: Patterns = ()
    deny: Patterns = ()

    @property
    def effective_mode(self) -> PermissionMode:
        """The mode that a session starts in."""
        return stricter_mode(self.mode, self.maximum_mode)

    def narrow(
        self, *, mode: PermissionMode | None = None, ask: tuple[str, ...] = (), deny: tuple[str, ...] = ()
    ) -> "PermissionSettings":
        """Return the settings under a stricter mode and with more rules that ask or forbid."""
        return self.model_copy(
            update={
                "maximum_mode": stricter_mode(self.maximum_mode, mode or self.maximum_mode),
                "ask": self.ask + ask,
                "deny": self.deny + deny,
            }
        )


def _absolute(folder: Path) -> Path:
    if folder.is_absolute() or folder.parts[:1] == ("~",):
        return folder
    raise ValueError("a folder is an absolute path, or starts with ~/")


Folder = Annotated[Path, AfterValidator(_absolute)]


class FileSettings(_Section):
    """The folders that a session may touch; none named means the folder that it starts in.

    ``closed`` are folders in them that no tool enters. ``within`` holds one set of folders for each layer above: what
    is granted lies in a folder of every set.
    """

    roots: tuple[Folder, ...] = ()
    closed: tuple[Folder, ...] = ()
    within: tuple[tuple[Folder, ...], ...] = ()

    def narrow(self, *, roots: tuple[Path, ...] | None = None, closed: tuple[Path, ...] = ()) -> "FileSettings":
        """Return the settings with further closed folders, and where ``roots`` is given, files in one of them only."""
        within = self.within if roots is None else (*self.within, roots)
        return self.model_copy(update={"closed": self.closed + closed, "within": within})

    def granted(self, working_folder: Path) -> tuple[Path, ...]:
        """Return the granted folders, absolute and with symbolic links resolved; reads the disk.

        Where two sets overlap the inner folder is granted; no overlap grants nothing.
        """
        granted = _resolved(self.roots or (working_folder,))
        for limit in self.within:
            granted = _overlap(granted, _resolved(limit))
        return granted

    def refused(self) -> tuple[Path, ...]:
        """Return the closed folders in the same form."""
        return _resolved(self.closed)


def _resolved(folders: tuple[Path, ...]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(folder.expanduser().resolve() for folder in folders))


def _overlap(first: tuple[Path, ...], second: tuple[Path, ...]) -> tuple[Path, ...]:
    inner = (
        one if one.is_relative_to(other) else other
        for one in first
        for other in second
        if one.is_relative_to(other) or other.is_relative_to(one)
    )
    return tuple(dict.fromkeys(inner))


class PrivacySettings(_Section):
    """The PHI mode that sessions start in, and the least protective one that may be chosen."""

    phi_mode: PhiModeName = "deid"
    minimum_phi_mode: PhiModeName = "full"

    @property
    def effective_phi_mode(self) -> PhiModeName:
        """The PHI mode that a session starts in."""
        return stricter_phi_mode(self.phi_mode, self.minimum_phi_mode)

    def chosen(self, asked: PhiModeName | None) -> PhiModeName:
        """Return the mode to work in: what was asked for, or without that the settings' own.

        Raises:
            NotPermittedError: what was asked for protects less than the project or the site wants.

        """
        mode = asked or self.effective_phi_mode
        if stricter_phi_mode(mode, self.minimum_phi_mode) != mode:
            raise NotPermittedError(
                f"The PHI mode {mode} is not available here.",
                remedy=f"The project or the site asks for {self.minimum_phi_mode} at least.",
            )
        return mode

    def narrow(self, minimum: PhiModeName | None) -> "PrivacySettings":
        """Return the settings under a stricter least PHI mode."""
        stricter = stricter_phi_mode(self.minimum_phi_mode, minimum or self.minimum_phi_mode)
        return self.model_copy(update={"minimum_phi_mode": stricter})


class PermissionLimits(_Section):
    """``[permissions]`` of the site's file."""

    maximum_mode: PermissionMode | None = None
    deny: Patterns = ()


class FileLimits(_Section):
    """``[files]`` of the site's file."""

    closed: tuple[Folder, ...] = ()


class PrivacyLimits(_Section):
    """``[privacy]`` of the site's file."""

    minimum_phi_mode: PhiModeName | None = None
