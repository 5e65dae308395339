"""Options of ``deid`` and ``deid-batch`` that would do nothing are refused or said, not passed over."""

import pytest

from openmed_agent.cli.deid_options import check_dates, not_detected
from openmed_agent.errors import UsageError
from openmed_agent.planes.inference.pii.policy import POLICIES, SAFE_HARBOR, Policy


@pytest.mark.parametrize(
    ("policy", "method", "keep_year", "days", "word"),
    [
        (POLICIES["limited_data_set"], "shift_dates", False, None, "nothing to shift"),
        (SAFE_HARBOR, "mask", False, 10, "moves no dates"),
        (SAFE_HARBOR, "redact", True, None, "leaves nothing of a date"),
        (SAFE_HARBOR, "shift_dates", False, 0, "out of range"),
        (SAFE_HARBOR, "replace", False, 36_501, "out of range"),
        (SAFE_HARBOR, "replace", False, -36_501, "out of range"),
    ],
)
def test_what_would_do_nothing_is_refused(
    *, policy: Policy, method: str, keep_year: bool, days: int | None, word: str
) -> None:
    with pytest.raises(UsageError, match=word):
        check_dates(policy, method=method, keep_year=keep_year, days=days)


@pytest.mark.parametrize(("method", "keep_year", "days"), [("mask", False, None), ("shift_dates", True, -36_500)])
def test_what_fits_is_taken(*, method: str, keep_year: bool, days: int | None) -> None:
    check_dates(SAFE_HARBOR, method=method, keep_year=keep_year, days=days)


def test_what_no_detector_here_finds_is_named() -> None:
    assert not_detected(Policy(name="own", act_on=("gender", "name", "occupation"))) == ("gender", "occupation")
    assert not_detected(Policy(name="own", act_on=("gender",), keep=("gender",))) == ()
    assert not_detected(SAFE_HARBOR) == ()
