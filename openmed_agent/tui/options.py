"""What the command line asked of the screen."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOptions:
    """How the screen starts; None leaves it to the session or to the settings."""

    folder: Path
    session: str | None = None
    """A session to resume: its id or a unique start of it."""
    resume_last: bool = False
    phi_mode: str | None = None
    agent_mode: str | None = None
    permission_mode: str | None = None
    model: str | None = None
    allow: tuple[str, ...] = ()

    def workbench_arguments(self) -> tuple[str, ...]:
        """Return the arguments of the working process."""
        rules = (argument for rule in self.allow for argument in ("--allow", rule))
        return ("--folder", str(self.folder), *rules)
