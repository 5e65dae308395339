"""``openmed codes crosswalk|compare|classes|duplicates|interactions``: how codes, and how drugs, relate."""

import argparse
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

from openmed_agent.cli.codes_service import asked, listed_codes, one_term, print_release
from openmed_agent.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from openmed_agent.planes.codes.client import CodesClient
    from openmed_agent.planes.codes.contract import HccCategory, Ignored
    from openmed_agent.planes.codes.crosswalk_contract import CrosswalkReply, HccComparison, MappedCode
    from openmed_agent.planes.codes.drug_contract import DrugClassesReply, Duplicate, DuplicatesReply

_RXCUI: Final = re.compile(r"[0-9]{1,10}")
_DRUG: Final = "RXCUI, or name as RxNorm has it"
_FOR_ANALYSIS: Final = "CMS made these maps for analysis, not for coding a chart: the targets are candidates."


def register(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the actions to those of ``openmed codes``."""
    crosswalk = actions.add_parser("crosswalk", help="map ICD-9-CM to ICD-10-CM, or back", allow_abbrev=False)
    crosswalk.add_argument("codes", nargs="+", metavar="CODE")
    crosswalk.add_argument(
        "--from", dest="source", choices=("icd9cm", "icd10cm"), default="icd9cm", help="default: icd9cm"
    )
    crosswalk.set_defaults(command=map_codes)

    compare = actions.add_parser("compare", help="set payment HCCs of V24 and V28 side by side", allow_abbrev=False)
    compare.add_argument("codes", nargs="+", metavar="CODE", help="ICD-10-CM codes")
    compare.add_argument("--payment-year", type=int, default=2026, metavar="YEAR", help="default: 2026")
    compare.set_defaults(command=compare_models)

    classes = actions.add_parser("classes", help="show the ATC classes of medicines", allow_abbrev=False)
    classes.set_defaults(command=show_classes)
    duplicates = actions.add_parser("duplicates", help="hint at medicines taken twice", allow_abbrev=False)
    duplicates.set_defaults(command=find_duplicates)
    interactions = actions.add_parser(
        "interactions", help="say why drug interactions are not served", allow_abbrev=False
    )
    interactions.set_defaults(command=refuse_interactions)
    for action in (classes, duplicates, interactions):
        action.add_argument("drugs", nargs="+", metavar="DRUG", help=_DRUG)
    for action in (crosswalk, compare, classes, duplicates, interactions):
        action.add_argument("--json", action="store_true", help="print the answer as JSON")


def map_codes(options: argparse.Namespace) -> int:
    """Print the candidates of each code in the other classification; return 1 where a code has none."""
    from openmed_agent.cli.console import print_json

    written = listed_codes(options.codes)
    source: Literal["icd9cm", "icd10cm"] = options.source
    reply = asked(lambda codes: codes.crosswalk(written, source=source))
    if options.json:
        print_json(reply.model_dump(mode="json"))
    else:
        _print_maps(reply)
    return 0 if all(result.mapped for result in reply.results) else 1


def _print_maps(reply: "CrosswalkReply") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for result in reply.results:
        title = result.display if result.mapped else f"no map: {result.reason}"
        console.print(safe(f"{result.code:<10} {title}", "bold" if result.mapped else "yellow"), soft_wrap=True)
        for target in result.targets:
            remarks = _remarks(target, into=reply.target)
            console.print(safe(f"  {target.code:<8} {target.display} ({remarks})"), soft_wrap=True)
    console.print(safe(_FOR_ANALYSIS, "dim"), soft_wrap=True)
    print_release(reply.release)


def _remarks(target: "MappedCode", *, into: str) -> str:
    """Return CMS's flags of one target in words; that ICD-9-CM is no longer reported goes without saying."""
    remarks = ["approximate" if target.approximate else "exact"]
    if target.scenario:
        remarks.append(f"scenario {target.scenario}: one of choice list {target.choice_list}")
    if into == "icd10cm" and not target.current:
        remarks.append("cannot be reported now")
    return "; ".join(remarks)


def compare_models(options: argparse.Namespace) -> int:
    """Print what each code is worth in V24 and in V28; return the exit status."""
    from openmed_agent.cli.console import output, print_json, safe

    written = listed_codes(options.codes)
    year: int = options.payment_year
    if not 2000 <= year <= 2100:  # noqa: PLR2004 - the years that the contract can say
        raise InputError("--payment-year: this is no payment year.", remedy="Pass 2025 or 2026.")
    reply = asked(
        lambda codes: codes.hcc_compare(written, payment_year=year),
        remedy="The payment year must be one of both models, such as 2025 or 2026.",
    )
    if options.json:
        print_json(reply.model_dump(mode="json"))
        return 0
    console = output()
    for result in reply.results:
        console.print(safe(f"{result.code:<10} {_comparison(result)}"), soft_wrap=True)
    console.print(safe(f"payment year {reply.payment_year}", "dim"))
    for release in reply.releases:
        print_release(release)
    return 0


def _comparison(result: "HccComparison") -> str:
    parts = [_categories("V24", result.v24), _categories("V28", result.v28), result.reason]
    return "; ".join(part for part in parts if part)


def _categories(model: str, found: "Sequence[HccCategory]") -> str:
    named = ", ".join(f"HCC {category.hcc} {category.label}" for category in found)
    return f"{model}: {named}" if named else ""


def show_classes(options: argparse.Namespace) -> int:
    """Print the ATC classes of each drug; return 1 where the release lacks a drug."""
    from openmed_agent.cli.console import print_json

    drugs = _listed_drugs(options.drugs)

    async def question(codes: "CodesClient") -> "DrugClassesReply":
        return await codes.drug_classes(await _rxcuis(codes, drugs))

    reply = asked(question)
    if options.json:
        print_json(reply.model_dump(mode="json"))
    else:
        _print_classes(reply)
    return 1 if reply.ignored else 0


def _print_classes(reply: "DrugClassesReply") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for found in reply.drugs:
        console.print(safe(f"{found.drug.rxcui:<9} {found.drug.tty:<5} {found.drug.name}", "bold"), soft_wrap=True)
        for part in found.ingredients:
            console.print(safe(f"  {part.ingredient.name}{'' if part.classes else ': no class'}"), soft_wrap=True)
            for held in part.classes:
                console.print(safe(f"    {held.code:<6} {held.name}"), soft_wrap=True)
    _print_ignored(reply.ignored)
    print_release(reply.release)


def find_duplicates(options: argparse.Namespace) -> int:
    """Print hints at duplicate therapy; return 1 where the release lacks a drug, so that it was not compared."""
    from openmed_agent.cli.console import print_json

    drugs = _listed_drugs(options.drugs)

    async def question(codes: "CodesClient") -> "DuplicatesReply":
        return await codes.drug_duplicates(await _rxcuis(codes, drugs))

    reply = asked(question)
    if options.json:
        print_json(reply.model_dump(mode="json"))
    else:
        _print_duplicates(reply)
    return 1 if reply.ignored else 0


def _print_duplicates(reply: "DuplicatesReply") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for found in reply.duplicates:
        console.print(safe(_shared(found), "bold"), soft_wrap=True)
        for drug in found.drugs:
            console.print(safe(f"  {drug.rxcui:<9} {drug.name}"), soft_wrap=True)
    if not reply.duplicates:
        console.print(safe("No two of these drugs share an ingredient or a class of level 4."))
    for ingredient in reply.unclassified:
        console.print(safe(f"no class: {ingredient.name}", "yellow"), soft_wrap=True)
    _print_ignored(reply.ignored)
    for note in reply.notes:
        console.print(safe(note, "dim"), soft_wrap=True)
    print_release(reply.release)


def _shared(found: "Duplicate") -> str:
    ingredient = found.ingredient.name if found.ingredient is not None else ""
    drug_class = f"{found.drug_class.code} {found.drug_class.name}" if found.drug_class is not None else ""
    return f"{found.kind.replace('_', ' ')}: {ingredient or drug_class}"


def _print_ignored(ignored: "Sequence[Ignored]") -> None:
    from openmed_agent.cli.console import output, safe

    for drug in ignored:
        output().print(safe(f"ignored   {drug.code}: {drug.reason}", "yellow"), soft_wrap=True)


def refuse_interactions(_: argparse.Namespace) -> int:
    """Say that interactions are not served; nothing of what was typed is sent to any service."""
    return asked(lambda codes: codes.drug_interactions())


def _listed_drugs(drugs: Sequence[str]) -> tuple[str, ...]:
    from openmed_agent.planes.codes.drug_contract import MAXIMUM_DRUGS

    if len(drugs) > MAXIMUM_DRUGS:
        raise InputError(f"At most {MAXIMUM_DRUGS} drugs are compared at once.", remedy="Pass fewer.")
    return tuple(one_term([drug]) for drug in drugs)


async def _rxcuis(codes: "CodesClient", drugs: Sequence[str]) -> tuple[str, ...]:
    """Return the RXCUI of each drug; nothing is chosen among several that a name could mean."""
    await codes.require("drug_classes")  # no name is sent to a service that could not answer in the end
    return tuple([await _rxcui(codes, drug, place) for place, drug in enumerate(drugs, 1)])


async def _rxcui(codes: "CodesClient", drug: str, place: int) -> str:
    from openmed_agent.planes.codes.drug_contract import INSTALL

    if _RXCUI.fullmatch(drug):
        return drug
    found = await codes.rxcui_by_name(drug)
    if len(found) == 1:
        return found[0]
    release = await codes.release_of("rxnorm")
    remedy = "Find it with 'openmed codes drug NAME' and pass its RXCUI."
    if release is not None and not release.complete:
        remedy += f" This is a part of RxNorm; install all: {INSTALL}"
    many = "more than one medicine" if found else "no medicine"
    raise CheckFailedError(f"RxNorm has {many} that is named as drug {place} of the list.", remedy=remedy)
