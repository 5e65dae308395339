"""Tools that look codes up. An answer is the service's own, with its release; a miss is said and never filled in."""

import datetime as dt
from typing import Annotated, Final, Literal

from pydantic import Field

from openmed_agent.planes.codes.contract import Concept, IcdConcept, IcdValidation
from openmed_agent.planes.codes.crosswalk_contract import CrosswalkResult, MappedCode
from openmed_agent.planes.codes.ndc import normal_ndc
from openmed_agent.planes.codes.rxnav_contract import RxProperties
from openmed_agent.tools.code_queries import Codes, Query, answered, check_terms, coded, result
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.tool import Arguments, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Count, Fact, Label, StrictValue, counted

_MOST_CHILDREN: Final = 40
_FOR_ANALYSIS: Final = "CMS made these maps for analysis, not for coding a chart: the targets are candidates."


class SearchArguments(Arguments):
    """A term, and how many answers."""

    query: Query
    limit: Annotated[int, Field(ge=1, le=50, description="Most results.")] = 10
    billable_only: Annotated[bool, Field(description="Only codes that can be reported.")] = False


class TerminologyArguments(Arguments):
    """A term in one of the further terminologies."""

    system: Annotated[
        Literal["loinc", "snomed", "cpt", "icd10pcs", "cvx"], Field(description="The terminology to search.")
    ]
    query: Query
    limit: Annotated[int, Field(ge=1, le=50, description="Most results.")] = 10


class ConceptArguments(Arguments):
    """One code."""

    code: Annotated[str, Field(min_length=1, max_length=16, description="ICD-10-CM code, such as E11.9.")]


class ValidateArguments(Arguments):
    """Codes and the date of service."""

    codes: Codes
    date: Annotated[dt.date | None, Field(description="Date of service, as YYYY-MM-DD.")] = None


class DrugArguments(Arguments):
    """A medicine."""

    query: Annotated[str, Field(min_length=1, max_length=300, description="Name, RXCUI or NDC of a medicine.")]


class CrosswalkArguments(Arguments):
    """Codes of one classification."""

    codes: Codes
    source: Annotated[Literal["icd9cm", "icd10cm"], Field(description="What the codes are.")] = "icd9cm"


async def _search(given: SearchArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, (given.query,))
    reply = await answered(
        context,
        context.codes.icd10_search(given.query, limit=given.limit, billable_only=given.billable_only),
        system="icd10cm",
    )
    lines = [f"{_concept(one)} (match: {one.matched}, score {one.score})" for one in reply.results]
    values = [code for one in reply.results for code in coded("icd10cm", one.code, one.display)]
    head = f"{len(reply.results)} ICD-10-CM codes" if reply.results else "No ICD-10-CM code fits"
    return result(head, lines, (Count(Label("found"), len(reply.results)), *values), reply.release)


async def _terminology(given: TerminologyArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, (given.query,))
    reply = await answered(
        context, context.codes.term_search(given.system, given.query, limit=given.limit), system=given.system
    )
    lines = [f"{one.code} {one.display} (match: {one.matched})" for one in reply.results]
    values = [code for one in reply.results for code in coded(given.system, one.code, one.display)]
    head = f"{len(reply.results)} concepts" if reply.results else "No concept fits"
    return result(head, lines, (Count(Label("found"), len(reply.results)), *values), reply.release)


async def _show(given: ConceptArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, (given.code,))
    found = await answered(context, context.codes.icd10_concept(given.code), system="icd10cm")
    if found is None:
        release = await context.codes.release_of("icd10cm")
        return result("ICD-10-CM has no such code", (), (Fact(Label("exists"), value=False),), release)
    facts = (Fact(Label("exists"), value=True), Fact(Label("billable"), found.billable))
    return result(
        _concept(found), _concept_lines(found), (*facts, *coded("icd10cm", found.code, found.display)), found.release
    )


def _concept_lines(found: IcdConcept) -> list[str]:
    lines = [f"in {_named(parent)}" for parent in reversed(found.parents)]
    lines += [f"has {_concept(child)}" for child in found.children[:_MOST_CHILDREN]]
    if len(found.children) > _MOST_CHILDREN:
        lines.append(f"and {len(found.children) - _MOST_CHILDREN} more below it")
    notes = [(found.code, found.notes), *((inherited.code, inherited.notes) for inherited in found.inherited_notes)]
    for code, held in notes:
        for kind, sentences in held.model_dump().items():
            lines += [f"{kind.replace('_', ' ')} (at {code}): {sentence}" for sentence in sentences]
    lines += [f"7th character {one.character}: {one.meaning}" for one in found.seventh_characters]
    return lines


async def _validate(given: ValidateArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, (*given.codes, *((given.date.isoformat(),) if given.date else ())))
    reply = await answered(context, context.codes.icd10_validate(given.codes, date=given.date), system="icd10cm")
    lines = [_validation(one) for one in reply.results]
    if reply.date_covered is False:
        lines.append("The release does not cover that date, so what holds then is not known.")
    valid = sum(one.valid for one in reply.results)
    values = (Count(Label("valid"), valid), Count(Label("not_valid"), len(reply.results) - valid))
    return result(f"{valid} of {len(reply.results)} codes can be reported", lines, values, reply.release)


