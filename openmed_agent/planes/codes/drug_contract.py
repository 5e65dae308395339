"""The models of the routes about several drugs: classes, duplicate therapy, and the absence of interactions."""

from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from openmed_agent.planes.codes.contract import Ignored, Release, Reply, Request

MAXIMUM_DRUGS: Final = 200
INSTALL: Final = "openmed codes install rxnorm --from RxNorm_full_MMDDYYYY.zip"
NO_INTERACTIONS: Final = (
    "Drug interactions are not served: NLM ended its service on 2 January 2024, and no source is here that may be "
    "passed on and cited. This is no statement that the drugs go together."
)

Rxcui = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


class DrugsRequest(Request):
    """The RXCUIs of the drugs that one patient takes: ingredients, brands, clinical drugs or packs."""

    rxcuis: Annotated[tuple[Rxcui, ...], Field(min_length=1, max_length=MAXIMUM_DRUGS)]


class NamedDrug(Reply):
    """A concept of RxNorm."""

    rxcui: str
    name: str
    tty: str


class DrugClass(Reply):
    """A class of WHO's Anatomical Therapeutic Chemical classification; ``level`` 1 is the widest, 5 a substance."""

    code: str
    name: str
    level: int = Field(ge=1, le=5)


class IngredientClasses(Reply):
    """An ingredient with its classes of levels 2 to 4; a substance may have several, one for each use or route."""

    ingredient: NamedDrug
    classes: tuple[DrugClass, ...]


class ClassifiedDrug(Reply):
    """A drug by its ingredients."""

    drug: NamedDrug
    ingredients: tuple[IngredientClasses, ...]


class Duplicate(Reply):
    """Drugs that share an ingredient, or whose different ingredients share a class of level 4: a hint, no verdict."""

    kind: Literal["same_ingredient", "same_class"]
    ingredient: NamedDrug | None = None
    drug_class: DrugClass | None = None
    drugs: tuple[NamedDrug, ...]


class DrugClassesReply(Reply):
    """The classes of each drug; ``ignored`` are RXCUIs that the release does not have."""

    drugs: tuple[ClassifiedDrug, ...]
    ignored: tuple[Ignored, ...]
    release: Release


class DuplicatesReply(Reply):
    """What is taken twice; ``unclassified`` are ingredients without a class, of which only the first kind is seen."""

    duplicates: tuple[Duplicate, ...]
    unclassified: tuple[NamedDrug, ...]
    ignored: tuple[Ignored, ...]
    notes: tuple[str, ...]
    release: Release
