"""Maps the events of a running turn to the transcript. It knows events, so it is imported late."""

from collections.abc import Callable
from dataclasses import dataclass

from openmed_agent.runtime.events import (
    AnswerDelta,
    Answered,
    CallAnnounced,
    Event,
    PermissionAsked,
    PermissionSettled,
    PlanChanged,
    ReasoningShown,
    Retrying,
    Steered,
    ToolEnded,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.tui.conversation.call_lines import CallEvent, CallLines
from openmed_agent.tui.conversation.entries import Answer, Line, Reasoning, Said
from openmed_agent.tui.conversation.kept import ending, entry_of
from openmed_agent.tui.conversation.transcript import Transcript

Plan = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnListeners:
    """Who else is told of what happens in a turn."""

    asked: Callable[[PermissionAsked], None]
    settled: Callable[[str], None]
    """A question about the call with this id is answered, or has no one waiting any more."""
    planned: Callable[[Plan], None]
    counted: Callable[[int | None], None]
    """The tokens of the last request."""
    started: Callable[[TurnStarted], None]
    steered: Callable[[str], None]
    ended: Callable[[TurnEnded], None]
    worked: Callable[[], None]
    """A tool has ended, so a service may have started or failed."""


class TurnFollower:
    """Shows one turn, and what is queued behind it, while it happens."""

    def __init__(self, transcript: Transcript, listeners: TurnListeners) -> None:
        self._transcript = transcript
        self._listeners = listeners
        self._said: Said | None = None
        self._answer: Answer | None = None
        self._reasoning: Reasoning | None = None
        self._calls = CallLines(transcript, listeners.settled)

    def expect(self, text: str) -> None:
        """Show at once what the person sent; the turn confirms it."""
        self._said = Said(text=text)
        self._transcript.add(self._said)

    def take(self, event: Event) -> None:
        """Show one event."""
        match event:
            case AnswerDelta() | ReasoningShown() | Answered() | Retrying():
                self._take_answer(event)
            case CallAnnounced() | ToolStarted() | ToolEnded() | PermissionAsked() | PermissionSettled():
                self._take_call(event)
            case TurnStarted():
                self._confirm(event)
            case TurnEnded():
                self._end(event)
            case PlanChanged():
                self._listeners.planned(event.steps)
            case _:
                if isinstance(event, Steered):
                    self._listeners.steered(event.shown)
                self._add_kept(event)

    def take_unsent(self) -> str:
        """Take back and return what the person sent, where no turn began with it; else ""."""
        said, self._said = self._said, None
        if said is None:
            return ""
        self._transcript.remove_entry(said)
        return said.text

    def drop(self, sentence: str) -> None:
        """Settle what is open after the stream broke off, and say why it did."""
        self._settle_all()
        self._transcript.add(Line(text=sentence, tone="error"))

    def _take_answer(self, event: AnswerDelta | ReasoningShown | Answered | Retrying) -> None:
        match event:
            case AnswerDelta():
                self._extend_answer(event.shown)
            case ReasoningShown():
                self._extend_reasoning(event.shown)
            case Answered():
                self._settle_answer(event)
            case Retrying():
                self._begin_again(event)

    def _take_call(self, event: CallEvent) -> None:
        self._settle_reasoning()
        self._calls.take(event)
        if isinstance(event, PermissionAsked):
            self._listeners.asked(event)
        elif isinstance(event, ToolEnded):
            self._listeners.worked()

    def _confirm(self, event: TurnStarted) -> None:
        said, self._said = self._said, None
        if said is None:
            self._add_kept(event)
        else:
            said.sequence = event.sequence
            if said.text != event.shown:
                said.text = event.shown
                self._transcript.changed(said)
        self._listeners.started(event)

    def _extend_answer(self, text: str) -> None:
        self._settle_reasoning()
        if self._answer is None:
            self._answer = Answer(text=text)
            self._transcript.add(self._answer)
            return
        self._answer.text += text
        self._transcript.changed(self._answer)

    def _extend_reasoning(self, text: str) -> None:
        if self._reasoning is None:
            self._reasoning = Reasoning(text=text)
            self._transcript.add(self._reasoning)
            return
        self._reasoning.text += text  # shown once it is whole, not piece by piece

    def _settle_answer(self, event: Answered) -> None:
        self._settle_reasoning()
        self._listeners.counted(event.input_tokens)
        answer, self._answer = self._answer, None
        if answer is None:
            self._add_kept(event)
        elif not event.shown.strip():
            self._transcript.remove_entry(answer)
        else:
            answer.sequence, answer.text, answer.cut, answer.settled = event.sequence, event.shown, event.cut, True
            self._transcript.changed(answer)
        self._calls.name(event)

    def _begin_again(self, event: Retrying) -> None:
        """Forget an answer that failed half-way: the next try writes it from its beginning."""
        self._settle_reasoning()
        answer, self._answer = self._answer, None
        if answer is not None:
            self._transcript.remove_entry(answer)
        self._calls.forget_announced()
        self._transcript.add(Line(text=f"Trying again in {event.seconds:g} s: {event.reason}", tone="warning"))

    def _end(self, event: TurnEnded) -> None:
        self._settle_all()
        if event.outcome != "done":
            self._transcript.add(ending(event))
        self._listeners.ended(event)

    def _settle_all(self) -> None:
        self._settle_reasoning()
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.settled = True
            self._transcript.changed(answer)
        self._calls.close()

    def _settle_reasoning(self) -> None:
        reasoning, self._reasoning = self._reasoning, None
        if reasoning is not None:
            reasoning.settled = True
            self._transcript.changed(reasoning)

    def _add_kept(self, event: Event) -> None:
        entry = entry_of(event)
        if entry is not None:
            self._transcript.add(entry)
