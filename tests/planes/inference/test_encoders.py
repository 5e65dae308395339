"""Encoders in numpy: the logits of transformers, as scripts/record_encoder_logits.py recorded them; refused files."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest
from tiny_weights import RECORDED, filled, number, write_safetensors

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.models.encoders import EncoderNetwork
from openmed_agent.planes.inference.models.modernbert import ModernBertConfig
from openmed_agent.planes.inference.models.safetensors_file import read_safetensors


def network(tmp_path: Path, case: str, **changes: object) -> EncoderNetwork:
    recorded = RECORDED["models"][case]
    write_safetensors(tmp_path / "model.safetensors", filled(recorded["shapes"]))
    (tmp_path / "config.json").write_text(json.dumps(recorded["config"] | changes), encoding="utf-8")
    return EncoderNetwork(tmp_path / "config.json", tmp_path / "model.safetensors")


@pytest.mark.parametrize("case", RECORDED["models"])
def test_logits_are_those_of_transformers(tmp_path: Path, case: str) -> None:
    recorded = RECORDED["models"][case]
    logits = network(tmp_path, case).logits(recorded["ids"])
    assert np.abs(logits - np.array(recorded["logits"])).max() < 1e-5


@pytest.mark.parametrize(
    "changes",
    [
        {"local_attention": 10},
        {"layer_types": ["full_attention"] * 4},
        {"rope_parameters": {"full_attention": {"rope_theta": 10_000.0}}},
        {"rope_parameters": {"sliding_attention": {"rope_theta": 1_000.0}}},
        {"norm_eps": 1e-2},
        {"hidden_activation": "relu"},
        {"classifier_activation": "relu"},
    ],
)
def test_each_field_of_a_modernbert_changes_its_logits(tmp_path: Path, changes: dict[str, object]) -> None:
    """Otherwise the recorded logits would hold nothing of that field."""
    recorded = RECORDED["models"]["modernbert"]
    logits = network(tmp_path, "modernbert", **changes).logits(recorded["ids"])
    assert np.abs(logits - np.array(recorded["logits"])).max() > 1e-3


def test_a_modernbert_reads_its_wavelengths_in_both_spellings() -> None:
    shape = {"num_hidden_layers": 4, "num_attention_heads": 4}
    new = {"full_attention": {"rope_theta": 7.0}, "sliding_attention": {"rope_theta": 5.0}}
    for written, thetas in (
        ({}, (160_000.0, 10_000.0)),
        ({"global_rope_theta": 7.0, "local_rope_theta": 5.0}, (7.0, 5.0)),
        ({"global_rope_theta": 7.0, "local_rope_theta": None}, (7.0, 7.0)),
        ({"rope_parameters": new, "global_rope_theta": 9.0, "local_rope_theta": 9.0}, (7.0, 5.0)),
        ({"rope_parameters": {"full_attention": {"rope_type": "default"}}, "global_rope_theta": 9.0}, (9.0, 10_000.0)),
    ):
        config = ModernBertConfig.model_validate(shape | written)
        assert (config.global_theta, config.local_theta) == thetas


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("bert", {"model_type": "nomic_bert"}),
        ("bert", {"model_type": "modernbert"}),
        ("modernbert", {"hidden_activation": "silu"}),
        ("modernbert", {"layer_types": ["full_attention"] * 3}),
        ("modernbert", {"layer_types": ["full_attention"] * 3 + ["chunked_attention"]}),
        ("modernbert", {"rope_parameters": {"full_attention": {"rope_type": "yarn", "factor": 4.0}}}),
        ("modernbert", {"rope_scaling": {"type": "linear", "factor": 2.0}}),
        ("modernbert", {"norm_bias": True}),
        ("modernbert", {"num_hidden_layers": 5, "layer_types": None}),
        ("bert", {"model_type": None}),
        ("bert", {"hidden_act": "silu"}),
        ("bert", {"position_embedding_type": "relative_key"}),
        ("deberta v3", {"conv_kernel_size": 3}),
        ("deberta v3", {"relative_attention": False}),
        ("bert", {"num_hidden_layers": 3}),
    ],
)
def test_what_is_not_computed_is_refused_in_one_sentence(tmp_path: Path, case: str, changes: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        network(tmp_path, case, **changes).logits(RECORDED["models"][case]["ids"])
    assert str(caught.value).count(". ") <= 1


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_half_precision_is_read(tmp_path: Path, dtype: str) -> None:
    write_safetensors(tmp_path / "half", filled({"some": [3, 5]}), dtype=dtype)
    read = read_safetensors(tmp_path / "half")["some"]
    expected = np.array([number("some", at) for at in range(15)]).reshape(3, 5)
    assert np.abs(read.numbers - expected).max() < {"F16": 1e-3, "BF16": 4e-3}[dtype]
    assert np.array_equal(read.rows([2, 0]), read.numbers[[2, 0]])
    assert read.numbers.dtype == read.rows([1]).dtype == np.float32


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x01",
        struct.pack("<Q", 2**60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 2) + b"{x",
        struct.pack("<Q", 66) + b'{"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}    ' + b"\0" * 8,
        struct.pack("<Q", 66) + b'{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 16]}}    ' + b"\0" * 16,
    ],
)
def test_a_spoilt_file_of_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights").write_bytes(content)
    with pytest.raises(InputError):
        read_safetensors(tmp_path / "weights")
