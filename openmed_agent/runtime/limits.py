"""How long a turn may go on: requests, tokens, seconds and money, each only where it was set."""

from dataclasses import dataclass
from time import monotonic
from typing import Final

from openmed_agent.errors import LimitReachedError
from openmed_agent.models.provider import Usage

DEFAULT_REQUESTS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What an endpoint charges, in the user's currency, for a million tokens."""

    input_per_million: float
    output_per_million: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """The most that one turn may use; None sets no limit. A limit of cost needs prices."""

    requests: int = DEFAULT_REQUESTS
    tokens: int | None = None
    seconds: float | None = None
    cost: float | None = None
    prices: Prices | None = None


class TurnMeter:
    """Counts what a turn has used, and says when it is enough."""

    def __init__(self, limits: TurnLimits) -> None:
        self._limits = limits
        self._end = None if limits.seconds is None else monotonic() + limits.seconds
        self.requests = 0
        self.input_tokens = 0
        self.output_tokens = 0

    @property
    def cost(self) -> float | None:
        """What the turn has cost so far, or None where no prices are known."""
        prices = self._limits.prices
        if prices is None:
            return None
        million = 1_000_000
        spent = self.input_tokens * prices.input_per_million + self.output_tokens * prices.output_per_million
        return spent / million

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the limit of time, never negative, or None where there is none."""
        return None if self._end is None else max(0.0, self._end - monotonic())

    def count(self, usage: Usage) -> None:
        """Add what one answer used; what an endpoint did not count is not guessed."""
        self.input_tokens += usage.input_tokens or 0
        self.output_tokens += usage.output_tokens or 0

    def begin_request(self) -> None:
        """Count one more request to the model.

        Raises:
            LimitReachedError: a limit is reached already.

        """
        limits = self._limits
        if self.requests >= limits.requests:
            raise LimitReachedError(
                f"The turn reached its limit of {limits.requests} requests to the model.",
                remedy="Ask it to go on, or raise --max-turns.",
            )
        if limits.tokens is not None and self.input_tokens + self.output_tokens >= limits.tokens:
            raise LimitReachedError(f"The turn reached its limit of {limits.tokens} tokens.")
        if self.seconds_left == 0:
            raise out_of_time(limits)
        if limits.cost is not None and self.cost is not None and self.cost >= limits.cost:
            raise LimitReachedError(f"The turn reached its limit of {limits.cost:.2f} in cost.")
        self.requests += 1


def out_of_time(limits: TurnLimits) -> LimitReachedError:
    """Return the error of a turn that took too long."""
    return LimitReachedError(f"The turn reached its limit of {limits.seconds:g} seconds.")
