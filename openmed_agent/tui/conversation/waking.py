"""Imports what the first turn needs, beside the screen, while the person types the first words."""

import asyncio
import gc
from importlib import import_module
from typing import Final

_NEEDED: Final = (
    "openmed_agent.tui.conversation.turn_follower",
    "openmed_agent.tui.conversation.views.answer",
    "openmed_agent.workbench.requests.turns",
    "openmed_agent.workbench.requests.status",
)


async def import_beside() -> None:
    """Import in a thread, so that a key is echoed meanwhile."""
    for name in _NEEDED:
        await asyncio.to_thread(import_module, name)
    gc.freeze()  # what is loaded now stays: a full collection walks the rest only, and no key waits for it
