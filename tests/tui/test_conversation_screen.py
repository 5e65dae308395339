"""The conversation before a scripted working process: modes, the status line, hostile text, what hangs."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conversation_script import MODEL, REMOTE, asked, over, script, started
from conversing import conversation, entries, idle, plain, say, status, texts, until
from faces import reply, scripted_app
from textual.pilot import Pilot
from textual.widgets import Input

from openmed_agent.runtime.events import (
    AnswerDelta,
    Answered,
    CallAnnounced,
    CallRecord,
    Compacted,
    Event,
    ModeChanged,
    Notice,
    PermissionAsked,
    PlanChanged,
    ReasoningShown,
    Retrying,
    Steered,
    ToolEnded,
    ToolStarted,
    TurnEnded,
)
from openmed_agent.tui.chrome.dialogs import ChoiceDialog, ConfirmDialog
from openmed_agent.tui.conversation.entries import Answer, Call, Line, Said
from openmed_agent.tui.conversation.screen import command_in
from openmed_agent.tui.conversation.status_line import StatusFacts, short_parts
from openmed_agent.workbench.requests.status import BenchStatus, PlaneStatus

HOSTILE = (
    "\x1b[2Jgone \x1b]52;c;aGk=\x07 \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\ \x9b31m \u202eesrever\u202c [/foo] "
    "[@click=app.quit]press[/] [bold red]x[/] <b>y</b> &#27;[2J [a](http://evil) `\x1b[1m` \u200b\ufeff\r\n\t| a | b |"
)
_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def orders(record: Path, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of the orders of one kind that were sent."""
    lines = record.read_text().splitlines() if record.exists() else []
    return [one["body"] for line in lines if (one := json.loads(line))["kind"] == kind]


def seen(pilot: Pilot[int]) -> str:
    """Return what is on the terminal, line by line."""
    screen = pilot.app.screen
    return "\n".join(strip.text for strip in screen._compositor.render_strips())


async def test_a_stricter_phi_mode_is_taken_at_once_and_a_weaker_one_asks(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(started(), over(), model=REMOTE), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "PHI deid ▸ not looked for yet" in status(pilot))
        app.run_command("phi", "strict")
        await until(pilot, lambda: "PHI strict" in status(pilot))
        app.run_command("phi", "full")
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        assert "names and dates of patients" in seen(pilot)
        await pilot.press("n")
        await pilot.pause()
        assert "PHI strict" in status(pilot)
        await say(pilot, "Hello")
        await until(pilot, lambda: idle(pilot))
        assert [one["phi_mode"] for one in orders(record, "turns.open")] == ["strict"]
        assert "▸ api.openai.com" in status(pilot)
        app.run_command("phi", "full")  # the script's session says deid, which is what the line shows
        await until(pilot, lambda: isinstance(app.screen, ConfirmDialog))
        await pilot.press("y")
        await until(pilot, lambda: len(orders(record, "turns.open")) == 2)
        assert orders(record, "turns.open")[1]["phi_mode"] == "full"
        assert orders(record, "turns.open")[1]["session_id"] == "s1"


async def test_shift_tab_goes_round_the_agent_modes_and_a_new_session_is_never_weaker(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(started(), over()), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = conversation(pilot)
        await until(pilot, lambda: screen.status.facts.phi_mode)
        shown = []
        for _ in range(4):
            await pilot.press("shift+tab")
            await until(pilot, lambda: screen.agent_mode not in shown[-1:])
            shown.append(screen.agent_mode)
        assert shown == ["consumer", "coordination", "plan", "clinical"]
        app.run_command("phi")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: "PHI strict" in status(pilot))
        app.run_command("new")
        await pilot.pause(0.2)
        await say(pilot, "Hello")
        await until(pilot, lambda: idle(pilot) and orders(record, "turns.open"))
        assert orders(record, "turns.open")[0]["phi_mode"] == "strict"
        assert orders(record, "turns.open")[0]["agent_mode"] == "clinical"


@pytest.mark.parametrize(
    ("key", "scope"), [("y", "once"), ("s", "session"), ("a", "always"), ("n", None)], ids=["y", "s", "a", "n"]
)
async def test_each_answer_to_a_question_is_sent_as_it_was_given(tmp_path: Path, key: str, scope: str | None) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(started(), asked(), open_ended=True), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = conversation(pilot)
        await say(pilot, "Write it.")
        await until(pilot, lambda: screen.panel.has_focus)
        await pilot.press(key)
        await pilot.press("x", key)  # other keys in between: the person is still typing
        await pilot.pause(0.1)
        assert orders(record, "turns.permit") == []
        assert "too early" in plain(screen.panel._hints)
        await pilot.pause(0.6)
        await pilot.press(key)
        if scope is None:
            await until(pilot, lambda: isinstance(app.focused, Input))
            await pilot.press(*"no", "enter")
        await until(pilot, lambda: orders(record, "turns.permit"))
        reason = "" if scope else "no"
        assert orders(record, "turns.permit") == [{"call_id": "call_1_2_1", "scope": scope, "reason": reason}]


