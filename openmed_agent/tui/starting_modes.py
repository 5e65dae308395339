"""With which modes a new session starts, by options and settings."""

from dataclasses import dataclass

from openmed_agent.settings.paths import Paths
from openmed_agent.tui.options import ScreenOptions


@dataclass(frozen=True, slots=True)
class StartingModes:
    """What a new session starts with."""

    phi_mode: str
    permission_mode: str


def starting_modes(paths: Paths, options: ScreenOptions) -> StartingModes:
    """Return the modes that a new session will have; reads the files of settings.

    Raises:
        OpenMedError: a file is wrong, or an option asks for what the site does not allow.

    """
    from openmed_agent.settings.project import load_configuration_in

    configuration = load_configuration_in(options.folder, paths)
    phi_mode = configuration.privacy.chosen(options.phi_mode)  # type: ignore[arg-type]  # refuses what is none
    return StartingModes(phi_mode, options.permission_mode or configuration.permissions.effective_mode.value)
