"""The RxNorm routes, in the shapes of RxNav; beside them every answer names the release it came from."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query

from openmed_agent.planes.codes.contract import MAXIMUM_QUERY_CHARACTERS, MAXIMUM_RESULTS
from openmed_agent.planes.codes.ndc import FORMS, normal_ndc
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


def rxnorm_router(served: Callable[[], RxNormSubset | RxNormIndex]) -> APIRouter:
    """Return the routes over what ``served`` returns for each request: the packaged subset or an installed release."""
    router = APIRouter(prefix="/REST")

    @router.get("/rxcui.json")
    def rxcui(
        name: Name | None = None,
        search: Literal["0", "1", "2", "9"] = "0",
        idtype: Literal["NDC"] | None = None,
        id_: Annotated[str | None, Query(alias="id", min_length=1, max_length=40)] = None,
    ) -> Json:
        drugs = served()
        if (name is None) == (id_ is None) or (id_ is None) != (idtype is None):
            raise _wrong("query", "Ask for a name, or for an id together with its idtype.")
        found = _by_id(drugs, id_) if id_ is not None else _by_name(drugs, name or "", int(search))
        group: Json = {"rxnormId": list(found)} if found else {}
        return {"idGroup": group, **_release(drugs)}

    @router.get("/approximateTerm.json")
    def approximate(
        term: Name,
        max_entries: Annotated[int, Query(alias="maxEntries", ge=1, le=MAXIMUM_RESULTS)] = 20,
    ) -> Json:
        drugs = served()
        candidates = [
            {
                "rxcui": match.drug.rxcui,
                "rxaui": "",
                "score": f"{match.score:.1f}",
                "rank": str(rank),
                "name": match.drug.name,
                "source": _SOURCE,
            }
            for rank, match in enumerate(drugs.approximate(term, limit=max_entries), start=1)
        ]
        group: Json = {"inputTerm": None}
        return {"approximateGroup": group | ({"candidate": candidates} if candidates else {}), **_release(drugs)}

    @router.get("/rxcui/{rxcui}/properties.json")
    def properties(rxcui: str) -> Json:
        drugs = served()
        drug = drugs.drug(rxcui)
        return {"properties": None if drug is None else _properties(drug), **_release(drugs)}

    @router.get("/rxcui/{rxcui}/allrelated.json")
    def allrelated(rxcui: str) -> Json:
        drugs = served()
        drug = drugs.drug(rxcui)
        related = {} if drug is None else drugs.related(drug)
        groups = [
            {"tty": tty, "conceptProperties": [_properties(member) for member in members]}
            for tty, members in related.items()
        ]
        group: Json = {"rxcui": rxcui if drug is not None else ""}
        return {"allRelatedGroup": group | ({"conceptGroup": groups} if groups else {}), **_release(drugs)}

    @router.get("/rxcui/{rxcui}/property.json")
    def property_(rxcui: str, prop_name: Annotated[str, Query(alias="propName", max_length=60)]) -> Json:
        drugs = served()
        drug = drugs.drug(rxcui)
        named = {} if drug is None else {"RXNORM NAME": drug.name, "TTY": drug.tty}
        name = prop_name.upper()
        stated = drugs.properties(rxcui, name)
        if stated is None and name == "NDC":
            raise _without("NDCs")
        values = [named[name]] if named.get(name) else stated or ()
        category = "NAMES" if name in named else "CODES" if name in _CODE_PROPERTIES else "ATTRIBUTES"
        concepts = [{"propCategory": category, "propName": prop_name, "propValue": value} for value in values]
        return {"propConceptGroup": {"propConcept": concepts} if concepts else None, **_release(drugs)}

    @router.get("/rxcui/{rxcui}/ndcs.json")
    def ndcs(rxcui: str) -> Json:
        drugs = served()
        stated = drugs.properties(rxcui, "NDC")
        if stated is None:
            raise _without("NDCs")
        listed: Json = {"ndcList": {"ndc": list(stated)}} if stated else {}
        return {"ndcGroup": {"rxcui": "", **listed}, **_release(drugs)}

    return router


def _by_name(drugs: RxNormSubset | RxNormIndex, name: str, search: int) -> tuple[str, ...]:
    found = drugs.by_name(name, normalized=search in _NORMALIZED)
    if found or search != _APPROXIMATE:
        return found
    best = drugs.approximate(name, limit=1)
    return tuple(match.drug.rxcui for match in best if match.score >= _STRONG_SCORE)


def _by_id(drugs: RxNormSubset | RxNormIndex, written: str) -> tuple[str, ...]:
    ndc = normal_ndc(written)
    if ndc is None:
        raise _wrong("query.id", FORMS)
    found = drugs.by_ndc(ndc)
    if found is None:
        raise _without("NDCs")
    return found


def _release(drugs: RxNormSubset | RxNormIndex) -> Json:
    return {"release": drugs.release.model_dump()}


def _without(what: str) -> ServiceError:
    return ServiceError(
        409,
        "not_installed",
        f"{what} are not in the RxNorm subset. Install RxNorm with '{INSTALL}'.",
        details={"system": "rxnorm", "command": INSTALL},
    )


def _wrong(field: str, message: str) -> ServiceError:
    return ServiceError(422, "validation_error", message, details=[{"field": field, "message": message}])


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
