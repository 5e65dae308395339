"""The models of the RxNorm routes: the shapes of NLM's RxNav REST API, of which ours are a subset.

RxNav leaves out what it does not have: a miss has no ``rxnormId``, an unknown concept an empty object. Only the
outer key is therefore required; a body without it is not an answer.
"""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from openmed_agent.planes.codes.contract import Release


class RxNavReply(BaseModel):
    """Base of RxNav's answers, which have more fields than are named here."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


def _none_as_empty(value: object) -> object:
    return () if value is None else value


def _none_as_text(value: object) -> object:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_none_as_text)]
"""A string that RxNav sends as null where it is empty."""


class IdGroup(RxNavReply):
    """The RXCUIs of a name."""

    name: str | None = None
    rxnorm_ids: Annotated[tuple[str, ...], BeforeValidator(_none_as_empty)] = Field(default=(), alias="rxnormId")


class RxcuiReply(RxNavReply):
    """``GET /REST/rxcui.json``."""

    id_group: IdGroup = Field(alias="idGroup")


class RxCandidate(RxNavReply):
    """An approximate match; ``score`` and ``rank`` are numbers as text, as RxNav sends them."""

    rxcui: str = Field(min_length=1)
    rxaui: Text = ""
    score: str
    rank: str
    name: Text = ""
    source: Text = ""


class ApproximateGroup(RxNavReply):
    """Approximate matches, best first; a concept can come more than once."""

    input_term: str | None = Field(default=None, alias="inputTerm")
    candidates: Annotated[tuple[RxCandidate, ...], BeforeValidator(_none_as_empty)] = Field(
        default=(), alias="candidate"
    )


class ApproximateReply(RxNavReply):
    """``GET /REST/approximateTerm.json``."""

    approximate_group: ApproximateGroup = Field(alias="approximateGroup")


class RxProperties(RxNavReply):
    """What RxNorm says of a concept; ``tty`` is empty where the term type is not known for certain."""

    rxcui: str = Field(min_length=1)
    name: str
    synonym: Text = ""
    tty: Text = ""
    language: Text = ""
    suppress: Text = ""
    umlscui: Text = ""


class PropertiesReply(RxNavReply):
    """``GET /REST/rxcui/{rxcui}/properties.json``; RxNav answers an unknown RXCUI with null."""

    properties: RxProperties | None
    release: Release | None = None  # of our service; RxNav names none


class RxConceptGroup(RxNavReply):
    """Related concepts of one term type."""

    tty: str
    concepts: Annotated[tuple[RxProperties, ...], BeforeValidator(_none_as_empty)] = Field(
        default=(), alias="conceptProperties"
    )


class AllRelatedGroup(RxNavReply):
    """Related concepts by term type."""

    rxcui: str
    groups: Annotated[tuple[RxConceptGroup, ...], BeforeValidator(_none_as_empty)] = Field(
        default=(), alias="conceptGroup"
    )


class AllRelatedReply(RxNavReply):
    """``GET /REST/rxcui/{rxcui}/allrelated.json``."""

    group: AllRelatedGroup = Field(alias="allRelatedGroup")


class RxProperty(RxNavReply):
    """One property, for instance one NDC."""

    category: Text = Field(default="", alias="propCategory")
    name: str = Field(alias="propName")
    value: str = Field(alias="propValue")


class PropConceptGroup(RxNavReply):
    """Properties of a concept."""

    properties: Annotated[tuple[RxProperty, ...], BeforeValidator(_none_as_empty)] = Field(
        default=(), alias="propConcept"
    )


class PropertyReply(RxNavReply):
    """``GET /REST/rxcui/{rxcui}/property.json``; the group is null where the concept has no such property."""

    group: PropConceptGroup | None = Field(alias="propConceptGroup")
