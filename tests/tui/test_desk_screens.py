"""What the keys of the desk's screens do: workflows, runs, drafts, planes, skills."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from desk_data import BUNDLE, DRAFTS, HOSTILE, KNOWN, MADE, PLANES, SCRIPT, SKILLS, SUMMARY, TAMPERED, draft
from faces import parts, reply, scripted_app
from textual.pilot import Pilot
from textual.widgets import Input

from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.chrome.choice_row import ChoiceRow
from openmed_agent.tui.chrome.dialogs import ConfirmDialog
from openmed_agent.tui.drafts.rows import fits
from openmed_agent.tui.workflows.field import InputField
from openmed_agent.tui.workflows.run import RunScreen
from openmed_agent.workbench.requests.comparisons import ChangeRow, Comparison
from openmed_agent.workbench.requests.drafts import DraftList
from openmed_agent.workbench.requests.planes import PlaneSetUp
from openmed_agent.workbench.requests.skills import SkillList
from openmed_agent.workbench.requests.workflows import InputFaults, RunPart, WorkflowInput, WorkflowList

REFUSED = {"refusal": {"message": "The inference service does not answer.", "remedy": "Check its address."}}


class Desk:
    """The application on a script, with the orders that it sent."""

    def __init__(self, folder: Path, script: Mapping[str, Any]) -> None:
        self._record = folder / "orders.jsonl"
        self.app: OpenMedApp = scripted_app(folder, {**SCRIPT, **script}, record=self._record)

    def orders(self, kind: str = "") -> list[dict[str, Any]]:
        lines = self._record.read_text().splitlines() if self._record.exists() else []
        return [one for one in map(json.loads, lines) if not kind or one["kind"] == kind]

    def text(self) -> str:
        return "\n".join("".join(part.text for part in strip) for strip in self.app.screen._compositor.render_strips())


async def settle(pilot: Pilot[Any], true: Callable[[], object]) -> None:
    for _ in range(300):
        await pilot.pause(0.02)
        if true():
            await pilot.pause()
            return
    raise AssertionError("the screen did not come to that")


async def opened(desk: Desk, pilot: Pilot[Any], name: str) -> None:
    desk.app.action_open(name)
    await settle(pilot, lambda: desk.app.screen.id == name)
    await settle(pilot, lambda: desk.app.screen.query_one("RowList").rows)  # type: ignore[attr-defined]


async def form_of(desk: Desk, pilot: Pilot[Any]) -> None:
    await opened(desk, pilot, "workflows")
    await pilot.press("enter")
    await settle(pilot, lambda: desk.app.screen.query(InputField))


async def run_of(desk: Desk, pilot: Pilot[Any]) -> RunScreen:
    await form_of(desk, pilot)
    await pilot.press("ctrl+r")
    await settle(pilot, lambda: isinstance(desk.app.screen, RunScreen))
    screen = desk.app.screen
    assert isinstance(screen, RunScreen)
    return screen


async def test_a_fault_stands_beside_its_field_and_nothing_is_run(tmp_path: Path) -> None:
    faults = {"workflows.check": reply(InputFaults(faults={"question": "Input question must be plain text."}))}
    desk = Desk(tmp_path, faults)
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await form_of(desk, pilot)
        await pilot.press(*"note.txt", "enter")
        await settle(pilot, lambda: "must be plain text" in desk.text())
        lines = desk.text().splitlines()
        beside = next(number for number, line in enumerate(lines) if "must be plain text" in line)
        assert any("question" in line for line in lines[beside - 4 : beside])
        assert desk.app.focused is desk.app.screen.query(InputField)[1].query_one(Input)
        assert not desk.orders("workflows.run")
        await pilot.press("w")
        await settle(pilot, lambda: "must be plain text" not in desk.text())


async def test_a_field_for_several_values_grows_and_the_form_sends_what_was_filled_in(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await form_of(desk, pilot)
        await pilot.press(*"a.txt", "tab", *"b.txt")
        notes = desk.app.screen.query(InputField)[0]
        await settle(pilot, lambda: len(notes.query(Input)) == 3)
        notes.query(Input).last().focus()
        await pilot.press("tab", "tab", "right", "enter")  # past the question, to the choice: the clinic
        await pilot.press("ctrl+r")
        await settle(pilot, lambda: desk.orders("workflows.run"))
        (order,) = desk.orders("workflows.run")
        assert order["body"] == {
            "workflow": "chart_summary",
            "values": {"note_path": ["a.txt", "b.txt"], "setting": ["clinic"]},
            "phi_mode": "deid",
        }


async def test_a_weaker_phi_mode_is_asked_for_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await form_of(desk, pilot)
        modes = desk.app.screen.query_one("#phi", ChoiceRow)
        modes.focus()
        await pilot.press("left", "ctrl+r")
        await settle(pilot, lambda: isinstance(desk.app.screen, ConfirmDialog))
        await pilot.press("n")
        await pilot.pause()
        assert not desk.orders("workflows.run")
        await pilot.press("ctrl+r")
        await settle(pilot, lambda: isinstance(desk.app.screen, ConfirmDialog))
        await pilot.press("y")
        await settle(pilot, lambda: desk.orders("workflows.run"))
        assert desk.orders("workflows.run")[0]["body"]["phi_mode"] == "full"


async def test_a_finished_run_leads_to_the_review_of_its_draft(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await run_of(desk, pilot)
        await settle(pilot, lambda: "31 items, 11 to decide one by one" in desk.text())
        assert "another date of birth" in desk.text()
        await pilot.press("enter")
        await settle(pilot, lambda: desk.orders("reviews.open"))
        assert desk.orders("reviews.open")[0]["body"]["draft_id"] == MADE.draft_id


@pytest.mark.parametrize("kept", [False, True])
async def test_escape_stops_a_run_and_says_what_became_of_it(tmp_path: Path, *, kept: bool) -> None:
    hanging = parts(RunPart(draft_id=MADE.draft_id), RunPart(step="read_documents"), open_ended=True)
    known = DraftList(drafts=(draft(),) if kept else ())
    desk = Desk(tmp_path, {"workflows.run": hanging, "drafts.list": reply(known)})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await run_of(desk, pilot)
        await settle(pilot, lambda: "▸ read documents" in desk.text())
        await pilot.press("escape")
        await settle(pilot, lambda: "No draft was kept" in desk.text() or "is kept" in desk.text())
        assert ("is kept" in desk.text()) is kept
        number = desk.orders("workflows.run")[0]["number"]
        assert any(order["number"] == number and order["cancel"] for order in desk.orders())
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(desk.app.screen, RunScreen)


async def test_a_plane_that_fails_ends_the_run_with_its_sentence_and_it_can_be_run_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"workflows.run": [REFUSED, SCRIPT["workflows.run"]]})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await run_of(desk, pilot)
        await settle(pilot, lambda: "The inference service does not answer." in desk.text())
        assert "is kept" not in desk.text()
        await pilot.press("enter")
        assert not desk.orders("reviews.open")
        await pilot.press("r")
        await settle(pilot, lambda: "is kept" in desk.text())


async def test_drafts_are_searched_and_without_any_it_is_said_how_to_get_one(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"drafts.list": [reply(DRAFTS), reply(DraftList(drafts=()))]})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await opened(desk, pilot, "drafts")
        assert "finalizing" in desk.text()
        await pilot.press("slash", *"discharge")
        await settle(pilot, lambda: "progress_note" not in desk.text().partition("Sources")[0])
        assert "discharge_summary" in desk.text()
        await pilot.press("escape", "escape", "escape")
        desk.app.action_open("drafts")
        await settle(pilot, lambda: "No drafts yet" in desk.text())


def test_a_search_wants_all_of_its_words() -> None:
    assert fits(draft(), "PROGRESS draft")
    assert not fits(draft(), "progress expired")


async def test_two_runs_are_compared_with_the_older_one_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await opened(desk, pilot, "drafts")
        await pilot.press("down", "down", "d")  # the committed one, of 20 November
        await settle(pilot, lambda: "Compare with" in desk.text())
        assert "revision 2 of this draft" in desk.text()
        await pilot.press("down", "down", "enter")  # past its own revisions: the one of 22 November
        await settle(pilot, lambda: "both cannot be true" in desk.text())
        body = desk.orders("drafts.compare")[0]["body"]
        assert (body["before"], body["after"]) == (f"{'c4e91a77' * 4}@3", MADE.draft_id)


async def test_a_bundle_is_verified_where_it_was_written_and_a_bad_one_is_no(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"drafts.verify": [reply(BUNDLE), reply(TAMPERED)]})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await opened(desk, pilot, "drafts")
        await pilot.press("down", "down", "v")
        await settle(pilot, lambda: "Yes: this is exactly" in desk.text())
        assert desk.orders("drafts.verify")[0]["body"]["folder"] == "/home/ada/charts/card-1"
        await pilot.press("escape", "v")
        await settle(pilot, lambda: "No: this is not a bundle" in desk.text())
        assert "✗ not verified" in desk.text()


async def test_opening_planes_asks_nobody_and_a_refusal_is_shown_in_its_row(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {"planes.check": REFUSED})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await opened(desk, pilot, "planes")
        assert {order["kind"] for order in desk.orders() if order["kind"].startswith("planes.")} == {"planes.describe"}
        await pilot.press("down", "enter")
        await settle(pilot, lambda: "✗ no answer" in desk.text())
        assert [order["body"] for order in desk.orders("planes.check")] == [{"name": "codes"}]
        assert "Check its address." in desk.text()


async def test_a_skill_is_put_behind_what_the_prompt_holds(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {})
    async with desk.app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"read")
        await opened(desk, pilot, "skills")
        assert "One statement, one place" in desk.text()
        await pilot.press("slash", *"letters")
        await settle(pilot, lambda: "citing-evidence" not in desk.text())
        assert "comes from outside of this program" in desk.text().replace("\n", " ")
        await pilot.press("enter", "enter")
        await settle(pilot, lambda: "$ward-round" in desk.text())
        assert "read $ward-round" in desk.text()


HOSTILE_INPUT = WorkflowInput(
    name=HOSTILE[:40], type="choice", description=HOSTILE, choices=(HOSTILE, f"{HOSTILE}2"), many=False
)
HOSTILE_SCRIPT = {
    "workflows.list": reply(
        WorkflowList(
            workflows=(
                SUMMARY.model_copy(
                    update={
                        "title": HOSTILE,
                        "description": HOSTILE,
                        "inputs": (HOSTILE_INPUT, *SUMMARY.inputs),
                        "steps": (HOSTILE, HOSTILE),
                        "built_in": False,
                    }
                ),
            ),
            problems=(HOSTILE,),
            phi_mode="deid",
            phi_modes=KNOWN.phi_modes,
            folder=f"/home/{HOSTILE}",
        )
    ),
    "workflows.check": [reply(InputFaults(faults={"note_path": HOSTILE})), reply(InputFaults(faults={}))],
    "workflows.run": parts(
        RunPart(step=HOSTILE),
        RunPart(said=HOSTILE),
        RunPart(made=MADE.model_copy(update={"warnings": (HOSTILE,), "partial": (HOSTILE,), "expires": HOSTILE})),
    ),
    "drafts.list": reply(
        DraftList(
            drafts=(
                draft(workflow=HOSTILE, sources=(HOSTILE,), created=HOSTILE, expires=HOSTILE),
                draft(draft_id="1", workflow=HOSTILE, sources=(HOSTILE,), state="committed", destination=HOSTILE),
            )
        )
    ),
    "drafts.verify": reply(TAMPERED.model_copy(update={"answer": HOSTILE, "folder": HOSTILE, "problems": (HOSTILE,)})),
    "drafts.compare": reply(
        Comparison(
            before=HOSTILE,
            after=HOSTILE,
            same=1,
            rows=(ChangeRow(change="changed", kind=HOSTILE, before=HOSTILE, after=HOSTILE, note=HOSTILE),),
        )
    ),
    "planes.describe": reply(
        PLANES.model_copy(update={"planes": (PlaneSetUp(name="codes", address=HOSTILE),), "releases_problem": HOSTILE})
    ),
    "planes.check": {"refusal": {"message": HOSTILE, "remedy": HOSTILE}},
    "skills.list": reply(
        SkillList(
            skills=(
                SKILLS.skills[0].model_copy(
                    update={"name": HOSTILE, "description": HOSTILE, "text": HOSTILE, "origin": "project"}
                ),
            ),
            problems=(HOSTILE,),
        )
    ),
}


WALK = (
    ("workflows", ("", "enter", "ctrl+r", "ctrl+r")),
    ("drafts", ("", "d", "enter")),
    ("drafts", ("down", "v")),
    ("planes", ("enter",)),
    ("skills", ("", "enter")),
)


async def test_hostile_names_and_texts_are_only_shown(tmp_path: Path) -> None:
    desk = Desk(tmp_path, HOSTILE_SCRIPT)
    async with desk.app.run_test(size=(120, 40)) as pilot:
        for screen, keys in WALK:
            await opened(desk, pilot, screen)
            for key in keys:
                if key:
                    await pilot.press(key)
                await pilot.pause(0.25)
                assert desk.app.is_running
                shown = desk.text()
                assert "[@click=app.quit]" in shown, (screen, key)
                bad = {one for one in shown if unicodedata.category(one) in {"Cc", "Cf"}} - {"\n"}
                assert not bad, (screen, key)
            while len(desk.app.screen_stack) > 2 or desk.app.screen.id == screen:
                desk.app.pop_screen()
                await pilot.pause()
