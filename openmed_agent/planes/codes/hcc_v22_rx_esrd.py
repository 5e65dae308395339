"""V22, RxHCC V08 and ESRD V24 through ``risk_adjustment_model`` 0.7.1 (MIT), which needs Python 3.12.

The package is an optional extra; nothing here is called where it is absent. It applies the age and sex edits of
the model's software, not those of the Medicare Code Editor, and every answer says so.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from importlib import import_module
from typing import Any, Final

from openmed_agent.planes.codes.contract import HccCategory, RafRequest, RafTerm
from openmed_agent.planes.codes.hcc_models import AGED, Calculated, written

_CLASSES: Final[Mapping[str, tuple[str, str]]] = {
    "V22": ("v22", "MedicareModelV22"),
    "ESRD-V24": ("v24_esrd", "MedicareModelESRDv24"),
    "RXHCC-T": ("v08_rxhcc_t", "MedicareModelRxHCCv08T"),
    "RXHCC-X": ("v08_rxhcc_x", "MedicareModelRxHCCv08X"),
    "RXHCC-T2": ("v08_rxhcc_t2", "MedicareModelRxHCCv08T2"),
    "RXHCC-Y1": ("v08_rxhcc_y1", "MedicareModelRxHCCv08Y1"),
    "RXHCC-Y2": ("v08_rxhcc_y2", "MedicareModelRxHCCv08Y2"),
}
_WITHOUT_DIAGNOSES: Final = ("NE", "TRANSPLANT")
_GRAFT_DURATION: Final = "GRAFT_DURATION"
_NO_EDITOR: Final = "The age conditions of the Medicare Code Editor are not applied by this model's tables."


class RiskAdjustmentModelCalculator:
    """One model of the package in one payment year."""

    def __init__(self, model: str, payment_year: int) -> None:
        module, name = _CLASSES[model]
        self._model: Any = getattr(import_module(f"risk_adjustment_model.{module}"), name)(payment_year)
        self._name = model
        self._prefix: str = self._model.category_prefix
        self._tables: Any = self._model.reference_files

    def mapped_codes(self) -> int:
        """Return how many codes the table of this year maps."""
        return len(self._tables.category_map["diag"])

    def published_factors(self) -> tuple[Decimal, Decimal]:
        """Return the normalisation factor and the coding adjustment that the package carries."""
        factors = self._model.normalization_factor, self._model.coding_intensity_adjuster
        return Decimal(repr(factors[0])), Decimal(repr(factors[1]))

    def label(self, number: str) -> str:
        """Return what an HCC is called."""
        definition = self._tables.category_definitions.get(f"{self._prefix}{number}")
        return "" if definition is None else str(definition["descr"])

    def categories(self, plain: str) -> tuple[HccCategory, ...]:
        """Return the payment HCCs of a code, before age and sex edits."""
        return tuple(HccCategory(hcc=number, label=self.label(number)) for number in self._numbers(plain))

    def calculate(self, request: RafRequest, codes: tuple[str, ...]) -> Calculated:
        """Return the itemised score; new enrollees and transplant months are scored without diagnoses."""
        used = () if request.eligibility.startswith(_WITHOUT_DIAGNOSES) else codes
        result = self._model.score(
            gender=request.sex,
            age=request.age,
            diagnosis_codes=list(used),
            population=request.eligibility,
            verbose=True,
            **self._arguments(request),
        )
        details: Mapping[str, Mapping[str, Any]] = result.category_details
        diseases = {self._number(name): held for name, held in details.items() if held["type"] == "disease"}
        kept = {number: frozenset(held["diagnosis_map"] or ()) for number, held in diseases.items()}
        dropped = self._dropped(used, kept)
        return Calculated(
            demographic=_demographic(request, details, Decimal(repr(round(result.score_raw, 3)))),
            counted={number: _coefficient(diseases[number]) for number in sorted(diseases, key=int)},
            codes={**kept, **{number: members for number, (_, members) in dropped.items()}},
            dropped={number: above for number, (above, _) in dropped.items()},
            interactions=_terms(details, "disease_interaction"),
            payment_count=None,
            notes=(_NO_EDITOR,),
        )

    def _arguments(self, request: RafRequest) -> dict[str, object]:
        disabled = request.age < AGED or request.originally_disabled
        orec = request.orec or ("1" if disabled else "0")
        if self._name == "V22":
            return {"orec": orec, "medicaid": request.medicaid and request.eligibility in {"INS", "NE"}}
        if self._name == "ESRD-V24":
            return {
                # Below 65, who is in this model is most often entitled by the disease itself.
                "orec": request.orec or ("1" if request.originally_disabled else "2" if request.age < AGED else "0"),
                "fbdual": request.dual == "full",
                "pbdual": request.dual == "partial",
                "lti": request.eligibility == "GRAFT_INST",
                "graft_duration_months": request.graft_months,
            }
        return {"orec": orec, "esrd": request.esrd}

    def _dropped(
        self, codes: tuple[str, ...], kept: Mapping[str, frozenset[str]]
    ) -> dict[str, tuple[str, frozenset[str]]]:
        """Return the HCCs below a counted one, each with the lowest-numbered above it and its codes."""
        found: dict[str, tuple[str, frozenset[str]]] = {}
        for number in {number for plain in codes for number in self._numbers(plain)} - set(kept):
            above = [parent for parent in kept if f"{self._prefix}{number}" in self._below(parent)]
            if above:
                members = frozenset(plain for plain in codes if number in self._numbers(plain))
                found[number] = (min(above, key=int), members - frozenset().union(*kept.values()))
        return {number: held for number, held in found.items() if held[1]}

    def _below(self, number: str) -> list[str]:
        definition = self._tables.hierarchy_definitions.get(f"{self._prefix}{number}")
        return [] if definition is None else list(definition["remove_code"])

    def _numbers(self, plain: str) -> tuple[str, ...]:
        names = self._tables.category_map["diag"].get(plain, ())
        return tuple(sorted((self._number(name) for name in names), key=int))

    def _number(self, name: str) -> str:
        return name.removeprefix(self._prefix)


@cache
def calculator(model: str, payment_year: int) -> RiskAdjustmentModelCalculator:
    """Return the calculator of V22, a segment of RxHCC, or ESRD V24."""
    return RiskAdjustmentModelCalculator(model, payment_year)


def _coefficient(held: Mapping[str, Any]) -> Decimal:
    return Decimal(repr(held["coefficient"]))


def _terms(details: Mapping[str, Mapping[str, Any]], kind: str) -> tuple[RafTerm, ...]:
    """Return the terms of a kind; the package also lists those that are worth nothing in the segment."""
    return tuple(
        RafTerm(name=name, coefficient=written(_coefficient(held)))
        for name, held in details.items()
        if held["type"] == kind and (held["coefficient"] or kind == "demographic")
    )


def _demographic(
    request: RafRequest, details: Mapping[str, Mapping[str, Any]], raw_score: Decimal
) -> tuple[RafTerm, ...]:
    terms = (*_terms(details, "demographic"), *_terms(details, "demographic_interaction"))
    if request.eligibility.startswith("TRANSPLANT"):
        return (RafTerm(name=request.eligibility, coefficient=written(raw_score)),)
    if request.graft_months is None:
        return terms
    # The package adds what a graft's age is worth to the sum without naming it.
    listed = sum((_coefficient(held) for held in details.values()), Decimal(0))
    return (*terms, RafTerm(name=_GRAFT_DURATION, coefficient=written(raw_score - listed)))
