import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.text.spans import Span, covering, trimmed, without_overlaps

SPANS = st.tuples(st.integers(0, 50), st.integers(1, 20)).map(lambda pair: Span(pair[0], pair[0] + pair[1]))


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 3), (4, 2)])
def test_an_empty_or_negative_span_cannot_be_made(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


@given(SPANS, SPANS)
def test_overlap_is_symmetric_and_means_a_shared_character(one: Span, other: Span) -> None:
    shared = set(range(one.start, one.end)) & set(range(other.start, other.end))
    assert one.overlaps(other) == other.overlaps(one) == bool(shared)
    assert one.contains(other) == (set(range(other.start, other.end)) <= set(range(one.start, one.end)))


@given(st.lists(SPANS, min_size=1))
def test_covering_contains_every_span(spans: list[Span]) -> None:
    whole = covering(spans)
    assert all(whole.contains(span) for span in spans)


@given(st.lists(SPANS))
def test_without_overlaps_keeps_disjoint_spans_and_loses_only_overlapping_ones(spans: list[Span]) -> None:
    kept = without_overlaps(spans)
    assert list(kept) == sorted(kept)
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(kept))
    assert all(any(span.overlaps(other) for other in kept) for span in spans)


@given(st.text(alphabet=" \n\tab"))
def test_trimmed_is_what_strip_leaves(text: str) -> None:
    span = trimmed(text, 0, len(text))
    assert (span.of(text) if span else "") == text.strip()
