"""Stand-ins: one person, one name; forms, checks and reserved ranges; agreement within a scope."""

import datetime as dt
import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.date_shift import shifted
from openmed_agent.planes.inference.pii.deidentify import deidentify
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keyed import KeyedChoices
from openmed_agent.planes.inference.pii.languages import checksums as national
from openmed_agent.planes.inference.pii.national_forms import nhs
from openmed_agent.planes.inference.pii.surrogate_numbers import formed, is_reserved
from openmed_agent.planes.inference.pii.wordfile import section

KEY = b"k" * 32
CHOICES = KeyedChoices(KEY, "p1")


def findings(text: str, *marked: tuple[str, str]) -> tuple[PiiFinding, ...]:
    """Return a finding for every place of each (value, label), values in the order of the text where they repeat."""
    found = (
        PiiFinding(match.start(), match.end(), label, 0.9, ("test",))
        for value, label in marked
        for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text)
    )
    return tuple(sorted(found, key=lambda finding: finding.start))


def replaced(text: str, *marked: tuple[str, str], scope: str = "p1", key: bytes = KEY, language: str = "en") -> str:
    found = findings(text, *marked)
    return deidentify(
        text,
        found,
        method="replace",
        keep_year=False,
        date_shift_days=None,
        key=key,
        scope=scope,
        language=language,
    ).text


def test_all_forms_of_a_name_lead_to_one_person() -> None:
    text = "John Smith; SMITH, JOHN; Mr. Smith; J. Smith; John; smith's; Smith-Jones"
    marks = [("John", "first_name"), ("JOHN", "first_name"), ("J", "first_name")]
    marks += [(value, "last_name") for value in ("SMITH", "smith's", "Smith-Jones", "Smith")]
    found = {(f.start, f.end): f for f in findings(text, *marks) if text[f.start : f.end + 1] != "Smith-"}
    found |= {(f.start, f.end): f for f in findings(text, ("Smith-Jones", "last_name"))}
    ordered = tuple(found[place] for place in sorted(found))
    result = deidentify(text, ordered, method="replace", keep_year=False, date_shift_days=5, key=KEY, scope="p1").text
    full, upper, titled, initial, lone, possessive, double = result.split("; ")
    given, surname = full.split()
    assert upper == f"{surname.upper()}, {given.upper()}"
    assert titled == f"Mr. {surname}"
    assert initial == f"{given[0]}. {surname}"
    assert lone == given
    assert possessive == f"{surname.lower()}'s"
    assert double.startswith(f"{surname}-")
    assert {given.lower(), surname.lower()}.isdisjoint({"john", "smith", "jones"})


def test_a_full_name_in_one_piece_agrees_with_its_parts() -> None:
    whole = replaced("John Smith", ("John Smith", "person"))
    turned = replaced("Smith, John", ("Smith, John", "person"))
    parts = replaced("John Smith", ("John", "first_name"), ("Smith", "last_name"))
    given, surname = whole.split()
    assert whole == parts
    assert turned == f"{surname}, {given}"


def test_another_document_of_the_scope_agrees_even_on_the_initial() -> None:
    first = replaced("John Smith", ("John", "first_name"), ("Smith", "last_name"))
    second = replaced("J. Smith, seen again", ("J", "first_name"), ("Smith", "last_name"))
    given, surname = first.split()
    assert second == f"{given[0]}. {surname}, seen again"


def test_scope_and_key_decide() -> None:
    names = {
        replaced("John Smith", ("John", "first_name"), ("Smith", "last_name"), scope=scope, key=key)
        for scope in ("p1", "p2", "p3")
        for key in (KEY, b"x" * 32)
    }
    assert len(names) >= 5


def test_no_stand_in_is_another_original_of_the_document() -> None:
    # All given names that could be drawn for John, as originals of the same text.
    drawn = {replaced("John", ("John", "first_name"), scope=str(number)) for number in range(300)}
    text = "John, " + ", ".join(sorted(drawn)[:40])
    marks = [("John", "first_name"), *((name, "first_name") for name in sorted(drawn)[:40])]
    for number in range(20):
        new = replaced(text, *marks, scope=str(number)).split(", ")[0]
        assert new not in text.split(", ")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["Ann", "Lee", "Morgan", "Quinn", "O'Brien", "de la Cruz", "Ng"]), min_size=1))
def test_no_original_word_shows_in_a_name(names: list[str]) -> None:
    text = "; ".join(dict.fromkeys(names))
    result = replaced(text, *((name, "last_name") for name in dict.fromkeys(names)))
    for old, new in zip(text.split("; "), result.split("; "), strict=True):
        assert old != new
        assert not any(len(word) > 2 and word.lower() in new.lower() for word in re.split(r"[ ']", old) if word != "de")


