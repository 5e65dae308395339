"""The masks that de-identification writes in the place of identifiers, such as ``[street_address]``: they are none."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS

_MASK: Final = re.compile(rf"\[(?:{'|'.join(CANONICAL_LABELS)})(?:_REMOVED)?\]")

SHADE: Final = "▒"
"""A character that no identifier has."""


def mask_spans(text: str) -> list[tuple[int, int]]:
    """Return where masks stand in ``text``, in order."""
    return [match.span() for match in _MASK.finditer(text)]


def shaded(text: str) -> str:
    """Return ``text``, equally long, with ``SHADE`` in the place of each character of a mask."""
    return _MASK.sub(lambda match: SHADE * len(match.group()), text)
