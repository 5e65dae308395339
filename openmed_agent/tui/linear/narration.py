"""What happens in a session, told line by line: each begins with a word that says what it is."""

from collections.abc import Sequence
from typing import Final

from openmed_agent.runtime.events import (
    AnswerDelta,
    Answered,
    Compacted,
    Event,
    ModeChanged,
    Notice,
    PermissionAsked,
    PermissionSettled,
    PlanChanged,
    ReasoningShown,
    Retrying,
    RolledBack,
    Steered,
    ToolEnded,
    ToolStarted,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.tui.linear.sentences import SentenceFlow

_ENDS: Final = {"interrupted": "Interrupted", "limit": "Limit reached", "failed": "Failed"}
_LONGEST_PREVIEW: Final = 40
"""Lines of what a tool would do that are read before the question."""


class Narrator:
    """Tells events; an answer is told by sentences, while it streams."""

    def __init__(self) -> None:
        self._flow = SentenceFlow()
        self._answering = False
        self._reasoning = False
        self._streamed = False
        self.last_result = ""
        """The whole result of the last tool, for who wants to hear it."""

    def take(self, event: Event) -> list[str]:
        """Return the lines that tell an event."""
        match event:
            case AnswerDelta():
                self._streamed = True
                return self._answer(self._flow.feed(event.shown))
            case Answered():
                return self._answered(event)
            case ReasoningShown():
                said, self._reasoning = self._reasoning, True
                return [] if said else ["Thinking."]
            case _:
                return [*self._break(), *self._tell(event)]

    def kept(self, event: Event) -> list[str]:
        """Return the lines that tell an event of an earlier day."""
        if isinstance(event, TurnStarted):
            return [f"You: {event.shown}"]
        return self.take(event)

    def _answered(self, event: Answered) -> list[str]:
        lines = [] if self._streamed else self._answer(self._flow.feed(event.shown))
        lines += self._break()
        self._streamed = self._reasoning = False
        if event.leaked_call:
            lines.append("Note: That was tool syntax which the model wrote as text, not an answer.")
        if event.unknown_surrogates:
            lines.append(f"Note: Nobody knows these stand-ins: {', '.join(event.unknown_surrogates)}.")
        return lines

    def _tell(self, event: Event) -> list[str]:
        match event:
            case ToolStarted():
                return [f"Tool {event.tool}: runs: {event.title}"]
            case ToolEnded():
                self.last_result = event.body or event.title
                return [f"Tool {event.tool}: {event.outcome}, {event.seconds:.2f} seconds: {event.title}"]
            case PlanChanged():
                return [_plan(event.steps)]
            case PermissionAsked():
                return _question(event)
            case PermissionSettled():
                return [] if event.allowed else [f"Refused: {event.tool}: {event.reason or 'no'}"]
            case _:
                return _remark(event)

    def _answer(self, pieces: Sequence[str]) -> list[str]:
        if not pieces:
            return []
        first = pieces[0] if self._answering else f"Answer: {pieces[0]}"
        self._answering = True
        return [first, *pieces[1:]]

    def _break(self) -> list[str]:
        """End an answer, telling what is left of it."""
        lines = self._answer(self._flow.rest())
        self._answering = False
        return lines


def _plan(steps: Sequence[tuple[str, str]]) -> str:
    done = sum(state == "done" for _, state in steps)
    active = next((text for text, state in steps if state == "active"), "")
    return f"Plan: {done} of {len(steps)} done{f': now {active}' if active else ''}"


def _question(event: PermissionAsked) -> list[str]:
    preview = event.preview.splitlines()
    more = len(preview) - _LONGEST_PREVIEW
    lines = [f"Permission: {event.tool}: {event.title}", f"Reason: {event.reason}"]
    lines += [f"Preview: {line}" for line in preview[:_LONGEST_PREVIEW]]
    return [*lines, f"Preview: and {more} more lines"] if more > 0 else lines


def _remark(event: Event) -> list[str]:
    match event:
        case Steered():
            return [f"You: {event.shown}"]
        case Retrying():
            return [f"Waiting: {event.reason} The next try is in {event.seconds:.0f} seconds."]
        case Compacted():
            return ["Note: Older messages were summarised for the model; the session keeps them."]
        case RolledBack():
            return ["Note: The model's view now ends at an earlier message."]
        case ModeChanged():
            changed = (("PHI mode", event.phi_mode), ("agent mode", event.agent_mode), ("model", event.model))
            said = ", ".join(f"{what} {value}" for what, value in changed if value)
            return [f"Mode: {said}"] if said else []
        case Notice():
            return [f"Note: {event.shown}"]
        case TurnEnded():
            if event.outcome not in _ENDS:
                return []
            end = _ENDS[event.outcome]
            return [f"{end}."] if event.shown.rstrip(".") == end else [f"{end}: {event.shown}"]
        case _:
            return []
