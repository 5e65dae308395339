"""What a claim's first words say about its resource, so that a status and a wording never deny the same thing twice.

A refuted Condition named "No pneumonia" would read as pneumonia.
"""

import re
from typing import Final

from openmed_agent.workflows.draft import Item, ItemKind

_NOTHING_KNOWN: Final = re.compile(r"no\s+known\b|nkd?a\b", re.IGNORECASE)
_NO_ALLERGY: Final = re.compile(r"no\s+allergy\s+to\b", re.IGNORECASE)
_NOT_DONE: Final = re.compile(r"not\s+done:", re.IGNORECASE)
_SAID_BY_STATUS: Final = re.compile(
    r"(?:no\s+allergy\s+to|not\s+done:|history\s+of|family\s+history(?:\s+of|:)|"
    r"(?:past\s+|possible\s+)?(?:allergy|intolerance):|possible|denies|no|planned:)\s+(?=\S)",
    re.IGNORECASE,
)


def subject_matter(claim: str) -> str:
    """Return what a claim is about, without first words that the resource's type or status says."""
    said = None if states_nothing_known(claim) else _SAID_BY_STATUS.match(claim)
    return claim[said.end() :] if said else claim


def states_nothing_known(claim: str) -> bool:
    """Return whether a claim says that nothing is known, as in ``No known allergies``: that is its own fact."""
    return bool(_NOTHING_KNOWN.match(claim))


def stated_kind(item: Item) -> ItemKind:
    """Return the kind whose resource states an item; absent allergies and procedures are not illnesses."""
    if item.kind != "absent_finding":
        return item.kind
    if _NO_ALLERGY.match(item.claim) or (states_nothing_known(item.claim) and "allerg" in item.claim.lower()):
        return "allergy"
    return "procedure" if _NOT_DONE.match(item.claim) else item.kind
