"""The models of the codes plane's own routes (contract B): what is asked, and what counts as an answer.

Requests forbid unknown fields and bound every list and number. Replies tolerate additional fields of a newer
service, yet everything that is named here must be there. Scores, weights and factors are decimal strings.
"""

import datetime as dt
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAXIMUM_CODES: Final = 10_000
MAXIMUM_RESULTS: Final = 100
MAXIMUM_QUERY_CHARACTERS: Final = 300
MAXIMUM_AGE: Final = 130

DecimalText = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$")]
CodeText = Annotated[str, StringConstraints(max_length=40)]
Capability = Literal[
    "icd10cm", "hcc", "comorbidity", "crosswalk", "rxnorm", "drug_classes", "loinc", "snomed", "cpt", "icd10pcs", "cvx",
]  # fmt: skip
Matched = Literal["exact_code", "exact_term", "synonym", "all_words", "prefix", "fuzzy"]
Eligibility = Literal[
    "CNA", "CND", "CFA", "CFD", "CPA", "CPD", "INS", "NE", "SNPNE",
    "CE_NONLOW_AGED", "CE_NONLOW_NONAGED", "CE_LOW_AGED", "CE_LOW_NONAGED", "CE_LTI",
    "NE_NONLOW_COMMUNITY", "NE_LOW_COMMUNITY", "NE_LTI",
    "DIAL", "NE_DIAL", "GRAFT_COMM", "GRAFT_INST", "NE_GRAFT", "TRANSPLANT_1M", "TRANSPLANT_2M", "TRANSPLANT_3M",
]  # fmt: skip


class Request(BaseModel):
    """Base of what is sent to the service."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """Base of what the service answers."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Release(Reply):
    """One release of one code system, whether the whole of it is there, and what is wrong with its age."""

    system: str
    version: str
    source: str
    complete: bool
    concepts: int = Field(ge=0)
    stale: str | None = None


class Health(Reply):
    """What the service is and can do."""

    status: str
    service: str
    version: str
    capabilities: tuple[str, ...]
    releases: tuple[Release, ...]


class Concept(Reply):
    """A code with its title."""

    code: str = Field(min_length=1)
    display: str
    billable: bool = False


class IcdCandidate(Concept):
    """One search result; ``matched`` says how, in falling order of trust.

    ``exact_code``: the query is the code. ``exact_term``: the query says what a title, inclusion term or
    includes note says, apart from nonessential modifiers and the words of the unspecified case. ``synonym``: the
    same after an abbreviation or everyday term was resolved by a table. ``all_words``: every word of the query
    is in the title, which says more. ``prefix``: the last word, or the code, is incomplete. ``fuzzy``: a word
    was respelt or left out. ``score`` is between 0 and 1; candidates of 0.9 and more are strong.
    """

    score: DecimalText
    matched: Matched


class IcdSearchReply(Reply):
    """Search results, best first; empty where nothing fits."""

    results: tuple[IcdCandidate, ...]
    release: Release


class IcdNotes(Reply):
    """Instructional notes of the classification at one code."""

    includes: tuple[str, ...] = ()
    inclusion_terms: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class InheritedNotes(Reply):
    """Notes of an ancestor, which hold for everything below it."""

    code: str
    notes: IcdNotes


class SeventhCharacter(Reply):
    """One permitted 7th character."""

    character: str = Field(min_length=1, max_length=1)
    meaning: str


class IcdConcept(Concept):
    """A code of ICD-10-CM with its place in the hierarchy and its notes; ``parents`` from the nearest up."""

    kind: Literal["chapter", "block", "category", "subcategory", "extension"]
    parents: tuple[Concept, ...]
    children: tuple[Concept, ...]
    notes: IcdNotes
    inherited_notes: tuple[InheritedNotes, ...] = ()
    seventh_characters: tuple[SeventhCharacter, ...] = ()
    release: Release


class IcdValidateRequest(Request):
    """Codes to check, in any notation, and the date of service if it matters."""

    codes: Annotated[tuple[CodeText, ...], Field(min_length=1, max_length=MAXIMUM_CODES)]
    date: dt.date | None = None


class IcdValidation(Reply):
    """Whether one code can be reported; ``reason`` is a sentence, empty where there is nothing to say.

    ``advice`` and ``more_specific`` are for a valid code that leaves something open, or will not stay valid.
    """

    code: str
    valid: bool
    exists: bool
    billable: bool
    reason: str
    suggestions: tuple[Concept, ...] = ()
    advice: tuple[str, ...] = ()
    more_specific: tuple[Concept, ...] = ()


class IcdValidateReply(Reply):
    """One result per code, in the order asked; ``date_covered`` is None where no date was given."""

    results: tuple[IcdValidation, ...]
    date: dt.date | None = None
    date_covered: bool | None = None
    release: Release


class HccMapRequest(Request):
    """Codes to map to payment HCCs."""

    codes: Annotated[tuple[CodeText, ...], Field(min_length=1, max_length=MAXIMUM_CODES)]
    model: str = Field(default="V28", max_length=20)
    payment_year: int = Field(default=2026, ge=2000, le=2100)


