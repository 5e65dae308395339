"""The title of a fork: that of its source, told apart from it and from other forks at its beginning.

A list of sessions shows the beginning of a title; a mark at its end would be cut off there.
"""

import re
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Final

_MARK: Final = re.compile(r"Fork (?:[0-9]{1,9} )?of ")


def fork_title(source: str, taken: AbstractSet[str], *, longest: int) -> str:
    """Return ``Fork of TITLE``, or ``Fork N of TITLE`` with the first number from 2 whose title is not ``taken``.

    A fork of a fork counts on. Where the source has no title its fork has none: the first message gives it one.
    """
    if not source:
        return ""
    plain = _MARK.sub("", source, count=1) if _MARK.match(source) else source
    titles = (f"Fork of {plain}" if number == 1 else f"Fork {number} of {plain}" for number in count(1))
    return next(title for title in (one[:longest].rstrip() for one in titles) if title not in taken)
