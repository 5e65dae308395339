"""A login by dialogs: which service, its key without echo, where it is kept. A key is checked before it is kept."""

from typing import Final, Literal, cast

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, LineDialog
from openmed_agent.workbench.requests.models import AskKeeping, KeepingName, KeepingOffer, LoggedIn, LogIn, ProviderName

_OTHER: Final = "other"
_SERVICES: Final = (
    Choice("openai", "OpenAI", "api.openai.com"),
    Choice("anthropic", "Anthropic", "api.anthropic.com"),
    Choice("openrouter", "OpenRouter", "openrouter.ai"),
    Choice(_OTHER, "Another address", "your own server or a gateway; most addresses end in /v1"),
)
_FILE: Final = Choice("file", "A private file", "only you can read it; no protection from a stolen disk")
_CONTACT: Final = (
    "The key goes to this service alone, to be checked; no other text is sent. Empty where it asks for none."
)


async def log_in(screen: FaceScreen) -> LoggedIn | None:
    """Ask for a service and its key, check and keep it; None where the person left or the service refused."""
    service = await screen.face.push_screen_wait(ChoiceDialog("Which service?", _SERVICES))
    if service is None:
        return None
    url = ""
    if service == _OTHER:
        typed = await screen.face.push_screen_wait(LineDialog("Address of the service", beginning="https://"))
        if typed is None or not typed.strip():
            return None
        url = typed.strip()
    provider = None if service == _OTHER else cast("ProviderName", service)
    name = next(one.label for one in _SERVICES if one.value == service) if provider else url
    key = await screen.face.push_screen_wait(LineDialog(f"Key for {name}", detail=_CONTACT, secret=True))
    if key is None:
        return None
    keep = await _keeping(screen) if key.strip() else "file"
    if keep is None:
        return None
    screen.face.say(f"Asking {name}.")
    request = LogIn(provider=provider, url=url, key=key.strip() or None, keep=keep)
    answer = await screen.ask(request, LoggedIn)
    if answer is not None:
        for sentence in (_kept(answer), *answer.notices):
            screen.face.say(sentence)
    return answer


async def _keeping(screen: FaceScreen) -> KeepingName | None:
    offer = await screen.ask(AskKeeping(), KeepingOffer)
    if offer is None:
        return None
    keyring = Choice("keyring", "The system's keyring", "protected by your login to this machine")
    detail = "" if offer.keyring else f"There is no usable keyring here: {offer.reason}."
    choices = (keyring, _FILE) if offer.keyring else (_FILE,)
    chosen = await screen.face.push_screen_wait(ChoiceDialog("Where is the key kept?", choices, detail=detail))
    return cast("Literal['keyring', 'file'] | None", chosen)


def _kept(login: LoggedIn) -> str:
    if login.model:
        return f"Logged in to {login.url}; {login.model} answers there."
    return f"Logged in to {login.url}. It offers {login.models:,} models: choose one."
