"""Reads a session's log page by page, as entries of the transcript. It knows events, so it is imported late."""

from typing import Final

from openmed_agent.runtime.events import (
    Answered,
    Compacted,
    Event,
    ModeChanged,
    Notice,
    PlanChanged,
    RolledBack,
    Steered,
    ToolEnded,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.tui.conversation.entries import Answer, Call, Entry, Line, Said
from openmed_agent.workbench.client import Workbench
from openmed_agent.workbench.requests.sessions import EventPage, ReadEvents

_MOST_EMPTY_PAGES: Final = 20
"""Pages that hold nothing to show are passed over; a log of nothing else is not read to its beginning at once."""


def entry_of(event: Event) -> Entry | None:
    """Return what the transcript shows of a kept event; None for what it does not show."""
    place = event.sequence
    match event:
        case TurnStarted():
            return Said(place, text=event.shown)
        case Steered():
            return Said(place, text=event.shown, steering=True)
        case Answered() if event.shown.strip():
            return Answer(place, text=event.shown, settled=True, cut=event.cut)
        case ToolEnded():
            return Call(
                place,
                call_id=event.call_id,
                tool=event.tool,
                title=event.title,
                state=event.outcome,
                seconds=event.seconds,
                body=event.body,
                form=event.kind,
            )
        case Compacted():
            return Line(place, text="Older messages are a summary for the model from here on.", detail=event.shown)
        case RolledBack():
            return Line(place, text="Taken back: the model no longer sees what was said just before.", tone="warning")
        case ModeChanged():
            return Line(place, text=f"Changed: {_changes(event)}.")
        case Notice():
            return Line(place, text=event.shown, tone="warning")
        case TurnEnded() if event.outcome != "done":
            return ending(event)
        case _:
            return None


def ending(event: TurnEnded) -> Line:
    """Return the sentence at the end of a turn that did not simply end."""
    tone: Final = {"failed": "error", "limit": "warning"}
    return Line(
        event.sequence, text=event.shown or "The turn ended early.", tone="error" if event.outcome in tone else "quiet"
    )


class SessionPages:
    """The log of one session; remembers the newest plan and size of context that it met."""

    def __init__(self, workbench: Workbench, session_id: str) -> None:
        self._workbench = workbench
        self._session_id = session_id
        self.plan: tuple[tuple[str, str], ...] | None = None
        self.input_tokens: int | None = None

    async def before(self, sequence: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Return messages before a place (None: the last ones), in order, and whether there are older ones.

        Raises:
            OpenMedError: the log cannot be read.

        """
        entries: list[Entry] = []
        for _ in range(_MOST_EMPTY_PAGES):
            page = await self._read(sequence, limit)
            self._notice(page)
            entries[:0] = _entries(page)
            if not page.more or len(entries) >= limit // 2:
                return entries, page.more
            sequence = page.events[0].sequence
        return entries, True

    async def after(self, sequence: int, limit: int) -> tuple[list[Entry], bool]:
        """Return messages after a place, in order, and whether there are newer ones.

        Raises:
            OpenMedError: the log cannot be read.

        """
        entries: list[Entry] = []
        for _ in range(_MOST_EMPTY_PAGES):
            page = await self._read(sequence + limit + 1, limit)
            newer = [event for event in page.events if (event.sequence or 0) > sequence]
            entries += [entry for event in newer if (entry := entry_of(event)) is not None]
            if len(newer) < limit:
                return entries, False
            if len(entries) >= limit // 2:
                return entries, True
            sequence += limit
        return entries, True

    async def _read(self, before: int | None, limit: int) -> EventPage:
        request = ReadEvents(session_id=self._session_id, before=before, limit=limit)
        return await self._workbench.ask(request, EventPage)

    def _notice(self, page: EventPage) -> None:
        """Keep the newest plan and count of tokens; pages are read from the end, so the first one met is it."""
        for event in reversed(page.events):
            match event:
                case PlanChanged() if self.plan is None:
                    self.plan = event.steps
                case Answered(input_tokens=int(tokens)) if self.input_tokens is None:
                    self.input_tokens = tokens
                case _:
                    pass


def _entries(page: EventPage) -> list[Entry]:
    return [entry for event in page.events if (entry := entry_of(event)) is not None]


def _changes(event: ModeChanged) -> str:
    said = (("PHI mode", event.phi_mode), ("agent mode", event.agent_mode), ("model", event.model))
    return ", ".join(f"{name} {value}" for name, value in said if value) or "nothing"
