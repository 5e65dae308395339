"""The window of the transcript: how much is mounted, what comes back by scrolling, and that nothing jumps."""

import os
import time
from pathlib import Path

import pytest
from conversing import conversation, until
from faces import genuine_app, scripted_app
from terminal_driver import resident_mebibytes
from textual.pilot import Pilot

from openmed_agent.runtime.events import Answered, BaseEvent, ToolEnded, TurnEnded, TurnStarted, write_event
from openmed_agent.store.opening import open_store
from openmed_agent.tui.conversation.entries import Entry, Said
from openmed_agent.tui.conversation.transcript import MOST_MOUNTED, Transcript
from openmed_agent.tui.options import ScreenOptions


class Log:
    """A log of messages with the places 1 to ``last``, that says what was read of it."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.read: list[tuple[int, int]] = []

    async def before(self, sequence: int | None, limit: int) -> tuple[list[Entry], bool]:
        end = self.last + 1 if sequence is None else sequence
        return self._page(max(1, end - limit), end), end - limit > 1

    async def after(self, sequence: int, limit: int) -> tuple[list[Entry], bool]:
        end = min(self.last, sequence + limit)
        return self._page(sequence + 1, end + 1), end < self.last

    def _page(self, first: int, end: int) -> list[Entry]:
        self.read.append((first, end - 1))
        return [Said(place, text=f"message {place}") for place in range(first, end)]


def places(transcript: Transcript) -> list[int]:
    return [entry.sequence or 0 for entry in transcript.entries]


def first_seen(transcript: Transcript) -> int:
    """Return the place of the first message that is wholly in sight."""
    for entry in transcript.entries:
        assert entry.view is not None
        if entry.view.virtual_region.y >= transcript.scroll_y:
            return entry.sequence or 0
    raise AssertionError("nothing is in sight")


async def still(pilot: Pilot[int], transcript: Transcript) -> None:
    await until(pilot, lambda: not transcript._turning_page)
    await pilot.pause()


async def test_scrolling_up_brings_older_messages_and_holds_the_place(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test(size=(80, 24)) as pilot:
        transcript = conversation(pilot).transcript
        log = Log(1_000)
        await transcript.open(log)
        await pilot.pause()
        assert transcript.at_end
        assert places(transcript)[-1] == 1_000
        assert len(log.read) == 1  # only the last page was read
        seen = first_seen(transcript)
        for _ in range(8):  # over the border of the first page
            await pilot.press("pageup")
            await still(pilot, transcript)
            now = first_seen(transcript)
            assert seen - 8 <= now < seen  # half a page, wherever a page was turned meanwhile
            seen = now
        for _ in range(5):
            transcript.scroll_to(y=3, animate=False, immediate=True)
            await still(pilot, transcript)
            seen = first_seen(transcript)
            await pilot.press("pageup")
            await still(pilot, transcript)
            assert seen - 8 <= first_seen(transcript) < seen
            assert len(transcript.children) <= MOST_MOUNTED
        assert places(transcript)[-1] < 1_000  # the end has left the window
        assert places(transcript) == list(range(places(transcript)[0], places(transcript)[-1] + 1))


async def test_what_arrives_meanwhile_moves_nothing_and_is_there_at_the_end(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, {})
    async with app.run_test(size=(80, 24)) as pilot:
        transcript = conversation(pilot).transcript
        log = Log(300)
        await transcript.open(log)
        await pilot.pause()
        for _ in range(5):
            await pilot.press("pageup")
            await still(pilot, transcript)
        seen, row = first_seen(transcript), transcript.scroll_y
        for place in range(301, 501):
            log.last = place
            transcript.add(Said(place, text=f"message {place}"))
        transcript.add(Said(text="not kept yet"))
        await pilot.pause(0.2)
        assert (first_seen(transcript), transcript.scroll_y) == (seen, row)
        assert len(transcript.children) <= MOST_MOUNTED
        for _ in range(20):
            transcript.scroll_to(y=transcript.max_scroll_y - 3, animate=False, immediate=True)
            await pilot.press("pagedown")
            await still(pilot, transcript)
            assert len(transcript.children) <= MOST_MOUNTED
            if transcript.at_end:
                break
        assert places(transcript)[-2:] == [500, 0]
        assert places(transcript)[:-1] == list(range(places(transcript)[0], 501))
        await pilot.press("pageup")
        await still(pilot, transcript)
        await pilot.press("ctrl+end")
        await still(pilot, transcript)
        assert transcript.at_end


@pytest.fixture(scope="module")
def long_session(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store with a session of 10,000 events of which each is shown."""
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "config.toml").write_text('[privacy]\nphi_mode = "full"\n')
    with open_store(home, custody="file") as store:
        session = store.sessions.create(phi_mode="full", agent_mode="clinical", model="", title="A long one")
        with store.transaction():
            for number in range(2_500):
                for place, event in enumerate(turn(number)):
                    store.sessions.append(
                        session.session_id, event.type, write_event(event), expected=4 * number + place
                    )
    return home, session.session_id


def turn(number: int) -> tuple[BaseEvent, ...]:
    said = f"Question {number} about the patient's potassium"
    answer = f"**Answer {number}**: 5.1 mmol/L\n\n- repeat in a week\n- hold lisinopril\n\n" + "It is well known. " * 20
    modes = {"model": "m", "host": "h", "phi_mode": "full", "agent_mode": "clinical"}
    ended = ToolEnded(
        call_id=f"c{number}", tool="read_file", outcome="done", local_text="x", title="note.txt", seconds=0.1
    )
    return (
        TurnStarted.model_validate({"turn": number + 1, "shown": said, "local_text": said, **modes}),
        ended,
        Answered(model_text=answer, shown=answer, finish="stop", input_tokens=1_000),
        TurnEnded(turn=number + 1, outcome="interrupted", exit_status=130, shown="Interrupted."),
    )


async def opening(pilot: Pilot[int], session_id: str) -> float:
    """Return the seconds of CPU that the screen takes to show a session."""
    before = time.process_time()
    await conversation(pilot).keeper.show_session(session_id)
    await until(pilot, lambda: conversation(pilot).transcript.entries)
    return time.process_time() - before


@pytest.mark.slow
async def test_a_session_of_ten_thousand_events_opens_from_its_last_page(
    long_session: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, session_id = long_session
    monkeypatch.setenv("OPENMED_HOME", str(home))
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    app = genuine_app(home, options=ScreenOptions(folder=home))
    async with app.run_test(size=(120, 40)) as pilot:
        transcript = conversation(pilot).transcript
        before = resident_mebibytes(os.getpid())
        await pilot.press("x")
        await conversation(pilot).keeper.open_store_quietly()
        assert min([await opening(pilot, session_id) for _ in range(2)]) < 0.7
        assert transcript.at_end
        assert places(transcript)[-1] == 10_000
        assert len(transcript.entries) <= 100
        assert conversation(pilot).title_bar._title == "A long one"
        assert "1,000 tokens" in str(conversation(pilot).status_line.content)
        for _ in range(5):
            transcript.scroll_to(y=0, animate=False, immediate=True)
            await still(pilot, transcript)
        assert len(transcript.entries) <= MOST_MOUNTED
        assert places(transcript)[0] < 9_800
        assert resident_mebibytes(os.getpid()) - before < 85  # with what the screen itself has, less than 150
