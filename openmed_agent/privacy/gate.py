"""What may reach the planes in each PHI mode.

Embedded planes run on this machine and get the original in every mode. A remote inference plane gets it
too, in ``strict`` only where it is marked as trusted for strict. A remote codes plane gets queries that were
scanned: in ``deid`` an identifier refuses the query, in ``strict`` only vocabulary terms pass.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from openmed_agent.errors import NotPermittedError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import PlaneSettings

IdentifierScan = Callable[[str], Awaitable[bool]]
"""Returns whether a text holds an identifier; raises when it cannot tell."""


def check_inference_plane(mode: PhiMode, settings: PlaneSettings) -> None:
    """Check that chart text may go to the configured inference plane.

    Raises:
        NotPermittedError: the mode is strict and the remote plane is not marked as trusted for it.

    """
    if mode is PhiMode.STRICT and settings.url is not None and not settings.trusted_for_strict:
        raise NotPermittedError(
            "In strict mode no chart text goes to a remote inference service that is not marked as trusted.",
            remedy="Unset OPENMED_INFERENCE_URL, or set trusted_for_strict under [inference] in config.toml.",
        )


@dataclass(frozen=True, slots=True)
class CodesQueryGate:
    """Decides whether a term from a chart may be sent to the codes plane."""

    mode: PhiMode
    remote: bool
    scan: IdentifierScan

    async def permits(self, term: str, *, vocabulary: bool) -> bool:
        """Return whether ``term`` may be sent; ``vocabulary`` says that it is a dictionary's own term.

        Raises:
            OpenMedError: the scan that the mode asks for could not be made.

        """
        if not self.remote or self.mode is PhiMode.FULL:
            return True
        if self.mode is PhiMode.STRICT and not vocabulary:
            return False
        return not await self.scan(term)
