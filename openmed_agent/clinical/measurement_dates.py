"""What stands before a value and says of when it is: "Prior (09/01/2026): K 4.4", "baseline Cr 1.0"."""

import re
from typing import Final

from openmed_agent.text.spans import Span

REACH: Final = 200
_DATE: Final = r"\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}|\d{1,2}/\d{4}"
_EARLIER: Final = r"prior|previous|prev|earlier|baseline|old"
_RESULTS: Final = r"labs?|laboratory|values?|results?|vitals?|last|outside|bloods?"
_HEADING: Final = re.compile(
    rf"\b(?:(?P<earlier>{_EARLIER})|{_RESULTS})(?:[ ](?:{_RESULTS}))?"
    rf"(?:[ ]?(?:from[ ]|on[ ]|of[ ])?[(\[]?(?P<date>{_DATE})[)\]]?)?[ ]?:",
    re.IGNORECASE | re.ASCII,
)
_ADJACENT: Final = re.compile(rf"\b(?:{_EARLIER})[ ]\Z", re.IGNORECASE | re.ASCII)
_NOW: Final = re.compile(r"\b(?:now|today|currently|current|repeat|this (?:morning|visit))\b", re.IGNORECASE | re.ASCII)


def said_before(text: str, start: int) -> tuple[bool, Span | None]:
    """Return whether the words before the name at `start` call its value an earlier one, and the date they give.

    A heading reaches to the end of its line, or to a word that speaks of now.
    """
    low = max(text.rfind("\n", 0, start) + 1, start - REACH)
    before = text[low:start]
    heading = next(reversed([*_HEADING.finditer(before)]), None)
    if heading is None or _NOW.search(before, heading.end()):
        return bool(_ADJACENT.search(before)), None
    date = Span(*heading.span("date")).shifted(low) if heading["date"] else None
    return bool(heading["earlier"] or _ADJACENT.search(before)), date