@pytest.mark.parametrize(
    ("language", "name", "script"),
    [
        ("de", "Müller", r"[A-ZÄÖÜa-zäöüß]+"),
        ("fr", "Lefèvre", r"[A-Za-zéèêëàâçîïôûü]+"),
        ("tr", "Yılmaz", r"[A-Za-zÇĞİÖŞÜçğıöşü]+"),
        ("ar", "الحسيني", r"[\u0600-\u06ff]+"),
        ("hi", "शर्मा", r"[\u0900-\u097f]+"),
        ("ja", "田中", r"[\u4e00-\u9fff]{2}"),
        ("zh", "王小明", r"[\u4e00-\u9fff]{2,4}"),
        ("en", "王小明", r"[\u4e00-\u9fff]{2,4}"),
    ],
)
def test_names_suit_the_language_and_script(language: str, name: str, script: str) -> None:
    new = replaced(name, (name, "last_name"), language=language)
    assert re.fullmatch(script, new)
    assert new != name


def test_a_chinese_surname_is_the_same_before_a_title() -> None:
    full = replaced("王小明", ("王小明", "person"), language="zh")
    surname = PiiFinding(0, 1, "last_name", 0.9, ("test",))
    titled = deidentify(
        "王先生", (surname,), method="replace", keep_year=False, date_shift_days=5, key=KEY, scope="p1", language="zh"
    ).text
    assert titled == f"{full[0]}先生"


NATIONAL = [
    # Published examples and numbers made from the published rules, of nobody.
    ("86095742719", national.steuer_id, r"\d{11}"),
    ("295109912611193", national.nir, r"[12]\d\d(0[1-9]|1[0-2])\d{10}"),
    ("12345678Z", national.dni, r"\d{8}[A-Z]"),
    ("RSSMRA85T10A562S", national.codice_fiscale, r"[A-Z]{6}\d\d[ABCDEHLMPRST]([0-2]\d|3[01])[A-Z]\d{3}[A-Z]"),
    ("111.444.777-35", national.cpf, r"\d{3}\.\d{3}\.\d{3}-\d\d"),
    ("111222333", national.bsn, r"\d{9}"),
    ("10000000146", national.kimlik, r"[1-9]\d{10}"),
    ("2341 2341 2346", national.verhoeff, r"\d{4} \d{4} \d{4}"),
    ("123456789018", national.my_number, r"\d{12}"),
    ("11010519491231002X", national.resident_number, r"\d{6}(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dX]"),
]


@pytest.mark.parametrize(("original", "valid", "form"), NATIONAL)
def test_national_numbers_keep_form_and_check(original: str, valid: Callable[[str], bool], form: str) -> None:
    assert valid(original)
    for scope in map(str, range(12)):
        new = formed(KeyedChoices(KEY, scope), "id_num", original)
        assert new is not None
        assert re.fullmatch(form, new), new
        assert valid(new), new
        assert new != original


def test_small_words_and_marks_of_a_name_stay_apart() -> None:
    assert replaced("van der Berg", ("van der Berg", "last_name")).startswith("van der ")
    surname = replaced("शर्मा", ("शर्मा", "last_name"), language="hi")
    assert surname in section("surrogates/hi.txt", "surnames")  # whole, without a vowel sign that was left behind


def test_a_postal_code_with_its_town() -> None:
    new = replaced("1017 GA Amsterdam", ("1017 GA Amsterdam", "zipcode"), language="nl")
    assert re.fullmatch(r"\d{4} [A-Z]{2} [A-Z][a-z]+", new)
    assert "Amsterdam" not in new


def test_a_chinese_mobile_number_is_no_american_one() -> None:
    assert re.fullmatch(r"13\d{9}", formed(CHOICES, "phone", "13812345678") or "")


IDENTIFIERS = [
    ("npi", "1234567893", checksums.npi, r"1\d{9}"),
    ("credit_card", "4111 1111 1111 1111", checksums.luhn, r"4\d{3}( \d{4}){3}"),
    ("vin", "1HGCM82633A004352", checksums.vin, r"[A-HJ-NPR-Z0-9]{17}"),
    ("iban", "DE89 3704 0044 0532 0130 00", checksums.mod_97, r"DE\d\d( \d{4}){4} \d\d"),
    ("iban", "GB82WEST12345698765432", checksums.mod_97, r"GB\d\d[A-Z]{4}\d{14}"),
    ("dea_number", "AB1234563", checksums.dea, r"[A-Z]{2}\d{7}"),
    ("unique_id", "943 476 5919", nhs, r"\d{3} \d{3} \d{4}"),
]


