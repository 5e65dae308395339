"""Turns on the screen with the genuine working process, a real store and a model server that says what a test wants."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from conversing import conversation, entries, idle, say, status, texts, until
from faces import genuine_app
from scripted_model_server import Call, Reply, Say, ScriptedModelServer
from terminal_driver import command_line, descendants
from textual.widgets import Input

from openmed_agent.store.opening import open_store
from openmed_agent.tui.conversation.entries import Answer, Line, Said
from openmed_agent.tui.conversation.entries import Call as CallEntry
from openmed_agent.tui.options import ScreenOptions

SLOW = Say("One two three four five six seven eight nine ten. " * 60, piece=5, pause_seconds=0.02)
BRIEF = Say("One two three four five six seven. " * 8, piece=4, pause_seconds=0.03)


def write(path: str, content: str) -> Say:
    return Say(calls=(Call("write_file", f'{{"path":"{path}","content":"{content}"}}'),))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation in full mode, which needs no plane, and beside it a folder to work in."""
    folder = tmp_path / "home"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "config.toml").write_text('[privacy]\nphi_mode = "full"\n')
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("OPENMED_HOME", str(folder))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    return folder


class Model:
    """A model server whose answers a test scripts one after the other."""

    def __init__(self) -> None:
        self._replies: list[Reply] = []
        self._lock = threading.Lock()
        self.server = ScriptedModelServer(self._next)

    def says(self, *replies: Reply) -> None:
        with self._lock:
            self._replies.extend(replies)

    def _next(self, _: object) -> Reply:
        with self._lock:
            return self._replies.pop(0) if self._replies else Say("Nothing was scripted.")


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    one = Model()
    with one.server:
        monkeypatch.setenv("OPENAI_BASE_URL", one.server.url)
        yield one


def options(home: Path, *, session: str | None = None, resume_last: bool = False) -> ScreenOptions:
    folder = home.parent / "work"
    return ScreenOptions(folder=folder, session=session, resume_last=resume_last, model="scripted-model")


async def test_a_tool_runs_once_it_is_allowed_and_a_refusal_tells_the_model_why(home: Path, model: Model) -> None:
    model.says(write("one.txt", "first"), write("two.txt", "second"), Say("**Both** are settled."))
    app = genuine_app(home, options=options(home))
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.workbench.running
        screen = conversation(pilot)
        await say(pilot, "Write two files.")
        await until(pilot, lambda: screen.panel.has_focus)
        await pilot.press("y")  # too early: the question was not on the screen for long enough
        await pilot.pause(0.1)
        assert screen.panel.asking
        assert not (home.parent / "work" / "one.txt").exists()
        await pilot.pause(0.6)
        await pilot.press("y")
        await until(pilot, (home.parent / "work" / "one.txt").exists)
        await until(pilot, lambda: screen.panel.has_focus and screen.panel.asking)
        await pilot.pause(0.6)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"too soon", "enter")
        await until(pilot, lambda: idle(pilot))
        calls = [(one.tool, one.state) for one in entries(pilot, CallEntry) if isinstance(one, CallEntry)]
        assert calls == [("write_file", "done"), ("write_file", "refused")]
        assert texts(pilot, Answer) == ["**Both** are settled."]
        assert texts(pilot, Said) == ["Write two files."]
        assert all(one.sequence is not None for one in entries(pilot, CallEntry))
        assert "PHI full ▸ local:" in status(pilot)
        assert screen.prompt.has_focus_within
    assert not (home.parent / "work" / "two.txt").exists()
    assert "The person refused this call: too soon" in str(model.server.conversations[-1])


