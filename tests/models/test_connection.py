"""Which model answers: the settings, the login, the environment, a local server, and nothing that nobody named."""

from pathlib import Path

import pytest

from openmed_agent.errors import InputError, NotPermittedError, OpenMedError
from openmed_agent.login.accounts import Account
from openmed_agent.login.credentials import Credentials
from openmed_agent.models.connection import ModelChoice, choose_model
from openmed_agent.models.discovery import LocalServer
from openmed_agent.models.provider import ModelDescription
from openmed_agent.settings.configuration import Configuration, load_configuration
from openmed_agent.settings.models import DestinationSettings, ModelSettings
from openmed_agent.settings.paths import find_paths

LOCAL = LocalServer(
    "Ollama",
    "http://127.0.0.1:11434/v1",
    (ModelDescription("embed", takes_tools=False), ModelDescription("small", 8192, takes_tools=True)),
)
OTHER = LocalServer("vLLM", "http://127.0.0.1:8000/v1", (ModelDescription("large", 65536),))


def configured(destinations: DestinationSettings | None = None, **model: object) -> Configuration:
    return Configuration(model=ModelSettings.model_validate(model), destinations=destinations or DestinationSettings())


def chosen(
    tmp_path: Path,
    configuration: Configuration | None = None,
    *servers: LocalServer,
    asked: str | None = None,
    **environment: str,
) -> ModelChoice | None:
    return choose_model(configuration or configured(), Credentials(tmp_path, environment), servers, asked)


def test_nothing_configured_and_nothing_found_is_no_model(tmp_path: Path) -> None:
    assert chosen(tmp_path) is None
    assert chosen(tmp_path, configured(name="gpt-x")) is None


def test_the_order_of_places(tmp_path: Path) -> None:
    environment = {"OPENAI_API_KEY": "sk-env"}
    settings = configured(url="https://models.example.org/v1", name="m")
    credentials = Credentials(tmp_path, environment)
    local = chosen(tmp_path, None, LOCAL)
    named = chosen(tmp_path, None, LOCAL, asked="gpt-x", **environment)
    credentials.keep(Account(purpose="model", url="https://login.example/v1", kept="file", model="own"), "sk-login")
    logged_in = chosen(tmp_path, None, LOCAL, **environment)
    explicit = chosen(tmp_path, settings, LOCAL, **environment)
    assert [(one.source, one.host) for one in (local, named, logged_in, explicit) if one] == [
        ("local server", "127.0.0.1:11434"),
        ("environment", "api.openai.com"),
        ("login", "login.example"),
        ("settings", "models.example.org"),
    ]
    assert named is not None
    assert (named.protocol, dict(named.credential)) == ("responses", {"authorization": "Bearer sk-env"})
    assert logged_in is not None
    assert (logged_in.name, dict(logged_in.credential)) == ("own", {"authorization": "Bearer sk-login"})
    assert explicit is not None
    assert dict(explicit.credential) == {}  # neither key is for this origin
    assert "sk-" not in repr((named, logged_in))


def test_a_local_server_is_used_with_a_model_that_takes_tools(tmp_path: Path) -> None:
    first = chosen(tmp_path, None, LOCAL, OTHER)
    assert first is not None
    assert (first.name, first.context_window, first.takes_tools, first.protocol) == (
        "small", 8192, True, "chat_completions",
    )  # fmt: skip
    asked = chosen(tmp_path, None, LOCAL, OTHER, asked="large")
    assert asked is not None
    assert (asked.host, asked.name, asked.context_window) == ("127.0.0.1:8000", "large", 65536)


def test_a_service_of_many_models_needs_a_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="openmed models"):
        chosen(tmp_path, None, OPENAI_API_KEY="sk-env")


def test_figures_of_the_settings_are_those_of_the_model_they_name(tmp_path: Path) -> None:
    configuration = configured(
        url="https://models.example.org/v1", name="m", context_window=32768, max_output_tokens=900,
        input_price=1.0, output_price=2.0, reasoning_effort="low",
    )  # fmt: skip
    own = chosen(tmp_path, configuration)
    other = chosen(tmp_path, configuration, asked="n")
    assert own is not None
    assert other is not None
    assert (own.context_window, own.max_output_tokens, own.prices is not None) == (32768, 900, True)
    assert (other.context_window, other.max_output_tokens, other.prices) == (None, None, None)
    assert own.reasoning_effort == other.reasoning_effort == "low"


def test_an_origin_that_is_not_allowed_is_refused(tmp_path: Path) -> None:
    only_local = DestinationSettings(site_models=("loopback",))
    with pytest.raises(NotPermittedError, match="allowed destinations"):
        chosen(tmp_path, configured(only_local, url="https://models.example.org/v1", name="m"))
    assert chosen(tmp_path, configured(only_local), LOCAL) is not None


@pytest.mark.parametrize("url", ["http://models.example.org/v1", "models.example.org", "https://u:p@example.org/v1"])
def test_an_address_that_cannot_be_used_is_said(tmp_path: Path, url: str) -> None:
    with pytest.raises(OpenMedError):
        chosen(tmp_path, configured(url=url, name="m"))
    with pytest.raises(OpenMedError):
        chosen(tmp_path, None, asked="m", OPENAI_BASE_URL=url)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[model]\napi_key = "sk-planted"', "API key"),
        ("[model]\nkey = 1", "Extra inputs"),
        ("[model]\nreasoning_effort = 'much'", "reasoning_effort"),
        ("[model]\ninput_price = 1.0", "need each other"),
        ("[model]\ncontext_window = 0", "context_window"),
        ("[destinations]\nmodels = 'all'", "models"),
    ],
)
def test_settings_that_cannot_be_meant_stop_everything(tmp_path: Path, text: str, message: str) -> None:
    paths = find_paths({"OPENMED_HOME": str(tmp_path)})
    paths.configuration.mkdir(parents=True)
    paths.configuration_file.write_text(text)
    with pytest.raises(InputError, match=message) as raised:
        load_configuration(paths, {}, site=tmp_path / "site.toml")
    assert "planted" not in str(raised.value)


def test_the_list_of_the_site_goes_over_the_user_s(tmp_path: Path) -> None:
    paths = find_paths({"OPENMED_HOME": str(tmp_path)})
    paths.configuration.mkdir(parents=True)
    paths.configuration_file.write_text(
        '[model]\nurl = "https://models.example.org/v1"\nname = "m"\n'
        '[destinations]\nmodels = ["https://models.example.org"]\nsite_models = ["https://models.example.org"]\n'
    )
    site = tmp_path / "site.toml"
    site.write_text('[destinations]\nmodels = ["loopback"]\n')
    assert chosen(tmp_path, load_configuration(paths, {}, site=tmp_path / "none.toml")) is not None
    with pytest.raises(NotPermittedError):
        chosen(tmp_path, load_configuration(paths, {}, site=site))
