"""Processes that ask one thing after another and say which events they were told of, until they are killed.

    python turn_child.py

For each line ``ROOT URL SESSION`` on standard input a process is forked off this one, which has everything loaded. It
prints ``PID`` first, then each event that is kept as a line ``SEQUENCE DIGEST`` the moment it is yielded; once it is
dead, this process prints ``ended``.
"""

import asyncio
import hashlib
import os
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
                    say(line_of(event))


def say(line: str) -> None:
    """Write a line at once, whole."""
    os.write(1, f"{line}\n".encode())


def main() -> None:
    """Fork a process for each line, one at a time."""
    import openai  # noqa: F401 - loaded here, once for all

    for line in sys.stdin:
        root, url, session_id = line.split()
        child = os.fork()
        if child == 0:
            say(str(os.getpid()))
            asyncio.run(ask_on(Path(root), url, session_id))
            os._exit(0)
        os.waitpid(child, 0)
        say("ended")


if __name__ == "__main__":
    main()
