"""What each kind of local server says of its models on its own routes."""

from dataclasses import dataclass
from typing import Any, Literal

ServerKind = Literal["openai", "ollama", "llama.cpp", "vllm", "lmstudio"]


@dataclass(frozen=True)
class Model:
    """A model that the server lists."""

    name: str = "scripted-model"
    context_window: int | None = 8192
    tools: bool = True


def described(kind: ServerKind, models: tuple[Model, ...], path: str) -> object | None:
    """Return the answer of a GET route, or None where this kind of server has no such route."""
    match kind, path:
        case _, "/v1/models":
            return {"object": "list", "data": [_listed(kind, one) for one in models]}
        case "ollama", "/api/version":
            return {"version": "0.30.1"}
        case "ollama", "/api/tags":
            return {"models": [{"name": one.name, "model": one.name, "details": {}} for one in models]}
        case "ollama", "/api/ps":
            return {"models": [{"name": one.name, "context_length": one.context_window} for one in models]}
        case "llama.cpp", "/props":
            return {
                "default_generation_settings": {"n_ctx": models[0].context_window},
                "chat_template_caps": {"supports_tools": models[0].tools},
                "model_path": "/models/scripted.gguf",
                "build_info": "b1-planted",
            }
        case "lmstudio", "/api/v0/models":
            return {
                "data": [
                    {
                        "id": one.name,
                        "type": "llm",
                        "state": "loaded",
                        "max_context_length": 2 * (one.context_window or 0) or None,
                        "loaded_context_length": one.context_window,
                        "capabilities": ["tool_use"] if one.tools else [],
                    }
                    for one in models
                ]
            }
    return None


def _listed(kind: ServerKind, model: Model) -> dict[str, object]:
    listed: dict[str, object] = {"id": model.name, "object": "model", "created": 1, "owned_by": "test"}
    if kind == "vllm":
        listed |= {"max_model_len": model.context_window, "owned_by": "vllm"}
    if kind == "llama.cpp":
        listed |= {"meta": {"n_ctx_train": 4 * (model.context_window or 0)}, "owned_by": "llamacpp"}
    if kind == "ollama":
        listed |= {"owned_by": "library"}
    if kind == "lmstudio":
        listed |= {"owned_by": "organization_owner"}
    return listed


def ollama_model(models: tuple[Model, ...], document: Any) -> tuple[int, object]:
    """Return status and answer of Ollama's route for one model."""
    wanted = document.get("model") or document.get("name")
    model = next((one for one in models if one.name == wanted), None)
    if model is None:
        return 404, {"error": f"model '{wanted}' not found"}
    return 200, {
        "details": {"family": "llama"},
        "model_info": {"general.architecture": "llama", "llama.context_length": model.context_window},
        "capabilities": ["completion", *(["tools"] if model.tools else [])],
        "parameters": 'stop "<|eot|>"',
    }
