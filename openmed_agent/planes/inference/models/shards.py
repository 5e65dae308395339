"""The index of weights that are cut into several files: which tensor stands in which (``weight_map``)."""

from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.text.terminal import terminal_safe

INDEX_NAME: Final = "model.safetensors.index.json"
_SUFFIX: Final = ".safetensors"


def _plain(name: str) -> str:
    """Return the name of a file beside the index; a hidden one would be in no lock."""
    if not name.endswith(_SUFFIX) or name.startswith(".") or any(mark in name for mark in "/\\:\0"):
        raise ValueError("not the name of a file of weights beside the index")
    return name


class _Index(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    weight_map: Annotated[dict[str, Annotated[str, AfterValidator(_plain)]], Field(min_length=1)]


def read_index(index: Path) -> dict[str, Path]:
    """Return the file of each tensor.

    Raises:
        InputError: it is no index, or names a file that is not there or not beside it.

    """
    shown = terminal_safe(str(index), single_line=True)
    try:
        names = _Index.model_validate_json(index.read_bytes()).weight_map
    except (OSError, ValidationError):
        raise InputError(
            f"{shown} is no index of .safetensors files beside it.", remedy="Copy the model again."
        ) from None
    missing = sorted(name for name in set(names.values()) if not (index.parent / name).is_file())
    if missing:
        first = terminal_safe(missing[0], single_line=True)
        raise InputError(
            f"{shown} names {len(missing)} files that are not there, first {first}.", remedy="Copy the model again."
        )
    return {tensor: index.parent / name for tensor, name in names.items()}
