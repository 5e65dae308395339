"""The services that ``openmed login`` knows by name; any other is given by its address."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from openmed_agent.settings.models import ProviderProtocol


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A service of models; ``check_path`` is what only a valid key opens."""

    name: str
    url: str
    protocol: ProviderProtocol
    check_path: str = "models"


PROVIDERS: Final[Mapping[str, KnownProvider]] = {
    "openai": KnownProvider("OpenAI", "https://api.openai.com/v1", "responses"),
    "anthropic": KnownProvider("Anthropic", "https://api.anthropic.com/v1", "anthropic"),
    "openrouter": KnownProvider("OpenRouter", "https://openrouter.ai/api/v1", "chat_completions", check_path="key"),
}
