"""The models of the crosswalk routes: what is asked, and what counts as an answer."""

from typing import Annotated, Literal

from pydantic import Field

from openmed_agent.planes.codes.contract import MAXIMUM_CODES, CodeText, Concept, HccCategory, Release, Reply, Request

Codes = Annotated[tuple[CodeText, ...], Field(min_length=1, max_length=MAXIMUM_CODES)]


class CrosswalkRequest(Request):
    """Codes of ICD-9-CM to map to ICD-10-CM, or the other way round."""

    codes: Codes
    source: Literal["icd9cm", "icd10cm"]


class MappedCode(Concept):
    """One target of a map.

    ``approximate`` is false only where both codes mean the same. Targets of one ``scenario`` (0 where there is none)
    are reported together: one of each of its ``choice_list``. ``current`` says of an ICD-10-CM code whether it can be
    reported by the release that the service holds; ICD-9-CM codes no longer can.
    """

    approximate: bool
    scenario: int = Field(ge=0, le=9)
    choice_list: int = Field(ge=0, le=9)
    current: bool


class CrosswalkResult(Reply):
    """The targets of one code; ``reason`` says why there is none."""

    code: str
    display: str
    mapped: bool
    targets: tuple[MappedCode, ...]
    reason: str = ""


class CrosswalkReply(Reply):
    """One result per code, in the order asked; targets are candidates to choose from, never a translation."""

    source: str
    target: str
    results: tuple[CrosswalkResult, ...]
    release: Release


class HccCompareRequest(Request):
    """Codes whose payment HCCs in V24 and V28 are to be compared."""

    codes: Codes
    payment_year: int = Field(default=2026, ge=2000, le=2100)


class HccComparison(Reply):
    """The payment HCCs of one code in both models; ``change`` is from V24 to V28."""

    code: str
    v24: tuple[HccCategory, ...]
    v28: tuple[HccCategory, ...]
    change: Literal["both", "only_v24", "only_v28", "neither"]
    reason: str = ""


class HccCompareReply(Reply):
    """One comparison per code, in the order asked, by the tables of one payment year."""

    payment_year: int
    results: tuple[HccComparison, ...]
    releases: tuple[Release, ...]
