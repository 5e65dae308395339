"""What is said of a fault in this program: its kind and place, and no value, which could be text of a chart."""

from openmed_agent.errors import fault_words


def fault_sentence(what: str, error: Exception) -> str:
    """Return a sentence such as "The tool failed because of a fault in this program (KeyError at files.py:12)"."""
    return f"{what} failed because of a fault in this program ({fault_words(error)})."
