"""``openmed literature``: ask PubMed, MedlinePlus and openFDA, where the site turned that on."""

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from openmed_agent.errors import CheckFailedError

if TYPE_CHECKING:
    from datetime import datetime

    from openmed_agent.planes.literature.client import LiteratureClient
    from openmed_agent.planes.literature.results import (
        Article,
        ArticleList,
        ArticleWithAbstract,
        Label,
        LabelList,
        TopicList,
    )

Answer = TypeVar("Answer")

_SHOWN_AUTHORS = 6
_SHOWN_SECTION = 1500


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    literature = groups.add_parser(
        "literature", help="ask PubMed, MedlinePlus and openFDA (off until turned on)", allow_abbrev=False
    )
    actions = literature.add_subparsers(title="actions", metavar="ACTION", required=True)

    search = actions.add_parser("search", help="find articles in PubMed", allow_abbrev=False)
    search.add_argument("text", nargs="+", metavar="TEXT")
    search.add_argument("--limit", type=int, default=10, choices=range(1, 101), metavar="N", help="default: 10")
    search.set_defaults(command=search_articles)

    show = actions.add_parser("show", help="show an article of PubMed with its abstract", allow_abbrev=False)
    show.add_argument("pmid", metavar="PMID")
    show.set_defaults(command=show_article)

    topic = actions.add_parser("topic", help="find MedlinePlus pages for patients", allow_abbrev=False)
    topic.add_argument("code", metavar="CODE", help="an ICD-10-CM code or an RXCUI")
    topic.set_defaults(command=show_topics)

    label = actions.add_parser("label", help="show the FDA label of a medicine", allow_abbrev=False)
    label.add_argument("drug", nargs="+", metavar="RXCUI|NAME")
    label.add_argument("--limit", type=int, default=1, choices=range(1, 11), metavar="N", help="default: 1")
    label.set_defaults(command=show_labels)

    for action in (search, show, topic, label):
        action.add_argument("--phi-mode", choices=("full", "deid", "strict"), help="default: deid, or the settings'")
        action.add_argument("--json", action="store_true", help="print the answer as JSON")
        action.set_defaults(origins=None)  # the services' own addresses


def search_articles(options: argparse.Namespace) -> int:
    """Print articles, best first; return 1 where PubMed has none."""
    from openmed_agent.cli.console import print_json

    text = " ".join(options.text)
    found = _asked(options, lambda literature: literature.search(text, limit=options.limit))
    if options.json:
        print_json(found.model_dump(mode="json"))
        return 0 if found.articles else 1
    if not found.articles:
        raise CheckFailedError("PubMed has no article for that.", remedy="Try fewer or other words.")
    _print_articles(found)
    return 0


def show_article(options: argparse.Namespace) -> int:
    """Print one article with its abstract; return 1 where PubMed has none."""
    from openmed_agent.cli.console import print_json

    found = _asked(options, lambda literature: literature.article(options.pmid))
    if found is None:
        raise CheckFailedError("PubMed has no article of that number.", remedy="Try: openmed literature search TEXT")
    if options.json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_abstract(found)
    return 0


def show_topics(options: argparse.Namespace) -> int:
    """Print the pages for patients that belong to a code; return 1 where there are none."""
    from openmed_agent.cli.console import print_json

    found = _asked(options, lambda literature: literature.topics(options.code))
    if options.json:
        print_json(found.model_dump(mode="json"))
        return 0 if found.topics else 1
    if not found.topics:
        raise CheckFailedError("MedlinePlus has no page for that code.", remedy="Try the code of a broader category.")
    _print_topics(found)
    return 0


def show_labels(options: argparse.Namespace) -> int:
    """Print drug labels; return 1 where openFDA has none."""
    from openmed_agent.cli.console import print_json

    drug = " ".join(options.drug)
    found = _asked(options, lambda literature: literature.labels(drug, limit=options.limit))
    if found is None:
        raise CheckFailedError(
            "openFDA has no label for that.",
            remedy="Labels know the RXCUI of a clinical drug; try the medicine's name.",
        )
    if options.json:
        print_json(found.model_dump(mode="json"))
    else:
        _print_labels(found)
    return 0


def _asked(options: argparse.Namespace, question: "Callable[[LiteratureClient], Awaitable[Answer]]") -> Answer:
    import asyncio

    return asyncio.run(_ask(options, question))


