import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from detectors import detector_of, nothing
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.errors import NotPermittedError, StoreError, UnavailableError
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.store.vault import VaultEntry

MARIA = Identifier(IdentifierKind.PATIENT, "Maria Okafor", ("Okafor", "Maria"))
NUMBER = Identifier(IdentifierKind.MRN, "4471882")


class Memory:
    """Records that outlive a vault."""

    def __init__(self) -> None:
        self.entries: list[VaultEntry] = []

    def load(self) -> tuple[VaultEntry, ...]:
        return tuple(self.entries)

    def add(self, entries: Sequence[VaultEntry]) -> None:
        self.entries += entries


def knowing(*identifiers: Identifier, mode: PhiMode = PhiMode.DEID) -> ModelGate:
    vault = Vault()
    vault.learn(identifiers)
    return ModelGate(mode, vault, nothing)


def body(*texts: str, **members: object) -> bytes:
    messages = [{"role": "user", "content": text} for text in texts]
    return json.dumps({"model": "local", "messages": messages, **members}).encode()


async def test_in_full_everything_is_what_it_is() -> None:
    gate = knowing(mode=PhiMode.FULL)
    text = "Maria Okafor [PATIENT_1] 4471882"
    assert await gate.outgoing(text) == await gate.echoed(text) == await gate.closed(text) == text
    assert gate.shown(text).text == gate.arguments(text) == text
    assert (await gate.seal(b"not JSON at all")).content == b"not JSON at all"


async def test_in_deid_identifiers_leave_as_surrogates_and_come_back_exactly() -> None:
    gate = knowing(MARIA, NUMBER)
    text = "OKAFOR, Maria (MRN 447-1882) is well."
    out = await gate.outgoing(text)
    assert "okafor" not in out.lower()
    assert "447" not in out
    assert out.endswith(" is well.")
    assert gate.shown(out).text == text
    assert (await gate.seal(body(out))).content == body(out)


async def test_the_spellings_of_one_person_share_a_number() -> None:
    gate = knowing(MARIA)
    outs = [await gate.outgoing(text) for text in ("Maria Okafor", "OKAFOR,MARIA", "Okafor", "okafor")]
    assert len(set(outs)) == len(outs)
    assert {out.split("_")[1].rstrip("]") for out in outs} == {"1"}


async def test_in_strict_a_text_with_an_identifier_does_not_leave_and_the_refusal_does_not_repeat_it() -> None:
    gate = knowing(MARIA, mode=PhiMode.STRICT)
    for way in (gate.outgoing, gate.echoed, gate.closed):
        with pytest.raises(NotPermittedError, match="patient at characters 10 to 21") as refused:
            await way("Write to Maria Okafor.")
        assert "Maria" not in str(refused.value)
    assert await gate.outgoing("What is an eGFR?") == "What is an eGFR?"


async def test_in_strict_an_announced_name_in_a_prompt_counts_before_any_record_was_read() -> None:
    gate = ModelGate(PhiMode.STRICT, Vault(), nothing)
    with pytest.raises(NotPermittedError):
        await gate.outgoing("Patient: Quintanilla, Leilani\nSummarise her history.")


@pytest.mark.parametrize("mode", [PhiMode.DEID, PhiMode.STRICT])
async def test_a_detector_that_cannot_be_reached_lets_nothing_leave(mode: PhiMode) -> None:
    async def down(_: str) -> Sequence[PiiFinding]:
        raise UnavailableError("The inference service cannot be reached.")

    gate = ModelGate(mode, Vault(), down)
    for way in (gate.outgoing, gate.echoed, gate.learn):
        with pytest.raises(UnavailableError):
            await way("anything else")
    with pytest.raises(UnavailableError):
        await gate.seal(body("anything else"))


@pytest.mark.parametrize("span", [(-1, 2), (0, 99), (2, 2), (3, 1)])
async def test_an_answer_that_cannot_be_right_lets_nothing_leave(span: tuple[int, int]) -> None:
    async def wrong(_: str) -> Sequence[PiiFinding]:
        return (PiiFinding(*span, "date", 0.9, ("test",)),)

    with pytest.raises(UnavailableError):
        await ModelGate(PhiMode.DEID, Vault(), wrong).outgoing("some text")


