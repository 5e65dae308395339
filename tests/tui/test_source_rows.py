"""A source in rows: every character once, nothing wider than the pane, evidence exactly between its brackets."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from openmed_agent.text.reading_lines import own_lines
from openmed_agent.tui.review.source_rows import CLOSING, OPENING, Look, SourceRows, shown_piece
from openmed_agent.workbench.requests.reviews import EvidencePlace, SourceLine, SourceView

TEXTS = st.text(alphabet="ab cé東👍\t\n\r\u202e\x1b⟦⟧\u0301", min_size=1, max_size=120)


def source_of(text: str, indent: int = 0) -> SourceView:
    lines = tuple(SourceLine(start=one.start, end=one.end, indent=indent) for one in own_lines(text))
    return SourceView(digest="s", name="note.txt", text=text, lines=lines)


def place(start: int, end: int) -> EvidencePlace:
    return EvidencePlace(source="s", start=start, end=end)


@given(TEXTS, st.integers(14, 40), st.integers(0, 30))
def test_rows_hold_each_line_once_and_fit(text: str, width: int, indent: int) -> None:
    rows = SourceRows(source_of(text, indent), width)
    by_line: dict[int, str] = {}
    for number in range(len(rows)):
        row = rows[number]
        assert row.first == (row.line not in by_line)
        by_line[row.line] = by_line.get(row.line, "") + text[row.start : row.end]
        shown = "".join(piece.text for piece in rows.pieces(number, None, ()))
        # One character can be wider than the pane where it is shown as its code; a blank at the end may stick out.
        assert row.indent + cell_len(shown.rstrip(" ")) <= width - 2 or row.end - row.start == 1
    assert list(by_line.values()) == [text[one.start : one.end] for one in own_lines(text)]


@given(TEXTS, st.data(), st.integers(14, 40))
def test_what_stands_between_the_brackets_is_the_evidence(text: str, data: st.DataObject, width: int) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    current = place(start, data.draw(st.integers(start + 1, len(text))))
    others = [place(at, at + 1) for at in range(0, len(text), 7)]
    rows = SourceRows(source_of(text), width)
    pieces = [piece for number in range(len(rows)) for piece in rows.pieces(number, current, others)]
    marked = "".join(piece.text for piece in pieces if piece.look is Look.EVIDENCE)
    expected = "".join(
        shown_piece(text[max(one.start, current.start) : min(one.end, current.end)])
        for one in own_lines(text)
        if max(one.start, current.start) < min(one.end, current.end)
    )
    assert marked == expected
    brackets = [piece.text for piece in pieces if piece.look is Look.BRACKET]
    assert brackets in ([OPENING, CLOSING], [OPENING], [CLOSING], [])  # a bracket at a line's end is not shown
    if marked and "\n" not in text[current.start : current.end] and "\r" not in text[current.start : current.end]:
        assert brackets == [OPENING, CLOSING]
    assert all(
        OPENING not in piece.text and CLOSING not in piece.text for piece in pieces if piece.look != Look.BRACKET
    )


def test_other_evidence_is_marked_in_a_quieter_way_and_never_twice() -> None:
    text = "Metformin 500 mg PO BID, lisinopril 10 mg PO daily"
    rows = SourceRows(source_of(text), 80)
    current, inside, apart = place(0, 23), place(10, 16), place(25, 50)
    pieces = [(piece.text, piece.look) for piece in rows.pieces(0, current, (inside, apart))]
    assert pieces == [
        (OPENING, Look.BRACKET),
        ("Metformin 500 mg PO BID", Look.EVIDENCE),
        (CLOSING, Look.BRACKET),
        (", ", Look.TEXT),
        ("lisinopril 10 mg PO daily", Look.OTHER),
    ]


@pytest.mark.parametrize("piece", ["x", " ", "東", "\u202e", "a ", "\t"])
def test_a_long_line_is_wrapped_in_a_time_that_grows_with_its_length(piece: str) -> None:
    source = source_of(piece * (200_000 // len(piece)))
    begun = time.process_time()
    rows = SourceRows(source, 60)
    assert time.process_time() - begun < 3  # what is quadratic takes minutes
    assert rows[len(rows) - 1].end == len(source.text)
