"""What a person chose for the screen: colours, keys, idle lock, favourite models. It holds nothing of a chart.

The program writes the file itself; a person may edit it. A damaged one is said and left as it is, never overwritten.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from openmed_agent.errors import InputError
from openmed_agent.settings.paths import Paths

_FILE: Final = "screen.json"
_LARGEST_BYTES: Final = 100_000
_LONGEST_MINUTES: Final = 24 * 60

Effort = Literal["", "none", "minimal", "low", "medium", "high"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenPreferences:
    """One person's choices. Keys go by the identifiers of the key map, in Textual's names (``ctrl+o``)."""

    theme: str = "openmed-dark"
    keys: dict[str, str] = field(default_factory=dict)
    idle_lock_minutes: int = 10
    """Minutes without a key until the screen blanks; 0 never."""
    screen_reader: bool = False
    setup_seen: bool = False
    favourite_models: tuple[str, ...] = ()
    recent_models: tuple[str, ...] = ()
    reasoning_effort: Effort = ""
    """How hard models reason; empty leaves it to the settings."""

    def changed(self, **changes: Any) -> "ScreenPreferences":  # noqa: ANN401 - of each field its own type
        """Return the choices with some of them changed."""
        return replace(self, **changes)


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
        return _preferences(json.loads(content))
    except (ValueError, TypeError, LookupError, RecursionError):
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
        _write_durably(beside, json.dumps(asdict(preferences), indent=1).encode() + b"\n")
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise InputError(f"{file} cannot be written.", remedy="Check its permissions and the disk.") from None


def _preferences(document: Any) -> ScreenPreferences:  # noqa: ANN401 - whatever the file says
    """Return the choices of a file. Read by hand: it comes before the first prompt, and pydantic takes as long to load.

    Raises:
        ValueError, TypeError, LookupError: it says what nobody understands.

    """
    if not isinstance(document, dict) or not all(_IS_SOUND[name](value) for name, value in document.items()):
        raise ValueError
    read = {name: tuple(value) if isinstance(value, list) else value for name, value in document.items()}
    return ScreenPreferences().changed(**read)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_keys(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def _are_minutes(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_MINUTES


_IS_SOUND: Final[Mapping[str, Callable[[object], bool]]] = {
    "theme": _is_text,
    "keys": _are_keys,
    "idle_lock_minutes": _are_minutes,
    "screen_reader": _is_flag,
    "setup_seen": _is_flag,
    "favourite_models": _are_texts,
    "recent_models": _are_texts,
    "reasoning_effort": lambda value: value in get_args(Effort),
}


def _write_durably(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