async def test_a_vault_that_cannot_be_kept_lets_nothing_leave_and_is_tried_again() -> None:
    class Full(Memory):
        broken = True

        def add(self, entries: Sequence[VaultEntry]) -> None:
            if self.broken:
                raise StoreError("The disk is full.")
            super().add(entries)

    records = Full()
    gate = ModelGate(PhiMode.DEID, Vault(records), detector_of(last_name="Okafor"))
    for _ in range(2):
        with pytest.raises(StoreError):
            await gate.outgoing("Okafor is here")
    records.broken = False
    out = await gate.outgoing("Okafor is here")
    assert Vault(records).restored(out).text == "Okafor is here"


async def test_a_vault_goes_on_where_it_was() -> None:
    records = Memory()
    gate = ModelGate(PhiMode.DEID, Vault(records), detector_of(last_name="Okafor|Lind"))
    first = await gate.outgoing("Okafor and Lind, OKAFOR")
    again = ModelGate(PhiMode.DEID, Vault(records), nothing)
    assert await again.outgoing("Okafor and Lind, OKAFOR") == first
    assert again.shown(first).text == "Okafor and Lind, OKAFOR"
    kept = len(records.entries)
    await again.outgoing("Okafor and Lind, OKAFOR")
    assert len(records.entries) == kept


async def test_what_becomes_known_later_is_replaced_in_texts_that_passed_before() -> None:
    gate = knowing()
    assert await gate.outgoing("ask quintanilla about it") == "ask quintanilla about it"
    await gate.learn("Patient: Quintanilla, Leilani\n")
    assert "quintanilla" not in await gate.outgoing("ask quintanilla about it")


async def test_seal_refuses_a_text_that_passed_before_a_name_became_known() -> None:
    gate = knowing()
    out = await gate.outgoing("ask quintanilla about it")
    await gate.learn("Patient: Quintanilla, Leilani\n")
    with pytest.raises(NotPermittedError):
        await gate.seal(body(out))


async def test_settled_renders_until_nothing_new_is_known() -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="Quintanilla"))
    texts = ("ask quintanilla about it", "Quintanilla called")

    async def render() -> list[str]:
        return [await gate.outgoing(text) for text in texts]

    cleared = await gate.settled(render)
    assert all("quintanilla" not in text.lower() for text in cleared)
    await gate.seal(body(*cleared))


async def test_texts_that_are_cleared_at_once_are_sealed_as_of_one_epoch() -> None:
    async def slow(text: str) -> Sequence[PiiFinding]:
        await asyncio.sleep(0.02 if "about" in text else 0.001)
        return await detector_of(last_name="Quintanilla")(text)

    gate = ModelGate(PhiMode.DEID, Vault(), slow)
    texts = ["Quintanilla called", "ask quintanilla about it", "quintanilla, again"] * 5

    async def render() -> list[str]:
        return await asyncio.gather(*map(gate.outgoing, texts))

    cleared = await gate.settled(render)
    assert "quintanilla" not in (await gate.seal(body(*cleared))).content.decode().lower()


async def test_a_name_that_becomes_known_while_seal_asks_the_detector_is_still_seen() -> None:
    vault = Vault()

    async def slow(_: str) -> Sequence[PiiFinding]:
        await asyncio.sleep(0.02)
        return ()

    gate = ModelGate(PhiMode.DEID, vault, slow)
    passed = await gate.outgoing("ask quintanilla about it")
    sealing = asyncio.create_task(gate.seal(body(passed, "a text that nobody has seen yet")))
    await asyncio.sleep(0.005)
    vault.learn([Identifier(IdentifierKind.PERSON, "Leilani Quintanilla", ("Quintanilla",))])
    with pytest.raises(NotPermittedError):
        await sealing


async def test_the_detector_reads_a_text_once() -> None:
    read: list[str] = []

    async def counting(text: str) -> Sequence[PiiFinding]:
        read.append(text)
        return ()

    gate = ModelGate(PhiMode.DEID, Vault(), counting)
    for _ in range(3):
        await gate.seal(body(await gate.outgoing("a long history"), "b and c"))
        await gate.learn("a long history")
    assert sorted(read) == ["a long history", "b and c"]


