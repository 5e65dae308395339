"""The words of a text, the parts of it that are searched, and what the model makes of words it does not know."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import sequence_model
from openmed_agent.planes.inference.pii.patterns import line_parts_around
from openmed_agent.planes.inference.pii.reading import read
from openmed_agent.planes.inference.pii.sequence_features import Sentence, beside, between, itself, traits
from openmed_agent.planes.inference.pii.tokens import tokenize


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["Anna's", "O'Neil", "é", "e\u0301", " ", "\n", ", ", "12", "x's-y", "A", "-"])).map(
        "".join
    )
)
def test_words_and_the_gaps_before_them_are_the_text_again(text: str) -> None:
    tokens = tokenize(text)
    end = tokens[-1].end if tokens else 0
    assert "".join(token.gap + token.text for token in tokens) + text[end:] == text
    assert all(text[token.start : token.end] == token.text for token in tokens)


def test_a_letter_keeps_its_accent_and_marks_join_letters_only() -> None:
    text = "Jose\u0301-O\u0301'Neil\u0301 '\u0301x' -é- a--b d\u0301\u0301e"
    words = [token.text for token in tokenize(text)]
    assert words == ["Jose\u0301-O\u0301'Neil\u0301", "x", "é", "a", "b", "d\u0301", "e"]


def test_look_alikes_are_read_as_plain_characters_in_their_place() -> None:
    reading = read("Ann\u2019s\u00a0\uff2d\uff32\uff2e\uff1a\u3000\uff11\u2013\uff12\u2028é漢")
    assert reading.text == "Ann's MRN: 1-2\né漢"
    assert reading.is_original


def test_parts_of_lines_end_with_their_line_and_are_joined_where_they_touch() -> None:
    text = "Seen at\nMercy Clinic, Elm Clinic\r\nby us"
    parts = line_parts_around(text, re.compile("Clinic"), left=30, right=30)
    assert [text[start:end] for start, end in parts] == ["Mercy Clinic, Elm Clinic\r"]
    narrow = line_parts_around(text, re.compile("Clinic"), left=2, right=1)
    assert [text[start:end] for start, end in narrow] == ["y Clinic,", "m Clinic\r"]


def test_the_odds_of_a_word_are_those_of_its_features() -> None:
    text = "Met Zorvath Quillen, RN, at Tarnby"
    sentence = Sentence(text, tokenize(text), ())
    model = sequence_model.model()
    for node, features in zip(sequence_model._nodes(sentence, 0, 6), sentence.features(), strict=True):
        for got, of_features, alone in zip(node, model.product(features), model.alone, strict=True):
            assert abs(got - of_features * alone) < 1e-9 * of_features * alone


def test_features_name_english_words_and_never_others() -> None:
    known, unknown = traits("Hospital"), traits("Zorvath")
    assert "w=hospital" in itself(known)
    assert not any("zorvath" in feature for feature in itself(unknown))
    assert not any(
        "zorvath" in feature for group in beside(unknown.name, *unknown[:2], unknown.brief) for feature in group
    )
    assert between("Xxl", 0, "title", ".", ",", "edge") == ("title<.>,edge", "title|Xxl/0")
