"""A session's events folded into what a model reads, before the privacy gate.

Whatever a log ends with, the fold is a conversation that a model's endpoint accepts: every call has exactly one result,
results stand in the order of their calls, and what a person said in between comes after them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from openmed_agent.privacy.modes import PhiMode
from openmed_agent.runtime.events import (
    Answered,
    CallRecord,
    Compacted,
    Event,
    ModeChanged,
    PlanChanged,
    RolledBack,
    Steered,
    ToolEnded,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.settings.permissions import PhiModeName, stricter_phi_mode

UNFINISHED = "This call was interrupted; it has no result and may or may not have had an effect."
EMPTIED = "This result was removed to make room. Call the tool again if it is needed."


@dataclass(frozen=True, slots=True)
class Said:
    """What the person said, original."""

    sequence: int
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model said, on its own side of the gate."""

    sequence: int
    text: str = field(repr=False)
    calls: tuple[CallRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a call, original; ``closed`` results are a rendering of closed values."""

    sequence: int
    call_id: str
    text: str = field(repr=False)
    failed: bool
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for everything before, on the model's side of the gate."""

    sequence: int
    text: str = field(repr=False)


Entry = Said | Answer | Result | Summary
Plan = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a model reads of a session, its visible plan, and how many turns there were."""

    entries: tuple[Entry, ...] = ()
    plan: Plan = ()
    turns: int = 0
    unfinished: tuple[CallRecord, ...] = ()
    """Calls at the end that have no result: the program ended while they ran."""
    open_turn: int | None = None
    """The turn that has begun and not ended."""


def fold(events: Iterable[Event]) -> Transcript:
    """Return the transcript that ``events``, in order, amount to."""
    folding = _Folding()
    for event in _without_rolled_back(tuple(events)):
        folding.take(event)
    return folding.transcript()


class _Folding:
    """A transcript that grows event by event."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._waiting: list[Said] = []
        self._calls: tuple[CallRecord, ...] = ()
        self._results: dict[str, Result] = {}
        self._phi_mode: PhiModeName | None = None
        self._plan: Plan = ()
        self._turns = 0
        self._open_turn: int | None = None

    def take(self, event: Event) -> None:
        place = event.sequence or 0
        match event:
            case TurnStarted():
                self._change_phi_mode(PhiMode(event.phi_mode).value)
                self._settle()
                self._turns, self._open_turn = self._turns + 1, event.turn
                self._entries.append(Said(place, event.local_text))
            case Steered():
                self._waiting.append(Said(place, event.local_text))
            case Answered():
                self._settle()
                self._calls = event.calls
                self._entries.append(Answer(place, event.model_text, event.calls))
            case ToolEnded():
                self._results[event.call_id] = self._result(event, place)
            case Compacted():
                self._settle()
                after = [entry for entry in self._entries if entry.sequence > event.before]
                self._entries = [Summary(event.before, event.model_summary), *after]
            case PlanChanged():
                self._plan = event.steps
            case ModeChanged(phi_mode=str(mode)):
                self._change_phi_mode(PhiMode(mode).value)
            case TurnEnded():
                self._open_turn = None
            case _:
                pass

    def transcript(self) -> Transcript:
        unfinished = tuple(call for call in self._calls if call.call_id not in self._results)
        self._settle()
        return Transcript(tuple(self._entries), self._plan, self._turns, unfinished, self._open_turn)

    def _result(self, event: ToolEnded, place: int) -> Result:
        closed = self._phi_mode == PhiMode.STRICT.value
        return Result(place, event.call_id, event.local_text, failed=event.outcome != "done", closed=closed)

    def _change_phi_mode(self, mode: PhiModeName) -> None:
        """Begin anew where a stricter mode begins: nothing of what came before was made for it."""
        if self._phi_mode and mode != self._phi_mode and stricter_phi_mode(mode, self._phi_mode) == mode:
            self._settle()
            self._entries.clear()
        self._phi_mode = mode

    def _settle(self) -> None:
        """Close the last answer: its results in the order of its calls, then what was said meanwhile.

        Results have the place of their answer, so that a summary never stands for one without the other.
        """
        for call in self._calls:
            place = self._entries[-1].sequence
            unfinished = Result(place, call.call_id, UNFINISHED, failed=True)
            self._entries.append(replace(self._results.pop(call.call_id, unfinished), sequence=place))
        self._entries.extend(self._waiting)
        self._waiting.clear()
        self._calls = ()


def _without_rolled_back(events: tuple[Event, ...]) -> list[Event]:
    kept: list[Event] = []
    for event in events:
        if isinstance(event, RolledBack):
            while kept and (kept[-1].sequence or 0) > event.to:
                kept.pop()
        else:
            kept.append(event)
    return kept
