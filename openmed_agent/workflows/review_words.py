"""How items and decisions are said to a reviewer, the same on every face."""

from collections.abc import Mapping
from typing import Final

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.draft import Item

SUPPORT_WORDS: Final[Mapping[str, str]] = {
    "supported": "supported by the source",
    "contradicted": "contradicted by the sources",
    "unsupported": "not stated in the sources",
    "uncertain": "uncertain",
}


def kind_words(item: Item) -> str:
    """Return the kind in words: ``stopped medication``."""
    return item.kind.replace("_", " ")


def decision_words(decision: Decision | None) -> str:
    """Return what was decided, in one line."""
    if decision is None:
        return "not decided yet"
    reason = f" · {decision.reason}" if decision.reason else ""
    match decision.action:
        case "accept":
            return f"accepted{reason}"
        case "edit":
            return f"edited to: {decision.text}{reason}"
        case "reject":
            return f"rejected{reason}"


def assertion_words(assertion: Assertion) -> str:
    """Return what an assertion says: ``absent``, ``in the past, of a relative``."""
    about = {"patient": "", "family": ", of a relative", "other": ", of another person"}[assertion.experiencer]
    if assertion.negated:
        return f"absent{about}"
    if assertion.hypothetical:
        return f"possible or conditional{about}"
    return f"{'in the past' if assertion.historical else 'present'}{about}"
