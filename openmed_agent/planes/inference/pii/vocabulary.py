"""Hand-kept words of clinical writing; data/vocabulary.txt says what each section is for."""

from importlib import resources
from typing import Final

from openmed_agent.planes.inference.pii.wordfile import section

_FILE: Final = "vocabulary.txt"


def _short_forms() -> frozenset[str]:
    """Return the abbreviations of problems and drugs that the entity models know."""
    file = resources.files("openmed_agent.planes.inference.entities").joinpath("data", "abbreviations.txt")
    lines = (line.split("\t") for line in file.read_text("utf-8").splitlines() if not line.startswith("#"))
    return frozenset(line[0].lower() for line in lines)


TITLES: Final = frozenset(section(_FILE, "titles"))
CREDENTIALS: Final = frozenset(section(_FILE, "credentials"))
RELATIVES: Final = frozenset(section(_FILE, "relatives"))
STAFF: Final = frozenset(section(_FILE, "staff"))
FIELDS: Final = frozenset(section(_FILE, "fields"))
WEAK_CUES: Final = frozenset(section(_FILE, "weak_cues"))
STRONG_CUES: Final = frozenset(section(_FILE, "strong_cues"))
PERSON_VERBS: Final = frozenset(section(_FILE, "person_verbs"))
PARTICLES: Final = frozenset(section(_FILE, "particles"))
EPONYM_HEADS: Final = frozenset(section(_FILE, "eponym_heads"))
EPONYMS: Final = frozenset(section(_FILE, "eponyms"))
ABBREVIATIONS: Final = frozenset(section(_FILE, "abbreviations")) | _short_forms()
BRANDS: Final = frozenset(section(_FILE, "brands"))
HEADERS: Final = frozenset(section(_FILE, "headers"))
GENERIC_ORGANIZATION: Final = frozenset(section(_FILE, "generic_organization"))
NOT_STREET: Final = frozenset(section(_FILE, "not_street"))
STATES: Final = frozenset(section(_FILE, "states"))
