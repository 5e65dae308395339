"""Keys of services: kept where a person asked, found for one origin only, and removed."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmed_agent.errors import InputError, NotPermittedError, StoreError
from openmed_agent.login.accounts import Account, Keeping, Purpose
from openmed_agent.login.credentials import Credentials
from openmed_agent.login.service_key import checked_key

URL = "https://models.example.org/v1"


def account(url: str = URL, *, purpose: Purpose = "model", kept: Keeping = "file") -> Account:
    return Account(purpose=purpose, url=url, kept=kept)


def test_a_kept_key_is_found_for_its_origin_and_no_other(tmp_path: Path) -> None:
    credentials = Credentials(tmp_path / "root", {})
    credentials.keep(account(), "sk-planted")
    found = credentials.find("model", "https://MODELS.example.org:443/another/path")
    assert found is not None
    assert (found.key, found.source, found.origin) == ("sk-planted", "file", "https://models.example.org")
    for other in (
        "https://models.example.org:8443/v1",
        "https://models.example.org.evil.example/v1",
        "https://example.org/v1",
        "http://127.0.0.1:8000/v1",
    ):
        assert credentials.find("model", other) is None
    assert credentials.find("inference", URL) is None
    with pytest.raises(NotPermittedError):
        credentials.find("model", "http://models.example.org/v1")


def test_keys_of_several_purposes_and_origins_stay_apart(tmp_path: Path) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), "sk-model")
    credentials.keep(account(purpose="codes"), "sk-codes")
    credentials.keep(account("https://other.example/v1"), "sk-other")
    found = [credentials.find("model", URL), credentials.find("codes", URL)]
    assert [one.key for one in found if one] == ["sk-model", "sk-codes"]
    latest = credentials.accounts().latest("model")
    assert latest is not None
    assert latest.url == "https://other.example/v1"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_files_are_private_and_the_list_holds_no_key(tmp_path: Path) -> None:
    Credentials(tmp_path / "root", {}).keep(account(), "sk-planted")
    files = list((tmp_path / "root").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((tmp_path / "root").stat().st_mode) == 0o700
    holding = [file.name for file in files if b"sk-planted" in file.read_bytes()]
    assert holding == ["credentials.json"]


def test_logging_out_removes_the_key_and_nothing_else(tmp_path: Path) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), "sk-planted")
    credentials.keep(account("https://other.example/v1"), "sk-other")
    credentials.forget(account())
    assert credentials.find("model", URL) is None
    assert credentials.find("model", "https://other.example/v1") is not None
    assert all(b"sk-planted" not in file.read_bytes() for file in tmp_path.iterdir())


def test_logging_in_again_without_a_key_removes_the_former_one(tmp_path: Path) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), "sk-planted")
    credentials.keep(account(kept="none"), None)
    assert credentials.find("model", URL) is None
    assert all(b"sk-planted" not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_key_that_is_gone_is_said_and_not_replaced_by_another(tmp_path: Path) -> None:
    environment = {"OPENAI_BASE_URL": URL, "OPENAI_API_KEY": "sk-environment"}
    credentials = Credentials(tmp_path, environment)
    credentials.keep(account(), "sk-planted")
    (tmp_path / "credentials.json").unlink()
    with pytest.raises(StoreError, match="no longer"):
        credentials.find("model", URL)


@pytest.mark.parametrize("content", [b"", b"{", b'{"format": "other"}', b'{"keys": {"a": 1}}', b"\xff"])
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), "sk-planted")
    (tmp_path / "credentials.json").write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        credentials.find("model", URL)
    (tmp_path / "logins.json").write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        credentials.accounts()


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_file_that_others_can_read_or_a_link_is_refused(tmp_path: Path) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), "sk-planted")
    file = tmp_path / "credentials.json"
    file.chmod(0o644)
    with pytest.raises(StoreError, match="open to other users"):
        credentials.find("model", URL)
    file.rename(tmp_path / "elsewhere.json")
    file.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(StoreError, match="symbolic link"):
        credentials.find("model", URL)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, None),
        ({"OPENAI_API_KEY": "sk-env"}, "https://api.openai.com/v1"),
        ({"OPENAI_API_KEY": "  "}, None),
        ({"OPENAI_API_KEY": "sk-env", "OPENAI_BASE_URL": URL}, URL),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1"}, "http://127.0.0.1:11434/v1"),
    ],
)
def test_the_address_that_the_environment_names(tmp_path: Path, environment: dict[str, str], url: str | None) -> None:
    assert Credentials(tmp_path, environment).environment_url() == url


def test_a_key_of_the_environment_is_bound_to_the_address_of_the_environment(tmp_path: Path) -> None:
    elsewhere = Credentials(tmp_path, {"OPENAI_API_KEY": "sk-env", "OPENAI_BASE_URL": URL})
    assert elsewhere.find("model", "https://api.openai.com/v1") is None
    assert elsewhere.find("inference", URL) is None
    found = elsewhere.find("model", URL)
    assert found is not None
    assert (found.key, found.source) == ("sk-env", "environment")
    alone = Credentials(tmp_path, {"OPENAI_API_KEY": "sk-env"})
    assert alone.find("model", URL) is None
    assert alone.find("model", "https://api.openai.com/v1") is not None


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "a\n", "\ta", "a\x00", "ключ", "“sk”", "a" * 4097, "sk\x7f", "sk\u200b"]
)
def test_what_is_no_key_is_refused_everywhere_and_not_repeated(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError) as raised:
        checked_key(key)
    assert not key.strip() or key not in str(raised.value)
    with pytest.raises(InputError):
        Credentials(tmp_path, {}).keep(account(), key)
    assert not (tmp_path / "logins.json").exists()
    if key.strip():
        with pytest.raises(InputError):
            Credentials(tmp_path, {"OPENAI_API_KEY": key.strip() + " x"}).find("model", "https://api.openai.com/v1")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.text(alphabet=st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=200))
def test_any_key_comes_back_as_it_was(tmp_path: Path, key: str) -> None:
    credentials = Credentials(tmp_path, {})
    credentials.keep(account(), key)
    found = credentials.find("model", URL)
    assert found is not None
    assert found.key == key
    assert key not in repr(found).replace(found.origin, "") or len(key) < 8


def test_logins_at_the_same_time_lose_none(tmp_path: Path) -> None:
    urls = [f"https://m{number}.example/v1" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda url: Credentials(tmp_path, {}).keep(account(url), f"sk-{url}"), urls))
    credentials = Credentials(tmp_path, {})
    for url in urls:
        found = credentials.find("model", url)
        assert found is not None
        assert found.key == f"sk-{url}"


def test_without_a_keyring_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with pytest.raises(StoreError, match="--keep file"):
        Credentials(tmp_path, {}).keep(account(kept="keyring"), "sk-planted")
    assert json.dumps([file.name for file in tmp_path.iterdir()]) == '["logins.lock"]'
