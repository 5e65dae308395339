"""What a key of a service may look like. It becomes a header of a request, so it may hold nothing else."""

import re
from typing import Final

from openmed_agent.errors import InputError

LONGEST_KEY: Final = 4096
_KEY: Final = re.compile(r"[\x21-\x7e]+")
_HINT: Final = "Copy it again, without spaces or quotes around it."


def checked_key(key: str) -> str:
    """Return ``key``.

    Raises:
        InputError: it is empty, too long, or holds a space, a newline or a character beyond ASCII.

    """
    if not key:
        raise InputError("The key is empty.", remedy=_HINT)
    if len(key) > LONGEST_KEY:
        raise InputError(f"The key is longer than {LONGEST_KEY} characters.", remedy=_HINT)
    if not _KEY.fullmatch(key):
        raise InputError("The key holds a space or a character that no key has.", remedy=_HINT)
    return key
