"""What a tool may reach: handed in by the runtime, so that a tool holds no state and opens nothing itself."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from openmed_agent.planes.codes.client import CodesClient
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.privacy.gate import CodesQueryGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import Configuration
from openmed_agent.settings.paths import Paths
from openmed_agent.store.store import Store
from openmed_agent.text.spans import Span
from openmed_agent.tools.granted_files import GrantedFiles

Learn = Callable[[str], Awaitable[None]]
"""Takes the whole text of a record that a tool has read, so that its identifiers are known before any part is sent."""


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of the visible plan."""

    title: str
    state: str
    """``pending``, ``active`` or ``done``."""


class PlanBoard(Protocol):
    """Holds the session's plan; a change is durable and shown."""

    @property
    def steps(self) -> tuple[PlanStep, ...]:
        """The present plan."""

    def replace(self, steps: tuple[PlanStep, ...]) -> None:
        """Make ``steps`` the plan."""


class ResultShelf(Protocol):
    """Keeps results too large for a model's context, by handle, in the encrypted store."""

    def keep(self, text: str) -> str:
        """Return the handle, such as ``result_3``, that ``text`` can be read back with."""

    def read(self, handle: str) -> str:
        """Return the text; raises InputError for an unknown handle."""


class HandleBook(Protocol):
    """Names such as ``document_1`` that stand for paths where a model may not see file names (strict mode)."""

    def handle_of(self, path: str) -> str:
        """Return the handle of a path, the same for the same path."""

    def path_of(self, handle: str) -> str | None:
        """Return the path of a handle, or None where it is none."""


FindIdentifiers = Callable[[str], Awaitable[tuple[Span, ...]]]
"""Returns where a text holds identifiers that the gate keeps from the model; raises when it cannot tell."""


LoadFamilies = Callable[[tuple[str, ...]], tuple[str, ...]]
"""Offers the tools of families to the model from its next answer on; returns the names of those that it now has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """The ports of one session's tools. The planes' clients start an embedded plane at the first call."""

    phi_mode: PhiMode
    configuration: Configuration
    paths: Paths
    files: GrantedFiles
    inference: InferenceClient
    codes: CodesClient
    codes_gate: CodesQueryGate
    store: Store
    learn: Learn
    plan: PlanBoard
    results: ResultShelf
    handles: HandleBook
    load_families: LoadFamilies
    identifiers: FindIdentifiers | None = None
    """What the gate knows; without it, what the detectors find."""
