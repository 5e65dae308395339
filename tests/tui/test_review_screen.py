import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from review_data import (
    HOSTILE,
    ITEMS,
    PASSPHRASE,
    REVIEWER,
    SUMMARY,
    VIEW,
    decided,
    digest,
    large_view,
    script,
    with_decisions,
)
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.help.screen import HelpScreen
from openmed_agent.tui.review.answer_line import AnswerLine
from openmed_agent.tui.review.diff_screen import DiffScreen
from openmed_agent.tui.review.screen import ReviewScreen
from openmed_agent.tui.review.sign_screen import SignScreen
from openmed_agent.tui.review.signed_screen import SignedScreen
from openmed_agent.tui.review.together_dialog import TogetherDialog
from openmed_agent.workbench.requests.comparisons import Comparison
from openmed_agent.workbench.requests.reviews import ReviewerCreated

EVERYTHING = decided(*range(1, 10))


async def until(pilot: Pilot[Any], true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    for _ in range(400):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise AssertionError("it did not come")


async def opened(app: OpenMedApp, pilot: Pilot[Any]) -> ReviewScreen:
    """Open the review and return its screen."""
    await pilot.pause()
    app.review(VIEW.draft_id)
    await until(pilot, lambda: "decide" in text_of(app))
    assert isinstance(app.screen, ReviewScreen)
    return app.screen


def text_of(app: OpenMedApp) -> str:
    """Return what is on the screen, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


def orders(record: Path, kind: str) -> list[dict[str, Any]]:
    """Return the bodies of the orders of a kind that the working process was sent."""
    lines = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    return [line["body"] for line in lines if line["kind"] == kind]


async def answered(app: OpenMedApp, pilot: Pilot[Any], words: str) -> None:
    """Type an answer into the line that asks."""
    await until(pilot, lambda: app.screen.query_one(AnswerLine).asking)
    app.screen.query_one(AnswerLine).query_one(Input).value = words
    await pilot.press("enter")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 20)])
async def test_evidence_stands_between_brackets_beside_its_item(tmp_path: Path, size: tuple[int, int]) -> None:
    app = scripted_app(tmp_path, script())
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        shown = text_of(app)
        assert "9 of 9 left to decide" in shown
        assert "⟦Metformin 500 mg PO BID⟧" in shown
        assert "line 8 of 21" in shown
        assert "contradicted by the sources" in shown
        assert "MUST DECIDE" in shown
        assert "PHI deid" in shown
        await pilot.press("right")
        assert "⟦stopped" in text_of(app)
        assert "week⟧" in text_of(app)  # it may go on in the next row
        await pilot.press("right")
        assert '"text": "⟦500 mg twice a day⟧"' in text_of(app)
        assert "evidence 3 of 3" in text_of(app)
        await pilot.press("right")
        assert "⟦Metformin 500 mg PO BID⟧" in text_of(app)
        await pilot.press("left", "left")
        assert "evidence 2 of 3" in text_of(app)


async def test_moving_to_the_next_and_to_the_undecided(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, script(view=with_decisions(VIEW, decided(2, 3, 9))))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)

        def here() -> str:
            assert screen._standing is not None
            return screen._standing.item.claim

        assert "6 of 9 left to decide" in text_of(app)
        await pilot.press("j")
        assert here() == "CKD stage 4"
        assert "ICD-10-CM N18.4 Chronic kidney disease, stage 4 · FY2026" in text_of(app)
        await pilot.press("k", "down", "up")
        assert here() == ITEMS[0].claim
        await pilot.press("n")
        assert here() == ITEMS[3].claim
        await pilot.press("p", "p")
        assert here() == ITEMS[7].claim  # from the top on to the last undecided one
        await pilot.press("n")
        assert here() == ITEMS[0].claim
        await pilot.click("#items", offset=(10, 3))
        assert here() == ITEMS[2].claim
        assert "the claim says 400 mg, the source 40 mg" in text_of(app)


async def test_the_mark_appears_when_the_decision_is_on_the_disk(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    silent = scripted_app(tmp_path, {**script(), "reviews.decide": {"silent": True}}, record=record)
    async with silent.run_test(size=(120, 40)) as pilot:
        await opened(silent, pilot)
        await pilot.press("j", "a")
        await until(pilot, lambda: len(orders(record, "reviews.decide")) == 1)
        assert "✓ CKD" not in text_of(silent)
        await pilot.press("a", "r", "e", "A", "s")  # nothing else is begun meanwhile
        await pilot.pause(0.05)
        assert len(orders(record, "reviews.decide")) == 1
        assert not silent.screen.query_one(AnswerLine).asking
    answering = scripted_app(tmp_path, script(decided(2)))
    async with answering.run_test(size=(120, 40)) as pilot:
        await opened(answering, pilot)
        await pilot.press("j", "a")
        await until(pilot, lambda: "✓ CKD" in text_of(answering))
        assert "8 of 9 left to decide" in text_of(answering)


async def test_decisions_are_sent_as_they_were_made(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(decided(1), decided(1, 2), decided(1, 2, reject3="no")), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("a")
        await answered(app, pilot, "asked the patient")
        await until(pilot, lambda: "8 of 9" in text_of(app))
        await pilot.press("j", "e")
        await until(pilot, lambda: app.screen.query_one(AnswerLine).asking)
        assert app.screen.query_one(AnswerLine).query_one(Input).value == "CKD stage 4"
        assert "⟦CKD stage 4⟧" in text_of(app)  # the source stays in view
        await answered(app, pilot, "CKD stage 4, since May")
        await until(pilot, lambda: "7 of 9" in text_of(app))
        await pilot.press("j", "r")
        await answered(app, pilot, "a tenfold dose")
        await until(pilot, lambda: "6 of 9" in text_of(app))
    sent = [(one["item"], one["action"], one["text"], one["reason"]) for one in orders(record, "reviews.decide")]
    assert sent == [
        (digest(1), "accept", None, "asked the patient"),
        (digest(2), "edit", "CKD stage 4, since May", None),
        (digest(3), "reject", None, "a tenfold dose"),
    ]
    assert {(one["revision"], one["reviewer"]) for one in orders(record, "reviews.decide")} == {(2, REVIEWER)}


@pytest.mark.parametrize("key", ["a", "r", "e"])
async def test_without_an_answer_nothing_is_decided(tmp_path: Path, key: str) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press(key)
        await until(pilot, lambda: app.screen.query_one(AnswerLine).asking)
        if key != "e":
            await pilot.press("space", "enter", "a", "a")  # blanks are no reason, and what follows is no key
            assert app.screen.query_one(Input).value.strip() == "aa"
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query_one(AnswerLine).asking)
        assert isinstance(app.screen, ReviewScreen)
    assert orders(record, "reviews.decide") == []


async def test_what_is_accepted_together_is_shown_and_asked(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(decided(6, 7, 8, 9)), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, TogetherDialog))
        shown = "".join(str(one.content) for one in app.screen.query(Static))
        for one in ITEMS:
            assert (one.claim in shown) == (not one.alone), one.claim
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        assert orders(record, "reviews.accept_together") == []
        await pilot.press("A")
        await until(pilot, lambda: isinstance(app.screen, TogetherDialog))
        await pilot.press("y")
        await until(pilot, lambda: "5 of 9 left" in text_of(app))
    assert [one["items"] for one in orders(record, "reviews.accept_together")] == [[digest(n) for n in (6, 7, 8, 9)]]


async def test_hostile_text_acts_on_nothing_and_passes_for_no_mark(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, script())
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press("j", "j", "j")
        shown = text_of(app)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert "[@click=app.quit]x[/] [/b]" in shown
        assert "‹U+27E6›not ours‹U+27E7›" in " ".join(shown.split())
        assert shown.count("⟦") == shown.count("⟧") == 1
        await pilot.press("e")
        await until(pilot, lambda: app.screen.query_one(AnswerLine).asking)
        assert app.screen.query_one(AnswerLine).query_one(Input).value == ""  # and not the hostile claim
        assert HOSTILE not in text_of(app)


async def test_panes_pages_and_differences(tmp_path: Path) -> None:
    view = with_decisions(VIEW, decided(1, reject3="a tenfold dose", edit2="CKD stage 4, since May"))
    between = Comparison(before="revision 1", after="revision 2", same=8, rows=SUMMARY.changes)
    app = scripted_app(tmp_path, script(view=view, **{"reviews.compare": reply(between)}))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("tab")
        assert "↑↓ source" in text_of(app)
        await pilot.press("space")
        assert "Repeat basic metabolic panel" in text_of(app)
        await pilot.press("b", "b", "down", "up")
        assert "PROGRESS NOTE" in text_of(app)
        await pilot.press("tab", "down")
        assert "↑↓ details" in text_of(app)
        await pilot.press("tab", "right", "left")
        assert "↑↓ items" in text_of(app)
        assert "⟦Metformin 500 mg PO BID⟧" in text_of(app)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DiffScreen))
        shown = text_of(app)
        assert "+ CKD stage 4, since May" in shown
        assert "a tenfold dose" in shown
        await pilot.press("end")
        await until(pilot, lambda: "+ Furosemide 40 mg" in text_of(app))
        await pilot.press("escape")
        assert isinstance(app.screen, ReviewScreen)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_an_answer_is_about_the_item_that_was_looked_at(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(decided(reject2="no")), record=record)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(app, pilot)
        await pilot.press("j", "r")
        await until(pilot, lambda: screen.query_one(AnswerLine).asking)
        await pilot.click("#items", offset=(10, 3))
        await pilot.press("tab", "shift+tab")
        assert "Claim      CKD stage 4" in text_of(app)
        await answered(app, pilot, "no")
        await until(pilot, lambda: "8 of 9 left" in text_of(app))
    assert [one["item"] for one in orders(record, "reviews.decide")] == [digest(2)]


async def test_signing_waits_for_the_last_decision(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, script(view=with_decisions(VIEW, decided(*range(2, 10)))), record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("s")
        await until(pilot, lambda: any("1 of 9 left" in one.message for one in app._notifications))
        assert isinstance(app.screen, ReviewScreen)
    assert orders(record, "reviews.prepare") == []


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_signed_is_what_is_on_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    record = tmp_path / "orders"
    refused = {"refusal": {"message": "The passphrase is wrong. 2 tries left.", "exit_status": 6}}
    found = script(view=with_decisions(VIEW, EVERYTHING))
    app = scripted_app(tmp_path, {**found, "reviews.sign": [refused, found["reviews.sign"]]}, record=record)
    async with app.run_test(size=size) as pilot:
        await opened(app, pilot)
        assert "all 9 decided" in text_of(app)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SignScreen))
        shown = text_of(app)
        for words in (
            SUMMARY.destination,
            REVIEWER,
            "deid",
            "2.3 kB",
            "60 minutes",
            "8 accepted, 1 edited, 1 rejected",
        ):
            assert words in shown
        field = app.screen.query_one("#passphrase", Input)
        assert app.screen.focused is field
        assert field.password
        for passphrase in ("not this one", PASSPHRASE):
            field.value = passphrase
            await pilot.press("enter")
            assert field.value == ""
            await until(pilot, lambda: "2 tries left" in text_of(app) or isinstance(app.screen, SignedScreen))
            assert passphrase not in text_of(app)
        await until(pilot, lambda: isinstance(app.screen, SignedScreen))
        assert f"Yes: this is exactly what {REVIEWER} signed." in text_of(app)
        assert "✓ chart_summary.md" in text_of(app)
        assert PASSPHRASE not in repr(vars(app)) + "".join(repr(vars(one)) for one in app.screen_stack)
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, (SignedScreen, SignScreen, ReviewScreen)))
    sent = orders(record, "reviews.sign")
    assert [one["passphrase"] for one in sent] == ["not this one", PASSPHRASE]
    for one in sent:
        assert (one["shown"], one["destination"], one["revision"]) == (SUMMARY.shown, SUMMARY.destination, 2)


async def test_another_destination_counts_once_it_is_shown(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    taken = {"refusal": {"message": "/tmp exists already. Name a folder that does not exist.", "exit_status": 3}}
    nowhere = SUMMARY.model_copy(update={"destination": "", "destination_fault": "It exists already."})
    steps = [taken, {"reply": {"path": "/home/quill/other"}}]
    found = script(
        view=with_decisions(VIEW, EVERYTHING),
        **{"reviews.destination": steps, "reviews.prepare": reply(nowhere)},
    )
    app = scripted_app(tmp_path, found, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SignScreen))
        path, passphrase = (app.screen.query_one(name, Input) for name in ("#path", "#passphrase"))
        assert "It exists already." in text_of(app)
        assert app.screen.focused is path
        passphrase.value = PASSPHRASE
        passphrase.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "no destination yet" in text_of(app))
        path.focus()
        path.value = "/tmp"
        await pilot.press("enter")
        await until(pilot, lambda: "/tmp exists already" in text_of(app))
        path.value = "other"
        await until(pilot, lambda: "It exists already." in text_of(app) and "/tmp exists" not in text_of(app))
        passphrase.focus()
        passphrase.value = PASSPHRASE
        await pilot.press("enter")  # typed and not taken: nothing is signed
        await pilot.pause(0.05)
        assert orders(record, "reviews.sign") == []
        path.focus()
        await pilot.press("enter")
        await until(pilot, lambda: "/home/quill/other" in text_of(app))
        assert app.screen.focused is passphrase
        passphrase.value = PASSPHRASE
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, SignedScreen))
    assert [one["destination"] for one in orders(record, "reviews.sign")] == ["/home/quill/other"]


async def test_what_was_said_of_a_path_goes_with_it(tmp_path: Path) -> None:
    taken = {"refusal": {"message": "/tmp exists already. Name a folder that does not exist.", "exit_status": 3}}
    wrong = {"refusal": {"message": "The passphrase is wrong. 2 tries left.", "exit_status": 6}}
    found = script(
        view=with_decisions(VIEW, EVERYTHING),
        **{"reviews.destination": taken, "reviews.sign": wrong},
    )
    app = scripted_app(tmp_path, found)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SignScreen))
        path, passphrase = (app.screen.query_one(name, Input) for name in ("#path", "#passphrase"))
        path.focus()
        await pilot.press(*"/tmp", "enter")
        await until(pilot, lambda: "/tmp exists already" in text_of(app))
        await pilot.press("ctrl+u")
        await until(pilot, lambda: "exists already" not in text_of(app))
        await pilot.press("x")
        passphrase.focus()
        await pilot.press("y", "enter")
        await until(pilot, lambda: "typed and not taken" in text_of(app))
        path.focus()
        await pilot.press("backspace")
        await until(pilot, lambda: "typed and not taken" not in text_of(app))
        passphrase.focus()
        await pilot.press("y", "enter")
        await until(pilot, lambda: "2 tries left" in text_of(app))
        path.focus()
        await pilot.press("x", "backspace")
        await pilot.pause()
        assert "2 tries left" in text_of(app)  # which is not said of a path


async def test_the_first_decision_asks_who_decides(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    nobody = VIEW.model_copy(update={"reviewer": "", "reviewers": ()})
    created = ReviewerCreated(name=REVIEWER, fingerprint=SUMMARY.fingerprint)
    weak = {"refusal": {"message": "The passphrase is shorter than 12 characters.", "exit_status": 3}}
    found = script(decided(2), **{"reviews.create_reviewer": [weak, reply(created)]})
    app = scripted_app(tmp_path, {**found, "reviews.open": [reply(nobody), reply(VIEW)]}, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        assert "nobody yet" in text_of(app)
        await pilot.press("j", "a")
        await until(pilot, lambda: "Create a reviewer" in text_of(app))
        name, first, second = (app.screen.query_one(one, Input) for one in ("#name", "#first", "#second"))
        assert first.password
        assert second.password
        name.value = REVIEWER
        for one, other, said in (
            ("a", "b", "differ"),
            ("short", "short", "shorter than"),
            (PASSPHRASE, PASSPHRASE, ""),
        ):
            first.value, second.value = one, other
            second.focus()
            await pilot.press("enter")
            if said:
                await until(pilot, lambda said=said: said in text_of(app))  # type: ignore[misc]
                assert (name.value, first.value, second.value) == (REVIEWER, "", "")
        await until(pilot, lambda: "8 of 9 left" in text_of(app))
    assert [one["passphrase"] for one in orders(record, "reviews.create_reviewer")] == ["short", PASSPHRASE]
    assert [one["reviewer"] for one in orders(record, "reviews.open")] == ["", REVIEWER]
    assert [one["item"] for one in orders(record, "reviews.decide")] == [digest(2)]


async def test_what_is_typed_at_once_behind_tab_is_never_seen_in_the_field_before(tmp_path: Path) -> None:
    nobody = VIEW.model_copy(update={"reviewer": "", "reviewers": ()})
    app = scripted_app(tmp_path, {**script(), "reviews.open": reply(nobody)})
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(app, pilot)
        await pilot.press("j", "a")
        await until(pilot, lambda: "Create a reviewer" in text_of(app))
        for key in ("E", "v", "a", "tab", *PASSPHRASE.replace(" ", ""), "tab", *PASSPHRASE.replace(" ", "")):
            app.post_message(events.Key(key, None if key == "tab" else key))  # a burst, as password managers type
        values = [app.screen.query_one(one, Input) for one in ("#name", "#first", "#second")]
        await until(pilot, lambda: values[2].value == PASSPHRASE.replace(" ", ""))
        assert [one.value for one in values] == ["Eva", *[PASSPHRASE.replace(" ", "")] * 2]


async def test_a_draft_that_cannot_be_reviewed_says_why_and_closes(tmp_path: Path) -> None:
    refusal = {"refusal": {"message": "The draft has expired.", "remedy": "Run the workflow again.", "exit_status": 4}}
    app = scripted_app(tmp_path, {"reviews.open": refusal})
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.review(VIEW.draft_id)
        await until(pilot, lambda: any("expired" in one.message for one in app._notifications))
        await until(pilot, lambda: not isinstance(app.screen, ReviewScreen))


async def test_a_large_draft_opens_and_moves_without_lag(tmp_path: Path) -> None:
    """The bounds are generous, as the machine of a test may be busy."""
    view = large_view()
    assert len(view.sources[0].text) > 199_000
    app = scripted_app(tmp_path, script(view=view))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        await app.workbench.start()
        begun = time.process_time()
        screen = await opened(app, pilot)
        assert time.process_time() - begun < 1.5
        costs = []
        for _ in range(60):
            begun = time.process_time()
            await pilot.press("j")
            costs.append(time.process_time() - begun)
        assert sorted(costs)[53] < 0.1
        assert screen._standing is not None
        assert screen._standing.at == 60
        assert "⟦" in text_of(app)
        assert str(screen.query_one("#place", Static).content).startswith("long_note.txt · line ")
