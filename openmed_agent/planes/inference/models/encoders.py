"""Token classifiers of the BERT family from their safetensors, in plain numpy: no torch, no conversion.

Served are ``bert``, ``electra``, ``roberta``, ``xlm-roberta``, ``camembert``, ``distilbert``, ``deberta-v2`` (also
DeBERTa v3, which has that name) and ``modernbert``. Their logits agree with those of transformers
(tests/planes/inference/recorded).
"""

from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.models.deberta import DebertaConfig, DebertaEncoder
from openmed_agent.planes.inference.models.layers import ACTIVATIONS, ActivationName, Weights, attended, heads_of
from openmed_agent.planes.inference.models.modernbert import ModernBertConfig, ModernBertEncoder
from openmed_agent.planes.inference.models.safetensors_file import Array, StoredTensor, read_safetensors
from openmed_agent.planes.inference.models.shards import INDEX_NAME, read_index

_ROBERTA: Final = frozenset({"roberta", "xlm-roberta", "camembert"})
_PREFIXES: Final = {"xlm-roberta": "roberta", "camembert": "roberta", "deberta-v2": "deberta"}
SERVED: Final = ("bert", "electra", "roberta", "xlm-roberta", "camembert", "distilbert", "deberta-v2", "modernbert")


class _ModelType(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    model_type: str


class _Config(BaseModel):
    """The fields of ``config.json`` that change the arithmetic; DistilBERT has names of its own."""

    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    model_type: str
    layers: int = Field(validation_alias=AliasChoices("num_hidden_layers", "n_layers"), ge=1)
    heads: int = Field(validation_alias=AliasChoices("num_attention_heads", "n_heads"), ge=1)
    activation: ActivationName = Field(default="gelu", validation_alias=AliasChoices("hidden_act", "activation"))
    layer_norm_eps: float = 1e-12
    pad_token_id: int = 1
    position_embedding_type: Literal["absolute"] = "absolute"


class Encoder(Protocol):
    """Turns numbers of tokens into a vector for each, (tokens, width)."""

    def encode(self, ids: list[int]) -> Array:
        """Return the vectors of one text, special tokens included."""


class EncoderNetwork:
    """An encoder with its classifier on top."""

    def __init__(self, config: Path, weights: Path) -> None:
        """Load a model; ``weights`` is a file of safetensors, or the index of several.

        Raises:
            InputError: it is of another kind, or its files do not fit each other.

        """
        tensors = _shards(weights) if weights.name == INDEX_NAME else read_safetensors(weights)
        try:
            kind = _ModelType.model_validate_json(config.read_bytes()).model_type
            self._encoder = _encoder(kind, config.read_bytes(), Weights(tensors))
        except (OSError, ValidationError):
            raise InputError(
                "A model of weights in safetensors has a config.json with something that is not computed here.",
                remedy="Export it once with 'optimum-cli export onnx --task token-classification'.",
            ) from None
        self._top = Weights(tensors)

    def logits(self, ids: list[int]) -> Array:
        """Return (tokens, labels) of one text, special tokens included."""
        return self._top.linear("classifier", self._encoder.encode(ids))


def _shards(index: Path) -> dict[str, StoredTensor]:
    files = read_index(index)
    read = {file: read_safetensors(file) for file in set(files.values())}
    return {name: read[file][name] for name, file in files.items() if name in read[file]}


def _encoder(kind: str, config: bytes, weights: Weights) -> Encoder:
    own = weights.below(_PREFIXES.get(kind, kind))
    match kind:
        case "deberta-v2":
            return DebertaEncoder(DebertaConfig.model_validate_json(config), own)
        case "modernbert":
            return ModernBertEncoder(ModernBertConfig.model_validate_json(config), weights)
        case "distilbert":
            return _DistilBertEncoder(_Config.model_validate_json(config), own)
        case known if known in SERVED:
            return _BertEncoder(_Config.model_validate_json(config), own)
        case _:
            raise InputError(
                f"Weights in safetensors are computed for {', '.join(SERVED)} only.",
                remedy="Export the model once with 'optimum-cli export onnx --task token-classification'.",
            )


class _BertEncoder:
    """BERT (Devlin et al. 2019), and with other embeddings RoBERTa and ELECTRA."""

    def __init__(self, config: _Config, weights: Weights) -> None:
        self._config = config
        self._weights = weights
        # RoBERTa counts positions from the one behind its padding.
        self._first = config.pad_token_id + 1 if config.model_type in _ROBERTA else 0

    def encode(self, ids: list[int]) -> Array:
        config, table = self._config, self._weights.below("embeddings")
        positions = slice(self._first, self._first + len(ids))
        values = table.rows("word_embeddings.weight", ids) + table["position_embeddings.weight"][positions]
        values = values + table["token_type_embeddings.weight"][0]
        values = table.norm("LayerNorm", values, epsilon=config.layer_norm_eps)
        if self._weights.has("embeddings_project.weight"):
            values = self._weights.linear("embeddings_project", values)
        for number in range(config.layers):
            values = self._layer(self._weights.below(f"encoder.layer.{number}"), values)
        return values

    def _layer(self, layer: Weights, values: Array) -> Array:
        config, own = self._config, layer.below("attention.self")
        query, key, value = (heads_of(own.linear(name, values), config.heads) for name in ("query", "key", "value"))
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        mixed = layer.linear("attention.output.dense", attended(scores, value))
        values = layer.norm("attention.output.LayerNorm", mixed + values, epsilon=config.layer_norm_eps)
        inner = ACTIVATIONS[config.activation](layer.linear("intermediate.dense", values))
        return layer.norm(
            "output.LayerNorm", layer.linear("output.dense", inner) + values, epsilon=config.layer_norm_eps
        )


class _DistilBertEncoder:
    """DistilBERT (Sanh et al. 2019): BERT without kinds of tokens, with other names."""

    def __init__(self, config: _Config, weights: Weights) -> None:
        self._config = config
        self._weights = weights

    def encode(self, ids: list[int]) -> Array:
        table = self._weights.below("embeddings")
        values = table.rows("word_embeddings.weight", ids) + table["position_embeddings.weight"][: len(ids)]
        values = table.norm("LayerNorm", values, epsilon=self._config.layer_norm_eps)
        for number in range(self._config.layers):
            values = self._layer(self._weights.below(f"transformer.layer.{number}"), values)
        return values

    def _layer(self, layer: Weights, values: Array) -> Array:
        config, own = self._config, layer.below("attention")
        query, key, value = (heads_of(own.linear(f"{name}_lin", values), config.heads) for name in "qkv")
        scores = query @ key.transpose(0, 2, 1) / np.float32(np.sqrt(query.shape[-1]))
        mixed = own.linear("out_lin", attended(scores, value))
        values = layer.norm("sa_layer_norm", mixed + values, epsilon=config.layer_norm_eps)
        inner = ACTIVATIONS[config.activation](layer.linear("ffn.lin1", values))
        return layer.norm("output_layer_norm", layer.linear("ffn.lin2", inner) + values, epsilon=config.layer_norm_eps)
