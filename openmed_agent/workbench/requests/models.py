"""What the screen asks about language models: what is configured, what is offered, logins, and an endpoint's doctor.

Only ``ListOffered``, ``FindLocal``, ``LogIn`` and ``ExamineEndpoint`` contact anything; each follows a key press.
"""

from typing import ClassVar, Literal

from pydantic import Field

from openmed_agent.workbench.wire import Request, WireModel

EffortName = Literal["none", "minimal", "low", "medium", "high"]
ProviderName = Literal["openai", "anthropic", "openrouter"]
KeepingName = Literal["keyring", "file"]


class ListPlaces(Request):
    """Say which services of models are configured; contacts nothing. Answered by ``ModelPlaces``."""

    kind: ClassVar[str] = "models.places"


class ModelPlace(WireModel):
    """One configured service of models. ``refused`` says why it may not be used, where a list of allowed ones does."""

    url: str
    host: str
    local: bool
    configured_by: str
    key: str
    model: str = ""
    in_use: bool = False
    refused: str = ""


class ModelPlaces(WireModel):
    """The configured services, and what the settings fix."""

    places: tuple[ModelPlace, ...]
    fixed: str = ""
    """Why a choice here is for the open session only; empty where it holds from now on."""
    effort: str = ""
    """The reasoning effort of the settings; empty where they name none."""


class ListOffered(Request):
    """Ask one address for its models. Answered by ``Offered``."""

    kind: ClassVar[str] = "models.offered"
    url: str


class OfferedModel(WireModel):
    """One model; None is what the endpoint does not say."""

    name: str
    context_window: int | None = None
    takes_tools: bool | None = None
    reasons: bool | None = None


class Offered(WireModel):
    """What one address offers."""

    url: str
    host: str
    local: bool
    found_by: str
    models: tuple[OfferedModel, ...]


class FindLocal(Request):
    """Look for servers of models on this machine's usual ports. Answered by ``LocalServers``."""

    kind: ClassVar[str] = "models.local"


class LocalServers(WireModel):
    """The servers that answered."""

    servers: tuple[Offered, ...]


class UseModel(Request):
    """Use a model from now on. Answered by ``ModelUsed``; nothing is contacted."""

    kind: ClassVar[str] = "models.use"
    url: str
    name: str


class ModelUsed(WireModel):
    """A model is chosen; ``kept`` where it holds from now on, else ``sentence`` says what it holds for."""

    kept: bool
    sentence: str


class SetEffort(Request):
    """Let the open session's model reason as hard as this, from its next turn; None as in the settings."""

    kind: ClassVar[str] = "models.effort"
    effort: EffortName | None = None


class AskKeeping(Request):
    """Say where a key can be kept here. Answered by ``KeepingOffer``."""

    kind: ClassVar[str] = "models.keeping"


class KeepingOffer(WireModel):
    """Where a service's key can be kept; without a keyring ``reason`` says why."""

    keyring: bool
    reason: str = ""


class LogIn(Request):
    """Check a key with its service and keep it. Answered by ``LoggedIn``. One of ``provider`` and ``url`` is given."""

    kind: ClassVar[str] = "models.log_in"
    provider: ProviderName | None = None
    url: str = ""
    key: str | None = Field(default=None, repr=False)
    keep: KeepingName = "keyring"


class LoggedIn(WireModel):
    """A login that is kept."""

    url: str
    model: str = ""
    models: int
    notices: tuple[str, ...] = ()


class LogOut(Request):
    """Forget the login to an address, and remove its key. Answered by ``Done``."""

    kind: ClassVar[str] = "models.log_out"
    url: str


class ExamineEndpoint(Request):
    """Examine an endpoint with this program's own texts. A stream of ``EndpointCheck``."""

    kind: ClassVar[str] = "models.examine"
    url: str
    model: str | None = None


class EndpointCheck(WireModel):
    """The result of one check."""

    subject: str
    state: Literal["ok", "fault", "unknown"]
    sentence: str
    remedy: str = ""
