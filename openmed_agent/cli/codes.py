"""``openmed codes``: look up codes, and compute a risk score, with the release named."""

import argparse
import datetime as dt
from typing import TYPE_CHECKING, Final

from openmed_agent.cli import codes_relations, codes_releases
from openmed_agent.cli.codes_service import asked, listed_codes, one_term, print_release
from openmed_agent.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from openmed_agent.planes.codes.client import CodesClient
    from openmed_agent.planes.codes.contract import IcdConcept, RafReply, Release
    from openmed_agent.planes.codes.rxnav_contract import RxCandidate, RxProperties

_INSTALL: Final = "openmed codes install rxnorm --from RxNorm_full_prescribe_MMDDYYYY.zip"


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    codes = groups.add_parser("codes", help="look up codes, compute risk scores", allow_abbrev=False)
    actions = codes.add_subparsers(title="actions", metavar="ACTION", required=True)

    search = actions.add_parser("search", help="find ICD-10-CM codes for a term", allow_abbrev=False)
    search.add_argument("text", nargs="+", metavar="TEXT")
    search.add_argument("--limit", type=int, default=10, choices=range(1, 101), metavar="N", help="default: 10")
    search.add_argument("--billable", action="store_true", help="only codes that can be billed")
    search.set_defaults(command=search_icd10)

    show = actions.add_parser(
        "show", help="show an ICD-10-CM code with its notes, or the drug of an NDC", allow_abbrev=False
    )
    show.add_argument("code", metavar="CODE")
    show.set_defaults(command=show_icd10)

    check = actions.add_parser("validate", help="check ICD-10-CM codes", allow_abbrev=False)
    check.add_argument("codes", nargs="+", metavar="CODE")
    check.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="day of service")
    check.set_defaults(command=validate_icd10)

    drug = actions.add_parser("drug", help="find the RxNorm concept of a medicine", allow_abbrev=False)
    drug.add_argument("text", nargs="+", metavar="NAME")
    drug.set_defaults(command=find_drug)

    raf = actions.add_parser("raf", help="compute a CMS-HCC risk score", allow_abbrev=False)
    raf.add_argument("codes", nargs="+", metavar="CODE", help="ICD-10-CM codes")
    raf.add_argument("--age", type=int, required=True)
    raf.add_argument("--sex", choices=("F", "M"), required=True)
    raf.add_argument("--eligibility", default="CNA", help="model segment, default: CNA")
    raf.add_argument("--model", default="V28", help="default: V28")
    raf.add_argument("--payment-year", type=int, default=2026, metavar="YEAR", help="default: 2026")
    raf.add_argument("--originally-disabled", action="store_true", help="entitled by disability before 65")
    raf.add_argument("--medicaid", action="store_true", help="with Medicaid, for INS and NE")
    raf.add_argument("--orec", choices=("0", "1", "2", "3"), help="original reason for entitlement")
    raf.add_argument("--dual", choices=("none", "partial", "full"), default="none", help="dual status, for ESRD-V24")
    raf.add_argument("--graft-months", type=int, metavar="N", help="age of the graft, for ESRD-V24")
    raf.add_argument("--esrd", action="store_true", help="with ESRD, for RxHCC models")
    raf.add_argument("--channel", choices=("MAPD", "PDP"), help="normalisation of RXHCC-X")
    raf.set_defaults(command=score_raf)

    codes_relations.register(actions)
    codes_releases.register(actions)

    for action in (search, show):
        action.add_argument("--release", metavar="NAME", help="an installed release, such as FY2027")
    for action in (search, show, check, drug, raf):
        action.add_argument("--json", action="store_true", help="print the answer as JSON")


