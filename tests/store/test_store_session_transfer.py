"""Sessions that leave a store as a file and come into one: exactly, or not at all."""

import io
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session_samples import add, documents, make_session, rows_of
from store_samples import RECORDS_OF_MAKING, key_of, open_with_file

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.store import Store
from openmed_agent.store.sealed_export import is_sealed, seal, seal_pieces, unseal, unseal_pieces
from openmed_agent.store.session_file import ImportRules
from openmed_agent.store.vault import VaultEntry

PASSPHRASE = "an invented passphrase"
NAMES = ("sessions", "logs", "events", "event_texts", "results", "vault_entries")
ANY = ImportRules(modes=lambda phi, agent: (phi, agent), check_event=lambda *_: None, check_entry=lambda _: None)
ENTRY = VaultEntry("[PERSON_1]", "Zora Quillfeather\ud800", "name", 1)


def filled(store: Store) -> tuple[str, str]:
    """Return a session with everything in it, a fork in its line, and the handle of its result."""
    parent = make_session(store, 'Knee "pain" \u202e')
    add(store, parent, "one – with a dash", "two")
    handle = store.sessions.keep_result(parent, "a long result\ud800\0\n")
    store.sessions.append(parent, "tool_ended", b"\xff\xfe no UTF-8", expected=2)
    session = store.sessions.fork(parent).session_id
    add(store, session, '{"shown": "four"}')
    store.sessions.vault(session).add([ENTRY])
    return session, handle


def exported(store: Store, session: str) -> bytes:
    return b"".join(store.sessions.export(session, plain=True))


def tried(store: Store, content: bytes, rules: ImportRules = ANY) -> str:
    """Return the sentence with which a file is refused."""
    with pytest.raises(InputError) as refused:
        store.sessions.import_pieces([content], rules)
    return refused.value.message


def test_a_session_comes_into_another_store_as_it_was(store: Store, tmp_path: Path) -> None:
    session, handle = filled(store)
    content = exported(store, session)
    with open_with_file(tmp_path / "other" / "openmed") as other:
        made = other.sessions.import_pieces([content[:100], content[100:]], ANY)
        assert made.session_id != session
        assert made.parent is None
        before, after = store.sessions.get(session), other.sessions.get(made.session_id)
        assert (after.title, after.phi_mode, after.agent_mode, after.model) == (
            before.title,
            before.phi_mode,
            before.agent_mode,
            before.model,
        )
        assert list(other.sessions.events(made.session_id)) == list(store.sessions.events(session))
        assert other.sessions.result(made.session_id, handle) == "a long result\ud800\0\n"
        assert other.sessions.vault(made.session_id).load() == (ENTRY,)
        assert [hit.sequence for hit in other.sessions.search("dash")] == [1]
        assert other.audit.verify().ok
        add(other, made.session_id, "five")
        assert exported(other, made.session_id).count(b"\n") == content.count(b"\n") + 1


def test_the_same_file_twice_makes_two_sessions(store: Store) -> None:
    session, _ = filled(store)
    content = exported(store, session)
    twins = [store.sessions.import_pieces([content], ANY) for _ in range(2)]
    assert len({one.session_id for one in twins} | {session}) == 3
    assert len({one.vault_id for one in twins}) == 2


def test_export_and_import_are_audited_by_id(store: Store) -> None:
    session, _ = filled(store)
    made = store.sessions.import_pieces([exported(store, session)], ANY)
    records = list(store.audit.records())[RECORDS_OF_MAKING + 2 :]
    assert [(one.act, one.subject, one.details) for one in records] == [
        ("session.exported", session, '{"events":4,"form":"plain"}'),
        ("session.imported", made.session_id, '{"events":4}'),
    ]


def test_an_export_shows_one_state_while_the_session_goes_on(store: Store, root: Path) -> None:
    session = make_session(store)
    add(store, session, *(str(number) for number in range(600)))
    with open_with_file(root) as other:
        lines = other.sessions.export(session, plain=True)
        first = next(lines)
        add(store, session, "later")
        content = first + b"".join(lines)
    made = store.sessions.import_pieces([content], ANY)
    assert documents(store, made.session_id) == [str(number) for number in range(600)]


