"""The client of a codes service: ours, or RxNav itself, which then offers RxNorm only.

A miss is a value (None, or an empty tuple); everything else that is not an answer is a ``PlaneError``.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal, NoReturn, TypeVar

from pydantic import BaseModel

from openmed_agent.planes.codes.contract import (
    ComorbidityReply,
    ComorbidityRequest,
    HccMapReply,
    HccMapRequest,
    Health,
    IcdConcept,
    IcdSearchReply,
    IcdValidateReply,
    IcdValidateRequest,
    Matched,
    RafReply,
    RafRequest,
    Release,
)
from openmed_agent.planes.codes.crosswalk_contract import (
    CrosswalkReply,
    CrosswalkRequest,
    HccCompareReply,
    HccCompareRequest,
)
from openmed_agent.planes.codes.drug_contract import (
    NO_INTERACTIONS,
    DrugClassesReply,
    DrugsRequest,
    DuplicatesReply,
)
from openmed_agent.planes.codes.ndc import normal_ndc
from openmed_agent.planes.codes.releases.contract import TermConcept
from openmed_agent.planes.codes.rxnav_contract import (
    AllRelatedReply,
    ApproximateReply,
    PropertiesReply,
    PropertyReply,
    RxCandidate,
    RxConceptGroup,
    RxcuiReply,
    RxProperties,
)
from openmed_agent.planes.transport import Deadline, PlaneError, PlaneTransport

STRONG_SCORE: Final = Decimal("0.9")
_SAME_MEANING: Final = frozenset({"exact_code", "exact_term", "synonym"})
_NOT_FOUND: Final = 404
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,15}\Z")
_TERM_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,39}\Z")
_RXCUI: Final = re.compile(r"[0-9]{1,10}\Z")
_RXNAV: Final = Health(
    status="ok",
    service="rxnav",
    version="",
    capabilities=("rxnorm",),
    releases=(Release(system="rxnorm", version="RxNav", source="RxNav", complete=True, concepts=0),),
)

_Reply = TypeVar("_Reply", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CodedTerm:
    """A billable code for a term of a chart; ``release`` is the version of ICD-10-CM it comes from."""

    code: str
    display: str
    score: Decimal
    matched: Matched
    release: str

    @property
    def is_strong(self) -> bool:
        """Whether the code says what the term says, so that it may be shown as the term's code."""
        return self.matched in _SAME_MEANING and self.score >= STRONG_SCORE


@dataclass(frozen=True, slots=True)
class CodedDrug:
    """The one RxNorm concept of a written drug; ``tty`` is empty where it is not certain."""

    rxcui: str
    name: str
    tty: str
    release: str


