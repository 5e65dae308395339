"""Tools that compute with codes: payment categories, risk scores, comorbidity, duplicate medicines."""

from typing import Annotated, Final, Literal

from pydantic import Field, ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.contract import ComorbidityRequest, Eligibility, RafReply, RafRequest
from openmed_agent.planes.codes.drug_contract import Duplicate
from openmed_agent.tools.code_queries import (
    Codes,
    answered,
    check_age,
    check_terms,
    coded,
    ignored_count,
    ignored_lines,
    result,
)
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.tool import Arguments, Tool, ToolFacts, ToolResult
from openmed_agent.tools.values import Code, Count, Fact, Label, StrictValue

_FIT: Final = "Age, eligibility, model and payment year must fit each other; 'openmed codes raf --help' lists them."

Age = Annotated[int, Field(ge=0, le=130, description="Age in years.")]
Model = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,20}$", description="CMS-HCC model, such as V28.")]
Year = Annotated[int, Field(ge=2000, le=2100, description="Payment year.")]


class HccArguments(Arguments):
    """Codes and a model."""

    codes: Codes
    model: Model = "V28"
    payment_year: Year = 2026


class RafArguments(HccArguments):
    """One Medicare beneficiary."""

    age: Annotated[int, Field(ge=0, le=130, description="Age on 1 February of the payment year.")]
    sex: Annotated[Literal["F", "M"], Field(description="As the payer has it.")]
    eligibility: Annotated[Eligibility, Field(description="Segment; CNA: community, non-dual, aged.")]
    originally_disabled: Annotated[bool, Field(description="First entitled by disability.")] = False
    medicaid: Annotated[bool, Field(description="Has Medicaid, for new enrollees.")] = False
    orec: Annotated[Literal["0", "1", "2", "3"] | None, Field(description="Original reason for entitlement.")] = None
    dual: Annotated[Literal["none", "partial", "full"], Field(description="For ESRD models.")] = "none"
    graft_months: Annotated[int | None, Field(ge=1, le=1200, description="Since the transplant, for ESRD.")] = None
    esrd: Annotated[bool, Field(description="For RxHCC models.")] = False
    channel: Annotated[Literal["MAPD", "PDP"] | None, Field(description="Plan type, for RXHCC-X.")] = None


class ComorbidityArguments(Arguments):
    """Codes of one patient."""

    codes: Codes
    age: Age | None = None
    index: Annotated[
        Literal["charlson", "charlson_quan_2011", "elixhauser"], Field(description="Which index and weights.")
    ] = "charlson"


class DuplicateArguments(Arguments):
    """The medicines of one patient."""

    rxcuis: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[0-9]{1,10}$")], ...],
        Field(min_length=2, max_length=100, description="RXCUIs from rxnorm_lookup."),
    ]


async def _map(given: HccArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, given.codes)
    reply = await answered(
        context,
        context.codes.hcc_map(given.codes, model=given.model, payment_year=given.payment_year),
        fit="Use a model such as V24 or V28 and a payment year that it has.",
    )
    lines = [
        f"{one.code}: HCC {one.hcc} {one.label}" if one.mapped else f"{one.code}: no payment HCC. {one.reason}".strip()
        for one in reply.results
    ]
    mapped = [one for one in reply.results if one.mapped]
    values: tuple[StrictValue, ...] = (
        Count(Label("mapped"), len(mapped)),
        Count(Label("not_mapped"), len(reply.results) - len(mapped)),
        *(code for one in mapped for code in coded("hcc", one.hcc or "", one.label or "")),
    )
    head = f"{reply.model}, payment year {reply.payment_year}: {len(mapped)} of {len(reply.results)} codes map"
    return result(head, lines, values, reply.release)


async def _raf(given: RafArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, given.codes)
    check_age(context, given.age)
    try:
        request = RafRequest.model_validate(given.model_dump())
    except ValidationError:
        raise InputError("These values do not make a risk score.", remedy=_FIT) from None
    reply = await answered(context, context.codes.raf(request), fit=_FIT)
    payment = "" if reply.payment_score is None else f", payment score {reply.payment_score}"
    head = f"{reply.model} {reply.payment_year} {reply.eligibility}: raw score {reply.raw_score}{payment}"
    values: list[StrictValue] = [Fact(Label("raw_score"), float(reply.raw_score))]
    if reply.payment_score is not None:
        values.append(Fact(Label("payment_score"), float(reply.payment_score)))
    if reply.unpaid is not None:
        values.append(Fact(Label("unpaid"), Label(reply.unpaid.cause)))
    values += (code for one in reply.hccs for code in coded("hcc", one.hcc, one.label))
    values += (Count(Label("dropped"), len(reply.dropped)), ignored_count(reply.ignored))
    return result(head, _raf_lines(reply), values, reply.release)


