"""Help and the audit chain on the screen."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faces import reply, scripted_app
from list_samples import LOOKS, RECORDS, SCRIPT, asked, list_of, screen_text, until
from textual.pilot import Pilot
from textual.widgets import Input

from openmed_agent.settings.paths import Paths
from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.commands import COMMANDS
from openmed_agent.tui.help.rows import COLUMNS, help_rows
from openmed_agent.tui.keymap import EVERY
from openmed_agent.workbench.requests.audit import AuditPage, AuditVerdict

PLACES = Paths(root=Path("/home/ada/.openmed"), configuration=Path("/home/ada/.config/openmed"), cache=Path("/c"))


def test_help_names_every_key_command_mode_and_place() -> None:
    text = "\n".join(
        " ".join(cell.plain for cell in row.cells) for row in help_rows({"app.models": "f9"}, PLACES, "", width=200)
    )
    for act in EVERY:
        assert act.description in text
    for command in COMMANDS:
        assert f"/{command.name}" in text
    assert "F9" in text.split()
    assert "F2" not in text.split()  # the key that was given away
    for word in ("full", "deid", "strict", "/home/ada/.openmed/sessions", "/home/ada/.config/openmed/config.toml"):
        assert word in text


def test_no_line_of_help_is_cut_at_eighty_columns() -> None:
    room = 80 - 2 - 2 - 1 - COLUMNS[0].width  # margins, the space between columns, the scrollbar
    for row in help_rows({}, PLACES, "", width=80):
        if len(row.cells) == len(COLUMNS):
            assert row.cells[0].cell_length <= COLUMNS[0].width, row.cells[0].plain
            assert row.cells[1].cell_length <= room, row.cells[1].plain


async def test_typing_searches_the_help(tmp_path: Path) -> None:
    app = scripted_app(tmp_path, SCRIPT, preferences=ScreenPreferences(setup_seen=True))
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await list_of(app, pilot, "help")
        assert isinstance(app.focused, Input)
        count = len(listed.rows)
        await pilot.press(*"lock the")
        await until(pilot, lambda: len(listed.rows) < count)
        assert "lock the screen" in screen_text(app)
        await pilot.press(*" [/x]")
        await until(pilot, lambda: "Nothing fits." in screen_text(app))
        await pilot.press("escape")
        assert app.screen.id != "help"


async def test_the_audit_shows_what_was_sent_and_verifies_on_a_key(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    app = scripted_app(tmp_path, SCRIPT, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        await list_of(app, pilot, "audit")
        assert asked(record, "audit.verify") == []
        await pilot.press("v")
        await until(pilot, lambda: "✓ 40 records" in screen_text(app))
        await pilot.press("o")
        await until(pilot, lambda: len(asked(record, "audit.records")) == 2)
        assert asked(record, "audit.records")[1]["outbound"]
        await pilot.press("down")
        await until(pilot, lambda: "api.example.org:443" in screen_text(app))


async def test_a_chain_that_was_changed_is_said_and_older_records_come_on_a_key(tmp_path: Path) -> None:
    record = tmp_path / "orders"
    broken = AuditVerdict(whole=False, records=40, problems=("Record 7 was changed after it was written.",))
    first = AuditPage(records=RECORDS[:10], more=True)
    rest = AuditPage(records=RECORDS[10:], more=False)
    script = SCRIPT | {"audit.verify": reply(broken), "audit.records": [reply(first), reply(rest)]}
    app = scripted_app(tmp_path, script, record=record)
    async with app.run_test(size=(80, 24)) as pilot:
        listed = await list_of(app, pilot, "audit")
        await pilot.press("m")
        await until(pilot, lambda: len(listed.rows) == 41)
        assert asked(record, "audit.records")[1]["before"] == RECORDS[9].sequence
        await pilot.press("v")
        await until(pilot, lambda: "✗ not as it was written" in screen_text(app))
        assert "Record 7 was changed" in screen_text(app)


@pytest.mark.parametrize(("size", "theme"), LOOKS)
@pytest.mark.parametrize("name", ["help", "audit"])
def test_picture(
    snap_compare: Callable[..., bool], tmp_path: Path, name: str, size: tuple[int, int], theme: str
) -> None:
    app = scripted_app(tmp_path, SCRIPT, theme=theme)

    async def show(pilot: Pilot[Any]) -> None:
        app.paths = PLACES
        await list_of(app, pilot, name)
        if name == "help":
            app.screen.query_one(Input).value = "phi"  # at once: a slow machine would search for the beginnings too
        else:
            await pilot.press("v")
        sign = {"help": "/phi MODE", "audit": "✓ 40 records"}[name]
        await until(pilot, lambda: sign in screen_text(app))

    assert snap_compare(app, terminal_size=size, run_before=show)
