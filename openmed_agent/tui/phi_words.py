"""The PHI modes in plain words; first steps, settings and help say the same."""

from typing import Final

from openmed_agent.tui.chrome.dialogs import Choice

PHI_CHOICES: Final = (
    Choice("full", "full", "a model is sent the text as it is"),
    Choice("deid", "deid", "a model is sent stand-ins such as [PATIENT_1]"),
    Choice("strict", "strict", "a model is sent handles, counts and codes only"),
)

PHI_TABLE: Final = (
    ("services on this machine", "original", "original", "original"),
    ("another inference service", "original", "original", "only if trusted"),
    ("another codes service", "original query", "checked query", "codes and terms"),
    ("literature", "original query", "checked query", "off"),
    ("language model, anywhere", "original", "stand-ins", "no record text"),
    ("login and updates", "no record text", "no record text", "no record text"),
)
"""Where text may go: channel, then what it is sent in full, deid and strict."""

PHI_NOTES: Final = ("A checked query is refused if it holds a name.", "You yourself always see the original.")
