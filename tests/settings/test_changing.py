"""One setting of ``config.toml`` is changed and nothing else, or nothing at all."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.errors import InputError
from openmed_agent.settings.changing import change_setting, changed_text

LINES = st.sampled_from(
    [
        "[privacy]",
        "[privacy] # mine",
        "[permissions]",
        '[permissions]\nmode = "ask"',
        'phi_mode = "full"',
        "  phi_mode = 'strict'  # for the ward",
        'phi_mode = """\nfull"""',
        'mode = "ask"',
        '# phi_mode = "full"',
        "# [privacy]",
        'privacy.phi_mode = "full"',
        'privacy = { phi_mode = "full" }',
        "[privacy.more]",
        'note = """\n[privacy]\nphi_mode = "full"\n"""',
        "",
        'roots = [\n  "~/charts",\n]',
        "[files]",
    ]
)


@given(st.lists(LINES, max_size=8).map("\n".join), st.sampled_from(["full", "deid", "strict"]))
def test_only_the_one_setting_changes_or_nothing_is_done(text: str, mode: str) -> None:
    changed = changed_text(text, "privacy", "phi_mode", mode)
    if changed is None:
        return
    before, after = tomllib.loads(text), tomllib.loads(changed)
    assert after.pop("privacy") == {**before.pop("privacy", {}), "phi_mode": mode}
    assert after == before
    for line in text.splitlines():
        if line.lstrip().startswith("#"):
            assert line in changed


def test_comments_order_and_the_rest_stay(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(
        '# my settings\n[model]\nname = "a"\n\n[privacy] # least\nphi_mode = "full" # why\n\n[files]\nroots = []\n'
    )
    change_setting(file, "privacy", "phi_mode", "strict")
    assert file.read_text() == (
        '# my settings\n[model]\nname = "a"\n\n[privacy] # least\nphi_mode = "strict" # why\n\n[files]\nroots = []\n'
    )


def test_a_file_is_made_private_where_there_is_none(tmp_path: Path) -> None:
    file = tmp_path / "config" / "config.toml"
    change_setting(file, "permissions", "mode", "deny")
    assert file.read_text() == '[permissions]\nmode = "deny"\n'
    assert file.stat().st_mode & 0o077 == 0
    assert [one.name for one in file.parent.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("text", ['privacy = { phi_mode = "full" }\n', 'privacy.phi_mode = "full"\n', "[privacy\n"])
def test_what_cannot_be_changed_safely_is_left_with_the_line_to_write(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        change_setting(file, "privacy", "phi_mode", "strict")
    assert refused.value.remedy == f'Write in {file}: [privacy] phi_mode = "strict"'
    assert file.read_text() == text


def test_a_link_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere.toml"
    target.write_text("")
    file = tmp_path / "config.toml"
    file.symlink_to(target)
    with pytest.raises(InputError):
        change_setting(file, "privacy", "phi_mode", "strict")
    assert target.read_text() == ""
