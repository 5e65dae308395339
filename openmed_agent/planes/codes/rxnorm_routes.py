"""The RxNorm routes, in the shapes of RxNav; beside them every answer names the release it came from."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query

from openmed_agent.planes.codes.contract import MAXIMUM_QUERY_CHARACTERS, MAXIMUM_RESULTS
from openmed_agent.planes.codes.rxnorm import INSTALL, Drug, RxNormSubset
from openmed_agent.planes.serving import ServiceError

_SOURCE: Final = "RXNORM"
_NORMALIZED: Final = frozenset({1, 2, 9})
_APPROXIMATE: Final = 9
_STRONG_SCORE: Final = 75.0

Name = Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)]
Json = dict[str, Any]


def rxnorm_router(subset: RxNormSubset) -> APIRouter:
    """Return the routes over ``subset``."""
    router = APIRouter(prefix="/REST")
    release = {"release": subset.release.model_dump()}

    @router.get("/rxcui.json")
    def rxcui(name: Name, search: Literal["0", "1", "2", "9"] = "0") -> Json:
        found = subset.by_name(name, normalized=int(search) in _NORMALIZED)
        if not found and int(search) == _APPROXIMATE:
            best = subset.approximate(name, limit=1)
            found = tuple(match.drug.rxcui for match in best if match.score >= _STRONG_SCORE)
        group: Json = {"rxnormId": list(found)} if found else {}
        return {"idGroup": group, **release}

    @router.get("/approximateTerm.json")
    def approximate(
        term: Name,
        max_entries: Annotated[int, Query(alias="maxEntries", ge=1, le=MAXIMUM_RESULTS)] = 20,
    ) -> Json:
        matches = subset.approximate(term, limit=max_entries)
        candidates = [
            {
                "rxcui": match.drug.rxcui,
                "rxaui": "",
                "score": f"{match.score:.1f}",
                "rank": str(rank),
                "name": match.drug.name,
                "source": _SOURCE,
            }
            for rank, match in enumerate(matches, start=1)
        ]
        group: Json = {"inputTerm": None}
        return {"approximateGroup": group | ({"candidate": candidates} if candidates else {}), **release}

    @router.get("/rxcui/{rxcui}/properties.json")
    def properties(rxcui: str) -> Json:
        drug = subset.drug(rxcui)
        return {"properties": None if drug is None else _properties(drug), **release}

    @router.get("/rxcui/{rxcui}/allrelated.json")
    def allrelated(rxcui: str) -> Json:
        drug = subset.drug(rxcui)
        related = {} if drug is None else subset.related(drug)
        groups = [
            {"tty": tty, "conceptProperties": [_properties(member) for member in members]}
            for tty, members in related.items()
        ]
        group: Json = {"rxcui": rxcui if drug is not None else ""}
        return {"allRelatedGroup": group | ({"conceptGroup": groups} if groups else {}), **release}

    @router.get("/rxcui/{rxcui}/property.json")
    def property_(rxcui: str, prop_name: Annotated[str, Query(alias="propName", max_length=60)]) -> Json:
        if prop_name.upper() == "NDC":
            raise ServiceError(
                409,
                "not_installed",
                f"NDCs are not in the RxNorm subset. Install RxNorm with '{INSTALL}'.",
                details={"system": "rxnorm", "command": INSTALL},
            )
        drug = subset.drug(rxcui)
        values = {} if drug is None else {"RXNORM NAME": drug.name, "TTY": drug.tty}
        value = values.get(prop_name.upper())
        concept = {"propCategory": "NAMES", "propName": prop_name, "propValue": value}
        return {"propConceptGroup": {"propConcept": [concept]} if value else None, **release}

    return router


def _properties(drug: Drug) -> Json:
    return {
        "rxcui": drug.rxcui,
        "name": drug.name,
        "synonym": "",
        "tty": drug.tty,
        "language": "ENG",
        "suppress": "N",
        "umlscui": "",
    }