async def test_a_turn_is_steered_queued_behind_and_interrupted(home: Path, model: Model) -> None:
    model.says(BRIEF, Say("Steered."), Say("Queued."), SLOW, Say("Afterwards."), write("one.txt", "first"))
    app = genuine_app(home, options=options(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Count.")
        await until(pilot, lambda: texts(pilot, Answer))
        await say(pilot, "Also in French.")
        await say(pilot, "And what is next?", key="tab")
        await until(pilot, lambda: "2 waiting" in status(pilot), what=lambda: status(pilot))
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Said) == ["Count.", "Also in French.", "And what is next?"]
        assert [one.steering for one in entries(pilot, Said) if isinstance(one, Said)] == [False, True, False]
        assert texts(pilot, Answer)[1:] == ["Steered.", "Queued."]
        assert "waiting" not in status(pilot)

        await say(pilot, "Count again.")
        await until(pilot, lambda: len(texts(pilot, Answer)) == 4)
        await say(pilot, "This is not read any more.")
        await until(pilot, lambda: "1 waiting" in status(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Line)[-1] == "Interrupted."
        assert conversation(pilot).prompt.text == "This is not read any more."
        await pilot.press("enter")
        await until(pilot, lambda: idle(pilot) and texts(pilot, Answer)[-1] == "Afterwards.")

        screen = conversation(pilot)
        await say(pilot, "Write.")
        await until(pilot, lambda: screen.panel.asking)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: idle(pilot))
        assert not screen.panel.asking
        assert [one.state for one in entries(pilot, CallEntry) if isinstance(one, CallEntry)] == ["interrupted"]
    assert not (home.parent / "work" / "one.txt").exists()


async def test_the_session_goes_on_after_its_process_died_and_is_resumed_later(home: Path, model: Model) -> None:
    model.says(SLOW, Say("Here again."))
    app = genuine_app(home, options=options(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Count.")
        await until(pilot, lambda: texts(pilot, Answer))
        worker = next(pid for pid in descendants(os.getpid()) if "openmed_agent.workbench" in command_line(pid))
        os.kill(worker, signal.SIGKILL)
        await until(pilot, lambda: idle(pilot))
        assert "ended in the middle of this turn" in texts(pilot, Line)[-1]
        await say(pilot, "Are you there?")
        await until(pilot, lambda: idle(pilot) and texts(pilot, Answer)[-1] == "Here again.")
        session_id = conversation(pilot).keeper.link.session_id
    with open_store(home, custody="file") as store:
        assert [one.session_id for one in store.sessions.list()] == [session_id]
        for _ in range(25):  # nothing was said in these, as when a window is opened and closed
            store.sessions.create(phi_mode="full", agent_mode="clinical", model="scripted-model")

    model.says(Say("Resumed."))
    app = genuine_app(home, options=options(home, resume_last=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: texts(pilot, Answer))
        assert texts(pilot, Said) == ["Count.", "Are you there?"]
        await until(pilot, lambda: conversation(pilot).title_bar._title == "Count.")
        await say(pilot, "Once more.")
        await until(pilot, lambda: idle(pilot) and texts(pilot, Answer)[-1] == "Resumed.")
        assert conversation(pilot).keeper.link.session_id == session_id


@pytest.mark.slow
async def test_a_session_is_summarised_taken_back_renamed_and_forked(home: Path, model: Model) -> None:
    model.says(Say("First."), Say("Second."), Say("They greeted each other."))
    app = genuine_app(home, options=options(home))
    async with app.run_test(size=(80, 24)) as pilot:
        screen = conversation(pilot)
        for number, text in enumerate(("One?", "Two?"), start=1):
            await say(pilot, text)
            await until(pilot, lambda number=number: idle(pilot) and len(texts(pilot, Answer)) == number)
        await say(pilot, "/compact")
        await until(pilot, lambda: any(one.detail for one in entries(pilot, Line) if isinstance(one, Line)))
        await until(pilot, lambda: idle(pilot))
        assert "hand-over" in str(model.server.conversations[-1])
        await say(pilot, "/undo")
        await until(pilot, lambda: texts(pilot, Line)[-1].startswith("Taken back"))
        await say(pilot, "/rename Potassium of today")
        await until(pilot, lambda: screen.title_bar._title == "Potassium of today")
        first = screen.keeper.link.session_id
        await say(pilot, "/fork")
        await until(pilot, lambda: screen.keeper.link.session_id not in {None, first} and texts(pilot, Said))
        assert texts(pilot, Said) == ["One?", "Two?"]
        await until(pilot, lambda: screen.title_bar._title == "Fork of Potassium of today")
        model.says(Say("Third."))
        await say(pilot, "Three?")
        await until(pilot, lambda: idle(pilot) and texts(pilot, Answer)[-1] == "Third.")
        assert "Two?" not in str(model.server.conversations[-1]["messages"])
        await say(pilot, "/new")
        await until(pilot, lambda: not texts(pilot, Said) and screen.keeper.link.session_id is None)


@pytest.mark.slow
async def test_a_locked_store_asks_for_its_passphrase_before_the_first_message(
    home: Path, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(home, custody="passphrase", passphrase=lambda _: "correct horse battery"):
        pass
    monkeypatch.delenv("OPENMED_STORE_KEY")
    model.says(Say("Opened."))
    app = genuine_app(home, options=options(home))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Hello.")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press(*"wrong one", "enter")
        await until(pilot, lambda: isinstance(app.focused, Input) and not app.focused.value)
        await pilot.press(*"correct horse battery", "enter")
        await until(pilot, lambda: texts(pilot, Answer) == ["Opened."] and idle(pilot))
