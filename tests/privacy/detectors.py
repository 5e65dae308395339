"""The real detector of this machine, started once, and small ones for units."""

import re
from collections.abc import Sequence

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.detection import IdentifierDetector


def finding(start: int, end: int, label: str = "last_name") -> PiiFinding:
    return PiiFinding(start, end, label, 0.9, ("test",))


def detector_of(**labelled: str) -> IdentifierDetector:
    """Return a detector that finds the words it is told, as whole words, by label: ``last_name="Okafor|Lind"``."""

    async def detect(text: str) -> Sequence[PiiFinding]:
        found = [
            finding(*match.span(), label)
            for label, words in labelled.items()
            for match in re.finditer(rf"(?<!\w)(?:{words})(?!\w)", text)
        ]
        return sorted(found, key=lambda each: each.start)

    return detect


async def nothing(_: str) -> Sequence[PiiFinding]:
    return ()
