"""Drug classes and duplicate therapy, as an installed RxNorm release states them (SAB=ATC, WHO).

The release names the classes of ATC and which ingredient is in which. A clinical drug, brand or pack has the classes
of its ingredients, which RxNorm's own relations give. Nothing is inferred from names.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.codes.contract import Ignored
from openmed_agent.planes.codes.drug_contract import (
    ClassifiedDrug,
    DrugClass,
    DrugClassesReply,
    Duplicate,
    DuplicatesReply,
    IngredientClasses,
    NamedDrug,
)
from openmed_agent.planes.codes.rxnorm import Drug
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex

_LEVEL_BY_LENGTH: Final = {1: 1, 3: 2, 4: 3, 5: 4, 7: 5}
_SHOWN_LENGTHS: Final = (3, 4, 5)
_THERAPEUTIC_LENGTH: Final = 5
_UNKNOWN: Final = "This release of RxNorm has no such concept."
_NOTES: Final = (
    "A substance can have one class for each use or route; drugs of one class may be meant together.",
    "Without a hint two drugs are not shown to go together.",
)


def classify(drugs: RxNormIndex, rxcuis: Sequence[str]) -> DrugClassesReply:
    """Return the classes of every drug asked, by its ingredients."""
    known, ignored = _known(drugs, rxcuis)
    return DrugClassesReply(
        drugs=tuple(
            ClassifiedDrug(
                drug=_named(drug),
                ingredients=tuple(
                    IngredientClasses(ingredient=_named(ingredient), classes=_classes(drugs, ingredient))
                    for ingredient in drugs.ingredients(drug)
                ),
            )
            for drug in known
        ),
        ignored=ignored,
        release=drugs.release,
    )


def duplicates(drugs: RxNormIndex, rxcuis: Sequence[str]) -> DuplicatesReply:
    """Return which of the drugs share an ingredient, or a class of ATC's level 4 through different ingredients."""
    known, ignored = _known(drugs, rxcuis)
    by_ingredient: dict[Drug, list[Drug]] = defaultdict(list)
    by_class: dict[DrugClass, dict[Drug, list[Drug]]] = defaultdict(lambda: defaultdict(list))
    unclassified: dict[Drug, None] = {}
    for drug in known:
        for ingredient in drugs.ingredients(drug):
            by_ingredient[ingredient].append(drug)
            found = [held for held in _classes(drugs, ingredient) if len(held.code) == _THERAPEUTIC_LENGTH]
            if not found:
                unclassified[ingredient] = None
            for held in found:
                by_class[held][ingredient].append(drug)
    shared = [
        Duplicate(kind="same_ingredient", ingredient=_named(ingredient), drugs=tuple(map(_named, members)))
        for ingredient, members in by_ingredient.items()
        if len(members) > 1
    ]
    for drug_class, ingredients in sorted(by_class.items(), key=lambda item: item[0].code):
        members = list(dict.fromkeys(drug for taken in ingredients.values() for drug in taken))
        if len(ingredients) > 1 and len(members) > 1:
            shared.append(Duplicate(kind="same_class", drug_class=drug_class, drugs=tuple(map(_named, members))))
    return DuplicatesReply(
        duplicates=tuple(shared),
        unclassified=tuple(map(_named, unclassified)),
        ignored=ignored,
        notes=_NOTES,
        release=drugs.release,
    )


def _known(drugs: RxNormIndex, rxcuis: Sequence[str]) -> tuple[list[Drug], tuple[Ignored, ...]]:
    known: list[Drug] = []
    ignored: list[Ignored] = []
    for rxcui in dict.fromkeys(rxcuis):
        drug = drugs.drug(rxcui)
        if drug is None:
            ignored.append(Ignored(code=rxcui, reason=_UNKNOWN))
        else:
            known.append(drug)
    return known, tuple(ignored)


def _classes(drugs: RxNormIndex, ingredient: Drug) -> tuple[DrugClass, ...]:
    """Return the classes of levels 2 to 4 of an ingredient that the release names."""
    codes = sorted({code[:size] for code in drugs.substance_classes(ingredient.rxcui) for size in _SHOWN_LENGTHS})
    return tuple(
        DrugClass(code=code, name=name, level=_LEVEL_BY_LENGTH[len(code)])
        for code in codes
        if (name := drugs.class_name(code)) is not None
    )


def _named(drug: Drug) -> NamedDrug:
    return NamedDrug(rxcui=drug.rxcui, name=drug.name, tty=drug.tty)
