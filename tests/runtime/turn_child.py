"""A process that asks one thing after another and says which events it was told of, until it is killed.

    python turn_child.py ROOT URL SESSION

Each event that is kept is printed as a line ``SEQUENCE DIGEST`` the moment it is yielded.
"""

import asyncio
import hashlib
import sys
from pathlib import Path

from turns import ServerAt, opened, tool

from openmed_agent.runtime.events import Event
from openmed_agent.runtime.permissions import PermissionPolicy
from openmed_agent.settings.permissions import PermissionMode


def line_of(event: Event) -> str:
    """Return what identifies a kept event: its place and a digest of all that it says."""
    digest = hashlib.sha256(event.model_dump_json(exclude={"sequence"}).encode()).hexdigest()
    return f"{event.sequence} {digest}"


async def ask_on(root: Path, url: str, session_id: str) -> None:
    """Ask until killed."""
    tools = [tool("shout"), tool("write", read_only=False)]
    policy = PermissionPolicy(mode=PermissionMode.AUTO, attended=False)
    async with opened(root, ServerAt(url), tools, session_id=session_id, policy=policy) as session:
        number = 0
        while True:
            number += 1
            async for event in session.ask(f"Question {number}"):
                if event.sequence is not None:
                    print(line_of(event), flush=True)


if __name__ == "__main__":
    asyncio.run(ask_on(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
