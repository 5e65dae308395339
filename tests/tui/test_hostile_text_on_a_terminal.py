"""No text from elsewhere acts on the terminal or on the program, whatever screen it is shown on.

The real application runs on a pty before a working process whose every string is hostile. Every byte that it writes is
read strictly; only kinds of sequences that it writes for harmless text, too, may be among them. Once the last look is
left out, so that what the widgets were given must be safe by itself.
"""

import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pytest
from hostile_answers import MARK, RAW, hostile_script
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from terminal_driver import PtyTerminal, environment
from terminal_grammar import Piece, read_pieces
from textual.color import Color
from textual.content import Content

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui import screens
from openmed_agent.tui.safe_text import shown, shown_line, shown_markdown
from openmed_agent.tui.terminal_filter import TerminalSafety

FACE = Path(__file__).with_name("hostile_face.py")
NAMES = tuple(screens._SCREENS)
ALL = ("resume", *(f"open {one}" for one in NAMES), "review", "toast", "copy", "lock")
SOME = ("resume", "open help", "open sessions", "review", "toast", "copy", "lock")
OUR_COPY = "\x1b]52;c;cGxhaW4=\x07"
"""The one text that the walk has the application copy: ``plain``."""
SHOWS_NOTHING_OF_OTHERS = frozenset({"help", "setup", "instructions", "privacy", "lock"})
"""At first; all keys of the screen are pressed all the same."""

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
F1, QUIT, ESCAPE = "\x1bOP", "\x11", "\x1b"
NOT_PRESSED = {"open settings": "k"}
"""There any key could become the one that quits."""


