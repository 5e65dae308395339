import json
import shutil
from pathlib import Path

import pytest
from review_desk import PASSPHRASE, REVIEWER, Desk, copy_desk, make_template


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
