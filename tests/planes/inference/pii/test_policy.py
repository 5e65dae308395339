"""Policies: what is acted on, what stays, which part of a value may stay; and policy files with mistakes in them."""

from pathlib import Path

import pytest

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.pii.deidentify import Method, deidentify
from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import SafeHarborCategory
from openmed_agent.planes.inference.pii.policy import POLICIES, SAFE_HARBOR, Parts, Policy, zip_area
from openmed_agent.planes.inference.pii.policy_file import find_policy

NOTE = "Patient: Margaret Connell, DOB 04/12/1951, seen 02/28/2024 at Mercy General Hospital. Call (508) 555-9173."


def treated(text: str, policy: Policy, method: Method = "mask") -> str:
    return deidentify(
        text,
        policy.chosen(text, detect(text)),
        method=method,
        keep_year=False,
        date_shift_days=3,
        key=b"k",
        scope=None,
        policy=policy,
    ).text


def test_safe_harbor_is_the_default_and_masks_in_full() -> None:
    text = treated(NOTE, SAFE_HARBOR)
    for original in ("Margaret", "Connell", "1951", "2024", "Mercy", "9173"):
        assert original not in text
    assert SAFE_HARBOR.is_default


def test_a_limited_data_set_keeps_dates_towns_and_zip_codes() -> None:
    # 45 CFR 164.514(e)(2) lists sixteen types; dates, town, state and ZIP code are not among them.
    policy = POLICIES["limited_data_set"]
    assert [label for label in ("date", "date_of_birth", "age", "city", "zipcode") if policy.acts_on(label)] == []
    kept = ("first_name", "street_address", "phone", "fax", "email", "ssn", "medical_record_number", "account_number")
    assert all(policy.acts_on(label) for label in (*kept, "npi", "vin", "device_identifier", "url", "ip_address"))
    text = treated(NOTE, policy)
    assert "04/12/1951" in text
    assert "02/28/2024" in text
    assert "Connell" not in text


def test_parts_that_the_rule_lets_stay() -> None:
    policy = POLICIES["safe_harbor_parts"]
    text = treated("Aged 93, of Cambridge, MA 02139, seen 02/28/2024.", policy)
    assert text == "Aged 90+, of [city], MA 021**, seen 2024."


@pytest.mark.parametrize(
    ("code", "area"),
    [
        ("02139", "021**"),
        ("02139-4307", "021**"),
        ("03601", "000**"),
        ("82190", "000**"),
        ("89310", "000**"),
        ("20401", "000**"),
    ],
)
def test_small_zip_areas_are_000(code: str, area: str) -> None:
    assert zip_area(code) == area


@pytest.mark.parametrize("code", ["M5V 2T6", "SW1A 1AA", "1234", ""])
def test_what_is_no_zip_code_has_no_area(code: str) -> None:
    assert zip_area(code) is None


@pytest.mark.parametrize(
    ("born", "seen", "part"),
    [("3/4/1951", "2024", "1951"), ("3/4/1931", "2024", None), ("3/4/1950", "2045", None), ("March 4", "2024", None)],
)
def test_a_year_that_shows_an_age_over_89_does_not_stay(born: str, seen: str, part: str | None) -> None:
    assert Parts(f"Born {born}, seen in {seen}.", ("year",)).of("date_of_birth", born) == part


def test_parts_stay_with_mask_alone() -> None:
    policy = POLICIES["safe_harbor_parts"]
    assert "2024" not in treated("Seen 02/28/2024.", policy, "remove")
    assert "2024" not in treated("Seen 02/28/2024.", policy, "redact")


def test_a_list_of_labels_categories_and_canonical_names() -> None:
    policy = Policy(name="mine", act_on=("name", "PHONE", "medical_record_number"))
    assert [label for label in ("first_name", "person", "fax", "medical_record_number") if policy.acts_on(label)] == [
        "first_name",
        "person",
        "fax",
        "medical_record_number",
    ]
    assert not policy.acts_on("date")
    assert Policy(name="mine", act_on=("name",), keep=("prefix",)).acts_on("prefix") is False
    # A canonical name of several labels: fax numbers are PHONE too.
    assert all(Policy(name="mine", act_on=(c.name,)).act_on for c in SafeHarborCategory)


def test_terms_that_are_kept() -> None:
    policy = Policy(name="mine", keep_terms=("mercy  general hospital",))
    text = treated(NOTE + " MERCY GENERAL\nHOSPITAL.", policy)
    assert "at Mercy General Hospital." in text
    assert "Connell" not in text
    beyond = PiiFinding(0, 27, "organization", 0.9, ("test",))
    assert policy.chosen("Mercy General Hospital Annex", (beyond,)) == (beyond,)


def test_policy_names() -> None:
    assert find_policy("limited-data-set") is POLICIES["limited_data_set"]
    assert find_policy("safe-harbor") is SAFE_HARBOR


def test_a_policy_file(tmp_path: Path) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(
        "act_on: [name, ssn]\nkeep_terms:\n  - Mercy General Hospital\nkeep_parts: [year]\n", encoding="utf-8"
    )
    expected = Policy(
        name="study", act_on=("name", "ssn"), keep_terms=("Mercy General Hospital",), keep_parts=("year",)
    )
    assert find_policy(str(file)) == expected


@pytest.mark.parametrize(
    ("content", "line", "field"),
    [
        ("act_on: [name]\nkeep_term: [x]\n", 2, "keep_term"),
        ("# mine\nact_on:\n  - name\n  - Quintanilla\n", 2, "act_on"),
        ("name: x\nkeep_terms:\n  - fine\n  - y\n", 4, "keep_terms.1"),
        ("keep_parts: [decade]\n", 1, "keep_parts.0"),
        ("act_on: 7\n", 1, "act_on"),
        ("keep: {a: b}\n", 1, "keep"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_field(tmp_path: Path, content: str, line: int, field: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        find_policy(str(file))
    assert f"{file}, line {line}, field {field}: " in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "holds no fields"),
        (b"- a\n- b\n", "holds no fields"),
        (b"act_on: [name\n", "not YAML"),
        (b"act_on: [name]\nact_on: [ssn]\n", "stands twice"),
        (b"\xff\xfe", "UTF-8"),
        (b"a: !!python/object:os.system [x]\n", "not YAML"),
        (b"[" * 1500, "not YAML"),
        (b"x: y\n" * 200_000, "larger than"),
    ],
)
def test_what_is_no_policy_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(InputError, match=words):
        find_policy(str(file))
    with pytest.raises(InputError, match="no policy file"):
        find_policy(str(tmp_path / "none.yaml"))


def test_the_small_areas_of_three_censuses_are_hidden() -> None:
    by_the_office_for_civil_rights = "036 059 063 102 203 556 692 790 821 823 830 831 878 879 884 890 893"
    by_the_census_of_2020 = "036 059 102 202 203 204 205 369 556 692 753 772 821 823 878 879 884 893"
    military = "090 096 340 962 966"
    for area in (by_the_office_for_civil_rights + " " + by_the_census_of_2020 + " " + military).split():
        assert zip_area(f"{area}01") == "000**"
    assert [zip_area(f"{area}01") for area in ("016", "100", "201", "206", "341", "967")] == [
        "016**",
        "100**",
        "201**",
        "206**",
        "341**",
        "967**",
    ]
