"""The RxNorm routes, in the shapes of RxNav; beside them every answer names the release it came from."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query

from openmed_agent.planes.codes.contract import MAXIMUM_QUERY_CHARACTERS, MAXIMUM_RESULTS
from openmed_agent.planes.codes.rxnorm import INSTALL, Drug, RxNormSubset
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex
from openmed_agent.planes.serving import ServiceError

_SOURCE: Final = "RXNORM"
_NORMALIZED: Final = frozenset({1, 2, 9})
_APPROXIMATE: Final = 9
_STRONG_SCORE: Final = 75.0
_CODE_PROPERTIES: Final = frozenset({"NDC", "UNII_CODE", "ATC"})

Name = Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)]
Json = dict[str, Any]


def rxnorm_router(drugs: RxNormSubset | RxNormIndex) -> APIRouter:
    """Return the routes over the packaged subset or an installed release."""
    router = APIRouter(prefix="/REST")
    release = {"release": drugs.release.model_dump()}

    @router.get("/rxcui.json")
    def rxcui(name: Name, search: Literal["0", "1", "2", "9"] = "0") -> Json:
        found = drugs.by_name(name, normalized=int(search) in _NORMALIZED)
        if not found and int(search) == _APPROXIMATE:
            best = drugs.approximate(name, limit=1)
            found = tuple(match.drug.rxcui for match in best if match.score >= _STRONG_SCORE)
        group: Json = {"rxnormId": list(found)} if found else {}
        return {"idGroup": group, **release}

    @router.get("/approximateTerm.json")
    def approximate(
        term: Name,
        max_entries: Annotated[int, Query(alias="maxEntries", ge=1, le=MAXIMUM_RESULTS)] = 20,
    ) -> Json:
        matches = drugs.approximate(term, limit=max_entries)
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
        drug = drugs.drug(rxcui)
        return {"properties": None if drug is None else _properties(drug), **release}

    @router.get("/rxcui/{rxcui}/allrelated.json")
    def allrelated(rxcui: str) -> Json:
        drug = drugs.drug(rxcui)
        related = {} if drug is None else drugs.related(drug)
        groups = [
            {"tty": tty, "conceptProperties": [_properties(member) for member in members]}
            for tty, members in related.items()
        ]
        group: Json = {"rxcui": rxcui if drug is not None else ""}
        return {"allRelatedGroup": group | ({"conceptGroup": groups} if groups else {}), **release}

    @router.get("/rxcui/{rxcui}/property.json")
    def property_(rxcui: str, prop_name: Annotated[str, Query(alias="propName", max_length=60)]) -> Json:
        drug = drugs.drug(rxcui)
        named = {} if drug is None else {"RXNORM NAME": drug.name, "TTY": drug.tty}
        name = prop_name.upper()
        stated = drugs.properties(rxcui, name)
        if stated is None and name == "NDC":
            raise ServiceError(
                409,
                "not_installed",
                f"NDCs are not in the RxNorm subset. Install RxNorm with '{INSTALL}'.",
                details={"system": "rxnorm", "command": INSTALL},
            )
        values = [named[name]] if named.get(name) else stated or ()
        category = "NAMES" if name in named else "CODES" if name in _CODE_PROPERTIES else "ATTRIBUTES"
        concepts = [{"propCategory": category, "propName": prop_name, "propValue": value} for value in values]
        return {"propConceptGroup": {"propConcept": concepts} if concepts else None, **release}

    return router


def _properties(drug: Drug) -> Json:
    return {
        "rxcui": drug.rxcui,
        "name": drug.name,
        "synonym": drug.synonym,
        "tty": drug.tty,
        "language": "ENG",
        "suppress": drug.suppress,
        "umlscui": "",
    }
