"""Firms, told by the word for their trade behind their name: "Hardin Airlines", "Okeefe Holdings"."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.vocabulary import GENERIC_ORGANIZATION

SOURCE: Final = "organization"

_TRADE: Final = re.compile(
    r"[ACFHLRSTVp](?<= .)(?:(?<=A)ir(?:lines?|ways)|(?<=C)onsult(?:ing|ants)|(?<=F)reight|(?<=H)oldings?|(?<=L)ogistics"
    r"|(?<=R)ealty|(?<=S)avings|(?<=T)e(?:chnolog(?:y|ies)|lecom)|(?<=V)entures|(?<=p)lc)\b"
    r"(?:,? (?:Inc|LLC|Ltd|plc|PLC|Pty|GmbH|Pte)\b\.?){0,2}"
)
_NAME: Final = re.compile(r"(?<!\w)((?:[^\W\d_a-z][\w'-]{1,24},? (?:(?:&|and) )?){1,4})$")
_LONGEST_NAME: Final = 80


def find(text: str, lowered: str) -> Iterator[PiiFinding]:  # noqa: ARG001 - every family is called alike
    """Yield firms whose name says more than their trade does."""
    for match in _TRADE.finditer(text):
        lead = _NAME.search(text[max(0, match.start() - _LONGEST_NAME) : match.start()])
        if lead is not None and _is_name(lead[1]):
            yield PiiFinding(match.start() - len(lead[1]), match.end(), "organization", 0.65, (SOURCE,))


def _is_name(words: str) -> bool:
    known = lexicon()
    keys = [plain(word.strip(",")) for word in words.split() if word not in {"&", "and"}]
    if any(key in known.medical or key in known.drugs for key in keys):
        return False
    return any(key not in GENERIC_ORGANIZATION and key not in known.function for key in keys)
