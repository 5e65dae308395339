"""The three PHI modes: what of a chart may leave for which destination.

``full`` sends the original, ``deid`` (the default) sends no known identifier, ``strict`` sends no record text
to anything that is not on this machine or explicitly trusted.
"""

from enum import StrEnum


class PhiMode(StrEnum):
    """A property of a run or session; weaker modes are never chosen silently."""

    FULL = "full"
    DEID = "deid"
    STRICT = "strict"
