"""What is pasted never acts as keys, however the terminal's bytes are cut."""

from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from openmed_agent.tui.paste_guard import PasteGuard

BEGINS, ENDS = "\x1b[200~", "\x1b[201~"
PIECES = st.sampled_from(
    [BEGINS, ENDS, "\x1b", "\x1b[", "\x1b[2", "\x1b[A", "0", "1~", "a", "q\r", "é", "\x1b]52;c;aGk=\x07"]
)


def read(pieces: list[str]) -> list[str]:
    """Return the keys and pastes that an application gets."""
    guard, parser = PasteGuard(), XTermParser()
    messages = [message for piece in pieces if (safe := guard.feed(piece)) for message in parser.feed(safe)]
    return [
        f"paste {one.text}" if isinstance(one, events.Paste) else f"key {one.key}"
        for one in messages
        if isinstance(one, events.Key | events.Paste)
    ]


def test_escape_sequences_in_a_paste_are_text() -> None:
    assert read([f"{BEGINS}safe \x1b[31mred\x1b[0m \x1b]52;c;aGk=\x07\x1bq\r{ENDS}y"]) == [
        "paste safe \u241b[31mred\u241b[0m \u241b]52;c;aGk=\x07\u241bq\r",
        "key y",
    ]


def test_keys_outside_of_a_paste_are_keys_at_once() -> None:
    guard = PasteGuard()
    assert guard.feed("\x1b") == "\x1b"
    assert guard.feed("[A") == "[A"


def test_a_paste_that_begins_in_pieces_is_guarded() -> None:
    assert read(["\x1b[2", "00~a", "\x1b", "[3", "1mb\x1b[20", "1~"]) == ["paste a\u241b[31mb"]


@given(st.lists(PIECES, max_size=12), st.data())
def test_it_does_not_matter_where_the_bytes_are_cut(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, cut = PasteGuard(), PasteGuard()
    assert "".join(cut.feed(part) for part in parts) == whole.feed(text)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_nothing_but_the_end_begins_with_escape_inside_a_paste(text: str) -> None:
    safe = PasteGuard().feed(BEGINS + text)
    inside = safe.removeprefix(BEGINS).split(ENDS)[0]
    assert "\x1b" not in inside
