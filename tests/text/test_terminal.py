import json
import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.text.terminal import cell_width, json_terminal_safe, terminal_safe

HOSTILE = [
    "\x1b[2J\x1b[H",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x9b31m",
    "\x90q\x9c",
    "abc\rxyz",
    "back\x08space",
    "\u202egnp.exe",
    "\u2066hidden\u2069",
    "zero\u200bwidth",
    "\ufefflead",
    "\U000e0041tag",
    "bell\x07",
]
ACTS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e0fff]")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_cannot_act_on_a_terminal(text: str) -> None:
    assert ACTS.search(text)
    assert not ACTS.search(terminal_safe(text))


@given(st.text())
def test_no_text_at_all_keeps_a_control_character(text: str) -> None:
    safe = terminal_safe(text, single_line=True)
    assert not ACTS.search(safe)
    assert "\n" not in safe
    assert "\t" not in safe
    safe.encode("utf-8")


# The letters and symbols among the characters of the property Default_Ignorable_Code_Point, and the blank braille
# pattern: they show as nothing, though their categories are those of text.
BLANK = "\u115f\u1160\u3164\uffa0\u2800"
OTHER_INVISIBLE = "".join(
    map(chr, [0x034F, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)


def test_every_format_character_becomes_visible() -> None:
    formats = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Cf"]
    assert len(formats) > 150
    assert [one for one in formats if terminal_safe(one) != f"\u2039U+{ord(one):04X}\u203a"] == []


@pytest.mark.parametrize("character", [*BLANK, *OTHER_INVISIBLE[:24], OTHER_INVISIBLE[-1]], ids=ascii)
def test_a_character_that_shows_as_nothing_becomes_visible(character: str) -> None:
    assert terminal_safe(f"warfarin 5{character}0 mg") == f"warfarin 5\u2039U+{ord(character):04X}\u203a0 mg"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u26a0\ufe0f Check \u2714\ufe0f", "\u26a0 Check \u2714"),
        ("\U0001f469\u200d\u2695\ufe0f", "\U0001f469\u2695"),
        ("\u2764\ufe0f\u200d\U0001f525", "\u2764\U0001f525"),
        ("1\ufe0f\u20e3", "1\u20e3"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
    ],
    ids=["warning", "health worker", "heart on fire", "keycap", "Persian verb"],
)
def test_what_only_styles_an_emoji_or_spells_a_word_is_left_out(text: str, shown: str) -> None:
    assert terminal_safe(text) == shown


@pytest.mark.parametrize(
    "text",
    ["5\ufe0f0 mg", "a\u200db", "a\u200cb", "\U0001f469\u200dmg", "\ufe0f", "\u200d\u2695", "1\u20e3\ufe0f"],
    ids=ascii,
)
def test_the_same_characters_elsewhere_become_visible(text: str) -> None:
    assert "\u2039U+" in terminal_safe(text)


def test_a_no_break_space_stays() -> None:
    assert terminal_safe("5\u00a0mg") == "5\u00a0mg"


@given(st.text(alphabet=st.characters(whitelist_categories=("L", "N", "P", "Zs"), blacklist_characters=BLANK)))
def test_plain_text_is_left_alone(text: str) -> None:
    assert terminal_safe(text) == text


def test_escape_becomes_its_picture_and_newlines_stay() -> None:
    assert terminal_safe("a\x1b[31mb\nc\td") == "a␛[31mb\nc\td"
    assert terminal_safe("a\r\nb") == "a\nb"
    assert terminal_safe("a\nb", single_line=True) == "a␊b"
    assert terminal_safe("\u202e") == "‹U+202E›"


def test_safe_text_is_not_changed_again() -> None:
    once = terminal_safe("".join(HOSTILE), single_line=True)
    assert terminal_safe(once, single_line=True) == once


@given(st.dictionaries(st.text(), st.text()))
def test_json_says_the_same_and_cannot_act(value: dict[str, str]) -> None:
    safe = json_terminal_safe(json.dumps(value, ensure_ascii=False))
    assert not ACTS.search(safe)
    assert json.loads(safe) == value


def test_wide_characters_take_two_cells() -> None:
    assert cell_width("abc") == 3
    assert cell_width("患者") == 4
    assert cell_width("e\u0301") == 1
