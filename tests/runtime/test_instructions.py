"""Instructions of a project are used only after a person has seen that very text."""

import os
import stat
from pathlib import Path

import pytest

from openmed_agent.errors import InputError, StoreError
from openmed_agent.runtime.instructions import (
    LONGEST,
    accept_instructions,
    find_instructions,
    is_accepted,
    load_instructions,
)
from openmed_agent.settings.paths import Paths, find_paths


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return find_paths({"OPENMED_HOME": str(tmp_path / "installation")})


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "OPENMED.md"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_text_counts_as_accepted_as_long_as_it_is_that_text(tmp_path: Path, paths: Paths) -> None:
    file = written(tmp_path / "p", "Use metric units.\n")
    first = load_instructions(file)
    assert first.text == "Use metric units.\n"
    assert not is_accepted(first, paths)
    accept_instructions(first, paths)
    assert is_accepted(load_instructions(file), paths)
    written(tmp_path / "p", "Use metric units. \n")
    assert not is_accepted(load_instructions(file), paths)
    written(tmp_path / "p", "Use metric units.\n")
    assert is_accepted(load_instructions(file), paths)


def test_the_same_text_elsewhere_is_shown_again(tmp_path: Path, paths: Paths) -> None:
    accept_instructions(load_instructions(written(tmp_path / "p", "same")), paths)
    assert not is_accepted(load_instructions(written(tmp_path / "q", "same")), paths)
    accept_instructions(load_instructions(written(tmp_path / "q", "same")), paths)
    assert is_accepted(load_instructions(tmp_path / "p" / "OPENMED.md"), paths)


def test_what_was_accepted_is_private_and_holds_no_text(tmp_path: Path, paths: Paths) -> None:
    accept_instructions(load_instructions(written(tmp_path / "p", "planted words")), paths)
    file = paths.configuration / "instructions.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "planted" not in file.read_text()
    file.chmod(0o644)
    with pytest.raises(StoreError):
        is_accepted(load_instructions(tmp_path / "p" / "OPENMED.md"), paths)


@pytest.mark.parametrize("text", ["[]", '{"accepted": 1}', "x", '{"accepted": {}, "all": true}'])
def test_a_damaged_list_accepts_nothing(tmp_path: Path, paths: Paths, text: str) -> None:
    instructions = load_instructions(written(tmp_path / "p", "same"))
    accept_instructions(instructions, paths)
    (paths.configuration / "instructions.json").write_text(text)
    with pytest.raises(InputError, match="damaged"):
        is_accepted(instructions, paths)


def test_they_are_looked_for_as_the_settings_of_the_project_are(tmp_path: Path) -> None:
    home, inner = tmp_path / "home", tmp_path / "home" / "p" / "a"
    inner.mkdir(parents=True)
    written(home, "of the home folder")
    assert find_instructions(inner, home=home) is None
    file = written(home / "p", "of the project")
    assert find_instructions(inner, home=home) == file
    assert find_instructions(inner, home=tmp_path / "other") is None, "others may write above"
    (home / "p" / ".git").mkdir()
    assert find_instructions(inner, home=tmp_path / "other") == file
    assert find_instructions(inner, home=home) == file


def test_only_a_plain_short_text_of_its_own_is_read(tmp_path: Path) -> None:
    file = written(tmp_path / "p", "x" * LONGEST)
    assert len(load_instructions(file).text) == LONGEST
    for content in (b"x" * (LONGEST + 1), "\u4e2d".encode() * (LONGEST + 1), b"x" * 100_000, b"\xff\xfe"):
        file.write_bytes(content)
        with pytest.raises(InputError):
            load_instructions(file)
    chart = tmp_path / "chart.txt"
    chart.write_text("planted")
    file.unlink()
    file.symlink_to(chart)
    assert find_instructions(tmp_path / "p", home=tmp_path) == file
    with pytest.raises(InputError) as raised:
        load_instructions(file)
    assert "planted" not in str(raised.value)
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(InputError):
        load_instructions(file)
    file.unlink()
    file.mkdir()
    with pytest.raises(InputError):
        load_instructions(file)
    with pytest.raises(InputError):
        load_instructions(tmp_path / "nowhere")
