"""The list of models as endpoints word it: OpenAI's own fields, and what gateways and local servers add.

Only what a server says about itself is kept. The window that a model was trained for is not the one that a local
server gives it, so a local server's own word counts, and without it the window is unknown.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from openmed_agent.models.provider import ModelDescription

_LARGEST_WINDOW = 1_000_000_000
_TOOLS = frozenset({"tools", "tool_use", "function_calling", "tool_choice"})
_REASONS = frozenset({"reasoning", "reasoning_effort", "thinking"})

Tokens = Annotated[int, Field(gt=0, le=_LARGEST_WINDOW)] | None


class Lenient(BaseModel):
    """A document of another program, of which only some fields are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Top(Lenient):
    max_completion_tokens: Tokens = None


class ListedModel(Lenient):
    """One model of ``/models``: OpenAI, OpenRouter, Groq, Mistral, Together, vLLM, llama.cpp, Anthropic."""

    id: Annotated[str, Field(min_length=1, max_length=300)]
    owned_by: str | None = None
    context_length: Tokens = None
    context_window: Tokens = None
    max_model_len: Tokens = None
    max_context_length: Tokens = None
    max_input_tokens: Tokens = None
    max_completion_tokens: Tokens = None
    max_tokens: Tokens = None
    top_provider: _Top | None = None
    supported_parameters: tuple[str, ...] | None = None
    capabilities: object = None

    def described(self) -> ModelDescription:
        """Return what the list says of the model."""
        top = self.top_provider.max_completion_tokens if self.top_provider else None
        return ModelDescription(
            name=self.id,
            context_window=self.context_length
            or self.context_window
            or self.max_model_len
            or self.max_context_length
            or self.max_input_tokens,
            max_output_tokens=self.max_completion_tokens or top or self.max_tokens,
            takes_tools=self._can(_TOOLS),
            reasons=self._can(_REASONS),
        )

    def _can(self, names: frozenset[str]) -> bool | None:
        if self.supported_parameters is not None:
            return not names.isdisjoint(self.supported_parameters)
        return named_capability(self.capabilities, names)


def named_capability(capabilities: object, names: frozenset[str]) -> bool | None:
    """Return whether a list or table of capabilities holds one of ``names``; None where nothing is said."""
    match capabilities:
        case list() | tuple():
            return any(name in names for name in capabilities if isinstance(name, str))
        case dict():
            said = [value for name, value in capabilities.items() if name in names and isinstance(value, bool)]
            return any(said) if said else None
    return None


class ModelList(Lenient):
    """The answer of ``/models``."""

    data: tuple[ListedModel, ...]


class LoadedModel(Lenient):
    """A model that Ollama holds in memory, with the window that it gave it."""

    name: str
    context_length: Tokens = None


class LoadedModels(Lenient):
    """The answer of Ollama's ``/api/ps``."""

    models: tuple[LoadedModel, ...] = ()


class OllamaModel(Lenient):
    """The answer of Ollama's ``/api/show``; ``parameters`` are the lines of the model's file."""

    capabilities: tuple[str, ...] | None = None
    parameters: str = ""

    @property
    def context_window(self) -> int | None:
        """The window that the model's file asks for."""
        for line in self.parameters.splitlines():
            name, _, value = line.strip().partition(" ")
            if name == "num_ctx" and value.strip().isdecimal() and 0 < int(value) <= _LARGEST_WINDOW:
                return int(value)
        return None


class LMStudioModel(Lenient):
    """A model of LM Studio's ``/api/v0/models``; only a loaded one has a window."""

    id: str
    type: str = "llm"
    state: str = ""
    loaded_context_length: Tokens = None
    capabilities: tuple[str, ...] | None = None


class LMStudioModels(Lenient):
    """The answer of LM Studio's ``/api/v0/models``."""

    data: tuple[LMStudioModel, ...]


class _Generation(Lenient):
    n_ctx: Tokens = None


class _TemplateCaps(Lenient):
    supports_tools: bool | None = None
    supports_tool_calls: bool | None = None


class LlamaProperties(Lenient):
    """The answer of llama.cpp's ``/props``."""

    default_generation_settings: _Generation
    chat_template_caps: _TemplateCaps = _TemplateCaps()

    @property
    def takes_tools(self) -> bool | None:
        """Whether the model's chat template knows tools."""
        caps = (self.chat_template_caps.supports_tools, self.chat_template_caps.supports_tool_calls)
        return None if caps == (None, None) else any(caps)
