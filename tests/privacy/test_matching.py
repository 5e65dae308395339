import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.privacy.date_forms import days_of, written_dates
from openmed_agent.privacy.folding import folded, origins
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind as Kind
from openmed_agent.privacy.vault import Vault


def found(text: str, *identifiers: Identifier) -> list[str]:
    vault = Vault()
    vault.learn(identifiers)
    return sorted({text[span.start : span.end] for span in vault.spans(text)})


def person(name: str) -> Identifier:
    return Identifier(Kind.PERSON, name)


@given(st.text(max_size=60))
def test_every_folded_character_comes_from_a_place_of_the_text(text: str) -> None:
    places = origins(text)
    assert len(places) == len(folded(text))
    assert places == sorted(places)
    assert all(0 <= place < len(text) for place in places)


@given(st.text(max_size=60))
def test_folding_knows_no_normal_forms_and_no_case_of_latin_letters(text: str) -> None:
    assert folded(unicodedata.normalize("NFD", text)) == folded(unicodedata.normalize("NFC", text))
    latin = "".join(character for character in text if character.isascii())
    assert folded(latin.upper()) == folded(latin.lower())


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Maria Okafor", "MARIA OKAFOR"),
        ("Maria Okafor", "Okafor, Maria"),
        ("Okafor, Maria", "maria okafor"),
        ("Maria Okafor", "M a r i a  O k a f o r"),
        ("Maria Okafor", "Maria\n      Okafor"),
        ("Maria Okafor", "MariaOkafor"),
        ("Maria Okafor", "maria_okafor"),
        ("Maria Okafor", "rofakO airaM"),
        ("Maria Elena Okafor", "Okafor, Maria E."),
        ("Maria Elena Okafor", "Maria Okafor"),
        ("Ana Long", "A. Long"),
        ("José Núñez", "Jose Nunez"),
        ("José Núñez", "JOSE\u0301 NU\u0301N\u0303EZ"),
        ("Jean-Luc Delacroix", "Jean Luc Delacroix"),
        ("Siobhán O'Brien", "Siobhan OBrien"),
        ("Siobhán O'Brien", "O’Brien"),
        ("Li Wu", "Wu, Li"),
        ("Иван Петров", "ПЕТРОВ Иван"),
        ("山田 太郎", "山田太郎"),
        ("김민수", "김민수"),
        ("王伟", "王伟"),
    ],
)
def test_a_name_is_found_in_its_forms(name: str, text: str) -> None:
    assert text.rstrip(".") in found(f"x: {text}.", person(name))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Will May", "it may rain and he will come; I will."),
        ("Ann Lee", "Joann leeway"),
        ("Ana Long", "a long history along the way"),
        ("Al Do", "Do not also do it"),
        ("Ma Son", "the mason"),
        ("Rose Young", "blood pressure rose in a young man"),
        ("Mark Stone", "mark the kidney stone"),
        ("Jo Lind", "he is blind"),
    ],
)
def test_ordinary_words_are_nobodys_name(name: str, text: str) -> None:
    assert found(text, person(name)) == []


@pytest.mark.parametrize(
    ("kind", "known", "text"),
    [
        (Kind.MRN, "MRN-0044718", "44718"),
        (Kind.MRN, "4471882", "447-18-82"),
        (Kind.SSN, "078-05-1120", "078 05 1120"),
        (Kind.SSN, "078-05-1120", "078051120"),
        (Kind.PHONE, "(508) 555-0173", "508.555.0173"),
        (Kind.PHONE, "+1 508 555 0173 ext 12", "508-555-0173"),
        (Kind.PHONE, "5085550173", "555-0173"),
        (Kind.EMAIL, "ada@example.org", "ADA@EXAMPLE.ORG"),
        (Kind.PLACE, "12 Elm Street", "12 ELM ST"),
        (Kind.PLACE, "12 Elm St", "12 Elm Street"),
        (Kind.PLACE, "Springfield", "SPRINGFIELD"),
        (Kind.PLACE, "01103", "01103"),
        (Kind.PLAN, "ABC123456789", "abc 123-456-789"),
    ],
)
def test_a_number_or_a_place_is_found_in_its_forms(kind: Kind, known: str, text: str) -> None:
    assert text in found(f"see {text} there", Identifier(kind, known))


@pytest.mark.parametrize(
    ("kind", "known", "text"),
    [
        (Kind.MRN, "12", "12 mg of 120"),
        (Kind.AGE, "93", "93 percent"),
        (Kind.ACCOUNT, "2024", "in 2024"),
        (Kind.PLACE, "Reading", "reading glasses"),
        (Kind.MRN, "44718", "1447182"),
    ],
)
def test_a_short_number_or_an_ordinary_word_alone_is_nothing(kind: Kind, known: str, text: str) -> None:
    assert found(text, Identifier(kind, known)) == []