async def _ask(options: argparse.Namespace, question: "Callable[[LiteratureClient], Awaitable[Answer]]") -> Answer:
    from collections.abc import Sequence

    from openmed_agent.cli.console import progress
    from openmed_agent.cli.outbound import recorded_outbound, remote_planes
    from openmed_agent.net.clients import DestinationKind
    from openmed_agent.planes.connection import PlaneConnections, open_inference
    from openmed_agent.planes.inference.pii.finding import PiiFinding
    from openmed_agent.planes.literature.client import LiteratureRules, check_enabled, open_literature
    from openmed_agent.privacy.gate import LiteratureQueryGate
    from openmed_agent.privacy.modes import PhiMode
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.settings.project import load_configuration_in

    paths = find_paths()
    configuration = load_configuration_in(Path.cwd(), paths)
    check_enabled(configuration.literature)
    mode = PhiMode(configuration.privacy.chosen(options.phi_mode))
    leaving = remote_planes(configuration) & {DestinationKind.INFERENCE} | {DestinationKind.LITERATURE}
    with recorded_outbound(paths, configuration, leaving) as sink, progress() as (watcher, tell):
        tell("Asking")
        async with open_inference(PlaneConnections(configuration, paths, watcher, sink)) as inference:

            async def detect(text: str) -> Sequence[PiiFinding]:
                return await inference.united_pii(text)

            gate = LiteratureQueryGate(mode, detect)
            rules = LiteratureRules(gate.check, keeps_replies=mode is PhiMode.DEID, sink=sink)
            folder = paths.cache / "literature"
            async with open_literature(configuration.literature, folder, rules, options.origins) as literature:
                return await question(literature)


def _print_articles(found: "ArticleList") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for article in found.articles:
        _print_article(article)
        console.print()
    for word in found.not_found:
        console.print(safe(f"PubMed does not know and left out: {word}", "yellow"), soft_wrap=True)
    console.print(safe(f"{len(found.articles)} of {found.total:,} articles in PubMed", "dim"))
    _print_notices(found.notices, found.retrieved)


def _print_article(article: "Article") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    if article.retracted:
        console.print(safe("RETRACTED", "bold red"))
    console.print(safe(article.title or "(without a title)", "bold"), soft_wrap=True)
    authors = ", ".join(article.authors[:_SHOWN_AUTHORS])
    more = " and others" if len(article.authors) > _SHOWN_AUTHORS else ""
    if authors:
        console.print(safe(f"  {authors}{more}"), soft_wrap=True)
    kinds = f" ({', '.join(article.types)})" if article.types else ""
    console.print(safe(f"  {article.journal}, {article.published}{kinds}"), soft_wrap=True)
    console.print(safe(f"  PMID {article.pmid}  {article.url}"), soft_wrap=True)
    if article.doi_url is not None:
        console.print(safe(f"  DOI {article.doi}  {article.doi_url}"), soft_wrap=True)


def _print_abstract(found: "ArticleWithAbstract") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    _print_article(found.article)
    for part in found.abstract:
        console.print()
        if part.heading:
            console.print(safe(part.heading, "bold"))
        console.print(safe(part.text))
    console.print()
    if not found.abstract:
        console.print(safe("PubMed has no abstract of this article.", "yellow"))
    if found.copyright:
        console.print(safe(found.copyright, "dim"))
    _print_notices(found.notices, found.retrieved)


def _print_topics(found: "TopicList") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for topic in found.topics:
        console.print(safe(topic.title, "bold"), soft_wrap=True)
        console.print(safe(f"  {topic.url}"), soft_wrap=True)
        for line in topic.summary.split("\n"):
            console.print(safe(line))
        console.print()
    _print_notices(found.notices, found.retrieved)


def _print_labels(found: "LabelList") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    for label in found.labels:
        _print_label(label)
    console.print(safe(f"{len(found.labels)} of {found.total:,} labels in openFDA", "dim"))
    _print_notices(found.notices, found.retrieved)


def _print_label(label: "Label") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    names = ", ".join(dict.fromkeys((*label.brand_names, *label.generic_names)))
    console.print(safe(names or "(a label without a product name)", "bold"), soft_wrap=True)
    makers = ", ".join(label.manufacturers) or "manufacturer not given"
    console.print(safe(f"  {makers}; label of {label.effective or 'an unknown date'}"), soft_wrap=True)
    console.print(safe(f"  {label.url}"), soft_wrap=True)
    for section in label.sections:
        console.print()
        console.print(safe(section.title, "bold"))
        console.print(safe(section.text[:_SHOWN_SECTION]))
        left = len(section.text) - _SHOWN_SECTION
        if left > 0:
            console.print(safe(f"[{left:,} more characters: see the address above, or --json]", "yellow"))
    console.print()


def _print_notices(notices: tuple[str, ...], retrieved: "datetime") -> None:
    from openmed_agent.cli.console import output, safe

    console = output()
    console.print(safe(f"Retrieved {retrieved:%Y-%m-%d %H:%M} UTC", "dim"))
    for sentence in notices:
        console.print(safe(sentence, "dim"))
