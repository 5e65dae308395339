"""The sections ``[model]`` and ``[destinations]``: which language model is used, and which may be.

No key of a service is ever in a file of settings; ``openmed login`` keeps keys.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

ProviderProtocol = Literal["auto", "chat_completions", "responses", "anthropic"]
Effort = Literal["none", "minimal", "low", "medium", "high"]

LOOPBACK: Final = "loopback"
"""Stands in a list of origins for every port of this machine."""

_MOST_TOKENS: Final = 1_000_000_000
_Price = Annotated[float, Field(ge=0, le=100_000)]
_Origins = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=300)], ...], Field(max_length=100)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Section):
    """The language model; without a ``url`` the login's, the environment's or a local server is used.

    Prices are in the user's currency for a million tokens; without them no cost is shown or limited.
    """

    url: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    provider: ProviderProtocol = "auto"
    name: Annotated[str, Field(min_length=1, max_length=300)] | None = None
    context_window: Annotated[int, Field(gt=0, le=_MOST_TOKENS)] | None = None
    max_output_tokens: Annotated[int, Field(gt=0, le=_MOST_TOKENS)] | None = None
    reasoning_effort: Effort | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=3600)] = 300.0
    input_price: _Price | None = None
    cached_input_price: _Price | None = None
    output_price: _Price | None = None

    @model_validator(mode="after")
    def _prices_go_together(self) -> Self:
        if (self.input_price is None) != (self.output_price is None):
            raise ValueError("input_price and output_price need each other")
        return self


class DestinationSettings(_Section):
    """Where text may go. A list of None sets no limit; a destination must be on every list that there is.

    ``models`` lists origins (``https://api.openai.com``); ``loopback`` stands for every server of this machine.
    ``site_models`` is the list of the site's file.
    """

    models: _Origins | None = None
    site_models: _Origins | None = None

    @property
    def model_lists(self) -> tuple[tuple[str, ...], ...]:
        """The lists that a model's origin must be on."""
        return tuple(one for one in (self.models, self.site_models) if one is not None)


class DestinationLimits(_Section):
    """What the site's administrator allows at most."""

    models: _Origins | None = None

    def tighten(self, destinations: DestinationSettings) -> DestinationSettings:
        """Return the settings with the site's list."""
        return destinations.model_copy(update={"site_models": self.models})