async def test_a_person_who_is_typing_is_not_disturbed_by_a_question(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(started(), asked(), open_ended=True), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = conversation(pilot)
        screen.prompt.put("yes it")
        await pilot.pause()
        screen.turns.send("Write it.")
        await until(pilot, lambda: screen.panel.asking)
        await pilot.pause(0.6)
        await pilot.press(*" is y")
        assert screen.prompt.text == "yes it is y"
        assert "^G to decide" in seen(pilot)
        assert orders(record, "turns.permit") == []
        await pilot.press("ctrl+g")
        await until(pilot, lambda: screen.panel.has_focus)
        await pilot.pause(0.6)
        await pilot.press("s")
        await until(pilot, lambda: orders(record, "turns.permit"))
        assert screen.prompt.text == "yes it is y"


async def test_a_long_preview_scrolls_and_a_scope_that_is_not_offered_does_nothing(tmp_path: Path) -> None:
    preview = "\n".join(f"+line {number}" for number in range(500))
    question = asked(preview=preview).model_copy(update={"scopes": ("once",)})
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(started(), question, open_ended=True), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = conversation(pilot)
        await say(pilot, "Write it.")
        await until(pilot, lambda: screen.panel.has_focus)
        await pilot.pause(0.6)
        assert "y allow once" in seen(pilot)
        assert "a always" not in seen(pilot)
        assert "+line 0" in seen(pilot)
        await pilot.press("a", "s")
        await pilot.press(*["pagedown"] * 40)
        await pilot.pause(0.2)
        assert "+line 200" in seen(pilot)
        assert orders(record, "turns.permit") == []


async def test_an_answer_is_wrapped_to_the_width_it_has(tmp_path: Path) -> None:
    words = " ".join(f"word{number:03}" for number in range(60))
    ideographs = "".join(chr(0x4E00 + number) for number in range(160))
    text = f"**{words}**\n\n{ideographs}"
    app = scripted_app(tmp_path, script(started(), Answered(model_text=text, shown=text, finish="stop"), over()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: conversation(pilot).is_current)
        await say(pilot, "Go.")
        await until(pilot, lambda: ideographs[-1] in seen(pilot), what=lambda: seen(pilot))
        rows = seen(pilot).splitlines()
    first, last = (
        next(number for number, row in enumerate(rows) if mark in row) for mark in ("word000", ideographs[-1])
    )
    between = [row.strip() for row in rows[first : last + 1]]
    assert between.count("") == 1, between  # the one between the two paragraphs
    assert "".join(between).replace(" ", "") == f"{words.replace(' ', '')}{ideographs}"


async def test_nothing_waits_for_what_does_not_answer(tmp_path: Path) -> None:
    silent = {"silent": True}
    given = script(**{"turns.find_model": silent, "turns.open": silent, "status.look": silent})
    app = scripted_app(tmp_path, given)
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Hello")
        await pilot.pause(0.3)
        assert not idle(pilot)
        await pilot.press(*"still here")
        assert conversation(pilot).prompt.text == "still here"
        await pilot.press("escape")
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Line)[-1] == "Interrupted."
        assert conversation(pilot).prompt.text == "Hello\nstill here"


async def test_a_turn_that_ignores_an_interrupt_is_left_by_a_second_one(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, script(started(), AnswerDelta(shown="So far"), open_ended=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Hello")
        await until(pilot, lambda: texts(pilot, Answer))
        await pilot.press("escape")
        await pilot.pause(0.2)
        assert not idle(pilot)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Line)[-1].startswith("Interrupted.")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: [one.message for one in app._notifications] == ["Nothing is running. ^Q quits."])


async def test_a_failing_plane_and_what_it_said_are_shown(tmp_path: Path) -> None:
    planes = (
        PlaneStatus(plane="inference", state="failed"),
        PlaneStatus(plane="codes", state="configured", host="c.org"),
    )
    looked = BenchStatus(planes=planes, audited=True, notices=("The embedded inference service stopped.",))
    app = scripted_app(tmp_path, script(started(), over(), **{"status.look": reply(looked)}))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Hello")
        await until(pilot, lambda: "inference failed, codes at c.org" in status(pilot))
        assert "The embedded inference service stopped." in texts(pilot, Line)
        assert status(pilot).startswith("PHI deid ▸ local:11434")


async def test_a_message_that_never_became_a_turn_comes_back(tmp_path: Path) -> None:
    refused = TurnEnded(turn=0, outcome="failed", exit_status=4, shown="It names a patient.")
    app = scripted_app(tmp_path, script(refused))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "About Jane Roe")
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Line) == ["It names a patient."]
        assert texts(pilot, Said) == []
        assert conversation(pilot).prompt.text == "About Jane Roe"


