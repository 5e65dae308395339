"""Everything that happens in a session, as typed events: the one stream that every face reads.

An event with a ``sequence`` is durable: it was in the encrypted store before it was yielded. Deltas and progress are
not kept. Text for a person (``shown``) and text on the model's side (``model_text``) are kept apart.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from openmed_agent.models.finish import FinishReason
from openmed_agent.tools.display_kind import DisplayKind


class BaseEvent(BaseModel):
    """What every event has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sequence: int | None = None
    """Place in the session's log; None for what is not kept."""
    type: str


class TurnStarted(BaseEvent):
    """A turn begins: what the person typed, and the whole prompt with what was attached (original text)."""

    type: Literal["turn_started"] = "turn_started"
    turn: int
    shown: str = Field(repr=False)
    local_text: str = Field(repr=False)
    model: str
    host: str
    phi_mode: str
    agent_mode: str


class Steered(BaseEvent):
    """The person said something while the turn was running; the model reads it before its next answer."""

    type: Literal["steered"] = "steered"
    shown: str = Field(repr=False)
    local_text: str = Field(repr=False)


class AnswerDelta(BaseEvent):
    """A further piece of the answer, already re-identified for the person."""

    type: Literal["answer_delta"] = "answer_delta"
    shown: str = Field(repr=False)


class ReasoningShown(BaseEvent):
    """A further piece of the model's reasoning; never kept, never sent back."""

    type: Literal["reasoning_shown"] = "reasoning_shown"
    shown: str = Field(repr=False)


class CallAnnounced(BaseEvent):
    """The model has begun to write a call."""

    type: Literal["call_announced"] = "call_announced"
    tool: str


class CallRecord(BaseModel):
    """One call in the model's words and as the person sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: str
    tool: str
    model_arguments: str = Field(repr=False)
    shown_arguments: str = Field(repr=False)


class Answered(BaseEvent):
    """The model's whole answer, with the calls that it asks for."""

    type: Literal["answered"] = "answered"
    model_text: str = Field(repr=False)
    shown: str = Field(repr=False)
    calls: tuple[CallRecord, ...] = ()
    finish: FinishReason
    input_tokens: int | None = None
    output_tokens: int | None = None
    cut: bool = False
    """The person interrupted it; calls that it may have begun are dropped."""
    leaked_call: bool = False
    """The text looks like tool syntax that a server failed to read; it is not an answer."""
    unknown_surrogates: tuple[str, ...] = ()


class PermissionAsked(BaseEvent):
    """A call waits for the person."""

    type: Literal["permission_asked"] = "permission_asked"
    call_id: str
    tool: str
    subject: str = Field(repr=False)
    title: str = Field(repr=False)
    preview: str = Field(default="", repr=False)
    reason: str
    scopes: tuple[Literal["once", "session", "always"], ...]
    """The answers that may be offered; a wider one counts as ``once``."""


class PermissionSettled(BaseEvent):
    """Whether a call may run, who or what said so, and why not."""

    type: Literal["permission_settled"] = "permission_settled"
    call_id: str
    tool: str
    allowed: bool
    by: Literal["person", "policy"]
    scope: Literal["once", "session", "always"] = "once"
    reason: str = Field(default="", repr=False)


class ToolStarted(BaseEvent):
    """A call runs."""

    type: Literal["tool_started"] = "tool_started"
    call_id: str
    tool: str
    title: str = Field(repr=False)


class ToolEnded(BaseEvent):
    """What came of a call. ``outcome`` says how; each call has exactly one of these."""

    type: Literal["tool_ended"] = "tool_ended"
    call_id: str
    tool: str
    outcome: Literal["done", "failed", "refused", "interrupted", "invalid"]
    local_text: str = Field(repr=False)
    """What the model reads after the gate; original here. In strict mode it is the rendering of closed values."""
    title: str = Field(repr=False)
    body: str = Field(default="", repr=False)
    kind: DisplayKind = "text"
    seconds: float


class PlanChanged(BaseEvent):
    """The visible plan, whole."""

    type: Literal["plan_changed"] = "plan_changed"
    steps: tuple[tuple[str, Literal["pending", "active", "done"]], ...]


class Retrying(BaseEvent):
    """A model's answer failed in a way that may pass; the next try starts after a pause."""

    type: Literal["retrying"] = "retrying"
    attempt: int
    seconds: float
    reason: str


class Compacted(BaseEvent):
    """Older messages were replaced by a summary for the model; the log keeps them."""

    type: Literal["compacted"] = "compacted"
    before: int
    """The sequence up to which the summary stands for the log."""
    model_summary: str = Field(repr=False)
    shown: str = Field(repr=False)


class RolledBack(BaseEvent):
    """The model's view of the session ends at an earlier event; the log keeps the rest."""

    type: Literal["rolled_back"] = "rolled_back"
    to: int


class ModeChanged(BaseEvent):
    """PHI mode, agent mode or model of the session changed, by the person."""

    type: Literal["mode_changed"] = "mode_changed"
    phi_mode: str | None = None
    agent_mode: str | None = None
    model: str | None = None


class HandleGiven(BaseEvent):
    """A path has a name from now on that a model may see where it may not see file names."""

    type: Literal["handle_given"] = "handle_given"
    handle: str
    path: str = Field(repr=False)


class Notice(BaseEvent):
    """Something that the person should know."""

    type: Literal["notice"] = "notice"
    shown: str = Field(repr=False)


TurnOutcome = Literal["done", "interrupted", "limit", "failed"]


class TurnEnded(BaseEvent):
    """A turn is over: how, and the sentence to show where it did not simply end."""

    type: Literal["turn_ended"] = "turn_ended"
    turn: int
    outcome: TurnOutcome
    exit_status: int
    shown: str = Field(default="", repr=False)


Event = Annotated[
    TurnStarted
    | Steered
    | AnswerDelta
    | ReasoningShown
    | CallAnnounced
    | Answered
    | PermissionAsked
    | PermissionSettled
    | ToolStarted
    | ToolEnded
    | PlanChanged
    | Retrying
    | Compacted
    | RolledBack
    | ModeChanged
    | HandleGiven
    | Notice
    | TurnEnded,
    Field(discriminator="type"),
]

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def read_event(document: bytes, sequence: int) -> Event:
    """Return the event that a log keeps.

    Raises:
        ValueError: it is none that this program wrote.

    """
    # Its place is put into the text: to copy an event afterwards takes longer than to read it.
    placed = b'{"sequence":%d,' % sequence + document[1:] if document.startswith(b"{") else document
    event = _EVENT.validate_json(placed)
    return event if event.sequence == sequence else event.model_copy(update={"sequence": sequence})


def write_event(event: BaseEvent) -> bytes:
    """Return the bytes that a log keeps of an event; its place is the log's to say."""
    return event.model_dump_json(exclude={"sequence"}).encode()
