"""Copies text to where a person can paste it, and says truthfully what became of it.

A native tool tells whether it took the text, so it comes first; over ssh only one that has a forwarded display, since
any other would fill the clipboard of the remote machine. tmux takes the text and hands it on; what is left is OSC 52,
to which no terminal answers.
"""

import asyncio
import base64
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from openmed_agent.text.terminal import terminal_safe

_PATIENCE_SECONDS: Final = 3.0
_LONGEST_OSC: Final = 74_994
"""Base64 characters that common terminals take; xterm drops longer ones without a word."""
_SCREEN_PIECE: Final = 700
_TMUX_BUFFER: Final = "openmed"
_UNSURE: Final = "whether it took it, it does not say: paste to check."


@dataclass(frozen=True, slots=True)
class Tool:
    """A program that fills the clipboard from its standard input."""

    name: str
    arguments: tuple[str, ...] = ()
    encoding: str = "utf-8"


async def copy(text: str, write: Callable[[str], None] | None, *, environment: Mapping[str, str] = os.environ) -> str:
    """Copy ``text`` as it is shown, and return one sentence that says what became of it.

    ``write`` sends to the terminal; None where there is none.
    """
    shown = terminal_safe(text)
    if not shown:
        return "Nothing to copy."
    tool = native_tool(environment)
    if tool is not None and await _given_to(tool, shown, environment):
        return f"Copied with {tool.name}."
    failed = f"{tool.name} failed. " if tool else ""
    if "TMUX" in environment and await _given_to_tmux(shown, environment):
        return f"{failed}Handed to the terminal by tmux; {_UNSURE}"
    sequence = _osc_52(shown)
    if write is None or sequence is None:
        why = "there is no terminal" if write is None else "the text is longer than terminals take"
        return f"Could not copy: {why}. {_remedy(environment)}"
    write(_wrapped(sequence, environment))
    return f"{failed}Sent to the terminal by OSC 52; {_UNSURE}"


def native_tool(environment: Mapping[str, str]) -> Tool | None:
    """Return the tool that reaches the clipboard of the machine that the person sits at, or None."""
    remote = "SSH_CONNECTION" in environment or "SSH_TTY" in environment
    candidates = [
        (sys.platform == "darwin" and not remote, Tool("pbcopy")),
        (bool(environment.get("WAYLAND_DISPLAY")), Tool("wl-copy")),
        (bool(environment.get("DISPLAY")), Tool("xclip", ("-selection", "clipboard"))),
        (bool(environment.get("DISPLAY")), Tool("xsel", ("--clipboard", "--input"))),
        ("WSL_DISTRO_NAME" in environment and not remote, Tool("clip.exe", encoding="utf-16-le")),
    ]
    path = environment.get("PATH")
    return next((tool for usable, tool in candidates if usable and shutil.which(tool.name, path=path)), None)


async def _given_to(tool: Tool, text: str, environment: Mapping[str, str]) -> bool:
    return await _run((tool.name, *tool.arguments), text.encode(tool.encoding), environment)


async def _given_to_tmux(text: str, environment: Mapping[str, str]) -> bool:
    """Have tmux set the terminal's clipboard; its own copy, which any of its windows could paste, is deleted."""
    loaded = await _run(("tmux", "load-buffer", "-w", "-b", _TMUX_BUFFER, "-"), text.encode(), environment)
    return loaded and await _run(("tmux", "delete-buffer", "-b", _TMUX_BUFFER), b"", environment)


async def _run(command: tuple[str, ...], content: bytes, environment: Mapping[str, str]) -> bool:
    """Return whether a command took the content in time and said that all went well."""
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        return False
    try:
        # Its output goes nowhere: xclip stays in the background and would keep a pipe open.
        process = await asyncio.create_subprocess_exec(
            program, *command[1:], stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=dict(environment)
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await _feed(process, content)
            return await process.wait() == 0
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _feed(process: Process, content: bytes) -> None:
    if process.stdin is None:
        return
    with suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(content)
        await process.stdin.drain()
        process.stdin.close()
        await process.stdin.wait_closed()


def _osc_52(text: str) -> str | None:
    payload = base64.b64encode(text.encode()).decode("ascii")
    return f"\x1b]52;c;{payload}\x07" if len(payload) <= _LONGEST_OSC else None


def _wrapped(sequence: str, environment: Mapping[str, str]) -> str:
    """Return the sequence so that a multiplexer passes it on to its terminal."""
    if "TMUX" in environment:
        return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"
    if "STY" in environment:
        pieces = (sequence[at : at + _SCREEN_PIECE] for at in range(0, len(sequence), _SCREEN_PIECE))
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def _remedy(environment: Mapping[str, str]) -> str:
    if environment.get("WAYLAND_DISPLAY"):
        return "Install wl-copy (package wl-clipboard)."
    return "Install xclip." if environment.get("DISPLAY") else "Mark it with the mouse, Shift held, and copy that."
