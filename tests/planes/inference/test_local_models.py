"""Local token classifiers beside the embedded engines: pinned, merged, united with the rules, and offline."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import RunningService

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.planes.inference.app import create_inference_application
from openmed_agent.planes.inference.entities.charted import CHART_MODELS
from openmed_agent.planes.inference.models.folder import TagLabel
from openmed_agent.planes.inference.models.local_models import load_models, pin_models
from openmed_agent.planes.inference.models.mentions import Token, mentions_of

pytest.importorskip("onnxruntime")
pytest.importorskip("tokenizers")

from tiny_model import make_model

NAMES = {
    "qwx": "B-first_name",
    "##zorp": "I-first_name",
    "blarg": "B-last_name",
    "##hold": "I-last_name",
    "vark": "B-last_name",
}
FINDINGS = {"snargle": "B-DISEASE", "fever": "I-DISEASE", "glomp": "B-DISEASE"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("models")
    make_model(root / "tinypii", NAMES, extra=("ward", "has", "copd"))
    make_model(root / "local" / "tinydis", FINDINGS, extra=("has", "no", "##ing"), positions=34)
    return root


@pytest.fixture
def own(folder: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return shutil.copytree(folder, tmp_path / "models", ignore=shutil.ignore_patterns("*.lock"))


def asked(origin: str, path: str, **body: object) -> Any:
    reply = httpx.post(origin + path, json=body, trust_env=False)
    assert reply.status_code == 200, reply.text
    return reply.json()


def found(reply: Any) -> list[tuple[str, str]]:
    for entity in reply["entities"]:
        assert reply["text"][entity["start"] : entity["end"]] == entity["text"]
    return [(entity["text"], entity["label"]) for entity in reply["entities"]]


def test_a_local_model_answers_to_its_name_with_assertion_and_section(folder: Path) -> None:
    with RunningService(create_inference_application(models=load_models(folder, None))) as origin:
        health = httpx.get(f"{origin}/health", trust_env=False).json()
        assert health["models"] == [*CHART_MODELS, "local/tinydis", "tinypii"]
        text = "HPI: Has snargle fever 𝒳 é. No glomp.\n"
        reply = asked(origin, "/analyze", text=text, model_name="local/tinydis")
        assert found(reply) == [("snargle fever", "DISEASE"), ("glomp", "DISEASE")]
        assert [entity["metadata"]["assertion"]["negated"] for entity in reply["entities"]] == [False, True]
        assert reply["entities"][0]["metadata"]["detector_sources"] == ["model local/tinydis"]
        assert reply["entities"][0]["confidence"] > 0.9
        gone = httpx.post(f"{origin}/analyze", json={"text": text, "model_name": "local/other"}, trust_env=False)
        assert gone.json()["error"]["code"] == "model_not_served"


def test_identifiers_of_model_and_rules_are_united(folder: Path) -> None:
    text = "Seen by qwxzorp blarghold on the ward. SSN 219-09-9999."
    with RunningService(create_inference_application()) as origin:
        alone = found(asked(origin, "/pii/extract", text=text))
        masked_alone = asked(origin, "/pii/deidentify", text=text)["deidentified_text"]
    with RunningService(create_inference_application(models=load_models(folder, None))) as origin:
        united = found(asked(origin, "/pii/extract", text=text))
        by_name = found(asked(origin, "/pii/extract", text=text, model_name="tinypii"))
        rules_only = found(asked(origin, "/pii/extract", text=text, model_name="embedded"))
        masked = asked(origin, "/pii/deidentify", text=text)["deidentified_text"]
        refused = httpx.post(
            f"{origin}/pii/extract", json={"text": text, "model_name": "local/tinydis"}, trust_env=False
        )
    assert ("219-09-9999", "ssn") in united
    assert {("qwxzorp", "first_name"), ("blarghold", "last_name")} <= set(united)
    assert by_name == united
    assert rules_only == alone
    assert "blarghold" not in masked
    assert "219-09-9999" not in masked_alone + masked
    assert refused.json()["error"]["code"] == "model_not_served", "it finds no identifiers"


def test_a_long_text_is_read_in_windows_without_a_seam(folder: Path) -> None:
    models = load_models(folder, None)
    text = "é has no snargle fever " * 400
    mentions = models.mentions(text, model="local/tinydis", threshold=0.5)
    wanted = [(match.start(), match.end()) for match in re.finditer("snargle fever", text)]
    assert [(mention.start, mention.end) for mention in mentions] == wanted
    assert models.mentions(" \n", model="local/tinydis", threshold=0.0) == ()


B, I, O = TagLabel("name", begins=True), TagLabel("name", begins=False), None  # noqa: E741 - the tags' own names


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        # One word in three fragments, of which only the middle one is sure: the whole word is covered.
        ([(0, 3, 0, "O"), (3, 6, 0, "B!"), (6, 9, 0, "O")], [(0, 9)]),
        # The fragment of a word never ends a mention: "I" after a word's first piece belongs to it.
        ([(0, 3, 0, "B"), (3, 9, 0, "I"), (10, 12, 1, "I")], [(0, 12)]),
        # A new "B" begins another mention.
        ([(0, 3, 0, "B"), (4, 9, 1, "B")], [(0, 3), (4, 9)]),
        # An "I" without a "B" is a mention all the same.
        ([(0, 3, 0, "I"), (4, 9, 1, "O"), (10, 12, 2, "I")], [(0, 3), (10, 12)]),
        ([], []),
    ],
)
def test_fragments_are_merged(rows: list[tuple[int, int, int, str]], wanted: list[tuple[int, int]]) -> None:
    weights = {"O": (0.05, 0.05, 0.9), "B": (0.9, 0.05, 0.05), "I": (0.05, 0.9, 0.05), "B!": (2.0, 0.0, 0.0)}
    tokens = [Token(start, end, word, weights[tag]) for start, end, word, tag in rows]
    mentions = mentions_of("abcdefghijkl", tokens, [B, I, O])
    assert [(mention.start, mention.end) for mention in mentions] == wanted
    assert all(mention.label == "name" and 0 <= mention.confidence <= 1 for mention in mentions)


@pytest.mark.parametrize("change", ["changed", "missing", "added"])
def test_a_changed_file_is_refused(own: Path, change: str) -> None:
    assert pin_models(own, None) == 6
    assert pin_models(own, None) is None
    match change:
        case "changed":
            weights = own / "tinypii" / "model.onnx"
            weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
        case "missing":
            (own / "local" / "tinydis" / "tokenizer.json").rename(own / "local" / "tinydis" / ".hidden")
            (own / "local" / "tinydis" / "tokenizer.json").write_text("{}", encoding="utf-8")
        case _:
            (own / "tinypii" / "special_tokens_map.json").write_text("{}", encoding="utf-8")
    with pytest.raises(NotPermittedError) as caught:
        load_models(own, None)
    assert "1 files" in str(caught.value)


def test_a_lock_may_stand_elsewhere_and_is_read_strictly(own: Path, tmp_path: Path) -> None:
    lock = tmp_path / "site.lock"
    assert pin_models(own, lock) == 6
    assert not (own / "openmed-models.lock").exists()
    assert set(json.loads(lock.read_text(encoding="utf-8"))["files"]) >= {"tinypii/model.onnx"}
    for content in ("", "[]", '{"files": {}}x', '{"schema_name": "other", "files": {}}'):
        lock.write_text(content, encoding="utf-8")
        with pytest.raises(InputError):
            load_models(own, lock)


def _config(own: Path, **changes: object) -> None:
    file = own / "tinypii" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize(
    "spoil",
    [
        shutil.rmtree,
        lambda own: [shutil.rmtree(own / name) for name in ("tinypii", "local")],
        lambda own: (own / "tinypii" / "model.onnx").unlink(),
        lambda own: (own / "tinypii" / "tokenizer.json").unlink(),
        lambda own: (own / "tinypii" / "model.onnx").write_bytes(b"no model"),
        lambda own: (own / "tinypii" / "tokenizer.json").write_text("{}", encoding="utf-8"),
        lambda own: (own / "tinypii" / "config.json").write_text("{}", encoding="utf-8"),
        lambda own: _config(own, id2label={"0": "O", "2": "B-first_name"}),
        lambda own: _config(own, id2label={"0": "O", "1": "B-first_name"}),
        lambda own: _config(own, id2label={"0": "O"}),
        lambda own: _config(own, max_position_embeddings=2),
    ],
)
def test_what_is_no_model_is_an_error_of_one_sentence(own: Path, spoil: Any) -> None:
    spoil(own)
    with pytest.raises(InputError):
        load_models(own, None)


OFFLINE = """
import sys
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto")
sys.addaudithook(lambda event, given: event in NETWORK and sys.exit(f"CONNECTS {given}"))
from pathlib import Path
from openmed_agent.planes.inference.models.local_models import load_models
models = load_models(Path(sys.argv[1]), None)
print(len(models.mentions("has snargle fever", model="local/tinydis", threshold=0.5)))
"""


def test_loading_and_asking_a_model_opens_no_connection(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    done = subprocess.run(
        [sys.executable, "-c", OFFLINE, str(folder)], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


@pytest.mark.parametrize("workers", ["1", pytest.param("2", marks=pytest.mark.proof)])
def test_the_command_serves_a_folder_and_refuses_a_changed_one(own: Path, workers: str) -> None:
    script = Path(sys.executable).with_name("openmed")
    command = [script, "serve", "inference", "--port", "0", "--models", str(own), "--workers", workers]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        assert process.stderr is not None
        assert "Pinned 6 files" in process.stderr.readline()
        origin = process.stderr.readline().split(" on ")[1].split(", ")[0]
        reply = httpx.post(
            f"{origin}/analyze",
            json={"text": "Has glomp.", "model_name": "local/tinydis"},
            trust_env=False,
            timeout=60,
        )
        assert found(reply.json()) == [("glomp", "DISEASE")]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
    (own / "tinypii" / "config.json").write_text("{}", encoding="utf-8")
    (own / "tinypii" / "config.json").write_bytes((own / "local" / "tinydis" / "config.json").read_bytes())
    refused = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert refused.returncode == 4
    assert "tinypii/config.json" in refused.stderr
