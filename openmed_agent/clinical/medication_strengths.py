"""A number that stands behind the name of a drug without a unit: "losartan 100", "naproxen 220 BID"."""

import re
from decimal import Decimal
from typing import Final

from openmed_agent.clinical import medication_terms as terms
from openmed_agent.clinical.measurement_names import aliases, tokens_of
from openmed_agent.clinical.medication_parts import Quantity, bare_quantity_at, part_at

HIGHEST_LEVEL: Final = 60  # a level of a drug in blood, in its usual unit, is lower than this
# Strengths, in mg, that are common among the oral medicines sold in the US.
_USUAL: Final = frozenset(
    [
        10, 20, 25, 30, 40, 50, 60, 75, 80, 81, 100, 112, 120, 125, 137, 150, 160, 175, 180, 200, 220, 225, 240, 250,
        300, 320, 325, 350, 360, 375, 400, 450, 500, 550, 600, 625, 650, 750, 800, 850, 875, 900, 1000,
    ]
)  # fmt: skip
_ENDED: Final = re.compile(r"\s{0,2}(?:[,;.)]|\r?\n|\Z|(?:and|then|plus)\b)", terms.FLAGS)
_PRN: Final = re.compile(terms.PRN, terms.FLAGS)


def strength_without_unit(text: str, position: int, end: int, *, drug: str) -> Quantity | None:
    """Return the number at `position` that is the dose of `drug`, its unit left open, or None.

    It is one where a time or a route follows, or where nothing follows and it is a usual strength; what may be the
    level of the drug in blood is none.
    """
    found = bare_quantity_at(text, position, end)
    if found is None:
        return None
    after = found.span.end
    while after < end and text[after] in " \t":
        after += 1
    if _PRN.match(text, after, end) or any(
        part_at(text, after, end, table) for table in (terms.FREQUENCIES, terms.TIMINGS, terms.ROUTES)
    ):
        return found
    if Decimal(found.value) not in _USUAL or not _ENDED.match(text, found.span.end):
        return None
    return None if _may_be_measured(drug) and Decimal(found.value) < HIGHEST_LEVEL else found


def _may_be_measured(drug: str) -> bool:
    tokens = tokens_of(drug)
    known = {alias.tokens for alias in aliases().get(tokens[0], ())} if tokens else set()
    return tokens in known or (*tokens, "level") in known
