import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from session_samples import add, make_session

from openmed_agent.store import Store


def found(store: Store, text: str) -> list[tuple[str, int]]:
    return [(hit.session_id, hit.sequence) for hit in store.sessions.search(text)]


def test_all_words_phrases_and_beginnings_are_found(store: Store) -> None:
    session = make_session(store)
    add(store, session, "chest pain since Monday", "no pain in the chest", "café au lait spots, OR maybe not")
    assert found(store, "chest pain") == [(session, 2), (session, 1)]  # the newest first
    assert found(store, '"chest pain"') == [(session, 1)]
    assert found(store, '"the chest" pain') == [(session, 2)]
    assert found(store, "mond*") == [(session, 1)]
    assert found(store, '"since mon"*') == [(session, 1)]
    assert found(store, "mond") == []
    assert found(store, "CAFE") == [(session, 3)]
    assert found(store, "spots OR") == [(session, 3)]  # a word like any other
    assert found(store, "chest OR spots") == []
    assert found(store, "chest nowhere") == []


def test_a_hit_says_where_and_shows_the_words_around_it(store: Store) -> None:
    session = make_session(store, "The title")
    add(store, session, " ".join(f"word{number}" for number in range(1000)), kind="tool_ended")
    [hit] = store.sessions.search("word500")
    assert (hit.title, hit.kind, hit.sequence) == ("The title", "tool_ended", 1)
    assert "word500" in hit.excerpt
    assert len(hit.excerpt.split()) <= 18


def test_the_number_of_hits_is_bounded(store: Store) -> None:
    session = make_session(store)
    add(store, session, *["fever"] * 5)
    assert [hit.sequence for hit in store.sessions.search("fever", limit=2)] == [5, 4]


@pytest.mark.parametrize(
    "hostile",
    ['"', '""', "*", '"*', "(", ")", "a AND", "NOT", "NEAR(a b, 2)", "text:a", "{text}:a", "^a", "a + b", "-a", "'",
     "';--", "\0", "a\0b", "\ud800", "￿", "%", "a" * 100_000, '"' * 10_001, "a " * 50_000, "\u202eabc", "🜚", "́"],
)  # fmt: skip
def test_no_query_is_an_error(store: Store, hostile: str) -> None:
    add(store, make_session(store), "a plain text")
    store.sessions.search(hostile)
    store.sessions.list(query=hostile)


def test_an_operator_is_read_as_a_word(store: Store) -> None:
    session = make_session(store)
    add(store, session, "not near and or")
    for query in ("NOT", "NEAR", "AND", "OR", "NEAR(and)", "^not", "-near", "text:near"):
        expected = [] if query == "text:near" else [(session, 1)]  # there is no word `text`
        assert found(store, query) == expected, query


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_can_be_searched_for(store: Store, text: str) -> None:
    store.sessions.search(text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), min_size=1, max_size=8))
def test_what_was_said_is_found_by_each_of_its_words_and_as_a_phrase(store: Store, words: list[str]) -> None:
    session = make_session(store)
    add(store, session, " ".join(words))
    for query in (*words, " ".join(words), f'"{" ".join(words)}"', f"{words[-1][:1]}*"):
        assert (session, 1) in [(hit.session_id, hit.sequence) for hit in store.sessions.search(query, limit=10_000)]


def test_a_list_is_narrowed_by_title_or_text(store: Store) -> None:
    titled, spoken, neither = make_session(store, "Knee: 50% better"), make_session(store), make_session(store)
    add(store, spoken, "the knee hurts")
    add(store, neither, "nothing of that")
    assert {one.session_id for one in store.sessions.list(query="knee")} == {titled, spoken}
    assert {one.session_id for one in store.sessions.list(query="50% b")} == {titled}
    assert store.sessions.list(query="shoulder") == ()
    assert len(store.sessions.list(query="  ")) == 3


def test_an_event_that_several_sessions_show_is_found_once_where_it_was_written(store: Store) -> None:
    parent = make_session(store)
    add(store, parent, "shared words")
    fork = store.sessions.fork(parent).session_id
    add(store, parent, "only in the parent")
    add(store, fork, "only in the fork")
    assert found(store, "shared") == [(parent, 1)]
    assert found(store, "only") == [(fork, 2), (parent, 2)]
    assert {one.session_id for one in store.sessions.list(query="shared")} == {parent, fork}
    assert {one.session_id for one in store.sessions.list(query="only parent")} == {parent}
    store.sessions.delete(parent)
    assert found(store, "shared") == [(fork, 1)]
    assert found(store, "only") == [(fork, 2)]
