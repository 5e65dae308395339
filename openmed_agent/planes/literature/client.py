"""The literature client: what a person may ask public services, and the checks before anything leaves.

Off unless the site turned it on. Every question passes the gate that was handed in, in the very form in which it is
sent. Replies are kept on disk only where the gate has scanned the question.
"""

import re
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.net.clients import OutboundSink, discard_outbound
from openmed_agent.planes.literature.cache import ReplyCache
from openmed_agent.planes.literature.markup import one_line
from openmed_agent.planes.literature.medlineplus import MedlinePlus, read_topic_code
from openmed_agent.planes.literature.openfda import OpenFda, read_drug_query
from openmed_agent.planes.literature.pace import Pace
from openmed_agent.planes.literature.pubmed import PubMed
from openmed_agent.planes.literature.results import ArticleList, ArticleWithAbstract, LabelList, TopicList
from openmed_agent.planes.literature.sources import (
    Origins,
    Service,
    medlineplus_service,
    openfda_service,
    pubmed_service,
)
from openmed_agent.planes.literature.transport import ServiceTransport
from openmed_agent.settings.configuration import LiteratureSettings

QueryCheck = Callable[[str], Awaitable[None]]
"""Returns if a query may leave this machine, and raises if not."""

_LONGEST_QUERY: Final = 1000
_PMID: Final = re.compile(r"[1-9][0-9]{0,8}")
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_BREAKS: Final = "\t\n\r"


@dataclass(frozen=True, slots=True)
class LiteratureRules:
    """How the services may be asked in this run; ``keeps_replies`` only where queries are scanned."""

    check: QueryCheck
    keeps_replies: bool
    timeout_seconds: float = 30.0
    sink: OutboundSink = discard_outbound


class LiteratureClient:
    """Asks PubMed, MedlinePlus Connect and openFDA."""

    def __init__(self, check: QueryCheck, pubmed: PubMed, medlineplus: MedlinePlus, openfda: OpenFda) -> None:
        self._check = check
        self._pubmed = pubmed
        self._medlineplus = medlineplus
        self._openfda = openfda

    async def search(self, text: str, *, limit: int = 10) -> ArticleList:
        """Return up to ``limit`` articles of PubMed for ``text``.

        Raises:
            InputError: the text is empty, too long or holds invisible characters.
            NotPermittedError: the query may not leave.
            PlaneError: there is no usable answer.
            LimitReachedError: PubMed's rate limit leaves no time for it.

        """
        query = readable_query(text)
        await self._check(query)
        return await self._pubmed.search(query, limit=limit)

    async def article(self, pmid: str) -> ArticleWithAbstract | None:
        """Return an article of PubMed with its abstract, or nothing where there is none. Raises as ``search``."""
        number = pmid.strip()
        if not _PMID.fullmatch(number):
            raise InputError("A PMID is a number of up to 9 digits.", remedy="openmed literature search finds them.")
        await self._check(f"PMID {number}")
        return await self._pubmed.article(number)

    async def topics(self, code: str) -> TopicList:
        """Return MedlinePlus pages for an ICD-10-CM code or an RXCUI; there may be none. Raises as ``search``."""
        topic_code = read_topic_code(readable_query(code))
        await self._check(str(topic_code))
        return await self._medlineplus.topics(topic_code)

    async def labels(self, drug: str, *, limit: int = 1) -> LabelList | None:
        """Return labels of a medicine by RXCUI or name, or nothing where openFDA has none. Raises as ``search``."""
        query = read_drug_query(readable_query(drug))
        await self._check(str(query))
        return await self._openfda.labels(query, limit=limit)


@asynccontextmanager
async def open_literature(
    settings: LiteratureSettings, folder: Path, rules: LiteratureRules, origins: Origins | None = None
) -> AsyncIterator[LiteratureClient]:
    """Yield a client whose cache and pace are in ``folder``; nothing is contacted before the first question.

    Raises:
        NotPermittedError: the site has not turned literature on.

    """
    check_enabled(settings)
    at = origins or Origins()
    cache = ReplyCache(folder / "replies") if rules.keeps_replies else None

    def transport(service: Service) -> ServiceTransport:
        pace = Pace(folder, service.name, interval_seconds=service.interval_seconds)
        return ServiceTransport(service, pace=pace, cache=cache, timeout_seconds=rules.timeout_seconds, sink=rules.sink)

    async with AsyncExitStack() as stack:
        pubmed = transport(pubmed_service(at.pubmed, has_key=settings.ncbi_api_key is not None))
        medlineplus, openfda = transport(medlineplus_service(at.medlineplus)), transport(openfda_service(at.openfda))
        for opened in (pubmed, medlineplus, openfda):
            await stack.enter_async_context(opened)
        yield LiteratureClient(rules.check, PubMed(pubmed, settings), MedlinePlus(medlineplus), OpenFda(openfda))


def check_enabled(settings: LiteratureSettings) -> None:
    """Check that the site turned literature on.

    Raises:
        NotPermittedError: it did not; the sentence says how, and what that means.

    """
    if not settings.enabled:
        raise NotPermittedError(
            "Literature services are off, and nothing was sent.",
            remedy="To turn them on, set enabled = true under [literature] in config.toml; queries then leave this "
            "machine for PubMed, MedlinePlus and openFDA.",
        )


def readable_query(text: str) -> str:
    """Return ``text`` in the form that is scanned and sent: compatibility-normalised, single spaces.

    Raises:
        InputError: it is empty, longer than 1,000 characters, or holds characters that nobody can see.

    """
    if len(text) > _LONGEST_QUERY:
        raise InputError(f"A query has at most {_LONGEST_QUERY} characters.", remedy="Ask in fewer words.")
    if any(unicodedata.category(each) in _INVISIBLE and each not in _BREAKS for each in text):
        raise InputError("The query holds invisible characters.", remedy="Type it anew instead of pasting it.")
    query = one_line(unicodedata.normalize("NFKC", text))
    if not query:
        raise InputError(
            "The query is empty.", remedy="For example: openmed literature search metformin lactic acidosis"
        )
    return query
