"""The modes of a session in their order, and what a person is told before a weaker one."""

from typing import Final

PHI_MODES: Final = ("full", "deid", "strict")
"""From the weakest to the strictest."""

AGENT_MODES: Final = ("clinical", "consumer", "coordination", "plan")
PERMISSION_MODES: Final = ("auto", "ask", "deny", "plan")
"""From the most permissive to the strictest."""

PHI_MEANS: Final = {
    "full": "Prompts, files and results reach the model as they are, with the names and dates of patients.",
    "deid": "Identifiers are replaced by stand-ins such as [PATIENT_1] before anything reaches the model. "
    "A name that nothing announced may be missed.",
    "strict": "No text of a record reaches the model: only handles, codes and counts.",
}
AGENT_MEANS: Final = {
    "clinical": "All tools.",
    "consumer": "Reads and explains; writes nothing.",
    "coordination": "Workflows and files.",
    "plan": "Looks at everything, changes nothing.",
}
PERMISSION_MEANS: Final = {
    "auto": "Tools that can lose nothing run unasked.",
    "ask": "Whatever changes something asks first.",
    "deny": "Only what changes nothing, or what a rule allows, runs.",
    "plan": "Only what changes nothing runs.",
}


def is_weaker_phi(new: str, old: str) -> bool:
    """Tell whether a PHI mode lets more leave than another."""
    return old in PHI_MODES and new in PHI_MODES and PHI_MODES.index(new) < PHI_MODES.index(old)


def stricter_phi(first: str, second: str) -> str:
    """Return the PHI mode that lets less leave; a name that is none counts as the weakest."""
    return max(first, second, key=lambda mode: PHI_MODES.index(mode) if mode in PHI_MODES else -1)


def is_more_permissive(new: str, old: str) -> bool:
    """Tell whether a permission mode lets more run unasked than another."""
    order = PERMISSION_MODES
    return old in order and new in order and order.index(new) < order.index(old)


def next_agent_mode(mode: str) -> str:
    """Return the agent mode after one, and after the last the first."""
    place = AGENT_MODES.index(mode) if mode in AGENT_MODES else -1
    return AGENT_MODES[(place + 1) % len(AGENT_MODES)]
