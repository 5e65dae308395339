"""A conversation under test: waits for what should be seen, and reads what is."""

import asyncio
import time
from collections.abc import Callable

from textual.pilot import Pilot
from textual.widgets import Static

from openmed_agent.tui.conversation.entries import Entry
from openmed_agent.tui.conversation.screen import ConversationScreen

PATIENCE_SECONDS = 20.0


async def until(pilot: Pilot[int], true: Callable[[], object], *, what: Callable[[], object] = str) -> None:
    """Return as soon as ``true``; fail after a time with what there was instead."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < ends, f"not in time: {what()}"
        await asyncio.sleep(0.02)
    await pilot.pause()


def conversation(pilot: Pilot[int]) -> ConversationScreen:
    """Return the conversation of the application."""
    return next(one for one in pilot.app.screen_stack if isinstance(one, ConversationScreen))


def entries(pilot: Pilot[int], kind: type[Entry]) -> list[Entry]:
    """Return what is mounted of one kind of message."""
    return [one for one in conversation(pilot).transcript.entries if isinstance(one, kind)]


def texts(pilot: Pilot[int], kind: type[Entry]) -> list[str]:
    """Return the texts of one kind of message."""
    return [str(getattr(one, "text", "")) for one in entries(pilot, kind)]


async def say(pilot: Pilot[int], text: str, *, key: str = "enter") -> None:
    """Put a text into the prompt and press a key."""
    screen = conversation(pilot)
    screen.prompt.put(text)
    screen.prompt.focus()
    await pilot.pause()
    await pilot.press(key)


def status(pilot: Pilot[int]) -> str:
    """Return the status line as it is read."""
    return plain(conversation(pilot).status_line)


def plain(widget: Static) -> str:
    """Return the text of a widget."""
    return str(widget.content)


def idle(pilot: Pilot[int]) -> bool:
    """Tell whether no turn runs."""
    return not conversation(pilot).turns.running