def _raf_lines(reply: RafReply) -> list[str]:
    terms = [*reply.demographic, *reply.interactions, *((reply.payment_count,) if reply.payment_count else ())]
    lines = [f"{term.coefficient} {term.name}" for term in terms]
    lines += [f"{one.coefficient} HCC {one.hcc} {one.label} ({', '.join(one.codes)})" for one in reply.hccs]
    lines += [f"dropped HCC {one.hcc} {one.label}: {one.reason}" for one in reply.dropped]
    if reply.unpaid is not None:
        lines.append(f"no payment score: {reply.unpaid.reason}")
    if reply.payment_score is not None:
        lines.append(f"payment: x {reply.coding_adjustment} / {reply.normalization}")
    return [*lines, *ignored_lines(reply.ignored), *reply.notes]


async def _comorbidity(given: ComorbidityArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, given.codes)
    check_age(context, given.age)
    request = ComorbidityRequest(codes=given.codes, age=given.age, index=given.index)
    reply = await answered(context, context.codes.comorbidity(request))
    lines = [
        f"{one.weight} {one.condition} ({', '.join(one.codes)})"
        + (f", not counted beside {one.superseded_by}" if one.superseded_by else "")
        for one in reply.conditions
    ]
    adjusted = "" if reply.age_adjusted_score is None else f", with age {reply.age_adjusted_score}"
    values: list[StrictValue] = [Fact(Label("score"), reply.score), Count(Label("conditions"), len(reply.conditions))]
    if reply.age_adjusted_score is not None:
        values.append(Fact(Label("age_adjusted_score"), reply.age_adjusted_score))
    values.append(ignored_count(reply.ignored))
    head = f"{reply.index}: {reply.score}{adjusted}"
    return result(head, (*lines, *ignored_lines(reply.ignored)), values, reply.release)


async def _duplicates(given: DuplicateArguments, context: ToolContext) -> ToolResult:
    await check_terms(context, given.rxcuis)
    reply = await answered(context, context.codes.drug_duplicates(given.rxcuis), system="rxnorm")
    lines = [_duplicate(one) for one in reply.duplicates]
    lines += [f"no class known: {one.name}" for one in reply.unclassified]
    codes: list[Code] = []
    for one in reply.duplicates:
        if one.ingredient:
            codes += coded("rxnorm", one.ingredient.rxcui, one.ingredient.name)
        if one.drug_class:
            codes += coded("atc", one.drug_class.code, one.drug_class.name)
    values: tuple[StrictValue, ...] = (
        Count(Label("hints"), len(reply.duplicates)),
        ignored_count(reply.ignored),
        *codes,
    )
    head = f"{len(reply.duplicates)} hints at medicines taken twice; a hint is no verdict"
    return result(head, (*lines, *ignored_lines(reply.ignored), *reply.notes), values, reply.release)


def _duplicate(one: Duplicate) -> str:
    shared = one.ingredient.name if one.ingredient else one.drug_class.name if one.drug_class else ""
    return f"{one.kind.replace('_', ' ')}: {shared} ({', '.join(drug.name for drug in one.drugs)})"


_FACTS: Final = ToolFacts(read_only=True, concurrent_safe=True)
HCC_MAP: Final = Tool(
    name="hcc_map",
    family="codes",
    description="Map ICD-10-CM codes to CMS payment HCCs.",
    arguments=HccArguments,
    facts=_FACTS,
    run=_map,
)
RAF_SCORE: Final = Tool(
    name="raf_score",
    family="codes",
    description="Compute an itemised CMS-HCC risk score. Pass only codes that the record supports.",
    arguments=RafArguments,
    facts=_FACTS,
    run=_raf,
)
COMORBIDITY_INDEX: Final = Tool(
    name="comorbidity_index",
    family="codes",
    description="Compute a Charlson or Elixhauser comorbidity score from ICD-10-CM codes.",
    arguments=ComorbidityArguments,
    facts=_FACTS,
    run=_comorbidity,
)
DUPLICATE_MEDICINES: Final = Tool(
    name="duplicate_medicines",
    family="codes",
    description="Hint at medicines with the same ingredient or class. Interactions are not served.",
    arguments=DuplicateArguments,
    facts=_FACTS,
    run=_duplicates,
)
TOOLS: Final = (HCC_MAP, RAF_SCORE, COMORBIDITY_INDEX, DUPLICATE_MEDICINES)
