import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from review_desk import PASSPHRASE, REVIEWER, Desk, copy_desk, make_template

from openmed_agent.store import open_store


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    return copy_desk(folder, make_template(folder), tmp_path)


def test_the_chain_is_shown_and_a_store_that_was_rolled_back_is_found(desk: Desk) -> None:
    done = desk.openmed("audit", "verify", "--json")
    assert done.returncode == 0
    before = json.loads(done.stdout)["records"]
    assert before > 0
    shutil.copytree(desk.home / "sessions", desk.folder / "older")
    assert desk.openmed("reviewer", "create", "Dr. Ben Okoro", passphrase=PASSPHRASE).returncode == 0
    records = json.loads(desk.openmed("audit", "show", "--limit", "1", "--json").stdout)
    assert [record["act"] for record in records] == ["reviewer.added"]
    assert records[0]["sequence"] == before + 1
    assert "Dr. Ben Okoro" in desk.openmed("audit", "show").stdout
    assert desk.openmed("audit", "verify").returncode == 0
    shutil.rmtree(desk.home / "sessions")
    shutil.copytree(desk.folder / "older", desk.home / "sessions")
    done = desk.openmed("audit", "verify")
    assert done.returncode == 1
    assert f"ends at record {before}" in done.stdout
    assert json.loads(desk.openmed("audit", "verify", "--json").stdout)["intact"] is False
    refused = desk.openmed("reviewer", "retire", REVIEWER, "--yes")
    assert refused.returncode == 6


def test_a_wrong_limit_is_wrong_usage(desk: Desk) -> None:
    for limit in ("0", "-1", "many"):
        assert desk.openmed("audit", "show", "--limit", limit).returncode == 2


def test_a_clock_that_was_wrong_once_is_said_and_reset_only_when_asked(desk: Desk) -> None:
    with open_store(desk.home, custody="file") as store:
        store.note_time(datetime(2099, 1, 1, tzinfo=UTC))
    assert "2099-01-01" in desk.openmed("audit", "clock").stdout
    unasked = desk.openmed("audit", "clock", "--reset")
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    assert "2099-01-01" in desk.openmed("audit", "clock").stdout
    done = desk.openmed("audit", "clock", "--reset", "--yes")
    assert done.returncode == 0, done.stderr
    assert "2099" not in desk.openmed("audit", "clock").stdout
    assert json.loads(desk.openmed("audit", "show", "--json").stdout)[-1]["act"] == "clock.lowered"
    assert desk.openmed("audit", "verify").returncode == 0
    assert desk.openmed("audit", "clock", "--reset", "--yes").returncode == 3  # nothing is to do
