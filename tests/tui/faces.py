"""The screen under test: its own code, a working process (genuine or scripted), and pictures of it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from openmed_agent.settings.paths import Paths
from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.app import OpenMedApp
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.workbench.client import PROGRAM, Workbench

SCRIPTED = Path(__file__).with_name("scripted_workbench.py")
SIZES = ((80, 24), (120, 40))
THEMES = ("openmed-dark", "openmed-light")


def reply(model: BaseModel) -> dict[str, Any]:
    """Return a step of a script that answers with a model."""
    return {"reply": model.model_dump(mode="json")}


def parts(*models: BaseModel, open_ended: bool = False) -> dict[str, Any]:
    """Return a step of a script that streams models, and then ends unless it stays open."""
    return {"parts": [one.model_dump(mode="json") for one in models], "open": open_ended}


def scripted_app(
    folder: Path,
    script: Mapping[str, Any],
    *,
    preferences: ScreenPreferences | None = None,
    theme: str = "openmed-dark",
    record: Path | None = None,
    options: ScreenOptions | None = None,
) -> OpenMedApp:
    """Return the application before a working process that answers by ``script`` (see scripted_workbench.py)."""
    file = folder / "script.json"
    file.write_text(json.dumps(script))
    command = (sys.executable, str(SCRIPTED), str(file), *((str(record),) if record else ()))
    chosen = (preferences or ScreenPreferences(setup_seen=True)).changed(theme=theme)
    return OpenMedApp(options or ScreenOptions(folder=folder), paths_in(folder), chosen, Workbench(command))


def genuine_app(folder: Path, *, options: ScreenOptions | None = None) -> OpenMedApp:
    """Return the application with its own working process; the caller has set OPENMED_HOME to ``folder``."""
    chosen = options or ScreenOptions(folder=folder)
    workbench = Workbench((*PROGRAM, *chosen.workbench_arguments()))
    return OpenMedApp(chosen, paths_in(folder), ScreenPreferences(setup_seen=True), workbench)


def paths_in(folder: Path) -> Paths:
    """Return the paths of an installation below ``folder``, as OPENMED_HOME moves them."""
    return Paths(root=folder, configuration=folder / "config", cache=folder / "cache")
