"""Folders of weights in safetensors: whole or in shards, pinned, bounded in memory, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.planes.inference.models.encoders import EncoderNetwork
from openmed_agent.planes.inference.models.folder import find_model_folders
from openmed_agent.planes.inference.models.local_models import load_models, pin_models
from openmed_agent.planes.inference.models.safetensors_file import read_safetensors

pytest.importorskip("tokenizers")

from tiny_model import make_model
from tiny_weights import RECORDED, cut_into_shards, filled, make_tagger, write_safetensors

TEXT = "é saw qwxzorp vark"
FOUND = [("qwxzorp", "first_name"), ("vark", "last_name")]


def found(root: Path, text: str = TEXT) -> list[tuple[str, str]]:
    mentions = load_models(root, None).mentions(text, model="tagger", threshold=0.5)
    return [(text[one.start : one.end], one.label) for one in mentions]


@pytest.mark.parametrize("case", ["bert", "distilbert", "deberta v3", "modernbert", "modernbert before transformers 5"])
@pytest.mark.parametrize("dtype", ["F32", "BF16", "F16"])
def test_a_folder_with_safetensors_alone_is_served(tmp_path: Path, case: str, dtype: str) -> None:
    make_tagger(tmp_path / "tagger", case, dtype=dtype)
    assert found(tmp_path) == FOUND


@pytest.mark.parametrize("case", ["bert", "modernbert"])
def test_shards_are_read_through_their_index(tmp_path: Path, case: str) -> None:
    recorded = RECORDED["models"][case]
    write_safetensors(tmp_path / "model.safetensors", filled(recorded["shapes"]))
    (tmp_path / "config.json").write_text(json.dumps(recorded["config"]), encoding="utf-8")
    cut_into_shards(tmp_path, parts=3)
    network = EncoderNetwork(tmp_path / "config.json", tmp_path / "model.safetensors.index.json")
    assert np.abs(network.logits(recorded["ids"]) - np.array(recorded["logits"])).max() < 1e-5


def test_every_shard_is_pinned(tmp_path: Path) -> None:
    make_tagger(tmp_path / "tagger", "modernbert")
    files = cut_into_shards(tmp_path / "tagger", parts=3)
    assert found(tmp_path) == FOUND
    lock = json.loads((tmp_path / "openmed-models.lock").read_text(encoding="utf-8"))["files"]
    assert set(lock) == {
        f"tagger/{name}" for name in (*files, "model.safetensors.index.json", "config.json", "tokenizer.json")
    }
    shard = tmp_path / "tagger" / files[1]
    shard.write_bytes(shard.read_bytes()[:-1] + b"\x7f")
    with pytest.raises(NotPermittedError, match=files[1]):
        load_models(tmp_path, None)


@pytest.mark.parametrize(
    "name",
    [
        "model-00009-of-00009.safetensors",
        "../outside.safetensors",
        "/etc/outside.safetensors",
        "..\\outside.safetensors",
        "C:outside.safetensors",
        "deeper/outside.safetensors",
        ".hidden.safetensors",
        "model.safetensors\0",
        "pytorch_model-00001-of-00001.bin",
        "",
    ],
)
def test_an_index_that_names_what_is_not_beside_it_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "tagger"
    make_tagger(folder, "bert")
    cut_into_shards(folder, parts=2)
    for place in ("../outside.safetensors", "deeper/outside.safetensors", ".hidden.safetensors"):
        (folder / place).parent.mkdir(exist_ok=True)
        write_safetensors(folder / place, {"classifier.bias": np.zeros(3)})
    index = folder / "model.safetensors.index.json"
    written = json.loads(index.read_text(encoding="utf-8"))
    written["weight_map"]["classifier.bias"] = name
    index.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        pin_models(tmp_path, None)
    assert caught.value.message.count(". ") == 0
    assert not (tmp_path / "openmed-models.lock").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"weight_map": {}}', '{"weight_map": {"a": 1}}'])
def test_what_is_no_index_is_refused(tmp_path: Path, content: str) -> None:
    make_tagger(tmp_path / "tagger", "bert")
    cut_into_shards(tmp_path / "tagger", parts=2)
    (tmp_path / "tagger" / "model.safetensors.index.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="no index"):
        load_models(tmp_path, None)


def test_an_index_without_a_tensor_that_is_needed_is_refused(tmp_path: Path) -> None:
    make_tagger(tmp_path / "tagger", "bert")
    cut_into_shards(tmp_path / "tagger", parts=2)
    index = tmp_path / "tagger" / "model.safetensors.index.json"
    written = json.loads(index.read_text(encoding="utf-8"))
    del written["weight_map"]["classifier.bias"], written["weight_map"]["classifier.weight"]
    index.write_text(json.dumps(written), encoding="utf-8")
    with pytest.raises(InputError, match="weights of a model"):
        load_models(tmp_path, None)


@pytest.mark.parametrize("pickled", ["pytorch_model.bin", "pytorch_model.bin.index.json"])
def test_weights_that_torch_pickled_are_refused_with_the_way_out(tmp_path: Path, pickled: str) -> None:
    make_model(tmp_path / "one", {"qwx": "B-first_name"})
    (tmp_path / "one" / "model.onnx").rename(tmp_path / "one" / pickled)
    with pytest.raises(InputError, match="can run code") as caught:
        load_models(tmp_path, None)
    assert "optimum-cli export onnx" in (caught.value.remedy or "")


def test_a_model_in_a_hidden_folder_is_none_because_no_lock_pins_it(tmp_path: Path) -> None:
    make_tagger(tmp_path / "tagger", "bert")
    make_tagger(tmp_path / ".cache" / "other", "bert")
    assert [one.name for one in find_model_folders(tmp_path)] == ["tagger"]


def test_a_modernbert_is_read_in_windows_of_all_its_positions(tmp_path: Path) -> None:
    make_tagger(tmp_path / "tagger", "modernbert")
    config = tmp_path / "tagger" / "config.json"
    written = json.loads(config.read_text(encoding="utf-8"))
    for positions, window in ((8_192, 8_190), (512, 510), (1_000_000, 8_192)):
        config.write_text(json.dumps(written | {"max_position_embeddings": positions}), encoding="utf-8")
        assert find_model_folders(tmp_path)[0].window == window
    text = f"{TEXT} " * 400
    assert found(tmp_path, text) == FOUND * 400


MEMORY = """
import sys
from pathlib import Path
from openmed_agent.planes.inference.models.local_models import load_models
def private():
    status = Path("/proc/self/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0]) // 1024
import numpy, tokenizers
(numpy.ones((300, 300), numpy.float32) @ numpy.ones((300, 300), numpy.float32)).sum()
before = private()
load_models(Path(sys.argv[1]), None).mentions("saw vark", model="tagger", threshold=0.5)
print(private() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_a_large_table_is_not_copied_into_memory(tmp_path: Path, dtype: str) -> None:
    make_tagger(tmp_path / "tagger", "modernbert")
    weights = tmp_path / "tagger" / "model.safetensors"
    tensors = {name: np.array(stored.numbers) for name, stored in read_safetensors(weights).items()}
    table = tensors["model.embeddings.tok_embeddings.weight"]
    tensors["model.embeddings.tok_embeddings.weight"] = np.vstack([table, np.ones((400_000, 32), np.float32)])
    write_safetensors(weights, tensors, dtype=dtype)
    megabytes = weights.stat().st_size // 2**20
    assert megabytes >= 24
    done = subprocess.run([sys.executable, "-c", MEMORY, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < megabytes // 3