class HccCategory(Reply):
    """One payment category."""

    hcc: str
    label: str


class HccMapping(Reply):
    """The category of one code; ``hccs`` has more than one where the model maps it twice."""

    code: str
    hcc: str | None
    label: str | None
    mapped: bool
    hccs: tuple[HccCategory, ...] = ()
    reason: str = ""


class HccMapReply(Reply):
    """One mapping per code, in the order asked."""

    model: str
    payment_year: int
    results: tuple[HccMapping, ...]
    release: Release


class RafRequest(Request):
    """Diagnoses and demographics of one Medicare beneficiary.

    ``age`` is that on 1 February of the payment year. ``eligibility`` is the segment of the model. V22, V24, V28:
    community non-dual, full or partial dual, aged or disabled (CNA, CND, CFA, CFD, CPA, CPD), institutional
    (INS), new enrollee (NE), new enrollee of a chronic-condition plan (SNPNE). RxHCC: continuing or new enrollee
    (CE, NE), with or without low-income subsidy (LOW, NONLOW), aged or not, or institutional (LTI). ESRD: dialysis
    (DIAL), functioning graft, months after a transplant, and new enrollees. ``orec`` is the original reason for
    entitlement; without it, it follows from age and ``originally_disabled``. ``dual`` and ``graft_months`` are
    for ESRD, ``esrd`` for RxHCC, ``channel`` for the normalisation of RXHCC-X.
    """

    codes: Annotated[tuple[CodeText, ...], Field(max_length=MAXIMUM_CODES)]
    age: int = Field(ge=0, le=MAXIMUM_AGE)
    sex: Literal["F", "M"]
    eligibility: Eligibility
    model: str = Field(default="V28", max_length=20)
    payment_year: int = Field(default=2026, ge=2000, le=2100)
    originally_disabled: bool = False
    medicaid: bool = False
    orec: Literal["0", "1", "2", "3"] | None = None
    dual: Literal["none", "partial", "full"] = "none"
    graft_months: int | None = Field(default=None, ge=1, le=1200)
    esrd: bool = False
    channel: Literal["MAPD", "PDP"] | None = None


class RafTerm(Reply):
    """One summand of the score, under the name the model gives it."""

    name: str
    coefficient: DecimalText


class RafCategory(Reply):
    """A payment HCC that counts, and the codes behind it."""

    hcc: str
    label: str
    coefficient: DecimalText
    codes: tuple[str, ...]


class RafDrop(Reply):
    """An HCC that does not count, because ``dropped_by`` stands above it in its hierarchy."""

    hcc: str
    label: str
    codes: tuple[str, ...]
    dropped_by: str
    reason: str


class Ignored(Reply):
    """A code that had no part in the result, and why."""

    code: str
    reason: str


class Unpaid(Reply):
    """Why an answer has a raw score and no payment score: ``cause`` for a program, ``reason`` for a person.

    ``model_not_paid``: CMS does not pay by this model in this year. ``channel_missing``: the request does not say by
    which channel to normalise. ``adjustment_unconfirmed``: no source at hand says whether the coding adjustment of
    Medicare Advantage applies.
    """

    cause: Literal["model_not_paid", "channel_missing", "adjustment_unconfirmed"]
    reason: str


class RafReply(Reply):
    """An itemised risk score.

    ``raw_score`` = all terms added; ``payment_score`` = raw x ``coding_adjustment`` / ``normalization``, rounded
    half up to three places. Without a payment score, ``unpaid`` says why, and which factor is unknown is None.
    """

    model: str
    payment_year: int
    eligibility: str
    demographic: tuple[RafTerm, ...]
    hccs: tuple[RafCategory, ...]
    dropped: tuple[RafDrop, ...]
    interactions: tuple[RafTerm, ...]
    payment_count: RafTerm | None
    raw_score: DecimalText
    normalization: DecimalText | None
    coding_adjustment: DecimalText | None
    payment_score: DecimalText | None
    unpaid: Unpaid | None = None
    ignored: tuple[Ignored, ...]
    notes: tuple[str, ...] = ()
    release: Release


class ComorbidityRequest(Request):
    """Diagnoses to score; ``charlson`` has the weights of 1987, ``charlson_quan_2011`` those of 2011.

    ``elixhauser`` has those of van Walraven, of which some are negative; age has no part in it.
    """

    codes: Annotated[tuple[CodeText, ...], Field(max_length=MAXIMUM_CODES)]
    age: int | None = Field(default=None, ge=0, le=MAXIMUM_AGE)
    index: Literal["charlson", "charlson_quan_2011", "elixhauser"] = "charlson"


class ComorbidCondition(Reply):
    """A condition of the index; ``superseded_by`` names the severer form that counts in its place."""

    condition: str
    weight: int
    codes: tuple[str, ...]
    superseded_by: str | None = None


class ComorbidityReply(Reply):
    """The conditions found and their sum; ``age_adjusted_score`` is None where age is not given or has no part."""

    index: str
    conditions: tuple[ComorbidCondition, ...]
    score: int
    age_points: int | None
    age_adjusted_score: int | None
    ignored: tuple[Ignored, ...] = ()
    release: Release