def _date(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("a day is written YYYY-MM-DD") from None


def _one_release(options: argparse.Namespace) -> str | None:
    return None if options.release is None else one_term([options.release])


def search_icd10(options: argparse.Namespace) -> int:
    """Print matching codes, best first; return 1 where nothing fits."""
    from rich.table import Table

    from openmed_agent.cli.console import output, print_json, safe

    query = one_term(options.text)
    release = _one_release(options)
    reply = asked(
        lambda codes: codes.icd10_search(query, limit=options.limit, billable_only=options.billable, release=release)
    )
    if options.json:
        print_json(reply.model_dump(mode="json"))
        return 0 if reply.results else 1
    if not reply.results:
        raise CheckFailedError("No ICD-10-CM code fits that text.", remedy="Try other words, or a part of a code.")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("code", "title", "billable", "match"):
        table.add_column(heading, overflow="fold")
    for found in reply.results:
        cells = (found.code, found.display, "yes" if found.billable else "no", found.matched.replace("_", " "))
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    print_release(reply.release)
    return 0


def show_icd10(options: argparse.Namespace) -> int:
    """Print one code with its place and notes, or the drug of an NDC; return 1 where there is none."""
    from openmed_agent.cli.console import print_json
    from openmed_agent.planes.codes.ndc import normal_ndc

    if normal_ndc(options.code) is not None:
        return _show_ndc(options)
    release = _one_release(options)
    concept = asked(lambda codes: codes.icd10_concept(options.code, release=release))
    if concept is None:
        raise CheckFailedError("ICD-10-CM has no such code.", remedy="Try: openmed codes search TEXT")
    if options.json:
        print_json(concept.model_dump(mode="json"))
    else:
        _print_concept(concept)
    return 0


def _show_ndc(options: argparse.Namespace) -> int:
    from openmed_agent.cli.console import output, print_json, safe

    found, release = asked(lambda codes: _drugs_of(codes, options.code))
    if not found:
        raise CheckFailedError(
            "RxNorm has no drug with that NDC.", remedy="Check the label, or install a newer release."
        )
    if options.json:
        print_json({"drugs": [drug.model_dump(mode="json") for drug in found], "release": _as_json(release)})
        return 0
    for drug in found:
        output().print(safe(f"{drug.rxcui:<9} {drug.tty:<5} {drug.name}"), soft_wrap=True)
    if release is not None:
        print_release(release)
    return 0


async def _drugs_of(codes: "CodesClient", ndc: str) -> "tuple[list[RxProperties], Release | None]":
    found = [await codes.rx_properties(rxcui) for rxcui in await codes.rxcui_by_ndc(ndc)]
    return [drug for drug in found if drug is not None], await codes.release_of("rxnorm")


def _as_json(release: "Release | None") -> object:
    return None if release is None else release.model_dump(mode="json")


def validate_icd10(options: argparse.Namespace) -> int:
    """Print for each code whether it can be reported, on a day if one is said; return 1 where one cannot."""
    from openmed_agent.cli.console import output, print_json, safe

    written = listed_codes(options.codes)
    reply = asked(lambda codes: codes.icd10_validate(written, date=options.date))
    if options.json:
        print_json(reply.model_dump(mode="json"))
    else:
        console = output()
        for result in reply.results:
            verdict = "valid" if result.valid else "not valid"
            suggestions = ", ".join(concept.code for concept in result.suggestions)
            console.print(safe(f"{result.code:<10} {verdict}  {result.reason}"), soft_wrap=True)
            told = [f"see {suggestions}"] if suggestions else []
            for line in (*told, *result.advice):
                console.print(safe(f"{'':<10} {line}", "dim"), soft_wrap=True)
        if reply.date_covered is False:
            console.print(safe(f"No release at hand covers {reply.date}: judged without the date.", "yellow"))
        print_release(reply.release)
    return 0 if all(result.valid for result in reply.results) else 1


def find_drug(options: argparse.Namespace) -> int:
    """Print the RxNorm concepts nearest to a written drug, best first; return 1 where there is none."""
    from openmed_agent.cli.console import output, print_json, safe

    name = one_term(options.text)
    exact, candidates, release = asked(lambda codes: _drugs_named(codes, name))
    if options.json:
        rows = [found.model_dump(mode="json") | {"exact": found.rxcui in exact} for found in candidates]
        print_json({"drugs": rows, "release": _as_json(release)})
        return 0 if candidates else 1
    is_partial = release is not None and not release.complete
    if not candidates:
        remedy = "Check the spelling." + (f" This is a part of RxNorm; install all: {_INSTALL}" if is_partial else "")
        raise CheckFailedError("The installed part of RxNorm has no medicine like that.", remedy=remedy)
    console = output()
    for found in candidates:
        match = "exact" if found.rxcui in exact else "like"
        console.print(safe(f"{found.rxcui:<9} {match:<6} {found.name or ''}"), soft_wrap=True)
    if release is not None:
        print_release(release)
    return 0


async def _drugs_named(
    codes: "CodesClient", name: str
) -> "tuple[frozenset[str], tuple[RxCandidate, ...], Release | None]":
    """Return which RXCUIs are named so, the candidates, and the release that answered."""
    exact = frozenset(await codes.rxcui_by_name(name))
    return exact, await codes.rx_approximate(name), await codes.release_of("rxnorm")


def score_raf(options: argparse.Namespace) -> int:
    """Print the itemised risk score; return the exit status."""
    from pydantic import ValidationError

    from openmed_agent.cli.console import print_json
    from openmed_agent.planes.codes import hcc_models
    from openmed_agent.planes.codes.contract import RafRequest

    try:
        request = RafRequest(
            codes=tuple(options.codes),
            age=options.age,
            sex=options.sex,
            eligibility=options.eligibility,
            model=options.model,
            payment_year=options.payment_year,
            originally_disabled=options.originally_disabled,
            medicaid=options.medicaid,
            orec=options.orec,
            dual=options.dual,
            graft_months=options.graft_months,
            esrd=options.esrd,
            channel=options.channel,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = "-".join(str(part) for part in first["loc"][:1]).replace("_", "-")
        raise InputError(f"--{field}: {first['msg']}.", remedy="See 'openmed codes raf --help'.") from None
    reply = asked(lambda codes: codes.raf(request), remedy=hcc_models.advice(request))
    if options.json:
        print_json(reply.model_dump(mode="json"))
    else:
        _print_score(reply)
    return 0


def _print_concept(concept: "IcdConcept") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    console.print(safe(f"{concept.code}  {concept.display}", "bold"), soft_wrap=True)
    console.print(safe("billable" if concept.billable else "not billable: choose one of its children", "dim"))
    for parent in reversed(concept.parents):
        console.print(safe(f"  in {parent.code}  {parent.display}", "dim"), soft_wrap=True)
    for child in concept.children:
        console.print(safe(f"  {child.code}  {child.display}"), soft_wrap=True)
    for name, notes in concept.notes.model_dump().items():
        for note in notes:
            console.print(safe(f"  {name.replace('_', ' ')}: {note}"), soft_wrap=True)
    print_release(concept.release)


def _print_score(reply: "RafReply") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for term in reply.demographic:
        console.print(safe(f"{term.coefficient:>8}  {term.name}"), soft_wrap=True)
    for category in reply.hccs:
        line = f"{category.coefficient:>8}  HCC {category.hcc} {category.label} ({', '.join(category.codes)})"
        console.print(safe(line), soft_wrap=True)
    for term in reply.interactions:
        console.print(safe(f"{term.coefficient:>8}  {term.name}"), soft_wrap=True)
    if reply.payment_count is not None:
        console.print(safe(f"{reply.payment_count.coefficient:>8}  {reply.payment_count.name}"), soft_wrap=True)
    console.print(safe(f"{reply.raw_score:>8}  raw score", "bold"))
    _print_payment(reply)
    for drop in reply.dropped:
        console.print(safe(f"{'dropped':>8}  HCC {drop.hcc} {drop.label}: {drop.reason}", "dim"), soft_wrap=True)
    for ignored in reply.ignored:
        console.print(safe(f"{'ignored':>8}  {ignored.code}: {ignored.reason}", "yellow"), soft_wrap=True)
    told = reply.unpaid.reason if reply.unpaid is not None else ""
    for note in (note for note in reply.notes if note != told):
        console.print(safe(note, "dim"), soft_wrap=True)
    print_release(reply.release)


def _print_payment(reply: "RafReply") -> None:
    """Print the payment score, or that there is none and why."""
    from openmed_agent.cli.console import output, safe

    label = f"payment score {reply.payment_year}"
    if reply.payment_score is not None:
        factors = f"x {reply.coding_adjustment} / {reply.normalization}"
        output().print(safe(f"{reply.payment_score:>8}  {label} ({factors})", "bold"))
    elif reply.unpaid is not None:
        output().print(safe(f"{'none':>8}  {label}: {reply.unpaid.reason}", "yellow"), soft_wrap=True)
