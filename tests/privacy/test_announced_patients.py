"""Invented patients through learn, outgoing and seal: what a record announces is never left, however written."""

import json
import re

import pytest
from detectors import nothing
from patients import RECORDS, all_forms, dates, patient, plain_forms

from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault

SAMPLE = 30
ALL = 300
_SURROGATE = re.compile(r"\[[A-Z]+_[0-9]+(?:_[A-Z]+)?\]")
# What may stay of a form: "the" of a date, the time of a timestamp, the words of ours inside of base64.
_HARMLESS = re.compile(r"^the |T00:00:00Z$")


async def check(seed: int) -> None:
    of = patient(seed)
    record = RECORDS[seed % len(RECORDS)](of)
    gate = ModelGate(PhiMode.DEID, Vault(), nothing)
    await gate.learn(record)
    for form in all_forms(of):
        text = f"Seen today: {form}; stable."
        out = await gate.outgoing(text)
        assert gate.shown(out).text == text
        left = _HARMLESS.sub("", _SURROGATE.sub("", out.removeprefix("Seen today: ").removesuffix("; stable.")))
        assert sum(map(str.isalnum, left)) <= 2, (seed, form, out)
    whole = "\n\n".join((record, *plain_forms(of), *dates(of.birth)))
    cleared = await gate.outgoing(whole)
    assert gate.shown(cleared).text == whole
    sealed = await gate.seal(json.dumps({"messages": [{"content": cleared}]}).encode())
    sent = _SURROGATE.sub(" ", sealed.content.decode())
    letters = "".join(filter(str.isalnum, sent.lower()))
    for number in (of.ssn.replace("-", ""), of.mrn[-6:], of.member.lower(), of.phone_digits, f"{of.birth:%Y%m%d}"):
        assert number not in letters, (seed, number)
    for text in (of.name, f"{of.family}, {of.given}", of.mother, of.email, of.street):
        assert text.lower() not in sent.lower(), (seed, text)


@pytest.mark.parametrize("seed", range(SAMPLE))
async def test_what_a_record_announces_never_leaves(seed: int) -> None:
    await check(seed)


@pytest.mark.proof
@pytest.mark.parametrize("seed", range(SAMPLE, ALL))
async def test_what_any_record_announces_never_leaves(seed: int) -> None:
    await check(seed)