@pytest.mark.parametrize(("label", "original", "valid", "form"), IDENTIFIERS)
def test_numbers_keep_form_and_check(label: str, original: str, valid: Callable[[str], bool], form: str) -> None:
    for scope in map(str, range(20)):
        new = formed(KeyedChoices(KEY, scope), label, original)
        assert new is not None
        assert re.fullmatch(form, new), new
        assert valid(re.sub(r"\W", "", new)), new
        assert new != original


def test_a_medicare_number_keeps_the_form_of_the_registry() -> None:
    # CMS: 1-9, letter, letter or digit, digit, twice; letters without S, L, O, I, B, Z.
    letter = "[AC-HJKMNPQRT-Y]"
    form = rf"[1-9]{letter}[0-9AC-HJKMNPQRT-Y]\d-{letter}[0-9AC-HJKMNPQRT-Y]\d-{letter}{{2}}\d\d"
    for scope in map(str, range(50)):
        assert re.fullmatch(form, formed(KeyedChoices(KEY, scope), "health_plan_number", "1EG4-TE5-MK73") or "")


@given(st.from_regex(r"[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}", fullmatch=True))
def test_a_social_security_number_is_nobodys(original: str) -> None:
    new = formed(CHOICES, "ssn", original) or ""
    assert re.fullmatch(r"9\d\d-[1-4]\d-\d{4}", new)
    assert is_reserved("ssn", new)
    assert not is_reserved("ssn", original)


@pytest.mark.parametrize("original", ["(508) 555-9173", "508.555.9173", "+1 508 555 9173", "555-9173"])
def test_an_american_telephone_number_is_of_fiction(original: str) -> None:
    new = formed(CHOICES, "phone", original) or ""
    assert re.sub(r"\d", "0", new) == re.sub(r"\d", "0", original)
    assert is_reserved("phone", new)


@given(st.text(alphabet="0123456789ABCxyz- /", min_size=6, max_size=20).filter(lambda t: any(c.isalnum() for c in t)))
def test_any_code_keeps_its_form_and_is_another(original: str) -> None:
    new = formed(CHOICES, "medical_record_number", original)
    assert new is not None
    assert new != original
    kinds = [(c.isdigit(), c.isupper(), c.islower(), "" if c.isalnum() else c) for c in original]
    assert [(c.isdigit(), c.isupper(), c.islower(), "" if c.isalnum() else c) for c in new] == kinds


def test_dates_keep_order_and_intervals_across_documents() -> None:
    dates = ["02/29/2024", "2024-03-01", "March 15, 2024", "12/31/2023"]
    texts = [replaced(date, (date, "date")) for date in dates]
    parsed = [
        dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a date
        for text, form in zip(texts, ["%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%m/%d/%Y"], strict=True)
    ]
    gaps = [(after - before).days for before, after in pairwise(parsed)]
    assert gaps == [1, 14, -75]
    assert texts != dates


def test_a_birth_date_of_someone_over_89_and_partial_dates_are_masked() -> None:
    text = "born 3/4/1931, seen 5/6, since March 2020"
    marks = [("3/4/1931", "date_of_birth"), ("5/6", "date"), ("March 2020", "date")]
    assert replaced(text, *marks) == "born [date_of_birth], seen [date], since [date]"


@pytest.mark.parametrize(
    ("written", "language", "days", "expected"),
    [
        ("12.03.2024", "de", 1, "13.03.2024"),
        ("1. März 2024", "de", 31, "1. April 2024"),
        ("1er mars 2024", "fr", 1, "2 mars 2024"),
        ("29 de febrero de 2024", "es", 1, "1 de marzo de 2024"),
        ("3/4/2024", "pt", 1, "4/4/2024"),
        ("31 dicembre 2023", "it", 1, "1 gennaio 2024"),
        ("31 mrt 2024", "nl", 1, "1 apr 2024"),
        ("30 Ağustos 2024", "tr", 2, "1 Eylül 2024"),
        ("٣٠ أبريل ٢٠٢٤", "ar", 1, "١ مايو ٢٠٢٤"),
        ("30 नवंबर 2024", "hi", 1, "1 दिसंबर 2024"),
        ("2024年2月29日", "ja", 1, "2024年3月1日"),
        ("2024年12月31日", "zh", 1, "2025年1月1日"),
        ("Montag, 4. März 2024", "de", 1, "Dienstag, 5. März 2024"),
    ],
)
def test_dates_move_in_the_form_of_their_language(written: str, language: str, days: int, expected: str) -> None:
    assert shifted(written, days, keep_year=False, language=language) == expected


