"""Going back in a session: the model's view ends at an earlier event, the log keeps everything."""

from openmed_agent.errors import InputError
from openmed_agent.runtime.events import Event, RolledBack, TurnStarted
from openmed_agent.runtime.session_log import EventLog


def rollback_to(log: EventLog, to: int) -> RolledBack:
    """Return the event that ends the model's view at the event with the sequence ``to``; 0 is before the first.

    Raises:
        InputError: the session has no such event.

    """
    if not 0 <= to <= len(log.events()):
        raise InputError(f"The session has events 1 to {len(log.events())}.", remedy="Give one of them, or 0 for none.")
    return RolledBack(to=to)


def undo_of(log: EventLog) -> RolledBack:
    """Return the event that takes back the last turn that still stands. What tools wrote stays written.

    Raises:
        InputError: there is no turn to take back.

    """
    starts = _standing_turns(log.events())
    if not starts:
        raise InputError("There is no turn to take back.")
    return RolledBack(to=starts[-1] - 1)


def _standing_turns(events: tuple[Event, ...]) -> list[int]:
    """Return where the turns begin that no rollback has taken back."""
    starts: list[int] = []
    for event in events:
        match event:
            case TurnStarted(sequence=int(place)):
                starts.append(place)
            case RolledBack(to=to):
                starts = [place for place in starts if place <= to]
            case _:
                pass
    return starts