def _validation(one: IcdValidation) -> str:
    parts = [f"{one.code} {'valid' if one.valid else 'not valid'}", one.reason, *one.advice]
    named = ", ".join(_named(concept) for concept in (*one.suggestions, *one.more_specific))
    return "; ".join(part for part in (*parts, f"see {named}" if named else "") if part)


async def _drug(given: DrugArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, (given.query,))
    exact, found = await answered(context, _drugs(given.query, context), system="rxnorm")
    release = await context.codes.release_of("rxnorm")
    lines = [
        f"{drug.rxcui} {drug.name} {drug.tty} ({'exact' if drug.rxcui in exact else 'similar'})".replace("  ", " ")
        for drug in found
    ]
    head = f"{len(found)} RxNorm concepts" if found else "No RxNorm concept fits"
    codes = [code for drug in found for code in coded("rxnorm", drug.rxcui, drug.name)]
    values: tuple[StrictValue, ...] = (Count(Label("found"), len(found)), Count(Label("exact"), len(exact)), *codes)
    return result(head, lines, values, release)


async def _drugs(query: str, context: ToolContext) -> tuple[frozenset[str], tuple[RxProperties, ...]]:
    """Return which RXCUIs are named exactly so, and the concepts, the exact ones first."""
    codes = context.codes
    written = query.strip()
    if normal_ndc(written) is not None:
        exact: tuple[str, ...] = await codes.rxcui_by_ndc(written)
    elif written.isascii() and written.isdigit():
        exact = (written,)
    else:
        exact = await codes.rxcui_by_name(written)
        similar = await codes.rx_approximate(written)
        known = {one.rxcui: RxProperties(rxcui=one.rxcui, name=one.name) for one in similar if one.name}
        shown = [await codes.rx_properties(rxcui) for rxcui in exact]
        first = {one.rxcui: one for one in shown if one is not None}
        return frozenset(first), tuple((known | first)[rxcui] for rxcui in dict.fromkeys((*first, *known)))
    named = [await codes.rx_properties(rxcui) for rxcui in exact]
    there = tuple(one for one in named if one is not None)
    return frozenset(one.rxcui for one in there), there


async def _crosswalk(given: CrosswalkArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, given.codes)
    reply = await answered(context, context.codes.crosswalk(given.codes, source=given.source))
    lines = [line for one in reply.results for line in _crosswalk_lines(one)]
    targets = [
        code
        for one in reply.results
        for target in one.targets
        for code in coded(reply.target, target.code, target.display)
    ]
    values: tuple[StrictValue, ...] = counted("mapped" if one.mapped else "not_mapped" for one in reply.results)
    head = f"{given.source} to {reply.target}"
    return result(head, (*lines, _FOR_ANALYSIS), (*values, *targets), reply.release)


def _crosswalk_lines(one: CrosswalkResult) -> list[str]:
    if not one.mapped:
        return [f"{one.code}: no map: {one.reason}"]
    return [f"{one.code} {one.display}", *(f"  {_target(target)}" for target in one.targets)]


def _target(target: MappedCode) -> str:
    remarks = ["approximate" if target.approximate else "exact"]
    if target.scenario:
        remarks.append(f"scenario {target.scenario}, choice {target.choice_list}")
    if not target.current:
        remarks.append("not reportable in this release")
    return f"{_named(target)} ({', '.join(remarks)})"


def _named(concept: Concept) -> str:
    return f"{concept.code} {concept.display}"


def _concept(concept: Concept) -> str:
    return f"{_named(concept)}{'' if concept.billable else ' (not billable)'}"


_FACTS: Final = ToolFacts(read_only=True, concurrent_safe=True)
ICD10_SEARCH: Final = Tool(
    name="icd10_search",
    family="codes",
    description="Find ICD-10-CM codes for a diagnosis, abbreviation or part of a code, best first.",
    arguments=SearchArguments,
    facts=_FACTS,
    run=_search,
    subject=lambda given, _context: given.query,
)
ICD10_CONCEPT: Final = Tool(
    name="icd10_concept",
    family="codes",
    description="Show one ICD-10-CM code with its parents, children and instructional notes.",
    arguments=ConceptArguments,
    facts=_FACTS,
    run=_show,
)
ICD10_VALIDATE: Final = Tool(
    name="icd10_validate",
    family="codes",
    description="Check whether ICD-10-CM codes can be reported, on a date of service where one is given.",
    arguments=ValidateArguments,
    facts=_FACTS,
    run=_validate,
)
RXNORM_LOOKUP: Final = Tool(
    name="rxnorm_lookup",
    family="codes",
    description="Find the RxNorm concept of a medicine by name, RXCUI or NDC.",
    arguments=DrugArguments,
    facts=_FACTS,
    run=_drug,
    subject=lambda given, _context: given.query,
)
CROSSWALK: Final = Tool(
    name="crosswalk",
    family="codes",
    description="Map ICD-9-CM codes to ICD-10-CM candidates, or back.",
    arguments=CrosswalkArguments,
    facts=_FACTS,
    run=_crosswalk,
)
TERMINOLOGY_SEARCH: Final = Tool(
    name="terminology_search",
    family="codes",
    description="Search a further terminology that the person has installed; says how to install one that is missing.",
    arguments=TerminologyArguments,
    facts=_FACTS,
    run=_terminology,
    subject=lambda given, _context: given.query,
)
TOOLS: Final = (ICD10_SEARCH, ICD10_CONCEPT, ICD10_VALIDATE, RXNORM_LOOKUP, CROSSWALK, TERMINOLOGY_SEARCH)
