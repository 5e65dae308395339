"""A turn ends where a limit was set, and only there."""

import pytest

from openmed_agent.errors import ExitStatus, LimitReachedError
from openmed_agent.models.provider import Usage
from openmed_agent.runtime.limits import Prices, TurnLimits, TurnMeter


def test_requests_are_counted_before_they_are_made() -> None:
    meter = TurnMeter(TurnLimits(requests=2))
    meter.begin_request()
    meter.begin_request()
    with pytest.raises(LimitReachedError, match="2 requests") as caught:
        meter.begin_request()
    assert caught.value.exit_status is ExitStatus.LIMIT_REACHED


def test_tokens_that_an_endpoint_did_not_count_are_not_guessed() -> None:
    meter = TurnMeter(TurnLimits(tokens=100))
    meter.count(Usage())
    meter.begin_request()
    meter.count(Usage(input_tokens=90, output_tokens=10))
    with pytest.raises(LimitReachedError, match="100 tokens"):
        meter.begin_request()


def test_cost_needs_prices() -> None:
    without = TurnMeter(TurnLimits(cost=0.01))
    without.count(Usage(input_tokens=10_000_000))
    assert without.cost is None
    without.begin_request()
    prices = Prices(input_per_million=2.0, output_per_million=10.0)
    meter = TurnMeter(TurnLimits(cost=1.0, prices=prices))
    meter.count(Usage(input_tokens=250_000, output_tokens=50_000))
    assert meter.cost == pytest.approx(1.0)
    with pytest.raises(LimitReachedError, match=r"1\.00"):
        meter.begin_request()


def test_time_runs_out() -> None:
    meter = TurnMeter(TurnLimits(seconds=0.0))
    assert meter.seconds_left == 0
    with pytest.raises(LimitReachedError, match="0 seconds"):
        meter.begin_request()
    assert TurnMeter(TurnLimits()).seconds_left is None