class CodesClient:
    """Asks a codes service over ``transport``."""

    def __init__(self, transport: PlaneTransport) -> None:
        self.transport = transport
        self._health: Health | None = None

    async def health(self, *, deadline: Deadline | None = None) -> Health:
        """Return what the service can do; one without ``/health`` is taken for RxNav."""
        try:
            health = await self.transport.call(Health, "GET", "health", deadline=deadline)
        except PlaneError as error:
            if error.status != _NOT_FOUND:
                raise
            health = _RXNAV
        self._health = health
        return health

    async def release_of(self, system: str, *, deadline: Deadline | None = None) -> Release | None:
        """Return the release of ``system`` that the service names first."""
        health = await self.health(deadline=deadline)
        return next((release for release in health.releases if release.system == system), None)

    async def icd10_search(
        self,
        query: str,
        *,
        limit: int = 20,
        billable_only: bool = False,
        release: str | None = None,
        deadline: Deadline | None = None,
    ) -> IcdSearchReply:
        """Return ICD-10-CM codes for a code, term or abbreviation, best first; ``release`` names an installed one."""
        await self.require("icd10cm", deadline=deadline)
        asked = {"q": query, "limit": str(limit)} | ({"billable": "true"} if billable_only else {}) | _named(release)
        return await self.transport.call(
            IcdSearchReply, "GET", "v1", "icd10cm", "search", query=asked, deadline=deadline
        )

    async def icd10_candidates(
        self, term: str, *, limit: int = 5, deadline: Deadline | None = None
    ) -> tuple[CodedTerm, ...]:
        """Return billable candidates for a problem as a chart states it, best first.

        A caller that wants no guess takes the first one, and only if it ``is_strong``.
        """
        reply = await self.icd10_search(term, limit=limit, billable_only=True, deadline=deadline)
        return tuple(
            CodedTerm(
                code=found.code,
                display=found.display,
                score=Decimal(found.score),
                matched=found.matched,
                release=reply.release.version,
            )
            for found in reply.results
            if found.billable
        )

    async def icd10_concept(
        self, code: str, *, release: str | None = None, deadline: Deadline | None = None
    ) -> IcdConcept | None:
        """Return a concept, or None where the release has no such code."""
        await self.require("icd10cm", deadline=deadline)
        if not _CODE.match(code) or code.lower() in {"search", "validate"}:
            return None
        return await self._found(IcdConcept, "v1", "icd10cm", code, query=_named(release), deadline=deadline)

    async def icd10_validate(
        self, codes: Sequence[str], *, date: dt.date | None = None, deadline: Deadline | None = None
    ) -> IcdValidateReply:
        """Return for each code whether it can be reported on ``date``."""
        await self.require("icd10cm", deadline=deadline)
        request = IcdValidateRequest(codes=tuple(codes), date=date)
        reply = await self.transport.call(
            IcdValidateReply, "POST", "v1", "icd10cm", "validate", body=request, deadline=deadline
        )
        return self._complete(reply, len(reply.results), len(codes))

    async def hcc_map(
        self,
        codes: Sequence[str],
        *,
        model: str = "V28",
        payment_year: int = 2026,
        deadline: Deadline | None = None,
    ) -> HccMapReply:
        """Return the payment HCC of each code."""
        await self.require("hcc", deadline=deadline)
        request = HccMapRequest(codes=tuple(codes), model=model, payment_year=payment_year)
        reply = await self.transport.call(HccMapReply, "POST", "v1", "hcc", "map", body=request, deadline=deadline)
        return self._complete(reply, len(reply.results), len(codes))

    async def hcc_compare(
        self, codes: Sequence[str], *, payment_year: int = 2026, deadline: Deadline | None = None
    ) -> HccCompareReply:
        """Return the payment HCCs of each code in V24 beside those in V28."""
        await self.require("crosswalk", deadline=deadline)
        request = HccCompareRequest(codes=tuple(codes), payment_year=payment_year)
        reply = await self.transport.call(
            HccCompareReply, "POST", "v1", "hcc", "compare", body=request, deadline=deadline
        )
        return self._complete(reply, len(reply.results), len(codes))

    async def crosswalk(
        self,
        codes: Sequence[str],
        *,
        source: Literal["icd9cm", "icd10cm"] = "icd9cm",
        deadline: Deadline | None = None,
    ) -> CrosswalkReply:
        """Return CMS's candidates for each code of ``source`` in the other of ICD-9-CM and ICD-10-CM."""
        await self.require("crosswalk", deadline=deadline)
        request = CrosswalkRequest(codes=tuple(codes), source=source)
        reply = await self.transport.call(CrosswalkReply, "POST", "v1", "crosswalk", body=request, deadline=deadline)
        return self._complete(reply, len(reply.results), len(codes))

    async def raf(self, request: RafRequest, *, deadline: Deadline | None = None) -> RafReply:
        """Return the itemised risk score."""
        await self.require("hcc", deadline=deadline)
        return await self.transport.call(RafReply, "POST", "v1", "hcc", "raf", body=request, deadline=deadline)

    async def comorbidity(self, request: ComorbidityRequest, *, deadline: Deadline | None = None) -> ComorbidityReply:
        """Return the comorbidity score with the conditions behind it."""
        await self.require("comorbidity", deadline=deadline)
        return await self.transport.call(ComorbidityReply, "POST", "v1", "comorbidity", body=request, deadline=deadline)

    async def term_search(
        self,
        system: str,
        query: str,
        *,
        limit: int = 20,
        deadline: Deadline | None = None,
    ) -> IcdSearchReply:
        """Return concepts of an installed terminology (loinc, snomed, cpt, icd10pcs, cvx), best first."""
        await self.require(system, deadline=deadline)
        asked = {"q": query, "limit": str(limit)}
        return await self.transport.call(IcdSearchReply, "GET", "v1", system, "search", query=asked, deadline=deadline)

    async def term(self, system: str, code: str, *, deadline: Deadline | None = None) -> TermConcept | None:
        """Return a concept of an installed terminology, or None where the release has no such code."""
        await self.require(system, deadline=deadline)
        if not _TERM_CODE.match(code):
            return None
        return await self._found(TermConcept, "v1", system, code, deadline=deadline)

    async def rxcui_by_name(
        self, name: str, *, search: Literal[0, 1, 2, 9] = 2, deadline: Deadline | None = None
    ) -> tuple[str, ...]:
        """Return the RXCUIs of a name: exact (0), normalised (1), either (2), else approximate (9)."""
        reply = await self.transport.call(
            RxcuiReply,
            "GET",
            "REST",
            "rxcui.json",
            query={"name": name, "search": str(search)},
            deadline=deadline,
        )
        return reply.id_group.rxnorm_ids

    async def rxcui_by_ndc(self, ndc: str, *, deadline: Deadline | None = None) -> tuple[str, ...]:
        """Return the RXCUIs of an NDC in any of its forms, or of a product without its package."""
        if normal_ndc(ndc) is None:
            return ()
        asked = {"idtype": "NDC", "id": ndc.strip()}
        reply = await self.transport.call(RxcuiReply, "GET", "REST", "rxcui.json", query=asked, deadline=deadline)
        return reply.id_group.rxnorm_ids

    async def rx_approximate(
        self, term: str, *, limit: int = 10, deadline: Deadline | None = None
    ) -> tuple[RxCandidate, ...]:
        """Return the nearest concepts, best first, each RXCUI once."""
        reply = await self.transport.call(
            ApproximateReply,
            "GET",
            "REST",
            "approximateTerm.json",
            query={"term": term, "maxEntries": str(limit)},
            deadline=deadline,
        )
        first: dict[str, RxCandidate] = {}
        for candidate in reply.approximate_group.candidates:
            held = first.get(candidate.rxcui)
            if held is None or (candidate.name and not held.name):
                first[candidate.rxcui] = candidate
        return tuple(first.values())

    async def rx_candidate(self, term: str, *, deadline: Deadline | None = None) -> CodedDrug | None:
        """Return the one concept that is named as ``term`` says, strength and form included, else None.

        Nothing is chosen among several: an unsaid form or salt that leaves a choice is a miss.
        """
        found = await self.rxcui_by_name(term, deadline=deadline)
        if len(found) != 1 or not _RXCUI.match(found[0]):
            return None
        reply = await self._found(PropertiesReply, "REST", "rxcui", found[0], "properties.json", deadline=deadline)
        if reply is None or reply.properties is None:
            return None
        held = reply.release or await self.release_of("rxnorm", deadline=deadline)
        properties, version = reply.properties, held.version if held is not None else ""
        return CodedDrug(properties.rxcui, properties.name, properties.tty, version)

    async def rx_properties(self, rxcui: str, *, deadline: Deadline | None = None) -> RxProperties | None:
        """Return the name and term type of a concept, or None."""
        if not _RXCUI.match(rxcui):
            return None
        reply = await self._found(PropertiesReply, "REST", "rxcui", rxcui, "properties.json", deadline=deadline)
        return None if reply is None else reply.properties

    async def rx_related(self, rxcui: str, *, deadline: Deadline | None = None) -> tuple[RxConceptGroup, ...]:
        """Return related concepts by term type."""
        if not _RXCUI.match(rxcui):
            return ()
        reply = await self._found(AllRelatedReply, "REST", "rxcui", rxcui, "allrelated.json", deadline=deadline)
        return () if reply is None else reply.group.groups

    async def rx_ndcs(self, rxcui: str, *, deadline: Deadline | None = None) -> tuple[str, ...]:
        """Return the NDCs of a concept."""
        if not _RXCUI.match(rxcui):
            return ()
        reply = await self.transport.call(
            PropertyReply,
            "GET",
            "REST",
            "rxcui",
            rxcui,
            "property.json",
            query={"propName": "NDC"},
            deadline=deadline,
        )
        if reply.group is None:
            return ()
        return tuple(found.value for found in reply.group.properties if found.name == "NDC")

    async def drug_classes(self, rxcuis: Sequence[str], *, deadline: Deadline | None = None) -> DrugClassesReply:
        """Return the ATC classes of each drug, by its ingredients; a drug named twice is one."""
        await self.require("drug_classes", deadline=deadline)
        request = DrugsRequest(rxcuis=tuple(rxcuis))
        reply = await self.transport.call(
            DrugClassesReply, "POST", "v1", "drugs", "classes", body=request, deadline=deadline
        )
        return self._complete(reply, len(reply.drugs) + len(reply.ignored), len(set(rxcuis)))

    async def drug_duplicates(self, rxcuis: Sequence[str], *, deadline: Deadline | None = None) -> DuplicatesReply:
        """Return which drugs share an ingredient or a class of ATC's level 4: hints, no verdict."""
        await self.require("drug_classes", deadline=deadline)
        request = DrugsRequest(rxcuis=tuple(rxcuis))
        return await self.transport.call(
            DuplicatesReply, "POST", "v1", "drugs", "duplicates", body=request, deadline=deadline
        )

    async def drug_interactions(self) -> NoReturn:
        """Say that there is no source of interactions, as the service does.

        No patient's drugs are sent to a route that can only refuse them, so none are asked for.
        """
        raise PlaneError(NO_INTERACTIONS, code="not_available")

    async def _found(
        self, reply: type[_Reply], *segments: str, query: Mapping[str, str] | None = None, deadline: Deadline | None
    ) -> _Reply | None:
        try:
            return await self.transport.call(reply, "GET", *segments, query=query, deadline=deadline)
        except PlaneError as error:
            if error.status == _NOT_FOUND and error.code == "not_found":
                return None
            raise

    async def require(self, capability: str, *, deadline: Deadline | None = None) -> None:
        """Raise ``PlaneError`` where the service does not say that it has ``capability``; no such route is asked."""
        health = self._health or await self.health(deadline=deadline)
        if capability not in health.capabilities:
            raise PlaneError(
                f"The codes service does not offer {capability}.",
                code="not_offered",
                remedy="Use the embedded codes service, or another address.",
            )

    def _complete(self, reply: _Reply, received: int, asked: int) -> _Reply:
        if received != asked:
            raise PlaneError(
                "The codes service answered for another number of codes than it was asked.", code="contract"
            )
        return reply


def _named(release: str | None) -> dict[str, str]:
    return {} if release is None else {"release": release}
