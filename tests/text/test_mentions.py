"""What writes a file's name into a prompt and what finds it there agree."""

from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.text.mentions import mention_of, named_in

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@given(NAMES, st.text(max_size=10), st.text(max_size=10))
def test_every_mention_is_found(name: str, before: str, after: str) -> None:
    mention = mention_of(name)
    if mention is None:
        assert "\n" in name or ('"' in name and "'" in name)
    else:
        assert name in named_in(f"{before}\n{mention}\n{after}") or any(quote in before for quote in "\"'")
        assert name in named_in(mention)


def test_plain_names_are_bare_and_others_are_quoted() -> None:
    assert mention_of("labs/panel.csv") == "@labs/panel.csv"
    assert mention_of("progress note.txt") == '@"progress note.txt"'
    assert mention_of("draft(final)") == '@"draft(final)"'  # a closing bracket may be the sentence's
    assert mention_of("notes.") == '@"notes."'
    assert mention_of('Anna "Ann" O.txt') == "@'Anna \"Ann\" O.txt'"
    assert mention_of("both \" and '.txt") is None
    assert mention_of("two\nlines.txt") is None
    assert mention_of("no text \udcff.txt") is None
    assert mention_of("") is None


def test_words_are_still_found_without_marks() -> None:
    assert set(named_in("see (note.txt), `labs.csv`. Then @chart.json!")) >= {"note.txt", "labs.csv", "chart.json"}


def test_it_stays_linear() -> None:
    for hostile in ('@"' * 500_000, "@'\"" * 300_000, "(@" * 500_000, "@" * 1_000_000):
        assert sum(1 for _ in named_in(hostile)) < 1_000_001