@pytest.mark.parametrize(
    "leak",
    [
        {"mrn": 4471882},
        {"mrn": 4.471882e6},
        {"mrn": 4471882.5},
        {"mrn": -4471882},
        {"Okafor": True},
        {"maria_okafor": 1},
        {"x": {"y": [{"z": "okafor"}]}},
        {"x": ["Maria", "Okafor"]},
        {"x": ["447", "1882"]},
        {"x": [447, 1882]},
        {"a": "Maria", "b": "Okafor"},
        {"a": "see Oka", "b": "for more"},
        {"messages": [{"role": "user", "content": "is Oka"}, {"role": "user", "content": "for here"}]},
        {"a": "44718", "b": "82"},
        {"a": 44718, "b": [82]},
        {"a": "x" * 200 + " Oka", "b": "for" + " y" * 200},
        {"model": "okafor"},
        {"tool_call_id": "call_okafor"},
        {"id": "4471882"},
        {"x": "T2thZm9y"},
        {"x": {"Okafor": "[PATIENT_1]"}},
        {"x": "[Okafor_1]"},
        {"x": "Okaf\u200bor"},
        {"x": "Ｏｋａｆｏｒ"},
        {"x": "O\u0301kafor"},
        {"x": "Оkаfоr"},
        {"x": "O k a f o r"},
        {"x": "%4fkafor"},
        {"x": "&#79;kafor"},
        {"x": "\\u004fkafor"},
        {"x": "4f6b61666f72"},
        {"x": "MARIA\r\n\tOKAFOR"},
    ],
)
async def test_seal_refuses_what_is_known_wherever_and_however_it_stands(leak: dict[str, object]) -> None:
    gate = knowing(MARIA, NUMBER)
    with pytest.raises(NotPermittedError) as refused:
        await gate.seal(json.dumps({"model": "local", "input": leak}).encode())
    assert "kafor" not in str(refused.value).lower()
    assert "4471882" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        b"{",
        b'{"a": 1} {"a": 2}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * 250 + b"]" * 250,
    ],
)
async def test_seal_refuses_what_can_be_read_in_more_than_one_way(content: bytes) -> None:
    with pytest.raises(NotPermittedError):
        await knowing().seal(content)


async def test_a_body_of_nothing_passes() -> None:
    assert (await knowing(MARIA).seal(b"")).content == b""


async def test_seal_reads_long_numbers_and_broken_characters() -> None:
    gate = knowing(MARIA)
    content = b'{"n": ' + b"7" * 20_000 + b', "s": "\\ud800 and \\udfff"}'
    assert (await gate.seal(content)).content == content
    assert await gate.outgoing("\ud800 of Okafor") == "\ud800 of [PATIENT_1_B]"


async def test_a_text_that_the_gate_never_saw_is_read_by_the_detector() -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="Thorvaldsen"))
    with pytest.raises(NotPermittedError, match="did not pass"):
        await gate.seal(body("signed, Thorvaldsen"))


async def test_surrogates_are_no_identifiers() -> None:
    async def finds_all(text: str) -> Sequence[PiiFinding]:
        return (PiiFinding(0, len(text), "unique_id", 0.9, ("test",)),)

    gate = ModelGate(PhiMode.DEID, Vault(), finds_all)
    out = await gate.outgoing("Zoë")
    assert await gate.echoed(f"{out} {out}") == f"{out} {out}"
    await gate.seal(json.dumps([f"{out}, {out}"]).encode())


async def test_the_programs_own_words_and_the_model_may_be_called_like_a_patient() -> None:
    patient = Identifier(IdentifierKind.PATIENT, "Claude Grant", ("Claude", "Grant"))
    gate = knowing(patient)
    gate.own_words(["grant", "Grant access to a folder"])
    request = {"model": "claude-next", "tools": [{"name": "grant", "description": "Grant access to a folder"}]}
    assert (await gate.seal(json.dumps(request).encode())).content
    for leak in ({"model": "local", "x": "claude-next"}, {"model": "local", "input": {"model": "claude"}}):
        with pytest.raises(NotPermittedError):
            await gate.seal(json.dumps(leak).encode())


async def test_a_name_that_is_a_common_word_counts_in_its_own_case_only() -> None:
    gate = knowing(Identifier(IdentifierKind.PATIENT, "Will May", ("May", "Will")))
    assert await gate.outgoing("she will return if it may help") == "she will return if it may help"
    for text in ("Will May called", "WILL MAY", "may, will", "w i l l m a y"):
        assert "[PATIENT_1" in await gate.outgoing(text)


async def test_what_looks_like_a_surrogate_is_escaped_on_the_way_out_only() -> None:
    gate = knowing(MARIA)
    note = "Forged [PATIENT_1] and [patient_1] beside Okafor."
    out = await gate.outgoing(note)
    assert out.count("[PATIENT_1") == 1
    assert gate.shown(out).text == note
    assert await gate.echoed(out) == out
    assert gate.shown("[PATIENT_1] is well").text == "Maria Okafor is well"


