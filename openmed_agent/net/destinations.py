"""Which origins a language model may be at, as the user and the site allow."""

from urllib.parse import urlsplit

from openmed_agent.errors import NotPermittedError
from openmed_agent.net.clients import is_loopback, origin_of
from openmed_agent.settings.models import LOOPBACK, DestinationSettings


def require_allowed_model(destinations: DestinationSettings, url: str) -> None:
    """Return where a model at ``url`` may be sent text.

    Raises:
        NotPermittedError: a list of allowed destinations does not hold its origin.
        InputError: ``url``, or an entry of a list, is no address.

    """
    origin = origin_of(url)
    for allowed in destinations.model_lists:
        if not any(_covers(entry, origin) for entry in allowed):
            raise NotPermittedError(
                f"The model at {urlsplit(origin).netloc} is not on the list of allowed destinations.",
                remedy="Choose one that is, or change [destinations] in config.toml or in the site's file.",
            )


def _covers(entry: str, origin: str) -> bool:
    if entry == LOOPBACK:
        return is_loopback(urlsplit(origin).hostname or "")
    return origin_of(entry) == origin
