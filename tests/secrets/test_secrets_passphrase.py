import json
import unicodedata
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from openmed_agent.errors import InputError, StoreError
from openmed_agent.secrets.passphrase import WrappedKey, unwrap_key, wrap_key

KEY = bytes(range(32))
PASSPHRASE = "grüne Äpfel im März"


@pytest.fixture(scope="module")
def document() -> bytes:
    return wrap_key(KEY, PASSPHRASE, context="store/one")


def test_a_wrapped_key_opens_with_its_passphrase_and_the_documented_algorithms(document: bytes) -> None:
    assert unwrap_key(document, PASSPHRASE, context="store/one") == KEY
    fields = json.loads(document)
    assert (fields["cost"], fields["block_size"], fields["parallelism"]) == (2**17, 8, 1)
    wrapping = Scrypt(salt=bytes.fromhex(fields["salt"]), length=32, n=2**17, r=8, p=1).derive(
        unicodedata.normalize("NFC", PASSPHRASE).encode()
    )
    opened = AESGCM(wrapping).decrypt(bytes.fromhex(fields["nonce"]), bytes.fromhex(fields["wrapped"]), b"store/one")
    assert opened == KEY


def test_an_accent_typed_as_two_characters_is_the_same(document: bytes) -> None:
    decomposed = unicodedata.normalize("NFD", PASSPHRASE)
    assert decomposed != PASSPHRASE
    assert unwrap_key(document, decomposed, context="store/one") == KEY


def test_neither_key_nor_passphrase_is_in_the_document(document: bytes) -> None:
    assert KEY.hex().encode() not in document
    assert PASSPHRASE.encode() not in document
    assert wrap_key(KEY, PASSPHRASE, context="store/one") != document  # a salt of its own


@pytest.mark.parametrize(("passphrase", "context"), [("wrong", "store/one"), (PASSPHRASE, "store/two")])
def test_another_passphrase_or_place_opens_nothing(document: bytes, passphrase: str, context: str) -> None:
    with pytest.raises(StoreError, match="passphrase is wrong") as caught:
        unwrap_key(document, passphrase, context=context)
    assert PASSPHRASE not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"cost": 2**30},  # would take all the memory
        {"cost": 2**19},  # 512 MiB
        {"cost": 100_000},  # no power of two
        {"parallelism": 4},  # four times as long
        {"wrapped": "a" * 97},  # half a byte
        {"cost": 2},  # would be easy to guess
        {"block_size": 2**20},
        {"parallelism": 2**20},
        {"salt": ""},
        {"wrapped": "zz"},
        {"cipher": "none"},
        {"extra": 1},
    ],
)
def test_a_planted_document_is_refused_before_any_work(document: bytes, change: dict[str, object]) -> None:
    planted = json.dumps(json.loads(document) | change).encode()
    with pytest.raises(StoreError, match="damaged"):
        unwrap_key(planted, PASSPHRASE, context="store/one")


def test_a_passphrase_that_is_no_utf8_is_said_in_one_sentence(document: bytes) -> None:
    broken = b"tulip\xffanvil harbour".decode(errors="surrogateescape")
    for attempt in (
        lambda: unwrap_key(document, broken, context="store/one"),
        lambda: wrap_key(KEY, broken, context="store/one"),
    ):
        with pytest.raises(InputError, match="not UTF-8") as caught:
            attempt()
        assert "tulip" not in str(caught.value)


def test_a_wrapped_key_does_not_show_itself(document: bytes) -> None:
    wrapped = WrappedKey.model_validate_json(document)
    assert wrapped.wrapped not in repr(wrapped)
    assert wrapped.salt not in str(wrapped)


def test_a_changed_byte_opens_nothing(document: bytes) -> None:
    fields = json.loads(document)
    fields["wrapped"] = f"{int(fields['wrapped'][0], 16) ^ 1:x}" + fields["wrapped"][1:]
    with pytest.raises(StoreError):
        unwrap_key(json.dumps(fields).encode(), PASSPHRASE, context="store/one")


def test_it_is_a_file_that_names_what_it_is(tmp_path: Path, document: bytes) -> None:
    (tmp_path / "key.json").write_bytes(document)
    assert json.loads((tmp_path / "key.json").read_text())["format"] == "openmed.wrapped-key/1"
