"""Where things live on this machine.

``~/.openmed`` holds the encrypted store; settings and the user's own workflows live in the platform's
configuration folder, the codes index in its cache folder. ``OPENMED_HOME`` moves all of them under one root.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HOME_VARIABLE: Final = "OPENMED_HOME"


@dataclass(frozen=True, slots=True)
class Paths:
    """The folders of one installation; none of them needs to exist yet."""

    root: Path
    configuration: Path
    cache: Path

    @property
    def configuration_file(self) -> Path:
        """The settings file."""
        return self.configuration / "config.toml"

    @property
    def store_folder(self) -> Path:
        """The folder of the encrypted store; it is there once a store was begun."""
        return self.root / "sessions"

    @property
    def user_workflows(self) -> Path:
        """The folder of workflows that the user added."""
        return self.configuration / "workflows"

    @property
    def codes_index(self) -> Path:
        """The folder of code system indexes; it holds no patient data."""
        return self.cache / "codes"


def find_paths(environment: Mapping[str, str] = os.environ) -> Paths:
    """Return the folders that ``environment`` asks for."""
    moved = environment.get(HOME_VARIABLE)
    if moved:
        root = Path(moved).expanduser().absolute()
        return Paths(root=root, configuration=root / "config", cache=root / "cache")
    import platformdirs  # noqa: PLC0415 - not needed where OPENMED_HOME is set

    return Paths(
        root=Path.home() / ".openmed",
        configuration=platformdirs.user_config_path("openmed", appauthor=False),
        cache=platformdirs.user_cache_path("openmed", appauthor=False),
    )


def content_folder(kind: str) -> Path:
    """Return the built-in content folder ``workflows``, ``skills`` or ``examples``.

    It lies beside the package in a checkout and inside the package in an installed wheel.
    """
    package = Path(__file__).resolve().parent.parent
    installed = package / "_content" / kind
    return installed if installed.is_dir() else package.parent / kind
