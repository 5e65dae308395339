"""The layers that encoders are made of, in numpy."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import numpy as np

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.models.safetensors_file import Array, StoredTensor

Activation = Callable[[Array], Array]
ActivationName = Literal["gelu", "gelu_new", "gelu_pytorch_tanh", "relu"]


class Weights:
    """Tensors by name below a prefix."""

    def __init__(self, tensors: Mapping[str, StoredTensor], prefix: str = "") -> None:
        self._tensors = tensors
        self._prefix = prefix

    def below(self, name: str) -> "Weights":
        """Return the weights below a further name."""
        return Weights(self._tensors, f"{self._prefix}{name}.")

    def has(self, name: str) -> bool:
        """Return whether there is a tensor of that name."""
        return f"{self._prefix}{name}" in self._tensors

    def __getitem__(self, name: str) -> Array:
        """Return one tensor.

        Raises:
            InputError: there is none of that name.

        """
        return self._stored(name).numbers

    def rows(self, name: str, places: list[int]) -> Array:
        """Return the rows at ``places`` of the table ``name``.

        Raises:
            InputError: there is none of that name.

        """
        return self._stored(name).rows(places)

    def linear(self, name: str, values: Array) -> Array:
        """Return ``values`` (tokens, inputs) through the linear layer ``name``."""
        product: Array = values @ self[f"{name}.weight"].T
        return product + self[f"{name}.bias"] if self.has(f"{name}.bias") else product

    def norm(self, name: str, values: Array, *, epsilon: float, has_bias: bool = True) -> Array:
        """Return ``values`` through the layer normalisation ``name``; old files call its parts gamma and beta."""
        weight = self[f"{name}.weight"] if self.has(f"{name}.weight") else self[f"{name}.gamma"]
        centred = values - values.mean(axis=-1, keepdims=True)
        variance = (centred * centred).mean(axis=-1, keepdims=True)
        normal: Array = (centred / np.sqrt(variance + epsilon) * weight).astype(np.float32)
        if not has_bias:
            return normal
        return normal + (self[f"{name}.bias"] if self.has(f"{name}.bias") else self[f"{name}.beta"])

    def _stored(self, name: str) -> StoredTensor:
        try:
            return self._tensors[f"{self._prefix}{name}"]
        except KeyError:
            raise InputError(
                "The weights of a model are not those that its config.json describes.", remedy="Copy the model again."
            ) from None


def heads_of(values: Array, heads: int) -> Array:
    """Return (tokens, width) as (heads, tokens, width of a head)."""
    return values.reshape(values.shape[0], heads, -1).transpose(1, 0, 2)


def softmax(scores: Array) -> Array:
    """Return the softmax over the last axis."""
    shares: Array = scores - scores.max(axis=-1, keepdims=True)
    np.exp(shares, out=shares)
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def attended(scores: Array, values: Array) -> Array:
    """Return (tokens, width): what each token takes of ``values`` (heads, tokens, width of a head)."""
    mixed: Array = (softmax(scores) @ values).transpose(1, 0, 2)
    return mixed.reshape(mixed.shape[0], -1)


def _error_function(x: Array) -> Array:
    """Return erf to 1.5e-7: Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26."""
    t = 1.0 / (1.0 + 0.3275911 * np.abs(x))
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    result: Array = np.sign(x) * (1.0 - series * np.exp(-x * x))
    return result


def _gelu(x: Array) -> Array:
    return (0.5 * x * (1.0 + _error_function(x / np.float32(np.sqrt(2.0))))).astype(np.float32)


def _gelu_by_tanh(x: Array) -> Array:
    inner = np.float32(np.sqrt(2.0 / np.pi)) * (x + np.float32(0.044715) * x**3)
    return (0.5 * x * (1.0 + np.tanh(inner))).astype(np.float32)


def _relu(x: Array) -> Array:
    return np.maximum(x, np.float32(0.0))


ACTIVATIONS: Final[Mapping[ActivationName, Activation]] = {
    "gelu": _gelu,
    "gelu_new": _gelu_by_tanh,
    "gelu_pytorch_tanh": _gelu_by_tanh,
    "relu": _relu,
}
