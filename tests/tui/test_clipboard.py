"""Copying: with a tool that says whether it worked, else by the terminal, and always an honest sentence."""

import base64
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from faces import scripted_app
from prompt_screen import PromptScreen
from terminal_driver import HAS_TMUX, PtyTerminal, environment

from openmed_agent.tui.clipboard import copy, native_tool

TEXT = "metformin 500 mg\nfurosemide 40 mg"


class Terminal:
    """Keeps what was written to it."""

    def __init__(self) -> None:
        self.written = ""

    def write(self, text: str) -> None:
        self.written += text


def tool(folder: Path, name: str, body: str) -> Path:
    """Make a program of this name that does what the shell script says."""
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    return script


def with_tools(folder: Path, **variables: str) -> dict[str, str]:
    return {"PATH": f"{folder}:/usr/bin:/bin", **variables}


def osc_52(text: str) -> str:
    return f"\x1b]52;c;{base64.b64encode(text.encode()).decode()}\x07"


async def test_a_tool_with_a_display_takes_it(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "xclip", f'[ "$*" = "-selection clipboard" ] && cat > {tmp_path}/clipboard')
    terminal = Terminal()
    said = await copy(TEXT, terminal.write, environment=with_tools(tmp_path / "bin", DISPLAY=":0"))
    assert said == "Copied with xclip."
    assert (tmp_path / "clipboard").read_text() == TEXT
    assert terminal.written == ""


async def test_what_is_copied_is_what_is_shown(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "wl-copy", f"cat > {tmp_path}/clipboard")
    environment = with_tools(tmp_path / "bin", WAYLAND_DISPLAY="wayland-0")
    assert await copy("a\x1b[201~\u202eb\ud800\tc", None, environment=environment) == "Copied with wl-copy."
    assert (tmp_path / "clipboard").read_text() == "a␛[201~‹U+202E›b‹U+D800›\tc"


async def test_a_tool_that_fails_is_named_and_the_terminal_is_asked(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "xclip", "cat > /dev/null; exit 1")
    terminal = Terminal()
    said = await copy(TEXT, terminal.write, environment=with_tools(tmp_path / "bin", DISPLAY=":0"))
    assert said.startswith("xclip failed. Sent to the terminal by OSC 52")
    assert "paste to check" in said
    assert terminal.written == osc_52(TEXT)


async def test_a_tool_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmed_agent.tui.clipboard._PATIENCE_SECONDS", 0.3)
    tool(tmp_path / "bin", "xclip", "exec sleep 600")
    terminal = Terminal()
    began = time.monotonic()
    said = await copy("x" * 1_000_000, terminal.write, environment=with_tools(tmp_path / "bin", DISPLAY=":0"))
    assert time.monotonic() - began < 20
    assert said.startswith("Could not copy: the text is longer than terminals take.")


async def test_a_tool_that_stays_in_the_background_does_not_hold_the_copy(tmp_path: Path) -> None:
    tool(tmp_path / "bin", "xclip", "cat > /dev/null; sleep 30 & exit 0")
    began = time.monotonic()
    said = await copy(TEXT, None, environment=with_tools(tmp_path / "bin", DISPLAY=":0"))
    assert said == "Copied with xclip."
    assert time.monotonic() - began < 20


async def test_within_tmux_and_screen_the_sequence_is_wrapped(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    tool(tmp_path / "bin", "tmux", "exit 1")
    terminal = Terminal()
    await copy(TEXT, terminal.write, environment=with_tools(tmp_path / "bin", TMUX="/tmp/t,1,0"))
    assert terminal.written == f"\x1bPtmux;\x1b{osc_52(TEXT)}\x1b\\"
    terminal = Terminal()
    long = "y" * 3_000
    await copy(long, terminal.write, environment={"PATH": str(tmp_path / "none"), "STY": "1.pts"})
    pieces = terminal.written.split("\x1b\\")
    assert all(piece.startswith("\x1bP") and len(piece) < 768 for piece in pieces[:-1])
    assert "".join(piece[2:] for piece in pieces[:-1]) == osc_52(long)


async def test_without_any_way_it_says_so(tmp_path: Path) -> None:
    said = await copy(TEXT, None, environment={"PATH": str(tmp_path)})
    assert said.startswith("Could not copy: there is no terminal.")
    terminal = Terminal()
    said = await copy("z" * 100_000, terminal.write, environment={"PATH": str(tmp_path)})
    assert said.startswith("Could not copy: the text is longer")
    assert terminal.written == ""
    assert await copy("", terminal.write, environment={}) == "Nothing to copy."


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"DISPLAY": ":0"}, "xclip"),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, "wl-copy"),
        ({"SSH_CONNECTION": "a 1 b 2", "WSL_DISTRO_NAME": "Debian"}, None),
        ({"SSH_TTY": "/dev/pts/1", "DISPLAY": "localhost:10.0"}, "xclip"),
        ({"WSL_DISTRO_NAME": "Debian"}, "clip.exe"),
        ({}, None),
    ],
)
def test_which_tool(tmp_path: Path, variables: Mapping[str, str], expected: str | None) -> None:
    for name in ("xclip", "xsel", "wl-copy", "clip.exe"):
        tool(tmp_path / "bin", name, "exit 0")
    found = native_tool({"PATH": str(tmp_path / "bin"), **variables})
    assert (found.name if found else None) == expected


def test_a_remote_mac_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path / "bin", "pbcopy", "exit 0")
    monkeypatch.setattr(sys, "platform", "darwin")
    here = native_tool({"PATH": str(tmp_path / "bin")})
    assert here is not None
    assert here.name == "pbcopy"
    assert native_tool({"PATH": str(tmp_path / "bin"), "SSH_TTY": "/dev/ttys1"}) is None


async def test_ctrl_c_copies_what_is_marked_in_the_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool(tmp_path / "bin", "wl-copy", f"cat > {tmp_path}/clipboard")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    app = scripted_app(tmp_path, {})
    async with app.run_test() as pilot:
        screen = PromptScreen()
        await app.push_screen(screen)
        await pilot.press(*"stop it", "shift+home", "ctrl+c")
        for _ in range(200):
            if app._notifications:
                break
            await pilot.pause(0.02)
        assert [one.message for one in app._notifications] == ["Copied with wl-copy."]
        assert (tmp_path / "clipboard").read_text() == "stop it"
        await pilot.press("end", "ctrl+v")
        assert screen.prompt.text == "stop itstop it"


@pytest.mark.system
@pytest.mark.skipif(not HAS_TMUX, reason="needs tmux")
def test_tmux_as_it_is_by_default_hands_it_to_its_terminal(tmp_path: Path) -> None:
    program = "import asyncio; from openmed_agent.tui.clipboard import copy; print(asyncio.run(copy('by tmux', None)))"
    tmux = ("tmux", "-S", str(tmp_path / "t"), "-f", "/dev/null")
    command = (*tmux, "new-session", f"{shlex.quote(sys.executable)} -c {shlex.quote(program)}; exec sleep 60")
    with PtyTerminal(command, environment(tmp_path), folder=tmp_path) as terminal:
        terminal.wait_for("Handed to the terminal by tmux;")
        assert base64.b64encode(b"by tmux") in terminal.written
        left = subprocess.run((*tmux, "list-buffers"), capture_output=True, check=False).stdout
        subprocess.run((*tmux, "kill-server"), check=False)
    assert left == b""
