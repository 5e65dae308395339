"""How the concepts of RxNorm stand to each other: which term types there are, and which is more general.

A relation of RXNREL between two concepts is kept with its direction from the general to the specific. All related
concepts of one are then those more general, those more specific, and, for term types that are neither, those that
are more general than the specific ones: the brand of a generic tablet is that of its branded tablets. Never the
other way round: the other strengths of an ingredient are not related to a tablet.
"""

from collections import defaultdict
from typing import Final

_BELOW: Final = {
    "IN": "PIN MIN BN SCDC SCDF SCDG SCDFP SCDGP SCD",
    "PIN": "BN SCDC SCDF SCD",
    "MIN": "SCD SCDF SCDG",
    "BN": "SBDC SBDF SBDG SBDFP SBD BPCK",
    "DFG": "DF SCDG SBDG SCDGP",
    "DF": "SCDF SBDF SCD SBD GPCK BPCK SCDFP SBDFP",
    "SCDG": "SCDF SBDG SCD",
    "SCDGP": "SCDFP SCDG SBDG",
    "SCDF": "SCD SBDF",
    "SCDFP": "SCDF SBDFP SCD",
    "SBDG": "SBDF SBD",
    "SBDF": "SBD",
    "SBDFP": "SBDF SBD",
    "SCDC": "SCD SBDC",
    "SBDC": "SBD",
    "SCD": "SBD GPCK BPCK",
    "SBD": "BPCK",
    "GPCK": "BPCK",
    "BPCK": "",
}
TERM_TYPES: Final = frozenset(_BELOW)
"""Term types that name a concept; all others (SY, TMSY, PSN, ET ...) are further names of one."""
GENERAL_TO_SPECIFIC: Final = tuple((general, below) for general, all_ in _BELOW.items() for below in all_.split())
DRUG_TYPES: Final = ("IN", "PIN", "MIN", "BN", "SCD", "SBD", "GPCK", "BPCK")
"""Term types that a clinician means by a written drug; the others are parts of such a concept."""


def _reachable(start: str, pairs: tuple[tuple[str, str], ...]) -> frozenset[str]:
    steps: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        steps[one].add(other)
    found: set[str] = set()
    pending = [start]
    while pending:
        for step in steps[pending.pop()] - found:
            found.add(step)
            pending.append(step)
    return frozenset(found)


MORE_SPECIFIC: Final = {tty: _reachable(tty, GENERAL_TO_SPECIFIC) for tty in _BELOW}
MORE_GENERAL: Final = {tty: _reachable(tty, tuple((b, a) for a, b in GENERAL_TO_SPECIFIC)) for tty in _BELOW}
