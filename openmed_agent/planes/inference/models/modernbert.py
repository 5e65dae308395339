"""ModernBERT (Warner et al. 2024): rotary positions, windows of attention between layers that see all, in numpy."""

from typing import Annotated, Final, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from openmed_agent.planes.inference.models.layers import ACTIVATIONS, ActivationName, Weights, heads_of, softmax
from openmed_agent.planes.inference.models.safetensors_file import Array

# Tokens whose scores are held at once: over 8,192 positions a whole table of scores would take gigabytes.
_BLOCK: Final = 512

_LayerType = Literal["full_attention", "sliding_attention"]
_Theta = Annotated[float, Field(gt=0)]


class _Rotation(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    rope_type: Literal["default"] = "default"
    rope_theta: _Theta | None = None


class _Rotations(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    full_attention: _Rotation = _Rotation()
    sliding_attention: _Rotation = _Rotation()


class ModernBertConfig(BaseModel):
    """The fields of ``config.json`` that change the arithmetic, in the spelling before transformers 5 and since."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    num_hidden_layers: int = Field(ge=1)
    num_attention_heads: int = Field(ge=1)
    hidden_activation: ActivationName = "gelu"
    classifier_activation: ActivationName = "gelu"
    norm_eps: float = 1e-5
    norm_bias: bool = False
    local_attention: int = Field(default=128, ge=2)
    layer_types: tuple[_LayerType, ...] | None = None
    rope_parameters: _Rotations | None = None
    # Before transformers 5.
    global_attn_every_n_layers: int = Field(default=3, ge=1)
    global_rope_theta: _Theta = 160_000.0
    local_rope_theta: _Theta | None = 10_000.0
    rope_scaling: None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.layer_types is not None and len(self.layer_types) != self.num_hidden_layers:
            raise ValueError("a layer has no type")
        return self

    def is_local(self, layer: int) -> bool:
        """Return whether the tokens of a layer see only their neighbours."""
        if self.layer_types is not None:
            return self.layer_types[layer] == "sliding_attention"
        return layer % self.global_attn_every_n_layers != 0

    @property
    def reach(self) -> int:
        """How many tokens a local layer sees on each side."""
        return self.local_attention // 2

    @property
    def local_theta(self) -> float:
        """The base of the wavelengths in local layers."""
        written = self.rope_parameters and self.rope_parameters.sliding_attention.rope_theta
        return written or self.local_rope_theta or self.global_theta

    @property
    def global_theta(self) -> float:
        """The base of the wavelengths in layers that see all."""
        written = self.rope_parameters and self.rope_parameters.full_attention.rope_theta
        return written or self.global_rope_theta


class ModernBertEncoder:
    """One encoder with its weights, and the dense layer that a classifier has before it."""

    def __init__(self, config: ModernBertConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights.below("model")
        self._head = weights.below("head")

    def encode(self, ids: list[int]) -> Array:
        """Return the vectors of one text, special tokens included."""
        config = self._config
        values = self._norm(
            self._weights, "embeddings.norm", self._weights.rows("embeddings.tok_embeddings.weight", ids)
        )
        width = values.shape[-1] // config.num_attention_heads
        far = _Turn(len(ids), width, config.global_theta)
        near = _Turn(len(ids), width, config.local_theta)
        for number in range(config.num_hidden_layers):
            layer, is_local = self._weights.below(f"layers.{number}"), config.is_local(number)
            # The first layer's input is normal already.
            normal = self._norm(layer, "attn_norm", values) if number else values
            reach = config.reach if is_local else len(ids)
            values = values + self._attention(layer.below("attn"), normal, near if is_local else far, reach=reach)
            values = values + self._feed_forward(layer.below("mlp"), self._norm(layer, "mlp_norm", values))
        values = self._norm(self._weights, "final_norm", values)
        dense = ACTIVATIONS[config.classifier_activation](self._head.linear("dense", values))
        return self._norm(self._head, "norm", dense)

    def _norm(self, weights: Weights, name: str, values: Array) -> Array:
        return weights.norm(name, values, epsilon=self._config.norm_eps, has_bias=self._config.norm_bias)

    def _attention(self, layer: Weights, values: Array, turn: "_Turn", *, reach: int) -> Array:
        query, key, value = (
            heads_of(part, self._config.num_attention_heads)
            for part in np.split(layer.linear("Wqkv", values), 3, axis=-1)
        )
        return layer.linear("Wo", _attended(turn.turned(query), turn.turned(key), value, reach=reach))

    def _feed_forward(self, layer: Weights, values: Array) -> Array:
        inner, gate = np.split(layer.linear("Wi", values), 2, axis=-1)
        return layer.linear("Wo", ACTIVATIONS[self._config.hidden_activation](inner) * gate)


class _Turn:
    """Rotary positions (Su et al. 2021): the halves of a vector turned by its place, each pair at a pace of its own."""

    def __init__(self, tokens: int, width: int, theta: float) -> None:
        paces = np.float32(1.0) / np.float32(theta) ** (np.arange(0, width, 2, dtype=np.float32) / np.float32(width))
        angles = np.arange(tokens, dtype=np.float32)[:, None] * paces
        self._cosine, self._sine = np.cos(angles), np.sin(angles)

    def turned(self, values: Array) -> Array:
        """Return (heads, tokens, width) turned."""
        first, second = np.split(values, 2, axis=-1)
        cosine, sine = self._cosine, self._sine
        return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)


def _attended(query: Array, key: Array, value: Array, *, reach: int) -> Array:
    """Return (tokens, width): what each token takes of the values up to ``reach`` tokens away."""
    heads, tokens, width = query.shape
    mixed = np.empty((tokens, heads, width), dtype=np.float32)
    scaled: Array = query / np.float32(np.sqrt(width))
    block = min(2 * reach, _BLOCK)
    for start in range(0, tokens, block):
        stop = min(start + block, tokens)
        first, last = max(0, start - reach), min(tokens, stop + reach)
        too_far = np.abs(np.arange(start, stop)[:, None] - np.arange(first, last)) > reach
        for head in range(heads):  # few large products: many small ones cost more in threads than in numbers
            scores = scaled[head, start:stop] @ key[head, first:last].T
            scores[too_far] = -np.inf
            mixed[start:stop, head] = softmax(scores) @ value[head, first:last]
    return mixed.reshape(tokens, heads * width)
