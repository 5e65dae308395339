from pathlib import Path

import pytest

from openmed_agent.errors import InputError
from openmed_agent.settings.configuration import Configuration, load_configuration
from openmed_agent.settings.paths import content_folder, find_paths


def load(root: Path, text: str | None = None, **environment: str) -> Configuration:
    variables = {"OPENMED_HOME": str(root), **environment}
    paths = find_paths(variables)
    if text is not None:
        paths.configuration.mkdir(parents=True, exist_ok=True)
        paths.configuration_file.write_text(text, encoding="utf-8")
    return load_configuration(paths, variables)


def test_nothing_configured_means_embedded_services_and_the_documented_limits(tmp_path: Path) -> None:
    found = load(tmp_path / "none")
    assert found.inference.url is None
    assert found.codes.url is None
    assert found.store.key == "auto"
    assert found.review.draft_hours == 24
    assert not (tmp_path / "none").exists()


def test_the_environment_wins_over_the_file_and_keeps_the_rest_of_it(tmp_path: Path) -> None:
    text = "[inference]\nurl = 'https://a.example.org'\ntimeout_seconds = 5\n[store]\nkey = 'file'\n"
    assert load(tmp_path, text).inference.url == "https://a.example.org"
    found = load(tmp_path, None, OPENMED_INFERENCE_URL=" https://b.example.org ", OPENMED_STORE_KEY="passphrase")
    assert found.inference.url == "https://b.example.org"
    assert found.inference.timeout_seconds == 5
    assert found.store.key == "passphrase"
    assert load(tmp_path, None, OPENMED_INFERENCE_URL="  ").inference.url == "https://a.example.org"


def test_a_key_comes_from_the_environment_only_and_is_never_shown(tmp_path: Path) -> None:
    found = load(tmp_path, None, OPENMED_MED_CODES_API_KEY="planted-key")
    assert found.codes.api_key is not None
    assert found.codes.api_key.get_secret_value() == "planted-key"
    assert "planted-key" not in repr(found)
    assert "planted-key" not in found.model_dump_json()
    for plane in ("inference", "codes"):
        with pytest.raises(InputError) as raised:
            load(tmp_path, f"[{plane}]\napi_key = 'planted-key'\n")
        assert "planted-key" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[inference]\nurll = 'planted'", "inference.urll"),
        ("[inference]\ntimeout_seconds = 'planted'", "inference.timeout_seconds"),
        ("[inference]\ntimeout_seconds = -1", "inference.timeout_seconds"),
        ("[inference]\ntimeout_seconds = inf", "inference.timeout_seconds"),
        ("[inference]\ntimeout_seconds = nan", "inference.timeout_seconds"),
        ("[review]\ndraft_hours = 0", "review.draft_hours"),
        ("[store]\nkey = 'planted'", "store.key"),
        ("planted = 1", "planted"),
        ("codes = [1]", "codes"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(InputError) as raised:
        load(tmp_path, text)
    assert raised.value.message.startswith(f"Setting {place}: ")
    assert "planted" not in str(raised.value).replace(place, "")
    assert "config.toml" in str(raised.value)


def test_a_wrong_variable_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        load(tmp_path, None, OPENMED_STORE_KEY="cloud")


@pytest.mark.parametrize("content", [b"[a", b"\xff\xfe", b"a = " + b"[" * 3000, b"a = 1\na = 2\n", b"\x00"])
def test_what_is_no_toml_is_wrong_input(tmp_path: Path, content: bytes) -> None:
    load(tmp_path, "")
    (tmp_path / "config" / "config.toml").write_bytes(content)
    with pytest.raises(InputError, match=r"config\.toml"):
        load(tmp_path)


def test_a_settings_file_that_is_a_folder_is_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "config" / "config.toml").mkdir(parents=True)
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path)


def test_one_variable_moves_everything(tmp_path: Path) -> None:
    paths = find_paths({"OPENMED_HOME": str(tmp_path)})
    for place in (paths.root, paths.configuration, paths.cache, paths.user_workflows, paths.codes_index):
        assert place.is_relative_to(tmp_path)
    relative = find_paths({"OPENMED_HOME": "somewhere"})
    assert relative.root.is_absolute()


def test_without_it_the_store_lives_in_the_home_folder() -> None:
    assert find_paths({}).root == Path.home() / ".openmed"


@pytest.mark.parametrize("kind", ["workflows", "examples"])
def test_built_in_content_is_found(kind: str) -> None:
    assert any(content_folder(kind).iterdir())
