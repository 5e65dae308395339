"""DeBERTa v2 and v3 (He et al. 2021): attention that adds how content meets relative position, in numpy."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, field_validator

from openmed_agent.planes.inference.models.layers import ACTIVATIONS, ActivationName, Weights, attended, heads_of
from openmed_agent.planes.inference.models.safetensors_file import Array


class DebertaConfig(BaseModel):
    """The fields of ``config.json`` that change the arithmetic; a convolution is not computed."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    num_hidden_layers: int = Field(ge=1)
    num_attention_heads: int = Field(ge=1)
    hidden_act: ActivationName = "gelu"
    layer_norm_eps: float = 1e-7
    max_position_embeddings: int = Field(default=512, ge=2)
    relative_attention: Literal[True]
    max_relative_positions: int = -1
    position_buckets: int = -1
    position_biased_input: bool = True
    share_att_key: bool = False
    norm_rel_ebd: Literal["none", "layer_norm"] = "none"
    pos_att_type: tuple[Literal["c2p", "p2c"], ...] = ()
    conv_kernel_size: Literal[0] = 0

    @field_validator("pos_att_type", mode="before")
    @classmethod
    def _listed(cls, written: object) -> object:
        return [part.strip() for part in written.lower().split("|")] if isinstance(written, str) else written or ()

    @property
    def farthest(self) -> int:
        """From which distance on all relative positions are one."""
        return self.max_relative_positions if self.max_relative_positions >= 1 else self.max_position_embeddings

    @property
    def reach(self) -> int:
        """How many relative positions there are on each side."""
        return self.position_buckets if self.position_buckets > 0 else self.farthest


class DebertaEncoder:
    """One encoder with its weights."""

    def __init__(self, config: DebertaConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights
        relative = weights["encoder.rel_embeddings.weight"][: 2 * config.reach]
        if config.norm_rel_ebd == "layer_norm":
            relative = weights.norm("encoder.LayerNorm", relative, epsilon=config.layer_norm_eps)
        self._relative = relative

    def encode(self, ids: list[int]) -> Array:
        """Return the vectors of one text, special tokens included."""
        config, table = self._config, self._weights.below("embeddings")
        values = table.rows("word_embeddings.weight", ids)
        if config.position_biased_input:
            values = values + table["position_embeddings.weight"][: len(ids)]
        if table.has("token_type_embeddings.weight"):
            values = values + table["token_type_embeddings.weight"][0]
        if table.has("embed_proj.weight"):
            values = table.linear("embed_proj", values)
        values = table.norm("LayerNorm", values, epsilon=config.layer_norm_eps)
        distances = _distances(len(ids), config)
        for number in range(config.num_hidden_layers):
            values = self._layer(self._weights.below(f"encoder.layer.{number}"), values, distances)
        return values

    def _layer(self, layer: Weights, values: Array, distances: NDArray[np.int64]) -> Array:
        config, own = self._config, layer.below("attention.self")
        query, key, value = (
            heads_of(own.linear(f"{name}_proj", values), config.num_attention_heads)
            for name in ("query", "key", "value")
        )
        scale = np.float32(np.sqrt(query.shape[-1] * (1 + len(set(config.pos_att_type)))))
        scores = (query @ key.transpose(0, 2, 1) + self._positions(own, query, key, distances)) / scale
        mixed = layer.linear("attention.output.dense", attended(scores, value))
        values = layer.norm("attention.output.LayerNorm", mixed + values, epsilon=config.layer_norm_eps)
        inner = ACTIVATIONS[config.hidden_act](layer.linear("intermediate.dense", values))
        return layer.norm(
            "output.LayerNorm", layer.linear("output.dense", inner) + values, epsilon=config.layer_norm_eps
        )

    def _positions(self, own: Weights, query: Array, key: Array, distances: NDArray[np.int64]) -> Array:
        """Return what relative positions add to the scores, (heads, tokens, tokens)."""
        config, shared = self._config, self._config.share_att_key
        last = 2 * config.reach - 1
        added = np.zeros((query.shape[0], query.shape[1], key.shape[1]), dtype=np.float32)
        if "c2p" in config.pos_att_type:
            places = own.linear("key_proj" if shared else "pos_key_proj", self._relative)
            met = query @ heads_of(places, config.num_attention_heads).transpose(0, 2, 1)
            where = np.clip(distances + config.reach, 0, last)
            added += np.take_along_axis(met, np.broadcast_to(where, added.shape), axis=-1)
        if "p2c" in config.pos_att_type:
            places = own.linear("query_proj" if shared else "pos_query_proj", self._relative)
            met = key @ heads_of(places, config.num_attention_heads).transpose(0, 2, 1)
            where = np.clip(-distances + config.reach, 0, last)
            added += np.take_along_axis(met, np.broadcast_to(where, added.shape), axis=-1).transpose(0, 2, 1)
        return added


def _distances(tokens: int, config: DebertaConfig) -> NDArray[np.int64]:
    """Return the relative position of each pair; beyond half of the buckets they grow with the logarithm."""
    places = np.arange(tokens, dtype=np.int64)
    relative = places[:, None] - places[None, :]
    if config.position_buckets <= 0:
        return relative
    middle = config.position_buckets // 2
    far = np.where(np.abs(relative) < middle, middle - 1, np.abs(relative)).astype(np.float32)
    steps = np.log(far / middle) / np.log(np.float32(config.farthest - 1) / middle) * (middle - 1)
    bucket = (np.ceil(steps) + middle) * np.sign(relative)
    return np.where(far <= middle, relative, bucket).astype(np.int64)