def rows(root: Path) -> list[int]:
    return [rows_of(root, key_of(root), name) for name in NAMES]


def edited(change: Callable[[list[str]], list[str]]) -> Callable[[bytes], bytes]:
    """Return a change of the lines of a file that keeps its end true to them."""

    def apply(content: bytes) -> bytes:
        import hashlib

        kept = "".join(change(content.decode().splitlines(keepends=True)[:-1])).encode()
        digest = hashlib.sha256(kept).hexdigest()
        end = {"type": "end", "lines": kept.count(b"\n"), "digest": f"sha256:{digest}"}
        return kept + json.dumps(end).encode() + b"\n"

    return apply


def changed_field(line: int, **fields: object) -> Callable[[bytes], bytes]:
    def change(lines: list[str]) -> list[str]:
        lines[line] = json.dumps(json.loads(lines[line]) | fields) + "\n"
        return lines

    return edited(change)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "another file": lambda _: b"Dear Sir or Madam,\n",
    "an array": lambda _: b"[" * 100_000,
    "no lines": lambda _: b"x" * 200_000,
    "cut in a line": lambda content: content[:-5],
    "without its end": lambda content: content[: content.rindex(b"\n", 0, -1) + 1],
    "more after its end": lambda content: content + b"{}\n",
    "an event changed": lambda content: content.replace(b"two", b"twi"),
    "a line twice": lambda content: re.sub(rb"(\{\"type\":\"event\",\"sequence\":2.*\n)", rb"\1\1", content),
    "two headers": edited(lambda lines: [lines[0], *lines]),
    "no header": edited(lambda lines: lines[1:]),
    "an unknown line": edited(lambda lines: [*lines, '{"type":"approval"}\n']),
    "an unknown field": changed_field(0, session_id="0" * 32),
    "a newer format": changed_field(0, format="openmed.session/2"),
    "a gap": edited(lambda lines: [one for one in lines if '"sequence":2' not in one]),
    "an order": edited(lambda lines: [*lines[:-2], lines[-1], lines[-2]]),
    "a result twice": edited(lambda lines: [*lines[:3], lines[2], *lines[3:]]),
    "a sequence of 10^4000": edited(lambda lines: [*lines[:-1], lines[-1].replace(":4,", ":4" + "0" * 4000 + ",")]),
    "a sequence below one": changed_field(-1, sequence=0),
    "a kind with spaces": changed_field(-1, kind="an event"),
    "no time": changed_field(-1, appended="yesterday"),
    "a time without its zone": changed_field(-1, appended="2026-01-01T00:00:00"),
    "a time before all others": changed_field(-1, appended="0001-01-01T00:00:00+14:00"),
    "no base64": changed_field(-1, document={"base64": "*"}),
    "a lone surrogate": edited(lambda lines: [*lines[:-1], lines[-1].replace("four", "\\ud800")]),
    "a handle of its own": changed_field(2, handle="../../etc/passwd"),
    "an entity that is a text": changed_field(1, entity="1"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_in_one_sentence_and_leaves_nothing(store: Store, root: Path, name: str) -> None:
    session, _ = filled(store)
    content = exported(store, session)
    hostile = HOSTILE[name](content)
    assert hostile != content
    before = rows(root)
    message = tried(store, hostile)
    assert re.fullmatch(r"[^.]+\.", message)
    assert "two" not in message
    assert rows(root) == before
    assert store.audit.verify().ok
    store.sessions.import_pieces([content], ANY)  # the file itself was good


def test_what_the_rooms_above_refuse_leaves_nothing(store: Store, root: Path) -> None:
    session, _ = filled(store)
    content = exported(store, session)
    before = rows(root)

    def refuse(*_: object) -> None:
        raise ValueError("unknown")

    def refuse_modes(*_: object) -> tuple[str, str]:
        raise InputError("The file names a mode that this version does not have.")

    for rules in (
        ImportRules(modes=ANY.modes, check_event=refuse, check_entry=ANY.check_entry),
        ImportRules(modes=ANY.modes, check_event=ANY.check_event, check_entry=refuse),
        ImportRules(modes=refuse_modes, check_event=ANY.check_event, check_entry=ANY.check_entry),
    ):
        tried(store, content, rules)
        assert rows(root) == before
    narrowed = ImportRules(
        modes=lambda *_: ("strict", "plan"), check_event=ANY.check_event, check_entry=ANY.check_entry
    )
    made = store.sessions.import_pieces([content], narrowed)
    assert (made.phi_mode, made.agent_mode) == ("strict", "plan")


def test_a_line_that_never_ends_is_refused_before_it_is_held(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openmed_agent.store.session_file.LONGEST_LINE", 1 << 20)
    given_out = 0

    def endless() -> Iterator[bytes]:
        nonlocal given_out
        while True:
            given_out += 1
            yield b"x" * 65_536

    with pytest.raises(InputError, match="larger than any"):
        store.sessions.import_pieces(endless(), ANY)
    assert given_out == 17


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_change_of_single_bytes_goes_unnoticed(store: Store, data: st.DataObject) -> None:
    session = store.sessions.list()[0].session_id if store.sessions.list() else filled(store)[0]
    content = bytearray(exported(store, session))
    place = data.draw(st.integers(0, len(content) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda one: one != content[place]))
    content[place] = value
    count = len(store.sessions.list())
    try:
        made = store.sessions.import_pieces([bytes(content)], ANY)
    except OpenMedError:
        assert len(store.sessions.list()) == count
    else:  # white space in the last line, which the digest does not cover
        assert documents(store, made.session_id) == documents(store, session)
        store.sessions.delete(made.session_id)


HEADER = b"a header\n"
CIPHER = AESGCM(b"k" * 32)


def sealed(content: bytes, size: int = 70_000) -> bytes:
    """Seal under a key of the test's own, since a passphrase takes a third of a second."""
    pieces = (content[start : start + size] for start in range(0, len(content), size))
    return b"".join(seal_pieces(pieces, CIPHER, HEADER))


def opened(file: bytes) -> bytes:
    stream = io.BytesIO(file)
    return b"".join(unseal_pieces(stream, CIPHER, stream.read(len(HEADER))))


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 2 << 20])
def test_what_was_sealed_comes_out_as_it_went_in(size: int) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    file = sealed(content)
    assert opened(file) == content
    assert size < 256 or bytes(range(256)) not in file


