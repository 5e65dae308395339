"""What a person chose for the screen: colours, keys, idle lock, favourite models. It holds nothing of a chart.

The program writes the file itself; a person may edit it. A damaged one is said and left as it is, never overwritten.
"""

import os
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.settings.paths import Paths

_FILE: Final = "screen.json"
_LARGEST_BYTES: Final = 100_000


class ScreenPreferences(BaseModel):
    """One person's choices. Keys go by the identifiers of the key map, in Textual's names (``ctrl+o``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    theme: str = "openmed-dark"
    keys: dict[str, str] = {}
    idle_lock_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 10
    """Minutes without a key until the screen blanks; 0 never."""
    screen_reader: bool = False
    setup_seen: bool = False
    favourite_models: tuple[str, ...] = ()
    recent_models: tuple[str, ...] = ()
    reasoning_effort: Literal["", "none", "minimal", "low", "medium", "high"] = ""
    """How hard models reason; empty leaves it to the settings."""


def load_preferences(paths: Paths) -> ScreenPreferences:
    """Return the choices of the file, or the defaults where there is none.

    Raises:
        InputError: it cannot be read, or says what nobody understands.

    """
    file = paths.configuration / _FILE
    try:
        with file.open("rb") as stream:
            content = stream.read(_LARGEST_BYTES)
    except FileNotFoundError:
        return ScreenPreferences()
    except OSError:
        raise InputError(f"{file} cannot be read.", remedy="Check its permissions.") from None
    try:
        return ScreenPreferences.model_validate_json(content)
    except ValidationError:
        raise InputError(f"{file} is damaged.", remedy="Correct or remove it.") from None


def save_preferences(paths: Paths, preferences: ScreenPreferences) -> None:
    """Keep the choices; a crash leaves the old ones or the new ones.

    Raises:
        InputError: the disk refuses.

    """
    file = paths.configuration / _FILE
    beside = file.with_suffix(f".{os.getpid()}.new")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_durably(beside, preferences.model_dump_json(indent=1).encode() + b"\n")
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise InputError(f"{file} cannot be written.", remedy="Check its permissions and the disk.") from None


def _write_durably(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
