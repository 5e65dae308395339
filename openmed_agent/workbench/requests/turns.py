"""What the screen asks of the open session: open one, ask the model, steer, answer a permission."""

from typing import ClassVar, Literal

from openmed_agent.runtime.events import Event
from openmed_agent.workbench.wire import Request, WireModel

PhiModeName = Literal["full", "deid", "strict"]
AgentModeName = Literal["clinical", "consumer", "coordination", "plan"]
PermissionModeName = Literal["auto", "ask", "deny", "plan"]


class ModelStatus(WireModel):
    """Which model would answer, and where text would go; ``name`` is empty where there is none, ``why`` says so."""

    name: str = ""
    host: str = ""
    local: bool = False
    """Whether the address is on this machine."""
    source: str = ""
    why: str = ""


class FindModel(Request):
    """Say which model would answer; opens nothing. Answered by ``ModelStatus``."""

    kind: ClassVar[str] = "turns.find_model"
    name: str | None = None


class OpenSession(Request):
    """Open a session, a new one without an id, and close the one that was open. Answered by ``OpenedSession``."""

    kind: ClassVar[str] = "turns.open"
    session_id: str | None = None
    phi_mode: PhiModeName | None = None
    agent_mode: AgentModeName | None = None
    permission_mode: PermissionModeName | None = None
    model: str | None = None


class OpenedSession(WireModel):
    """The session that is open now."""

    session_id: str
    title: str
    phi_mode: PhiModeName
    agent_mode: AgentModeName
    model: ModelStatus
    window: int | None = None
    """The model's context window in tokens, where it is known."""
    last_sequence: int
    notices: tuple[str, ...] = ()


class CloseSession(Request):
    """Close the open session, so that another window may have it. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.close"


class AskModel(Request):
    """Ask the model of the open session; a stream of ``TurnPart`` until it, and what was queued, has ended."""

    kind: ClassVar[str] = "turns.ask"
    text: str


class CompactSession(Request):
    """Let the model's summary take the place of older messages now; a stream of ``TurnPart``."""

    kind: ClassVar[str] = "turns.compact"


class TurnPart(WireModel):
    """One event of a turn."""

    event: Event


class Steer(Request):
    """Say something to the running turn. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.steer"
    text: str


class Queue(Request):
    """Make a text a turn of its own after the running one. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.queue"
    text: str


class Interrupt(Request):
    """End the running turn now. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.interrupt"


class Permit(Request):
    """A person's answer to ``PermissionAsked``; no ``scope`` means no. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.permit"
    call_id: str
    scope: Literal["once", "session", "always"] | None = None
    reason: str = ""


class UndoTurn(Request):
    """Take back the last turn for the model. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.undo"


class RollBack(Request):
    """Let the model's view end at an event. Answered by ``Done``."""

    kind: ClassVar[str] = "turns.roll_back"
    to: int