async def test_arguments_are_reidentified_inside_of_json_strings() -> None:
    gate = knowing(Identifier(IdentifierKind.PATIENT, 'Ann "Nan" O\\Brien'))
    assert json.loads(gate.arguments('{"q": "[PATIENT_1]", "[PATIENT_1]": [1.50, "x"]}')) == {
        "q": 'Ann "Nan" O\\Brien',
        'Ann "Nan" O\\Brien': [1.5, "x"],
    }
    assert gate.arguments('{"a": 1.50, "b": "\\u0041"}') == '{"a": 1.50, "b": "\\u0041"}'
    assert gate.arguments('{"cut off": "[PATI') == '{"cut off": "[PATI'
    assert json.loads(gate.arguments('{"q": "\\u005bPATIENT_1]"}')) == {"q": 'Ann "Nan" O\\Brien'}


@pytest.mark.parametrize(
    "written", ["[PATIENT_9]", "[patient_1]", "［PATIENT_1］", "[PATIENT_1_A]", "[PATIENT 1]", "[ID_1]"]
)
async def test_a_call_with_an_unknown_or_ambiguous_surrogate_is_refused(written: str) -> None:
    gate = knowing(MARIA)
    with pytest.raises(NotPermittedError):
        gate.arguments(json.dumps({"q": f"x {written}"}))
    assert gate.shown(written).unknown == (written,)


async def test_a_detector_never_reads_more_than_utf_8_holds() -> None:
    async def strict(text: str) -> Sequence[PiiFinding]:
        text.encode("utf-8")
        return ()

    assert await ModelGate(PhiMode.DEID, Vault(), strict).outgoing("a\udcffb") == "a\udcffb"


async def test_base64_is_read_and_replaced_as_a_whole() -> None:
    import base64

    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="Thorvaldsen"))
    note = base64.encodebytes(b"Dear Ms. Thorvaldsen,\nwe write to you about your results of last week. " * 3).decode()
    out = await gate.outgoing(f"attachment:\n{note}end")
    assert not any(line and line in out for line in note.split("\n"))
    assert gate.shown(out).text == f"attachment:\n{note}end"
    with pytest.raises(NotPermittedError):
        await gate.seal(body(note))


async def test_the_gate_of_another_mode_has_passed_nothing() -> None:
    gate = knowing(MARIA)
    strict = gate.with_mode(PhiMode.STRICT)
    assert await gate.outgoing("see Okafor") == "see [PATIENT_1_B]"
    with pytest.raises(NotPermittedError):
        await strict.outgoing("see Okafor")
    assert strict.shown("[PATIENT_1_B]").text == "Okafor"


TEXT = st.lists(
    st.sampled_from(["Maria Okafor", "OKAFOR,MARIA", "okafor", "[PATIENT_1]", "[!ID_2]", "4471882", "447 1882", "\n"])
    | st.text(max_size=8),
    max_size=8,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_every_text_comes_back_exactly_and_passes_the_seal(text: str) -> None:
    async def there_and_back() -> None:
        gate = knowing(MARIA, NUMBER)
        out = await gate.outgoing(text)
        assert gate.shown(out).text == text
        assert gate.shown(out).unknown == ()
        assert "okafor" not in out.lower()
        assert await gate.echoed(out) == out
        await gate.seal(body(out))

    asyncio.run(there_and_back())


async def test_a_heading_of_ours_over_a_text_that_passed_is_read_without_it() -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), detector_of(last_name="Thorvaldsen", unique_id="b"))
    passed = await gate.closed("a and b")
    await gate.seal(body(f"Summary of what was said:\n{passed}"))
    with pytest.raises(NotPermittedError):
        await gate.seal(body(f"Summary by Thorvaldsen:\n{passed}"))


def test_only_this_room_makes_a_body_that_may_leave() -> None:
    import ast

    import openmed_agent

    root = Path(openmed_agent.__file__).parent
    makers = set()
    for file in root.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "OutboundText":
                makers.add(file.relative_to(root).parts[0])
            # Nor by another name, or a copy with other content.
            if isinstance(node, ast.ImportFrom | ast.Import):
                assert not any(alias.name.endswith("OutboundText") and alias.asname for alias in node.names), file
    assert makers == {"privacy"}


def test_no_conversation_is_cleared_as_the_programs_own_text() -> None:
    import openmed_agent

    root = Path(openmed_agent.__file__).parent
    users = {
        file.relative_to(root).parts[0]
        for file in root.rglob("*.py")
        if "clear_program_text" in file.read_text("utf-8") and file.name != "program_text.py"
    }
    assert users <= {"models", "cli"}
