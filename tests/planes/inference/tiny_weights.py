"""Writes safetensors: the weights of the recorded encoders, and those of a tagger that can be read by eye."""

import json
import math
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from tiny_model import make_model

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


def make_tagger(folder: Path, case: str, *, dtype: str = "F32") -> None:
    """Write a model of the recorded kind ``case`` that tells the label of each token by its embedding alone.

    All layers but the first and the last pass on what they get.
    """
    pieces = {"qwx": "B-first_name", "##zorp": "I-first_name", "vark": "B-last_name"}
    make_model(folder, pieces, extra=("saw",))
    (folder / "model.onnx").unlink()
    labels = ["O", *sorted(set(pieces.values()))]
    recorded = RECORDED["models"][case]
    config = recorded["config"] | {"id2label": dict(enumerate(labels))}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tensors = {
        name: np.ones(shape) if name.lower().endswith("norm.weight") else np.zeros(shape)
        for name, shape in recorded["shapes"].items()
    }
    table = next(
        tensors[name] for name in tensors if name.endswith(("word_embeddings.weight", "tok_embeddings.weight"))
    )
    for place, label in enumerate(pieces.values(), 4):  # behind the special tokens
        table[place, labels.index(label)] = 1.0
    table[[0, 1, 2, 3, 7], 0] = 1.0
    if "head.dense.weight" in tensors:
        tensors["head.dense.weight"] = np.eye(32)
    tensors["classifier.weight"] = 8.0 * np.eye(len(labels), 32)
    tensors["classifier.bias"] = np.zeros(len(labels))
    write_safetensors(folder / "model.safetensors", tensors, dtype=dtype)


def cut_into_shards(folder: Path, *, parts: int) -> list[str]:
    """Put the weights of a folder into several files with an index, and return their names."""
    whole = folder / "model.safetensors"
    read = {name: stored.numbers for name, stored in read_safetensors(whole).items()}
    files = [f"model-{part + 1:05}-of-{parts:05}.safetensors" for part in range(parts)]
    homes = {name: files[place % parts] for place, name in enumerate(read)}
    for file in files:
        write_safetensors(folder / file, {name: read[name] for name in read if homes[name] == file})
    index = {"metadata": {"total_size": whole.stat().st_size}, "weight_map": homes}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    del read
    whole.unlink()
    return files