async def test_a_failed_try_is_taken_back_and_calls_keep_their_lines(tmp_path: Path) -> None:
    record = CallRecord(call_id="c1", tool="read_file", model_arguments="{}", shown_arguments="{}")
    events: tuple[Event, ...] = (
        started(),
        AnswerDelta(shown="Half an ans"),
        CallAnnounced(tool="write_file"),
        Retrying(attempt=1, seconds=0.5, reason="The connection broke."),
        AnswerDelta(shown="Whole."),
        CallAnnounced(tool="read_file"),
        Answered(sequence=2, model_text="", shown="Whole.", calls=(record,), finish="tool_calls"),
        ToolStarted(call_id="c1", tool="read_file", title="read_file note.txt"),
        TurnEnded(sequence=3, turn=1, outcome="interrupted", exit_status=130, shown="Interrupted."),
    )
    app = scripted_app(tmp_path, script(*events))
    async with app.run_test(size=(80, 24)) as pilot:
        await say(pilot, "Read it")
        await until(pilot, lambda: idle(pilot))
        assert texts(pilot, Answer) == ["Whole."]
        assert [(one.tool, one.state) for one in entries(pilot, Call) if isinstance(one, Call)] == [
            ("read_file", "interrupted")
        ]
        assert texts(pilot, Line) == ["Trying again in 0.5 s: The connection broke.", "Interrupted."]


async def test_hostile_text_in_every_field_of_every_event_is_only_shown(tmp_path: Path) -> None:
    bad = HOSTILE
    record = CallRecord(call_id=bad, tool=bad, model_arguments=bad, shown_arguments=bad)
    events: tuple[Event, ...] = (
        started(bad),
        PlanChanged(sequence=2, steps=((bad, "active"), (bad, "pending"))),
        ReasoningShown(shown=bad),
        CallAnnounced(tool=bad),
        *(AnswerDelta(shown=character) for character in bad),
        Answered(sequence=3, model_text=bad, shown=bad, calls=(record,), finish="tool_calls", input_tokens=5),
        ToolStarted(call_id=bad, tool=bad, title=bad),
        *(
            ToolEnded.model_validate(
                {"sequence": 4 + place, "call_id": f"{place}", "tool": bad, "outcome": "done", "local_text": bad}
                | {"title": bad, "body": f"@@\n+{bad}\n-{bad}", "kind": kind, "seconds": 1.0}
            )
            for place, kind in enumerate(("text", "diff", "draft", "plan"))
        ),
        Steered(sequence=9, shown=bad, local_text=bad),
        Notice(sequence=10, shown=bad),
        Compacted(sequence=11, before=2, model_summary=bad, shown=bad),
        ModeChanged(sequence=12, phi_mode=bad, agent_mode=bad, model=bad),
        Retrying(attempt=1, seconds=1, reason=bad),
        PermissionAsked(
            call_id=bad, tool=bad, subject=bad, title=bad, preview=f"@@\n+{bad}", reason=bad, scopes=("once",)
        ),
    )
    hostile = MODEL.model_copy(update={"name": bad, "host": bad})
    app = scripted_app(tmp_path, script(*events, open_ended=True, model=hostile))
    async with app.run_test(size=(120, 40)) as pilot:
        await say(pilot, "Hello")
        await until(pilot, lambda: conversation(pilot).panel.asking)
        await pilot.press("ctrl+r")
        await pilot.pause(0.4)
        shown = [seen(pilot)]
        conversation(pilot).transcript.scroll_to(y=0, animate=False, immediate=True)
        await pilot.pause(0.2)
        shown.append(seen(pilot))
        assert not _ACTING.search("".join(shown))
        for text in ("[@click=app.quit]press[/]", "[/foo]", "<b>y</b>", "[a](http://evil)", "␛[2Jgone"):
            assert any(text in one for one in shown), text
        for widget in app.screen.walk_children():
            if isinstance(widget.render(), str):
                continue
            for strip in widget.render_lines(widget.size.region) if widget.size else ():
                assert all("@click" not in (segment.style.meta if segment.style else {}) for segment in strip)


def test_a_path_at_the_beginning_is_no_command() -> None:
    assert command_in("/phi strict") == ("phi", "strict")
    assert command_in("/undo") == ("undo", "")
    assert command_in("/home/jo/note.txt please") == ("", "")
    assert command_in("say /phi") == ("", "")
    assert command_in("/phi\nfull") == ("", "")


def test_at_80_columns_the_status_line_names_everything_that_holds() -> None:
    facts = StatusFacts(
        phi_mode="deid",
        destination="local 127.0.0.1:11434",
        model="gpt-oss-20b-instruct",
        permission_mode="ask",
        input_tokens=9_000,
        window=30_000,
        planes="planes running",
        audited=True,
    )
    line = " · ".join(part.plain for part in short_parts(facts))
    assert line == "PHI deid ▸ local:11434 · 30% ctx · gpt-oss-20b-… · ask · planes ✓ · audit ✓"
    assert len(line) <= 78
    remote = replace(facts, destination="api.openai.com.models.evil-place.example")
    assert short_parts(remote)[0].plain.endswith(".models.evil-place.example")
    named = " · ".join(part.plain for part in short_parts(replace(facts, planes="inference at plane.example")))
    assert "plane.example" in named