def test_a_text_that_is_day_first_is_read_so_throughout() -> None:
    text = "seen 03/04/2024 and 25/04/2024"
    result = deidentify(
        text,
        findings(text, ("03/04/2024", "date"), ("25/04/2024", "date")),
        method="shift_dates",
        keep_year=False,
        date_shift_days=10,
        key=KEY,
        scope=None,
    ).text
    assert result == "seen 13/04/2024 and 05/05/2024"


@settings(deadline=None, max_examples=30)
@given(st.text(alphabet="0123456789/.-, JanFebruary'年月日thof", max_size=60))
def test_no_text_is_too_odd_to_be_shifted(text: str) -> None:
    for language in ("en", "de", "ja"):
        shifted(text, 40, keep_year=False, language=language)


def test_a_long_hostile_value_takes_no_time() -> None:
    for value in ("1/" * 50_000, "a" * 100_000, "Monday, " * 20_000, "1 " + "x" * 100_000):
        assert shifted(value, 3, keep_year=False) is None


@pytest.mark.parametrize("original", ["00:1B:44:11:3A:B7", "00-1b-44-11-3a-b7"])
def test_a_hardware_address_stays_hexadecimal_and_is_no_makers(original: str) -> None:
    new = formed(CHOICES, "mac_address", original)
    assert new is not None
    assert [len(part) for part in re.split("[:-]", new)] == [2] * 6
    octets = [int(part, 16) for part in re.split("[:-]", new)]
    assert octets[0] & 0b11 == 0b10, "locally administered, one receiver"
    assert new.islower() == original.islower()


@pytest.mark.parametrize(
    ("original", "form"),
    [
        ("218-739-1234 x221", r"[2-9]\d\d-555-01\d\d x\d{3}"),
        ("(218) 739-1234 ext. 4471", r"\([2-9]\d\d\) 555-01\d\d ext\. \d{4}"),
        ("x2210", r"x\d{4}"),
    ],
)
def test_an_extension_is_another_and_its_word_stays(original: str, form: str) -> None:
    new = formed(CHOICES, "phone", original)
    assert new is not None
    assert re.fullmatch(form, new)
    assert new[-3:] != original[-3:]


@pytest.mark.parametrize("original", ["xxx-xx-4471", "XXX-XX-4471", "***-**-4471"])
def test_what_a_text_hides_of_a_number_stays_hidden(original: str) -> None:
    new = formed(CHOICES, "ssn", original)
    assert new is not None
    assert new[:7] == original[:7]
    assert re.fullmatch(r"\d{4}", new[7:])
    assert new != original


def test_letters_are_those_that_the_form_allows() -> None:
    scopes = [KeyedChoices(KEY, f"p{number}") for number in range(60)]
    codes = [formed(choices, "postcode", "K1A 0B6") for choices in scopes]
    assert all(
        code and re.fullmatch(r"[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z] \d[ABCEGHJ-NPRSTV-Z]\d", code) for code in codes
    )
    registrations = [formed(choices, "dea_number", "BA1234563") for choices in scopes]
    assert all(number and number.startswith("B") and checksums.dea(number) for number in registrations)


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("2024-02-28T10:22:33Z", "2024-03-09T10:22:33Z"),
        ("2024-02-28T10:22:33.250+01:00", "2024-03-09T10:22:33.250+01:00"),
        ("2024-02-28 10:22", "2024-03-09 10:22"),
        ("20240228T102233", "20240309T102233"),
        ("2024-02-30T10:22", None),
        ("2024-02-28T1", None),
    ],
)
def test_the_date_of_a_time_stamp_moves_and_its_time_stays(stamp: str, expected: str | None) -> None:
    assert shifted(stamp, 10, keep_year=False) == expected


@pytest.mark.parametrize(("state", "letters"), [("Ohio", "OH"), ("New York", "NY"), ("Oregon", "OR")])
def test_a_state_becomes_another_state_in_each_of_its_forms(state: str, letters: str) -> None:
    names = dict(entry.split(":") for entry in section("surrogates/kinds.txt", "states"))
    text = f"{state}, {letters}, {state.upper()}"
    marks = ((state, "state"), (letters, "state"), (state.upper(), "state"))
    full, short, upper = replaced(text, *marks).split(", ")
    assert full in names
    assert full != state
    assert short == names[full]
    assert upper == full.upper()


def test_a_country_becomes_another_country_and_an_unknown_region_is_masked() -> None:
    assert replaced("Norway", ("Norway", "country")) in section("surrogates/kinds.txt", "countries")
    assert replaced("Norway", ("Norway", "country")) != "Norway"
    assert replaced("Ruritania, Zenda", ("Ruritania", "country"), ("Zenda", "state")) == "[country], [state]"
