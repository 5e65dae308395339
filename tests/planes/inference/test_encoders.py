"""Encoders in numpy: the logits of transformers, as scripts/record_encoder_logits.py recorded them; refused files."""

import json
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_model import make_model

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.models.encoders import EncoderNetwork
from openmed_agent.planes.inference.models.local_models import load_models
from openmed_agent.planes.inference.models.safetensors_file import read_safetensors

RECORDED = json.loads((Path(__file__).parent / "recorded/encoder_logits.json").read_text(encoding="utf-8"))


def number(name: str, place: int) -> float:
    """Return the weight at ``place`` of a flat tensor, as the recorder wrote it into its models."""
    wave = math.sin(place * 0.7391 + zlib.crc32(name.encode()) % 1000)
    return 1.0 + 0.1 * wave if name.endswith(("Norm.weight", "norm.weight")) else 0.35 * wave


def write_safetensors(file: Path, tensors: Mapping[str, Any], *, dtype: str = "F32") -> None:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, values in tensors.items():
        single = np.asarray(values, dtype="<f4")
        kinds = {"F32": "<f4", "F16": "<f2"}
        stored = (single.view("<u4") >> 16).astype("<u2") if dtype == "BF16" else single.astype(kinds[dtype])
        raw = stored.tobytes()
        header[name] = {"dtype": dtype, "shape": single.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    written = json.dumps(header).encode()
    file.write_bytes(struct.pack("<Q", len(written)) + written + data)


def filled(shapes: Mapping[str, list[int]]) -> dict[str, Any]:
    return {
        name: np.array([number(name, at) for at in range(math.prod(shape))]).reshape(shape)
        for name, shape in shapes.items()
    }


def network(tmp_path: Path, case: str, **changes: object) -> EncoderNetwork:
    recorded = RECORDED["models"][case]
    write_safetensors(tmp_path / "model.safetensors", filled(recorded["shapes"]))
    (tmp_path / "config.json").write_text(json.dumps(recorded["config"] | changes), encoding="utf-8")
    return EncoderNetwork(tmp_path / "config.json", tmp_path / "model.safetensors")


@pytest.mark.parametrize("case", RECORDED["models"])
def test_logits_are_those_of_transformers(tmp_path: Path, case: str) -> None:
    logits = network(tmp_path, case).logits(RECORDED["ids"])
    assert np.abs(logits - np.array(RECORDED["models"][case]["logits"])).max() < 1e-4


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        ("bert", {"model_type": "modernbert"}),
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
        network(tmp_path, case, **changes).logits(RECORDED["ids"])
    assert str(caught.value).count(". ") <= 1


@pytest.mark.parametrize("dtype", ["F16", "BF16"])
def test_half_precision_is_read(tmp_path: Path, dtype: str) -> None:
    write_safetensors(tmp_path / "half", filled({"some": [3, 5]}), dtype=dtype)
    read = read_safetensors(tmp_path / "half")["some"]
    expected = np.array([number("some", at) for at in range(15)]).reshape(3, 5)
    assert np.abs(read - expected).max() < {"F16": 1e-3, "BF16": 4e-3}[dtype]


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


def test_a_folder_with_safetensors_alone_is_served(tmp_path: Path) -> None:
    """All layers but the first and the last pass on what they get, so each token's embedding tells its label."""
    folder = tmp_path / "tinybert"
    pieces = {"qwx": "B-first_name", "##zorp": "I-first_name", "vark": "B-last_name"}
    make_model(folder, pieces, extra=("saw",))
    (folder / "model.onnx").unlink()
    labels = ["O", *sorted(set(pieces.values()))]
    recorded = RECORDED["models"]["bert"]
    config = recorded["config"] | {"id2label": dict(enumerate(labels))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tensors = {
        name: np.ones(shape) if name.endswith("Norm.weight") else np.zeros(shape)
        for name, shape in recorded["shapes"].items()
    }
    for place, label in enumerate(pieces.values(), 4):  # behind the special tokens
        tensors["bert.embeddings.word_embeddings.weight"][place, labels.index(label)] = 1.0
    tensors["bert.embeddings.word_embeddings.weight"][[0, 1, 2, 3, 7], 0] = 1.0
    tensors["classifier.weight"] = 8.0 * np.eye(len(labels), 32)
    tensors["classifier.bias"] = np.zeros(len(labels))
    write_safetensors(folder / "model.safetensors", tensors)
    text = "é saw qwxzorp vark"
    found = load_models(tmp_path, None).mentions(text, model="tinybert", threshold=0.5)
    assert [(text[one.start : one.end], one.label) for one in found] == [
        ("qwxzorp", "first_name"),
        ("vark", "last_name"),
    ]


def test_weights_that_torch_pickled_are_refused_with_the_way_out(tmp_path: Path) -> None:
    make_model(tmp_path / "one", {"qwx": "B-first_name"})
    (tmp_path / "one" / "model.onnx").rename(tmp_path / "one" / "pytorch_model.bin")
    with pytest.raises(InputError) as caught:
        load_models(tmp_path, None)
    assert "optimum-cli export onnx" in (caught.value.remedy or "")
