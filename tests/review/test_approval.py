"""The token: one form, one signature, and no way to see it by accident."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.workflows.approval import (
    ApprovalStatement,
    ApprovalToken,
    check_signature,
    decode,
    encode,
    key_id,
    new_nonce,
    parse_token,
    sign_statement,
)
from openmed_agent.workflows.approval_file import read_approval_file, write_approval_file
from openmed_agent.workflows.review_record import ReviewerReference

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


def statement(**changes: Any) -> ApprovalStatement:
    fields: dict[str, Any] = {
        "draft_id": "0" * 32,
        "revision": 1,
        "payload_digest": "sha256:" + "a" * 64,
        "decisions_digest": "sha256:" + "b" * 64,
        "sources": ("sha256:" + "c" * 64,),
        "phi_mode": "deid",
        "destination": "/srv/out/bundle",
        "reviewer": ReviewerReference(name="Dr. Ada Quill", key=key_id(KEY.public_key())),
        "attestation": "interactive",
        "issued": "2026-03-02T12:00:00Z",
        "expires": "2026-03-02T13:00:00Z",
        "nonce": "d" * 64,
    }
    return ApprovalStatement(**{**fields, **changes})


TOKEN = sign_statement(statement(), KEY)
TEXT = TOKEN.reveal()


def with_statement(content: bytes) -> str:
    return f"openmed-approval.1.{encode(content)}.{TEXT.rpartition('.')[2]}"


def test_a_token_has_the_form_of_the_contract() -> None:
    prefix, statement_part, signature_part = TEXT.rsplit(".", 2)
    assert prefix == "openmed-approval.1"
    padded = statement_part + "=" * (-len(statement_part) % 4)
    fields = json.loads(base64.urlsafe_b64decode(padded))
    assert list(fields) == sorted(fields)
    assert set(fields) == {
        "schema",
        "draft_id",
        "revision",
        "payload_digest",
        "decisions_digest",
        "sources",
        "phi_mode",
        "destination",
        "reviewer",
        "attestation",
        "issued",
        "expires",
        "nonce",
    }
    assert len(base64.urlsafe_b64decode(signature_part + "==")) == 64
    check_signature(parse_token(TEXT))


def test_the_signature_is_made_for_this_purpose_only() -> None:
    bare = ApprovalToken(statement=TOKEN.statement, signature=KEY.sign(TOKEN.statement.content()))
    with pytest.raises(NotPermittedError):
        check_signature(bare)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "openmed-approval.1",
        "openmed-approval.1..",
        TEXT + "\n",
        " " + TEXT,
        TEXT + ".",
        TEXT + "=",
        TEXT + "A",
        TEXT[:-1],
        TEXT.replace("approval.1", "approval.2"),
        TEXT.upper(),
        TEXT + TEXT,
        "x" + TEXT,
        TEXT.replace("openmed-approval.1.", "openmed-approval.1.openmed-approval.1."),
        TEXT.replace("a", "á", 1),
        TEXT[:60] + " " + TEXT[60:],
        TEXT[:60] + "+" + TEXT[61:],
        TEXT[:60] + "/" + TEXT[61:],
        with_statement(b""),
        with_statement(b"{}"),
        with_statement(b"[]"),
        with_statement(b"null"),
        with_statement(TOKEN.statement.content() + b" "),
        with_statement(b" " + TOKEN.statement.content()),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":1.0')),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":true')),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":"1"')),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":1,"revision":1')),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":0')),
        with_statement(TOKEN.statement.content().replace(b'"revision":1', b'"revision":1,"zz":1')),
        with_statement(TOKEN.statement.content().replace(b"openmed.approval/1", b"openmed.approval/2")),
        with_statement(TOKEN.statement.content().replace(b"Dr. Ada", b"Dr.\\u0020Ada")),
        with_statement(json.dumps(json.loads(TOKEN.statement.content())).encode()),
        "openmed-approval.1." + "A" * 400_000,
        "openmed-approval.1." + "." * 100_000,
    ],
)
def test_what_is_not_exactly_a_token_is_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_token(text)
    assert str(caught.value) == "This is not an approval. Pass the approval file that signing wrote."


@given(place=st.integers(0, len(TEXT) - 1), character=st.characters(min_codepoint=33, max_codepoint=126))
def test_a_changed_character_never_verifies(place: int, character: str) -> None:
    changed = TEXT[:place] + character + TEXT[place + 1 :]
    if changed == TEXT:
        return
    with pytest.raises((InputError, NotPermittedError)):
        check_signature(parse_token(changed))


@given(st.binary(max_size=200))
def test_base64url_has_one_form(content: bytes) -> None:
    text = encode(content)
    assert decode(text) == content
    assert "=" not in text
    for other in (text + "=", text + "A", text + " ", "-" + text):
        try:
            assert decode(other) != content
        except ValueError:
            continue


@given(st.text(max_size=300))
def test_any_text_is_refused_or_a_token(text: str) -> None:
    with pytest.raises(InputError):
        parse_token("openmed-approval.1." + text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expires", "2026-03-02T12:00:00Z"),
        ("issued", "2026-13-02T12:00:00Z"),
        ("nonce", "D" * 64),
        ("destination", "relative/bundle"),
        ("sources", ("md5:1",)),
        ("attestation", "automatic"),
    ],
)
def test_a_statement_that_says_nothing_sensible_cannot_be_made(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        statement(**{field: value})
    assert "srv" not in str(caught.value)
    assert "D" * 10 not in str(caught.value)


def test_no_text_form_shows_a_token() -> None:
    secrets = (TEXT, TOKEN.statement.nonce, encode(TOKEN.signature), repr(TOKEN.signature), TOKEN.signature.hex())
    for shown in (repr(TOKEN), str(TOKEN), f"{TOKEN}", repr(TOKEN.statement), str(TOKEN.statement), repr([TOKEN])):
        assert not any(secret in shown for secret in secrets)


def test_another_key_cannot_sign_in_a_reviewers_name() -> None:
    with pytest.raises(ValueError, match="another key"):
        sign_statement(statement(), Ed25519PrivateKey.generate())


def test_nonces_are_random_and_long() -> None:
    nonces = {new_nonce() for _ in range(100)}
    assert len(nonces) == 100
    assert {len(nonce) for nonce in nonces} == {64}


def test_an_approval_file_is_private_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "approval"
    write_approval_file(path, TOKEN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_approval_file(path) == TOKEN
    with pytest.raises(InputError, match="exists already"):
        write_approval_file(path, TOKEN)
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(InputError, match="exists already"):
        write_approval_file(tmp_path / "link", TOKEN)
    assert not (tmp_path / "target").exists()


def test_an_approval_file_that_others_can_read_or_that_is_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "approval"
    write_approval_file(path, TOKEN)
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(InputError, match="not a private file"):
        read_approval_file(tmp_path / "link")
    path.chmod(0o644)
    with pytest.raises(InputError, match="not a private file"):
        read_approval_file(path)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", TEXT.encode() * 2, TEXT.encode() + b"\n\n", b"# token\n"])
def test_an_approval_file_holds_one_token_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "approval"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_approval_file(path)


def test_a_missing_approval_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no approval file"):
        read_approval_file(tmp_path / "none")
