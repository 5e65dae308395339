"""Pieces and windows: nothing lost, nothing doubled, no offset moved."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openmed_agent.planes.inference.chunking import pieces, windows
from openmed_agent.text.spans import Span

TEXTS = st.text(alphabet=st.sampled_from(" \n\t\r.!?aé日𝒳\u200b"), max_size=400)


@given(TEXTS)
@example("x" * 400)
@example(" " * 400)
def test_pieces_partition_the_text(text: str) -> None:
    cut = pieces(text, size=50)
    assert "".join(piece.of(text) for piece in cut) == text
    assert all(piece.end - piece.start <= 50 for piece in cut)


@given(TEXTS.filter(lambda text: len(text) > 60), st.data())
def test_no_piece_cuts_a_given_span(text: str, data: st.DataObject) -> None:
    starts = data.draw(st.lists(st.integers(0, len(text) - 2), max_size=8))
    uncut = [Span(start, min(len(text), start + data.draw(st.integers(1, 70)))) for start in starts]
    cut = pieces(text, size=50, uncut=uncut)
    assert "".join(piece.of(text) for piece in cut) == text
    for border in {piece.start for piece in cut}:
        assert not any(span.start < border < span.end for span in uncut)


@given(TEXTS)
def test_every_character_but_blanks_is_in_the_window_that_owns_it(text: str) -> None:
    made = windows(text, size=50, overlap=10)
    for index, character in enumerate(text):
        owners = [window for window in made if window.owns(index)]
        assert len(owners) <= 1
        if not character.isspace():
            assert len(owners) == 1
            assert owners[0].span.start <= index < owners[0].span.end
    assert all(window.span.end - window.span.start <= 50 for window in made)
    assert all(window.span.of(text) == window.span.of(text).strip() != "" for window in made)


@given(st.lists(st.sampled_from(["COPD", "a", "left lung", "."]), min_size=30, max_size=120))
def test_a_mention_shorter_than_the_overlap_is_seen_whole_by_its_owner(words: list[str]) -> None:
    text = " ".join(words)
    made = windows(text, size=50, overlap=12)
    start = text.find("left lung")
    while start >= 0:
        (owner,) = [window for window in made if window.owns(start)]
        assert owner.span.start <= start
        assert owner.span.end >= start + len("left lung")
        start = text.find("left lung", start + 1)


def test_cuts_prefer_the_end_of_a_paragraph_then_a_line_then_a_sentence() -> None:
    head = "a" * 60
    assert pieces(f"{head}. b\nc\n\n{'d' * 60}", size=75)[0].of(f"{head}. b\nc\n\n{'d' * 60}").endswith("c\n\n")
    assert pieces(f"{head}. b\n{'d' * 60}", size=75)[0].of(f"{head}. b\n{'d' * 60}").endswith("b\n")
    assert pieces(f"{head}. b {'d' * 60}", size=75)[0].of(f"{head}. b {'d' * 60}").endswith(". ")


def test_a_window_needs_room_to_advance() -> None:
    with pytest.raises(ValueError, match="window"):
        windows("x" * 100, size=30, overlap=10)


def test_a_megabyte_without_any_blank_is_cut_in_linear_time() -> None:
    text = "x" * 1_000_000
    assert sum(piece.end - piece.start for piece in pieces(text)) == len(text)
    assert len(windows(text)) == pytest.approx(len(text) / 7_200, abs=2)
