"""Names ranked by what was typed of them."""

from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.text.fuzzy import Fit, match, ranked


def best(query: str, *names: str) -> list[str]:
    return ranked(query, names, str, limit=10)


def fit(query: str, name: str) -> Fit | None:
    found = match(query, name)
    return found and found.fit


def test_how_a_query_fits() -> None:
    assert fit("note", "charts/note") is Fit.WHOLE
    assert fit("no", "charts/note.txt") is Fit.BEGINNING
    assert fit("dsn", "discharge-summary-note.txt") is Fit.WORD_STARTS
    assert fit("disno", "discharge-summary-note.txt") is Fit.WORD_STARTS
    assert fit("gress", "progress.txt") is Fit.INSIDE
    assert fit("pgs", "progress.txt") is Fit.LETTERS
    assert fit("xyz", "progress.txt") is None
    assert fit("PROG", "Progress.txt") is Fit.BEGINNING


def test_the_order_is_beginning_words_inside_letters() -> None:
    assert best("lab", "xlxaxb.txt", "collab.txt", "l-a-b.txt", "lab.txt") == [
        "lab.txt",
        "l-a-b.txt",
        "collab.txt",
        "xlxaxb.txt",
    ]


def test_a_file_comes_before_a_folder_of_that_name_and_equals_keep_their_order() -> None:
    assert best("lab", "labs/x.txt", "x/labs.txt") == ["x/labs.txt", "labs/x.txt"]
    assert best("n", "na", "nb", "nc") == ["na", "nb", "nc"]
    assert best("", "b", "a") == ["b", "a"]


def test_the_limit_holds() -> None:
    assert ranked("a", ["a"] * 100, str, limit=3) == ["a"] * 3


@given(st.text(max_size=12), st.text(max_size=40))
def test_the_letters_are_where_it_says(query: str, name: str) -> None:
    found = match(query, name)
    if found is not None:
        assert list(found.at) == sorted(set(found.at))
        assert len(found.at) == len(query)
        assert all(name[place].lower()[:1] == letter.lower()[:1] for place, letter in zip(found.at, query, strict=True))