def test_a_sealed_file_that_was_changed_gives_nothing_from_there_on() -> None:
    content = b"a" * (1 << 20) + b"b" * (1 << 20) + b"c"
    file = sealed(content)
    size = (1 << 20) + 16
    head, pieces = file[: len(HEADER)], file[len(HEADER) :]
    first, second, last = pieces[:size], pieces[size : 2 * size], pieces[2 * size :]
    for changed in (
        file[:-1],
        head + first + second,  # a whole piece is gone from the end
        head + first,
        head,
        file + b"x",
        head + second + first + last,
        head + second + last,
        head + first + last,
        head + first[:5] + b"\0\0" + first[7:] + second + last,
        b"A header\n" + pieces,
    ):
        with pytest.raises(InputError, match="changed"):
            opened(changed)


def test_a_file_opens_with_its_passphrase_alone() -> None:
    file = b"".join(seal([b"the content"], PASSPHRASE))
    assert is_sealed(io.BytesIO(file))
    assert b"content" not in file
    assert b"".join(unseal(io.BytesIO(file), PASSPHRASE)) == b"the content"
    with pytest.raises(InputError, match="passphrase is wrong"):
        unseal(io.BytesIO(file), "another passphrase")
    with pytest.raises(InputError, match="shorter than 12"):
        seal([b"content"], "too short")


@pytest.mark.parametrize("strange", [b"", b"{}\n", b'{"format":"openmed.sealed-session/1","key":{}}\n', b"x" * 9000])
def test_another_file_is_not_taken_for_a_sealed_one(strange: bytes) -> None:
    with pytest.raises(InputError, match="not an exported session"):
        unseal(io.BytesIO(strange), PASSPHRASE)
