"""Search and look-up of the terminologies that a person installs; what is not installed says how it would be."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from openmed_agent.planes.codes.contract import MAXIMUM_QUERY_CHARACTERS, MAXIMUM_RESULTS, IcdSearchReply
from openmed_agent.planes.codes.releases.contract import TermConcept
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System
from openmed_agent.planes.codes.releases.term_index import TermIndex
from openmed_agent.planes.serving import ServiceError

Terminology = Literal["loinc", "snomed", "cpt", "icd10pcs", "cvx"]
QueryText = Annotated[str, Query(min_length=1, max_length=MAXIMUM_QUERY_CHARACTERS)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_RESULTS)]


def terminology_router(installed: InstalledSystems) -> APIRouter:
    """Return the routes ``/v1/{system}/search`` and ``/v1/{system}/{code}``."""
    router = APIRouter(prefix="/v1")

    @router.get("/{system}/search")
    def search(system: Terminology, q: QueryText, limit: Limit = 20, billable: bool = False) -> IcdSearchReply:  # noqa: FBT001, FBT002
        index = _index(installed, system)
        return IcdSearchReply(results=index.search(q, limit=limit, billable_only=billable), release=index.release)

    @router.get("/{system}/{code}")
    def concept(system: Terminology, code: str) -> TermConcept:
        return found_concept(_index(installed, system), code)

    return router


def found_concept(index: TermIndex, code: str) -> TermConcept:
    """Return the concept.

    Raises:
        ServiceError: 404, the release has no such code.

    """
    found = index.concept(code)
    if found is None:
        raise ServiceError(
            404,
            "not_found",
            f"There is no such code in {SYSTEMS[index.system].title} {index.release.version}.",
            details={"release": index.release.model_dump()},
        )
    return found


def not_installed(system: System, release: str | None = None) -> ServiceError:
    """Return the answer for a system, or one release of it, that nobody has installed."""
    command = SYSTEMS[system].command(system)
    what = "is" if release is None else "of that release is"
    return ServiceError(
        409,
        "not_installed",
        f"{SYSTEMS[system].title} {what} not installed. Install it with '{command}'.",
        details={"system": system, "command": command},
    )


def _index(installed: InstalledSystems, system: Terminology) -> TermIndex:
    index = installed.now().terms.get(system)
    if index is None:
        raise not_installed(system)
    return index
