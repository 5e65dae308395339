"""The reply for one concept of an installed terminology; search answers in the shape of ICD-10-CM."""

from pydantic import Field

from openmed_agent.planes.codes.contract import Concept, Release, Reply


class Detail(Reply):
    """A named fact that the release states of a concept, such as LOINC's ``SCALE_TYP``."""

    name: str = Field(min_length=1)
    values: tuple[str, ...]


class TermConcept(Concept):
    """A concept with its place in the hierarchy, as far as the system has one.

    ``parents`` are the direct ones. ``children_total`` counts all, of which ``children`` are the first 200.
    """

    kind: str
    parents: tuple[Concept, ...]
    children: tuple[Concept, ...]
    children_total: int = Field(ge=0)
    synonyms: tuple[str, ...]
    details: tuple[Detail, ...]
    release: Release
