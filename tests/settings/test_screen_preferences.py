"""What a person chose for the screen: kept whole, and a damaged file is said and left alone."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.screen import ScreenPreferences, load_preferences, save_preferences

CHOICES = st.builds(
    ScreenPreferences,
    theme=st.text(),
    keys=st.dictionaries(st.text(), st.text()),
    idle_lock_minutes=st.integers(0, 1440),
    favourite_models=st.lists(st.text()).map(tuple),
    recent_models=st.lists(st.text()).map(tuple),
)


def paths_in(folder: Path) -> Paths:
    return Paths(root=folder, configuration=folder / "config", cache=folder / "cache")


@given(chosen=CHOICES)
@settings(max_examples=40, deadline=None, database=None)
def test_what_is_kept_is_read_again(chosen: ScreenPreferences, tmp_path_factory: pytest.TempPathFactory) -> None:
    paths = paths_in(tmp_path_factory.mktemp("home"))
    assert load_preferences(paths) == ScreenPreferences()
    save_preferences(paths, chosen)
    assert load_preferences(paths) == chosen


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", "7", '"theme"', '{"no": 1}', '{"theme": 1}', '{"keys": []}', '{"keys": {"a": 1}}',
        '{"idle_lock_minutes": true}', '{"idle_lock_minutes": -1}', '{"idle_lock_minutes": 1441}',
        '{"idle_lock_minutes": 1.5}', '{"screen_reader": 1}', '{"setup_seen": "yes"}', '{"favourite_models": "m"}',
        '{"recent_models": [1]}', '{"reasoning_effort": "huge"}', '{"reasoning_effort": ["high"]}',
    ],
)  # fmt: skip
def test_a_damaged_file_is_said_and_stays(content: str, tmp_path: Path) -> None:
    file = tmp_path / "config" / "screen.json"
    file.parent.mkdir()
    file.write_text(content)
    with pytest.raises(InputError, match="damaged"):
        load_preferences(paths_in(tmp_path))
    assert file.read_text() == content


def test_bytes_that_are_no_text_and_depth_without_end_are_damage_too(tmp_path: Path) -> None:
    file = tmp_path / "config" / "screen.json"
    file.parent.mkdir()
    for content in (b"\xff\xfe", b"[" * 90_000, b"{" * 200_000):
        file.write_bytes(content)
        with pytest.raises(InputError, match="damaged"):
            load_preferences(paths_in(tmp_path))


def test_a_change_keeps_the_rest() -> None:
    chosen = ScreenPreferences(theme="openmed-light", setup_seen=True)
    assert chosen.changed(theme="x") == ScreenPreferences(theme="x", setup_seen=True)
    assert json.dumps(chosen.keys) == "{}"
