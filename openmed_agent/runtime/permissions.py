"""Whether a call may run: a pure decision from the tool's facts, the call's subject, rules, grants and the mode.

What people alone do is refused before all else. Then ``deny`` beats what a person granted in this session, that beats
``ask``, ``ask`` beats ``allow`` and what was granted for always, and the mode decides the rest. No answer allows more
than the exact tool and subject that a person saw. Nothing here reads a disk or asks anyone.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any, Final, Literal

from openmed_agent.errors import NotPermittedError
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.permission_patterns import PermissionPattern, normalised, parse_pattern
from openmed_agent.settings.permissions import PermissionMode
from openmed_agent.settings.project import INSTRUCTIONS_FILE, PROJECT_FOLDER
from openmed_agent.tools.tool import Tool

GrantScope = Literal["once", "session", "always"]

_ACTS_OF_PEOPLE: Final = frozenset(
    ["approve", "approval", "attest", "finalise", "finalize", "grant", "permit", "sign", "signoff", "unlock"]
)
_SETTINGS_OF_PEOPLE: Final = frozenset([PROJECT_FOLDER.casefold(), ".agents", INSTRUCTIONS_FILE.casefold()])


@dataclass(frozen=True, slots=True)
class Allow:
    """The call runs."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A person decides; ``scopes`` are the answers that may be offered. The reason is for the person."""

    reason: str
    scopes: tuple[GrantScope, ...] = ("once",)


@dataclass(frozen=True, slots=True)
class Deny:
    """The call does not run. The reason is for the model and the person, and repeats no argument."""

    reason: str


Decision = Allow | Ask | Deny


@dataclass(frozen=True, slots=True)
class Grant:
    """One tool with one subject that a person allowed."""

    tool: str
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Approve:
    """A person's yes."""

    scope: GrantScope = "once"


@dataclass(frozen=True, slots=True)
class Reject:
    """A person's no, with what they want the model to know."""

    reason: str = field(default="", repr=False)