class LedTerminal(PtyTerminal):
    """The application on a pty, led from screen to screen."""

    def __init__(self, folder: Path, script: dict[str, Any], size: tuple[int, int], *more: str) -> None:
        (folder / "charts").mkdir()
        (folder / "script.json").write_text(json.dumps(script))
        os.mkfifo(folder / "orders")
        variables = environment(folder, COLORTERM="truecolor", PATH="/usr/bin:/bin", PYTHONPATH=str(FACE.parent))
        super().__init__((sys.executable, str(FACE), str(folder), *more), variables, folder=folder, size=size)
        self.folder = folder
        self._reports = 0
        self._orders = -1

    def __enter__(self) -> Self:
        super().__enter__()
        self.report()
        self._orders = os.open(self.folder / "orders", os.O_WRONLY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._orders >= 0:
            os.close(self._orders)
        super().__exit__(kind, error, trace)

    def order(self, words: str) -> dict[str, Any]:
        """Lead the application somewhere and return what it says then."""
        os.write(self._orders, f"{words}\n".encode())
        return self.report()

    def report(self) -> dict[str, Any]:
        """Return the next thing that the application says; a fired action is none that may be said."""
        file = self.folder / "report"
        for _ in range(600):
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) > self._reports:
                said: dict[str, Any] = json.loads(lines[self._reports])
                self._reports += 1
                assert "fired" not in said
                return said
            self.read(0.05)
            self.check_it_runs()
        raise AssertionError(f"no answer to an order:\n{self.text()[-3000:]}")

    def check_it_runs(self) -> None:
        """Fail with the fault where the application has ended."""
        crash = self.folder / "crash"
        assert not self.ended, crash.read_text() if crash.exists() else self.text()[-3000:]

    def press(self, *keys: str) -> None:
        """Press keys, and let the application answer each."""
        for key in keys:
            self.send(key)
            self.drain(0.15 if key == ESCAPE else 0.02)  # a terminal tells Escape from a sequence by the pause after it
            self.check_it_runs()

    def calm(self) -> None:
        """Wait until what the keys began has been answered, so that its last word replaces nothing that comes."""
        for _ in range(40):
            if not self.read(0.3):
                return

    def click_everywhere(self) -> None:
        """Click on every second row at several columns."""
        width, height = self._size
        for row in range(1, height + 1, 2):
            for column in range(6, width, 24):
                self.send(f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m")
            self.drain(0.02)


def walk(terminal: LedTerminal, names: Sequence[str], *, thoroughly: bool) -> set[str]:
    """Lead the application through screens, pressing what each takes; return where text of others was seen."""
    seen: set[str] = set()
    for name in names:
        since = len(terminal.written)
        said = terminal.order(name)
        for _ in range(40):
            terminal.drain(0.05)
            if MARK in terminal.text(since):
                seen.add(name.removeprefix("open "))
                break
        terminal.press(DOWN, DOWN, UP)
        if thoroughly:
            printable = [key for key in said["keys"] if len(key) == 1 and key not in NOT_PRESSED.get(name, "")]
            for key in printable:
                terminal.press(key, DOWN, "\t", "x", ESCAPE)
            terminal.press("\t", "\r", DOWN, "\t", " ", RIGHT, "\x1b[6~", "\x1b[F", "\r")
            terminal.click_everywhere()
        terminal.press(ESCAPE, ESCAPE)
        terminal.order("home")
        terminal.calm()
    return seen


def leave(terminal: LedTerminal) -> None:
    """See that the application still answers keys, and leave."""
    terminal.order("home")
    since = len(terminal.written)
    terminal.press(ESCAPE, "\x15")
    terminal.send("wxyz")
    terminal.wait_for("wxyz"[-1], since=since)
    terminal.send(F1)
    terminal.wait_for("everywhere", since=since)
    terminal.send(QUIT)
    assert terminal.wait_for_end() == 0


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The kinds of sequences that the application writes where all text is harmless."""
    with LedTerminal(tmp_path_factory.mktemp("harmless"), hostile_script(flags=False, harmless=True), (80, 24)) as led:
        walk(led, SOME, thoroughly=False)
        leave(led)
    return frozenset(piece.kind for piece in read_pieces(bytes(led.written)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "flags", "more"),
    [((80, 24), False, ("bare",)), pytest.param((120, 40), True, (), marks=pytest.mark.proof)],
    ids=["without the last look", "large"],
)
def test_nothing_foreign_reaches_the_terminal(
    tmp_path: Path, ours: frozenset[str], size: tuple[int, int], more: tuple[str, ...], *, flags: bool
) -> None:
    with LedTerminal(tmp_path, hostile_script(flags=flags), size, *more) as terminal:
        seen = walk(terminal, ALL, thoroughly=True)
        leave(terminal)
    written = bytes(terminal.written)
    pieces = tuple(read_pieces(written))
    assert {piece.kind for piece in pieces} <= ours, foreign(pieces, ours)
    assert {piece.content for piece in pieces if piece.kind == "string ] 52"} == {OUR_COPY}
    assert [raw for raw in RAW if raw.encode() in written] == []
    assert [piece.content for piece in pieces if piece.kind == "text" and not is_safe(piece.content)] == []
    assert {"resume", *NAMES, "review", "toast", "lock"} - seen <= SHOWS_NOTHING_OF_OTHERS
    assert '"fired"' not in (tmp_path / "report").read_text()


def foreign(pieces: tuple[Piece, ...], ours: frozenset[str]) -> list[Piece]:
    return [piece for piece in pieces if piece.kind not in ours][:10]


def is_safe(text: str) -> bool:
    return terminal_safe(text, single_line=True) == text


def test_the_reader_tells_what_is_foreign(ours: frozenset[str]) -> None:
    """What the proof rests on: a raw piece in the output would be seen, each by its kind."""
    assert not any(kind.startswith("control") and kind not in {"control 0a", "control 0d"} for kind in ours)
    for raw in (
        "\x1b]8;;x\x07",
        "\x1b]0;x\x07",
        "\x1bP1$r\x1b\\",
        "\x1bc",
        "\x1b(0",
        "\x9b",
        "\x1b[5m",
        "\x07",
        "\x1b[2S",
    ):
        assert any(kind not in ours for kind in kinds(raw)), raw


def kinds(text: str) -> Iterator[str]:
    return (piece.kind for piece in read_pieces(text.encode()))


ANY_TEXT = st.text(st.characters() | st.sampled_from("\x1b\x9b\x07\n\t\r\u202e\u200b\ud800[]\\/@="), max_size=60)


@given(ANY_TEXT)
def test_shown_text_has_nothing_that_acts(text: str) -> None:
    for content in (shown(text), shown(text, "bold"), shown_line(text), shown_line(text, "$accent")):
        assert isinstance(content, Content)
        assert terminal_safe(content.plain) == content.plain
        assert "\t" not in content.plain
        assert not any("@click" in str(span.style) or "link" in str(span.style) for span in content.spans)
    assert "\n" not in shown_line(text).plain
    assert terminal_safe(shown_markdown(text)) == shown_markdown(text)


@given(st.lists(ANY_TEXT, max_size=4), st.sampled_from([None, "http://hostile.example/"]))
def test_the_last_look_lets_nothing_through(texts: list[str], link: str | None) -> None:
    segments = [Segment(text, Style(link=link, bold=True)) for text in texts]
    looked = TerminalSafety().apply(segments, Color(0, 0, 0))
    assert len(looked) == len(texts)
    for segment in looked:
        assert is_safe(segment.text)
        segment.text.encode()  # a lone surrogate would end the program when it is written
        assert segment.control is None
        assert segment.style is not None
        assert segment.style.link is None
        assert segment.style.bold


def test_harmless_lines_are_left_as_they_are() -> None:
    segments = [Segment("Blood pressure 120/80, naïve, 漢字", Style(bold=True)), Segment(" ", None)]
    assert TerminalSafety().apply(segments, Color(0, 0, 0)) is segments
