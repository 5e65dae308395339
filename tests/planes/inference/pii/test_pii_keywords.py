"""The words and outlines that are asked for before an expression is tried: none is missed that it would find."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import addresses, organizations, places
from openmed_agent.planes.inference.pii.keywords import keys, words_as_written, words_shown

_ANY_SIZE = st.sampled_from(
    ["street", "STREET", "ſtreet", "Box", "via", "vİa", "vıa", "pike", "pi\u212ae", "ALLÉE", "allée"]
)
_BETWEEN = st.text(alphabet=" .,;-_3é漢x\n", max_size=2)


def _found(text: str) -> set[tuple[str, str]]:
    found = addresses.find(text, text.lower())
    return {(finding.label, text[finding.start : finding.end]) for finding in found}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_BETWEEN, _ANY_SIZE), max_size=6))
def test_every_word_is_told_that_an_expression_finds_between_other_characters(parts: list[tuple[str, str]]) -> None:
    text = "".join(between + word for between, word in parts)
    words = ("street", "box", "via", "pike", "allée")
    found = {word for word in words if re.search(rf"\b{word}\b", text, re.IGNORECASE)}
    told = words_shown(text, keys(" ".join(words)))
    assert found <= {word.decode("latin-1") for word in told}


def test_words_as_written_are_told_by_their_letters_size() -> None:
    assert words_as_written("the St. Luke clinic, Mount(3)", keys("St Mount Clinic")) == keys("St Mount")


@pytest.mark.parametrize(
    ("text", "label", "value"),
    [
        ("Send to P.O.Box 4410.", "street_address", "P.O.Box 4410"),
        ("Send to POBox 4410.", "street_address", "POBox 4410"),
        ("flat at Apt. 12B today", "street_address", "Apt. 12B"),
        ("seen in room 412 today", "building_number", "412"),
        ("seen in Rm.412 today", "building_number", "412"),
        ("zipcode:90210", "zipcode", "90210"),
        ("zip 90210-1234 only", "zipcode", "90210-1234"),
        ("Ottawa K1A0B1", "zipcode", "K1A0B1"),
        ("Ottawa K1A 0B1", "zipcode", "K1A 0B1"),
        ("London SW1A 1AA", "zipcode", "SW1A 1AA"),
        ("Bengaluru - 560 034", "zipcode", "560 034"),
        ("Bengaluru-560034", "zipcode", "560034"),
        ("(Karnataka)-560034", "zipcode", "560034"),
        ("Geelong VIC 3220", "zipcode", "3220"),
        ("90210 SPRINGFIELD", "zipcode", "90210"),
        ("at 12 Baker Street,", "street_address", "12 Baker Street"),
        ("at 12 Baker ſtreet,", "street_address", "12 Baker ſtreet"),
        ("at 12 Baker Pi\u212ae,", "street_address", "12 Baker Pi\u212ae"),
        ("moved to 12 bis, rue Victor Hugo", "street_address", "12 bis, rue Victor Hugo"),
        ("moved to 12 allée Victor", "street_address", "12 allée Victor"),
        ("moved to ٣ rue Victor", "street_address", "٣ rue Victor"),
        ("wohnt Am Markt 5, 89073 Ulm", "street_address", "Am Markt 5"),
        ("wohnt Lindenweg 5", "street_address", "Lindenweg 5"),
        ("wohnt Berliner Str. 5", "street_address", "Berliner Str. 5"),
        ("lakik: Kossuth utca 5", "street_address", "Kossuth utca 5"),
        ("mora 12 Rua Augusta", "street_address", "12 Rua Augusta"),
        ("12 34 Via Roma", "street_address", "12 34 Via Roma"),
        ("  Okafor Lindenhof 221", "street_address", "  Okafor Lindenhof 221"),
        ("residence: 12 Lindenhof", "street_address", "12 Lindenhof"),
        ("lives at 12 Lindenhof", "street_address", "12 Lindenhof"),
    ],
)
def test_an_address_of_every_kind_passes_what_is_asked_first(text: str, label: str, value: str) -> None:
    assert (label, value) in _found(text)


@pytest.mark.parametrize(
    "text",
    ["0 " * 300_000, "Lindenhof 12, " * 40_000, "12 rue " * 80_000, "1 Rua Rua " * 60_000, "Texas 12345 " * 40_000],
)
def test_a_long_hostile_text_is_read_in_time_linear_in_it(text: str) -> None:
    def seconds(part: str) -> float:
        start = time.process_time()
        for family in (addresses, places, organizations):
            for _ in family.find(part, part.lower()):
                pass
        return time.process_time() - start

    quarter = seconds(text[: len(text) // 16])
    assert seconds(text[: len(text) // 4]) < 8 * quarter + 0.1
