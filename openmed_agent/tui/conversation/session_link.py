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
        self.store_open = False
        self._opened_with: Modes | None = None

    @property
    def is_open(self) -> bool:
        """Whether the session is open as it is wanted."""
        return self.opened is not None and self._opened_with == self.wanted and self._workbench.running

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
        return self.opened

    def want(self, modes: Modes) -> None:
        """Want other modes from the next opening on."""
        self.wanted = modes

    def lose(self) -> None:
        """Know that the working process is gone: the session is opened again, the store unlocked again."""
        self.opened = None
        self.store_open = False

    def begin_anew(self, *, phi_mode: str, least: str) -> None:
        """Let the next message begin a new session, never in a weaker PHI mode than the present or the usual one."""
        self.session_id = None
        self.opened = None
        self.wanted = replace(self.wanted, phi_mode=stricter_phi(phi_mode, least) or None)

    def go_on_with(self, session_id: str) -> None:
        """Let another session be the next one that opens, in the modes that it has."""
        self.session_id = session_id
        self.opened = None
        self.wanted = Modes(permission_mode=self.wanted.permission_mode)
