import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.privacy.kinds import IdentifierKind
from openmed_agent.privacy.surrogates import (
    LONGEST,
    SurrogateStream,
    escaped,
    restored,
    surrogate,
    surrogate_spans,
    unescapable_spans,
)

KNOWN = {"[PATIENT_1]": "Maria Okafor", "[PATIENT_1_B]": "OKAFOR, MARIA", "[DATE_3]": "03/02/1958", "[ID_12]": "[x]"}

PIECES = st.sampled_from(
    [
        *KNOWN,
        *(
            "[PATIENT_9]",
            "[patient_1]",
            "[PATIENT 1]",
            "［PATIENT_1］",
            "[PAT\u200bIENT_1]",
            "[!PATIENT_1]",
            "[!!DATE_3]",
        ),
        *("[", "]", "[[", "]]", "!", "[PATIENT_", "1]", "[!", "[DATE", "_3", "x", " ", "\n", "［", "】", "[note 1]"),
        *("!" * 8, "[" + "!" * 8 + "ID_1]", "[" + "!" * 9 + "ID_1]", "[" + "a" * 60 + "]", "é", "\u202e"),
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=5), max_size=14).map("".join)


def test_a_surrogate_has_one_form() -> None:
    assert surrogate(IdentifierKind.PATIENT, 1, 1) == "[PATIENT_1]"
    assert surrogate(IdentifierKind.PERSON, 12, 2) == "[PERSON_12_B]"
    assert surrogate(IdentifierKind.MRN, 1, 26) == "[MRN_1_Z]"
    assert surrogate(IdentifierKind.MRN, 1, 27) == "[MRN_1_AA]"
    assert surrogate(IdentifierKind.MRN, 1, 703) == "[MRN_1_AAA]"


@given(st.integers(1, 100_000), st.integers(1, 100_000))
def test_two_spellings_never_share_a_surrogate(a: int, b: int) -> None:
    same = surrogate(IdentifierKind.ID, 1, a) == surrogate(IdentifierKind.ID, 1, b)
    assert same is (a == b)
    assert surrogate_spans(surrogate(IdentifierKind.ID, 1, a))


@pytest.mark.parametrize(
    "text",
    [
        "[PATIENT_1]",
        "[patient_1]",
        "[ PATIENT_1 ]",
        "[PATIENT 1]",
        "[PATIENT-1]",
        "[P\u200bATIENT_1]",
        "[ＰＡＴＩＥＮＴ_1]",
        "［PATIENT_1］",
        "【PATIENT_1】",
        "[РАTIENT_1]",  # Cyrillic letters
        "[PATIENT_1_B]",
        "[PATIENT_٣]",
    ],
)
def test_text_that_looks_like_a_surrogate_is_none_on_the_way_out_and_itself_on_the_way_back(text: str) -> None:
    out = escaped(f"see {text}.")
    assert out == f"see {text[0]}!{text[1:]}."
    assert not surrogate_spans(out)
    assert restored(out, KNOWN.get).text == f"see {text}."


@pytest.mark.parametrize(
    "text", ["[1]", "[note 1]", "[PATIENT]", "PATIENT_1", "[x PATIENT_1 y z is long]", "[]", "[\n]"]
)
def test_other_brackets_stay(text: str) -> None:
    assert escaped(text) == text
    assert restored(text, KNOWN.get).text == text
    assert restored(text, KNOWN.get).unknown == ()


def test_known_surrogates_are_replaced_and_unknown_ones_marked() -> None:
    shown = restored("[PATIENT_1_B] and [PATIENT_9], [patient_1].", KNOWN.get)
    assert shown.text == "OKAFOR, MARIA and [PATIENT_9 (unknown)], [patient_1 (unknown)]."
    assert shown.unknown == ("[PATIENT_9]", "[patient_1]")


@given(TEXTS)
def test_escapes_come_off_again(text: str) -> None:
    if not unescapable_spans(text):
        assert restored(escaped(text), {}.get).text == text
        assert not surrogate_spans(escaped(text))


@given(TEXTS, st.lists(st.integers(0, 200), max_size=12))
def test_a_stream_shows_what_the_whole_shows_wherever_it_is_cut(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts} | {0, len(text)})
    stream = SurrogateStream(lambda piece: restored(piece, KNOWN.get))
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    shown = "".join([*(stream.feed(piece) for piece in pieces), stream.close()])
    whole = restored(text, KNOWN.get)
    assert shown == whole.text
    assert set(stream.unknown) == set(whole.unknown)


@given(TEXTS)
def test_a_stream_holds_back_less_than_the_longest_look_alike(text: str) -> None:
    stream = SurrogateStream(lambda piece: restored(piece, {}.get))
    seen = 0
    for place, character in enumerate(text, start=1):
        seen += len(stream.feed(character))
        marks = len(" (unknown)") * len(text)
        assert place - LONGEST <= seen <= place + marks
