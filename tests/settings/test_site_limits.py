"""The site's file can only tighten what a review allows, and no variable of the environment moves it."""

from pathlib import Path

import pytest

from openmed_agent.errors import InputError
from openmed_agent.settings.configuration import SITE_FILE, ReviewSettings, load_configuration
from openmed_agent.settings.paths import find_paths


def review(folder: Path, own: str, site: str | None) -> ReviewSettings:
    variables = {"OPENMED_HOME": str(folder)}
    paths = find_paths(variables)
    paths.configuration.mkdir(parents=True, exist_ok=True)
    paths.configuration_file.write_text(f"[review]\n{own}\n")
    file = folder / "site.toml"
    if site is not None:
        file.write_text(f"[review]\n{site}\n")
    return load_configuration(paths, variables, site=file).review


@pytest.mark.parametrize(
    ("own", "site", "expected"),
    [
        ("", None, (True, 24, 60)),
        ("", "", (True, 24, 60)),
        ("", "allow_scripted = false", (False, 24, 60)),
        ("allow_scripted = true", "allow_scripted = false", (False, 24, 60)),
        ("allow_scripted = false", "allow_scripted = true", (False, 24, 60)),
        ("approval_minutes = 600", "approval_minutes = 10", (True, 24, 10)),
        ("approval_minutes = 5", "approval_minutes = 10", (True, 24, 5)),
        ("", "approval_minutes = 600\ndraft_hours = 700", (True, 24, 60)),
        ("draft_hours = 100", "draft_hours = 8", (True, 8, 60)),
        ("draft_hours = 4", "draft_hours = 8", (True, 4, 60)),
    ],
)
def test_the_tighter_one_wins(tmp_path: Path, own: str, site: str | None, expected: tuple[bool, int, int]) -> None:
    found = review(tmp_path, own, site)
    assert (found.allow_scripted, found.draft_hours, found.approval_minutes) == expected


@pytest.mark.parametrize(
    "site", ["allow_scripted = 'no'", "allow_scripted = 0", "approval_minutes = 0", "more = 1", "[store]\nkey = 'file'"]
)
def test_limits_that_cannot_be_read_stop_everything(tmp_path: Path, site: str) -> None:
    with pytest.raises(InputError, match="Ask the administrator"):
        review(tmp_path, "", site)


def test_a_site_file_that_is_no_file_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "site.toml").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        review(tmp_path, "", None)


def test_no_variable_moves_the_site_file() -> None:
    assert Path("/etc/openmed/config.toml") == SITE_FILE
