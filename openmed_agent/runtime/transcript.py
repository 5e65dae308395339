"""A session's events folded into what a model reads, before the privacy gate.

Whatever a log ends with, the fold is a conversation that a model's endpoint accepts: every call has exactly one result,
results stand in the order of their calls, and what a person said in between comes after them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

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
    kept = _without_rolled_back(tuple(events))
    entries: list[Entry] = []
    waiting: list[Said] = []
    calls: tuple[CallRecord, ...] = ()
    results: dict[str, Result] = {}
    phi_mode = ""
    plan: Plan = ()
    turns = 0
    open_turn: int | None = None

    def settle() -> None:
        nonlocal calls
        last = max((entry.sequence for entry in entries), default=0)
        for call in calls:
            entries.append(results.pop(call.call_id, None) or Result(last, call.call_id, UNFINISHED, failed=True))
        entries.extend(waiting)
        waiting.clear()
        calls = ()

    for event in kept:
        place = event.sequence or 0
        match event:
            case TurnStarted():
                settle()
                if event.phi_mode == "strict" != phi_mode:
                    entries.clear()
                phi_mode = event.phi_mode
                turns, open_turn = turns + 1, event.turn
                entries.append(Said(place, event.local_text))
            case Steered():
                waiting.append(Said(place, event.local_text))
            case Answered():
                settle()
                calls = event.calls
                entries.append(Answer(place, event.model_text, event.calls))
            case ToolEnded():
                closed = phi_mode == "strict"
                failed = event.outcome != "done"
                results[event.call_id] = Result(place, event.call_id, event.local_text, failed=failed, closed=closed)
            case Compacted():
                settle()
                after = [entry for entry in entries if entry.sequence > event.before]
                entries[:] = [Summary(event.before, event.model_summary), *after]
            case PlanChanged():
                plan = event.steps
            case ModeChanged() if event.phi_mode is not None:
                if event.phi_mode == "strict":
                    settle()
                    entries.clear()
                phi_mode = event.phi_mode
            case TurnEnded():
                open_turn = None
            case _:
                pass
    unfinished = tuple(call for call in calls if call.call_id not in results)
    settle()
    return Transcript(tuple(entries), plan, turns, unfinished, open_turn)


def _without_rolled_back(events: tuple[Event, ...]) -> list[Event]:
    kept: list[Event] = []
    for event in events:
        if isinstance(event, RolledBack):
            while kept and (kept[-1].sequence or 0) > event.to:
                kept.pop()
        else:
            kept.append(event)
    return kept
