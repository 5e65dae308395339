"""Which session the working process has open for this screen, and the modes that the person wants it in."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from openmed_agent.tui.conversation.modes import stricter_phi
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.workbench.client import Workbench

if TYPE_CHECKING:
    from openmed_agent.workbench.requests.turns import OpenedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes:
    """What is asked for; None leaves it to the session, or to the settings for a new one."""

    phi_mode: str | None = None
    agent_mode: str | None = None
    permission_mode: str | None = None
    model: str | None = None


class SessionLink:
    """The session of the conversation. It is opened at the first message, and again after the process died."""

    def __init__(self, workbench: Workbench, options: ScreenOptions) -> None:
        self._workbench = workbench
        self.wanted = Modes(
            phi_mode=options.phi_mode,
            agent_mode=options.agent_mode,
            permission_mode=options.permission_mode,
            model=options.model,
        )
        self.session_id: str | None = None
        self.opened: OpenedSession | None = None
        self._opened_with: Modes | None = None
        self._run_of_session = 0
        self._run_of_store = 0

    @property
    def is_open(self) -> bool:
        """Whether the session is open as it is wanted, in the process that runs now."""
        return self.opened is not None and self._opened_with == self.wanted and self._runs_still(self._run_of_session)

    @property
    def store_is_open(self) -> bool:
        """Whether the store was opened in the process that runs now."""
        return self._runs_still(self._run_of_store)

    def know_store_open(self) -> None:
        """Know that the store is open now."""
        self._run_of_store = self._workbench.runs

    async def open(self) -> "OpenedSession":
        """Open the session as it is wanted, a new one where there is none, and return it.

        Raises:
            OpenMedError: it cannot be had; then none is open.

        """
        from openmed_agent.workbench.requests.turns import OpenedSession, OpenSession

        wanted = self.wanted
        request = OpenSession.model_validate(
            {
                "session_id": self.session_id,
                "phi_mode": wanted.phi_mode,
                "agent_mode": wanted.agent_mode,
                "permission_mode": wanted.permission_mode,
                "model": wanted.model,
            }
        )
        self.opened = None
        self.opened = await self._workbench.ask(request, OpenedSession)
        self.session_id = self.opened.session_id
        self._opened_with = wanted
        self._run_of_session = self._workbench.runs
        return self.opened

    def want(self, modes: Modes) -> None:
        """Want other modes from the next opening on."""
        self.wanted = modes

    def begin_anew(self, *, phi_mode: str, least: str) -> None:
        """Let the next message begin a new session, never in a weaker PHI mode than the present or the usual one."""
        self.session_id = None
        self.opened = None
        self.wanted = replace(self.wanted, phi_mode=stricter_phi(phi_mode, least) or None)

    def go_on_with(self, session_id: str) -> None:
        """Let another session be the next one that opens: in its own modes, with the model that the person chose."""
        if self._opened_with is not None:  # before the first one opens, what is wanted is what the command line says
            self.wanted = replace(self.wanted, phi_mode=None, agent_mode=None)
        self.session_id = session_id
        self.opened = None

    def _runs_still(self, run: int) -> bool:
        return self._workbench.running and self._workbench.runs == run
