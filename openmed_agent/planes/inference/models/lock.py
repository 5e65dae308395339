"""The lock of a folder of models: the digest of every file, so that a changed model is never served unseen."""

import hashlib
import json
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.planes.inference.models.folder import files_of
from openmed_agent.text.terminal import terminal_safe

LOCK_NAME: Final = "openmed-models.lock"


class ModelsLock(BaseModel):
    """``files``: path below the folder -> ``sha256:<hex>`` of its bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_name: Literal["openmed.models/1"] = "openmed.models/1"
    files: dict[str, str]


def digests_of(folder: Path) -> ModelsLock:
    """Return what a lock of ``folder``, as it is now, says."""
    files = [file for file in files_of(folder) if file != folder / LOCK_NAME]
    return ModelsLock(files={file.relative_to(folder).as_posix(): _digest(file) for file in files})


def check_lock(folder: Path, lock: Path) -> int | None:
    """Return how many files were pinned where there was no lock and one was written, or nothing where all agree.

    Raises:
        InputError: the lock cannot be read or written.
        NotPermittedError: a file has changed, is new, or is missing since the lock was written.

    """
    now = digests_of(folder)
    shown = terminal_safe(str(lock), single_line=True)
    try:
        if not lock.exists():
            with lock.open("x", encoding="utf-8") as stream:
                json.dump(now.model_dump(), stream, indent=2, sort_keys=True)
            return len(now.files)
        pinned = ModelsLock.model_validate_json(lock.read_bytes())
    except OSError:
        raise InputError(f"{shown} cannot be read or written.", remedy="Choose another --models-lock.") from None
    except ValidationError:
        raise InputError(f"{shown} is not a lock of models.", remedy="Choose another --models-lock.") from None
    changed = sorted(name for name in {*now.files, *pinned.files} if now.files.get(name) != pinned.files.get(name))
    if changed:
        first = terminal_safe(changed[0], single_line=True)
        raise NotPermittedError(
            f"{len(changed)} files of the models differ from {shown}, first {first}, so none is served.",
            remedy="Restore them, or delete that file to pin what is there now.",
        )
    return None


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return f"sha256:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