PermissionAnswer = Approve | Reject


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionPolicy:
    """Mode, rules and grants of one session; whatever changes them makes a new policy.

    ``attended`` says that a person is there to be asked. ``people_only`` are folders that no tool touches, such as
    the store's. ``granted`` holds the answers of this session, ``saved`` those for always.
    """

    mode: PermissionMode = PermissionMode.ASK
    maximum_mode: PermissionMode = PermissionMode.AUTO
    attended: bool = True
    allow: tuple[PermissionPattern, ...] = ()
    ask: tuple[PermissionPattern, ...] = ()
    deny: tuple[PermissionPattern, ...] = ()
    granted: frozenset[Grant] = frozenset()
    saved: frozenset[Grant] = frozenset()
    people_only: tuple[Path, ...] = ()

    def decide(self, tool: Tool[Any], subject: str) -> Decision:
        """Return whether a call of ``tool`` with ``subject``, as ``Tool.subject`` names it, may run."""
        decision = self._for_people_only(tool, subject) or self._decide(tool, subject)
        if isinstance(decision, Ask) and not self.attended:
            return Deny(
                "Nobody is there to be asked, so only what changes nothing or is allowed by a rule or by "
                "--permission-mode auto runs."
            )
        return decision

    def with_mode(self, mode: PermissionMode) -> "PermissionPolicy":
        """Return the policy in another mode.

        Raises:
            NotPermittedError: the mode allows more than the project or the site does.

        """
        if mode.strictness < self.maximum_mode.strictness:
            raise NotPermittedError(
                f"The permission mode {mode} is not available here.",
                remedy=f"The project or the site allows {self.maximum_mode} at most.",
            )
        return replace(self, mode=mode)

    def with_rules(self, allow: tuple[PermissionPattern, ...]) -> "PermissionPolicy":
        """Return the policy with further rules that allow, such as those of a command line."""
        return replace(self, allow=self.allow + allow)

    def with_grant(self, tool: str, subject: str) -> "PermissionPolicy":
        """Return the policy with one tool and one subject allowed for the rest of the session."""
        return replace(self, granted=self.granted | {Grant(tool, normalised(subject))})

    def idle_rules(self, tools: Iterable[str]) -> tuple[str, ...]:
        """Return the names in rules that no tool has, for a person to correct."""
        names = tuple(tools)
        return tuple(
            rule.name for rule in (*self.allow, *self.ask, *self.deny) if not any(rule.names(name) for name in names)
        )

    def _for_people_only(self, tool: Tool[Any], subject: str) -> Deny | None:
        if _ACTS_OF_PEOPLE & set(tool.name.split("_")):
            return Deny("Approving, signing, finalizing and granting are acts of a person; no tool does them.")
        path = PurePath(_folded(normalised(subject)))
        if not path.is_absolute():
            return None
        if any(path.is_relative_to(_folded(folder.as_posix())) for folder in self.people_only):
            return Deny("OpenMed's own records and settings are there; no tool touches them.")
        if not _changes_nothing(tool) and _SETTINGS_OF_PEOPLE & set(path.parts):
            return Deny("The settings, instructions and skills of a project are changed by people only.")
        return None

    def _decide(self, tool: Tool[Any], subject: str) -> Decision:
        harmless = _changes_nothing(tool)
        if any(rule.matches_alike(tool.name, subject) for rule in self.deny):
            return Deny("A permission rule forbids this call.")
        if self.mode is PermissionMode.PLAN and not harmless:
            return Deny("The session is in plan mode: only what changes nothing runs.")
        if self._holds(self.granted, tool, subject):
            return Allow()
        if any(rule.matches_alike(tool.name, subject) for rule in self.ask):
            return self._asked_by_rule(tool, subject)
        by_rule = any(rule.matches(tool.name, subject) for rule in self.allow)
        if harmless or by_rule or self._holds(self.saved, tool, subject):
            return Allow()
        return self._by_mode(tool, subject)

    @staticmethod
    def _holds(grants: frozenset[Grant], tool: Tool[Any], subject: str) -> bool:
        return _can_be_remembered(tool, subject) and Grant(tool.name, normalised(subject)) in grants

    def _asked_by_rule(self, tool: Tool[Any], subject: str) -> Ask | Deny:
        if self.mode is PermissionMode.DENY and not _changes_nothing(tool):
            return Deny("The permission mode is deny, and a rule wants this call asked about.")
        return Ask("A permission rule wants this call asked about.", _scopes(tool, subject, by_rule=True))

    def _by_mode(self, tool: Tool[Any], subject: str) -> Decision:
        match self.mode:
            case PermissionMode.AUTO if not tool.facts.destructive:
                return Allow()
            case PermissionMode.AUTO:
                return Ask("This can lose something that is there.", _scopes(tool, subject))
            case PermissionMode.ASK:
                return Ask("This changes something.", _scopes(tool, subject))
            case PermissionMode.DENY | PermissionMode.PLAN:
                return Deny("The permission mode is deny, and no rule allows this call.")


def session_policy(
    configuration: Configuration,
    *,
    paths: Paths | None = None,
    saved: Iterable[Grant] = (),
    mode: PermissionMode | None = None,
    attended: bool = True,
) -> PermissionPolicy:
    """Return the policy that a session starts with.

    ``configuration`` is already narrowed by the project; ``mode`` is what the command line names. Without that a run
    that nobody attends never starts in ``auto``: the settings of a desk are no leave for it.

    Raises:
        NotPermittedError: ``mode`` allows more than the project or the site does.

    """
    settings = configuration.permissions
    start = settings.effective_mode
    if not attended and start is PermissionMode.AUTO:
        start = PermissionMode.ASK
    policy = PermissionPolicy(
        mode=start,
        maximum_mode=settings.maximum_mode,
        attended=attended,
        allow=tuple(map(parse_pattern, settings.allow)),
        ask=tuple(map(parse_pattern, settings.ask)),
        deny=tuple(map(parse_pattern, settings.deny)),
        saved=frozenset(Grant(grant.tool, normalised(grant.subject)) for grant in saved),
        people_only=() if paths is None else (paths.root, paths.configuration),
    )
    return policy if mode is None else policy.with_mode(mode)


def _changes_nothing(tool: Tool[Any]) -> bool:
    """Tell whether a call leaves everything as it was; a tool with facts that contradict each other does not."""
    return tool.facts.read_only and not tool.facts.destructive


def _can_be_remembered(tool: Tool[Any], subject: str) -> bool:
    """Tell whether tool and subject say what was shown; without a subject, what was shown is this one call."""
    return bool(subject) or _changes_nothing(tool)


def _scopes(tool: Tool[Any], subject: str, *, by_rule: bool = False) -> tuple[GrantScope, ...]:
    if not _can_be_remembered(tool, subject):
        return ("once",)
    return ("once", "session") if by_rule else ("once", "session", "always")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
