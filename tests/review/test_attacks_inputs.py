"""Documents made to exhaust or confuse a reader: each is refused, soon, in a sentence that quotes nothing of it."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from review_samples import NOON, PASSPHRASE, PATIENT, SITE, Ward, accept

from openmed_agent.errors import InputError, StoreError
from openmed_agent.secrets.passphrase import unwrap_key, wrap_key
from openmed_agent.workflows.approval import encode, parse_token
from openmed_agent.workflows.canonical import canonical_model
from openmed_agent.workflows.decisions import DecisionsFile, parse_decisions
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.verify import verify_bundle

SOON = 10.0  # seconds; each takes a few hundredths on an idle machine
HOSTILE: list[Callable[[bytes], bytes]] = [
    lambda content: content.replace(b'"revision":1', b'"revision":' + b"9" * 4_000_000),
    lambda content: content.replace(b'"revision":1', b'"revision":' + b"-" + b"1" * 400),
    lambda content: content.replace(b'"revision":1', b'"revision":1e400'),
    lambda content: content.replace(b'"revision":1', b'"revision":9007199254740993'),
    lambda content: content.replace(b'"revision":1', b'"revision":NaN'),
    lambda _: b'{"draft_id":' * 200_000 + b"1" + b"}" * 200_000,
    lambda _: b"[" * 4_000_000,
    lambda content: content + b"{}",
    lambda content: b"\xef\xbb\xbf" + content,
    lambda content: content.decode().encode("utf-16"),
    lambda content: content[:-1] + b',"note":"' + PATIENT.encode() + b'"}',
    lambda content: content.replace(b'"revision":1', b'"revision":1,"note":"\\ud800"'),
]
NAMES = [
    "long number",
    "long negative",
    "infinite",
    "2**53+1",
    "NaN",
    "deep",
    "open",
    "tail",
    "BOM",
    "UTF-16",
    "extra",
    "half",
]


def decisions_of(draft: Draft) -> bytes:
    return canonical_model(
        DecisionsFile(
            draft_id=draft.draft_id,
            revision=draft.revision,
            payload_digest=draft.payload_digest,
            decisions=tuple(accept(item) for item in draft.items),
        )
    )


@pytest.mark.parametrize("spoil", HOSTILE, ids=NAMES)
def test_a_hostile_decisions_file_is_refused(ward: Ward, spoil: Callable[[bytes], bytes]) -> None:
    honest = decisions_of(ward.draft)
    parse_decisions(honest)
    begun = time.monotonic()
    with pytest.raises(InputError) as refused:
        parse_decisions(spoil(honest))
    assert time.monotonic() - begun < SOON
    assert PATIENT not in str(refused.value)
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize("spoil", HOSTILE, ids=NAMES)
def test_a_hostile_manifest_is_a_fault_of_the_bundle(bundle: Path, spoil: Callable[[bytes], bytes]) -> None:
    manifest = bundle / "manifest.json"
    honest = manifest.read_bytes()
    manifest.write_bytes(spoil(honest))
    assert manifest.read_bytes() != honest
    begun = time.monotonic()
    report = verify_bundle(bundle, {})
    assert time.monotonic() - begun < SOON
    assert not report.ok
    assert PATIENT not in " ".join(report.problems)


@pytest.mark.parametrize("spoil", HOSTILE, ids=NAMES)
def test_a_hostile_record_of_the_review_is_a_fault_of_the_bundle(bundle: Path, spoil: Callable[[bytes], bytes]) -> None:
    decisions = bundle / "decisions.json"
    honest = decisions.read_bytes()
    decisions.write_bytes(spoil(honest))
    assert decisions.read_bytes() != honest
    begun = time.monotonic()
    report = verify_bundle(bundle, {})
    assert time.monotonic() - begun < SOON
    assert not report.ok


@pytest.mark.parametrize("spoil", HOSTILE, ids=NAMES)
def test_a_hostile_statement_is_no_approval(ward: Ward, spoil: Callable[[bytes], bytes]) -> None:
    token = ward.sign(ward.reviewed())
    content = spoil(token.statement.content())
    with pytest.raises(InputError) as refused:
        parse_token(f"openmed-approval.1.{encode(content)}.{encode(token.signature)}")
    assert token.statement.nonce not in str(refused.value)


def test_the_same_field_twice_is_not_a_second_reading_of_a_bundle(bundle: Path) -> None:
    """Readers differ in which of two equal names counts, so neither may."""
    for name, field in (("manifest.json", b'"signature":'), ("decisions.json", b'"action":"accept"')):
        path = bundle / name
        honest = path.read_bytes()
        doubled = honest.replace(
            field, b'"action":"reject",' + field if name == "decisions.json" else b'"signature":"A",' + field, 1
        )
        assert doubled != honest
        path.write_bytes(doubled)
        assert not verify_bundle(bundle, {}).ok
        path.write_bytes(honest)
    assert verify_bundle(bundle, {}).ok


def test_a_planted_wrapped_key_cannot_ask_for_all_the_memory() -> None:
    document = json.loads(wrap_key(b"k" * 32, PASSPHRASE, context="test"))
    for planted in (
        {"cost": 1 << 30},
        {"cost": 1 << 21},
        {"block_size": 1 << 20},
        {"parallelism": 1 << 20},
        {"cost": 2},
    ):
        with pytest.raises(StoreError, match="damaged"):
            unwrap_key(json.dumps({**document, **planted}).encode(), PASSPHRASE, context="test")


@pytest.fixture
def bundle(ward: Ward) -> Path:
    return finalize(ward.store, ward.sign(ward.reviewed()), home=ward.home, now=NOON, policy=SITE).destination
