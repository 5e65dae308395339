"""Folders of token-classification models on local disk, in the layout of Hugging Face.

One is a folder with ``config.json`` (its ``id2label``), ``tokenizer.json``, and ``model.onnx``, ``onnx/model.onnx``,
``model.safetensors`` or its shards with their index. Weights that torch pickled are not read: a pickle runs code.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.models.shards import INDEX_NAME, read_index
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS
from openmed_agent.text.terminal import terminal_safe

_WEIGHTS: Final = ("model.onnx", "onnx/model.onnx", "model.safetensors", INDEX_NAME)
_PICKLED: Final = ("pytorch_model.bin", "pytorch_model.bin.index.json")
_PREFIXES: Final = frozenset({"B-", "I-", "E-", "L-", "S-", "U-"})
_OUTSIDE: Final = "O"
_LONGEST_WINDOW: Final = 512
_LONGEST_MODERN_WINDOW: Final = 8_192  # computed here in blocks; what ONNX holds at once grows with the square
_RESERVED_POSITIONS: Final = 2  # RoBERTa counts positions from two


class _Config(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, protected_namespaces=(), hide_input_in_errors=True)

    model_type: str | None = None
    id2label: Annotated[dict[int, str], Field(min_length=2, max_length=2_000)]
    max_position_embeddings: Annotated[int, Field(ge=16)] = _LONGEST_WINDOW


@dataclass(frozen=True, slots=True)
class TagLabel:
    """One label of a model without its prefix; ``begins`` where the prefix says that a mention begins."""

    name: str
    begins: bool


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """A model that can be loaded. ``labels`` are by number; outside of mentions it is ``None``."""

    name: str
    path: Path
    weights: Path
    labels: tuple[TagLabel | None, ...]
    window: int

    @property
    def finds_identifiers(self) -> bool:
        """Whether most of its labels are labels of identifiers."""
        names = {label.name for label in self.labels if label is not None}
        known = {name for name in names if identifier_label(name) in CANONICAL_LABELS}
        return 2 * len(known) > len(names)


def identifier_label(name: str) -> str:
    """Return a label as the detectors of identifiers write it."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def find_model_folders(folder: Path) -> tuple[ModelFolder, ...]:
    """Return the models in ``folder``, or the one that it is, by name.

    Raises:
        InputError: there is none, or one cannot be used.

    """
    if not folder.is_dir():
        raise InputError(f"There is no folder {_shown(folder)}.", remedy="Check --models.")
    configs = [file for file in files_of(folder) if file.name == "config.json"]
    if not configs:
        raise InputError(f"{_shown(folder)} holds no model (config.json).", remedy="Check --models.")
    return tuple(_read(folder, config.parent) for config in configs)


def files_of(folder: Path) -> tuple[Path, ...]:
    """Return every file below ``folder``, hidden ones left out, in order."""
    found = [
        Path(place) / name
        for place, folders, names in os.walk(folder)
        if not _drop_hidden(folders)
        for name in names
        if not name.startswith(".")
    ]
    return tuple(sorted(found))


def _drop_hidden(folders: list[str]) -> bool:
    folders[:] = [name for name in folders if not name.startswith(".")]
    return False


def _read(root: Path, path: Path) -> ModelFolder:
    shown = _shown(path)
    try:
        config = _Config.model_validate_json((path / "config.json").read_bytes())
    except (OSError, ValidationError):
        raise InputError(f"{shown} has no config.json of a token classifier.", remedy="Check --models.") from None
    if sorted(config.id2label) != list(range(len(config.id2label))):
        raise InputError(f"The labels of {shown} are not numbered from 0.", remedy="Check its config.json.")
    weights = _weights(path, shown)
    if not (path / "tokenizer.json").is_file():
        raise InputError(f"{shown} has no tokenizer.json.", remedy="Save it with a fast tokenizer.")
    labels = tuple(_label(config.id2label[number]) for number in range(len(config.id2label)))
    is_modern = config.model_type == "modernbert" and weights.suffix != ".onnx"
    longest = _LONGEST_MODERN_WINDOW if is_modern else _LONGEST_WINDOW
    window = min(config.max_position_embeddings - _RESERVED_POSITIONS, longest)
    name = path.name if path == root else path.relative_to(root).as_posix()
    return ModelFolder(name=name, path=path, weights=weights, labels=labels, window=window)


def _weights(path: Path, shown: str) -> Path:
    """Return the file of weights, or the index of those that are cut into several."""
    weights = next((path / name for name in _WEIGHTS if (path / name).is_file()), None)
    if weights is None:
        pickled = next((name for name in _PICKLED if (path / name).is_file()), None)
        why = "neither model.onnx nor model.safetensors" if pickled is None else f"{pickled} only, which can run code"
        raise InputError(
            f"{shown} has {why}.",
            remedy="Export it once with 'optimum-cli export onnx --task token-classification'.",
        )
    if weights.name == INDEX_NAME:
        read_index(weights)  # that all of them are there is better known before any is read
    return weights


def _label(written: str) -> TagLabel | None:
    if written == _OUTSIDE:
        return None
    prefix = written[:2].upper()
    if prefix not in _PREFIXES:
        return TagLabel(written, begins=False)
    return TagLabel(written[2:], begins=prefix in {"B-", "S-", "U-"})


def _shown(path: Path) -> str:
    return terminal_safe(str(path), single_line=True)
