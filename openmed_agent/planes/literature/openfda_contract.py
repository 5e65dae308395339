"""What openFDA answers at ``drug/label.json``: the fields that are read.

Source: open.fda.gov/apis/drug/label. Every text field is a list of strings; a search without a hit is a 404 whose
envelope says ``NOT_FOUND``; a label that was not matched to a product has an empty ``openfda``.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Texts = tuple[str, ...]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Total(_Reply):
    """How many labels the search found."""

    total: Annotated[int, Field(ge=1)]


class Meta(_Reply):
    """What openFDA says with its data."""

    disclaimer: Annotated[str, Field(min_length=1)]
    last_updated: str = ""
    results: Total


class Product(_Reply):
    """The products that a label is matched to."""

    brand_name: Texts = ()
    generic_name: Texts = ()
    manufacturer_name: Texts = ()
    substance_name: Texts = ()
    rxcui: Texts = ()


class LabelReply(_Reply):
    """One label; the sections that are shown."""

    set_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f-]{1,64}$")]
    effective_time: str = ""
    openfda: Product = Product()
    boxed_warning: Texts = ()
    indications_and_usage: Texts = ()
    dosage_and_administration: Texts = ()
    contraindications: Texts = ()
    warnings_and_cautions: Texts = ()
    warnings: Texts = ()
    drug_interactions: Texts = ()
    use_in_specific_populations: Texts = ()
    pregnancy: Texts = ()
    adverse_reactions: Texts = ()
    overdosage: Texts = ()


class LabelsReply(_Reply):
    """The reply to a search with hits."""

    meta: Meta
    results: Annotated[tuple[LabelReply, ...], Field(min_length=1)]


class NoMatch(_Reply):
    """What the envelope of a search without a hit holds."""

    code: Literal["NOT_FOUND"]


class NoLabelsReply(_Reply):
    """The reply to a search without a hit."""

    error: NoMatch


class LabelAnswer(_Reply):
    """Either of both: nothing where openFDA has no such label."""

    found: LabelsReply | None