DATES = [
    "1958-03-02",
    "1958/3/2",
    "03/02/1958",
    "3/2/58",
    "02.03.1958",
    "2-3-1958",
    "19580302",
    "2 March 1958",
    "2nd of March, 1958",
    "March 2, 1958",
    "March 2nd, 1958",
    "MAR 02 1958",
    "02-Mar-58",
    "02MAR1958",
    "1958 Mar 2",
    "2 mars 1958",
    "2 de marzo de 1958",
    "2. März 1958",
    "58-03-02",
    "3 / 2 / 1958",
    "1 9 5 8 0 3 0 2",
]


@pytest.mark.parametrize("known", ["1958-03-02", "03/02/1958", "March 2, 1958"])
@pytest.mark.parametrize("text", DATES)
def test_a_date_is_found_in_its_forms(known: str, text: str) -> None:
    assert text in found(f"on {text}, then", Identifier(Kind.DATE, known))


@pytest.mark.parametrize(
    "text", ["1958-03-03", "3/2/59", "3 March 1958", "March 1958", "3/2", "1/2/3", "135/60", "1958"]
)
def test_another_day_or_a_part_of_a_date_is_not_the_date(text: str) -> None:
    assert found(f"on {text}, then", Identifier(Kind.DATE, "1958-03-02")) == []


@given(st.dates())
def test_a_day_is_read_from_its_iso_form(day: object) -> None:
    assert days_of(str(day))[:1] == (tuple(int(part) for part in str(day).split("-")),)


@pytest.mark.parametrize("text", ["99/99/1999", "13/13/2020", "2023-02-30", "Mai 2020", "1.2.3.4", "0/0/00"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert not list(written_dates(text))


@pytest.mark.parametrize(
    ("name", "text"), [("김민수", "김민수는 왔다"), ("王伟", "患者王伟来了"), ("山田 太郎", "山田さん")]
)
def test_a_name_is_found_where_words_have_no_spaces(name: str, text: str) -> None:
    assert found(text, person(name))


def test_the_first_whose_name_it_is_keeps_it() -> None:
    vault = Vault()
    vault.learn([person("Maria Okafor"), person("John Okafor")])
    assert vault.surrogate_of(Kind.PERSON, "Okafor") == "[PERSON_1_B]"


def hostile(size: int) -> list[str]:
    """Return texts of ``size`` characters that are made to take long."""
    return [
        "Okafo" * (size // 5),
        "1958-03-0" * (size // 9),
        "%4f" * (size // 3),
        "&#79;" * (size // 5),
        "\\\\u004f" * (size // 7),
        "[" * size,
        "[PATIENT_1" * (size // 10),
        "T2thZm9y" * (size // 8),
        "4f6b" * (size // 4),
        "M a r i " * (size // 8),
        "DOB: " * (size // 5),
        "Patient:" * (size // 8),
        "\u200b" * size,
        '{"name":' * (size // 8),
        "a" * size,
        "1" * size,
        " " * size,
        "=\n" * (size // 2),
        "<name>" * (size // 6),
        "PID|" * (size // 4),
        ",".join("x" * 9) * (size // 17),
    ]


@pytest.mark.parametrize("place", range(len(hostile(100))))
def test_hostile_texts_take_time_that_grows_with_their_length(place: int) -> None:
    from openmed_agent.privacy.announced.record import announced_identifiers
    from openmed_agent.privacy.surrogates import escaped, restored

    vault = Vault()
    vault.learn([person("Maria Okafor"), Identifier(Kind.DATE, "1958-03-02"), Identifier(Kind.MRN, "4471882")])
    text = hostile(60_000)[place]
    began = time.process_time()
    vault.spans(text)
    list(announced_identifiers(text))
    restored(escaped(text), {}.get)
    assert time.process_time() - began < 3.0


@pytest.mark.proof
def test_two_thousand_identifiers_in_a_megabyte() -> None:
    vault = Vault()
    vault.learn(Identifier(Kind.PERSON, f"Xq{n:04}ora Vandermolen{n:04}") for n in range(1_000))
    vault.learn(Identifier(Kind.MRN, f"{7_000_000 + 13 * n}") for n in range(1_000))
    text = ("Presents with two days of dizziness, denies chest pain. BP 138/84 on 2024-03-02. " * 13_000)[:1_000_000]
    text += " MRN 7000013"
    began = time.process_time()
    spans = vault.spans(text)
    assert time.process_time() - began < 12.0
    assert [text[span.start : span.end] for span in spans] == ["7000013"]
