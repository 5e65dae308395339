import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.codes.ndc import normal_ndc


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0781-1506-10", "00781150610"),  # 4-4-2: the labeler is filled up
        ("60429-324-77", "60429032477"),  # 5-3-2: the product
        ("11523-7020-1", "11523702001"),  # 5-4-1: the package
        ("16571-0431-11", "16571043111"),
        ("16571043111", "16571043111"),
        (" 0781-1506-10\n", "00781150610"),
        ("60429-324", "604290324"),
        ("0071-0157", "000710157"),
    ],
)
def test_every_form_becomes_the_one_that_rxnorm_keeps(written: str, normal: str) -> None:
    assert normal_ndc(written) == normal


@pytest.mark.parametrize(
    "written",
    ["", "0781150610", "0781-150-10", "781-1506-10", "60429-324-7", "60429-3240-777", "0781-1506-*0", "E11.9",
     "0781‐1506‐10", "０781-1506-10", "1657104311１", "16571043111-", "../0781-1506-10", "165710431110"],
)  # fmt: skip
def test_what_could_be_several_codes_or_none_is_none(written: str) -> None:
    assert normal_ndc(written) is None


@given(st.text(max_size=60))
def test_nothing_else_comes_out(text: str) -> None:
    normal = normal_ndc(text)
    assert normal is None or (len(normal) in {9, 11} and normal.isdigit() and normal.isascii())


@given(st.tuples(*(st.text("0123456789", min_size=size, max_size=size) for size in (5, 4, 2))))
def test_an_ndc_that_was_shortened_by_a_zero_is_restored(parts: tuple[str, str, str]) -> None:
    for place, part in enumerate(parts):
        if part.startswith("0"):
            short = [*parts[:place], part[1:], *parts[place + 1 :]]
            assert normal_ndc("-".join(short)) == "".join(parts)
