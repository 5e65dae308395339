"""PubMed through NCBI E-utilities: search, summaries, one abstract.

Requests are form posts, so that neither the question nor the key is part of an address.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final
from urllib.parse import quote

from openmed_agent.planes.literature.markup import inline_text
from openmed_agent.planes.literature.pubmed_abstract import read_abstract
from openmed_agent.planes.literature.pubmed_contract import (
    AbstractReply,
    Found,
    NotFound,
    Refused,
    SearchReply,
    Summary,
    SummaryReply,
    read_summaries,
)
from openmed_agent.planes.literature.results import AbstractPart, Article, ArticleList, ArticleWithAbstract
from openmed_agent.planes.literature.sources import NLM_STATEMENT, PUBMED_COPYRIGHT
from openmed_agent.planes.literature.transport import Fetched, Raw, ServiceTransport, checked_json
from openmed_agent.planes.transport import PlaneError
from openmed_agent.settings.configuration import LiteratureSettings

_PATH: Final = "/entrez/eutils"
_OK: Final = 200
_NOTICES: Final = (NLM_STATEMENT, PUBMED_COPYRIGHT)
_DOI: Final = re.compile(r"10\.[0-9]{4,9}/[!-~]{1,200}")
_RETRACTED: Final = "retracted publication"


class PubMed:
    """Asks PubMed; what it is asked must have passed the gate."""

    def __init__(self, transport: ServiceTransport, settings: LiteratureSettings) -> None:
        self._transport = transport
        caller = {"tool": settings.tool}
        if settings.email is not None:
            caller["email"] = settings.email
        if settings.ncbi_api_key is not None:
            caller["api_key"] = settings.ncbi_api_key.get_secret_value()
        self._caller = caller

    async def search(self, text: str, *, limit: int) -> ArticleList:
        """Return up to ``limit`` articles for ``text``, in PubMed's order of relevance.

        Raises:
            PlaneError: there is no usable answer.
            LimitReachedError: the rate limit leaves no time for it.

        """
        fields = {"db": "pubmed", "term": text, "retmax": str(limit), "retmode": "json", "sort": "relevance"}
        fetched = await self._transport.ask(
            SearchReply,
            checked_json(SearchReply),
            "POST",
            f"{_PATH}/esearch.fcgi",
            fields,
            caller=self._caller,
            is_kept=_says_nothing_of_the_question,
        )
        found = fetched.reply.esearchresult
        if isinstance(found, Refused):
            raise PlaneError("PubMed could not run this search.", code="refused", remedy="Ask in other words.")
        summaries = await self._summaries(found.idlist) if found.idlist else None
        return ArticleList(
            total=found.count,
            articles=tuple(_article(summary) for summary in summaries.reply.articles) if summaries else (),
            not_found=(*found.errorlist.phrasesnotfound, *found.errorlist.fieldsnotfound),
            retrieved=min(fetched.received, summaries.received) if summaries else fetched.received,
            notices=_NOTICES,
        )

    async def article(self, pmid: str) -> ArticleWithAbstract | None:
        """Return the article with this number and its abstract, or nothing where PubMed has none.

        Raises:
            PlaneError: there is no usable answer.
            LimitReachedError: the rate limit leaves no time for it.

        """
        summaries = await self._summaries((pmid,))
        if not summaries.reply.articles:
            return None
        fields = {"db": "pubmed", "id": pmid, "rettype": "abstract", "retmode": "xml"}
        abstract = await self._transport.ask(
            AbstractReply, _abstract_of(pmid), "POST", f"{_PATH}/efetch.fcgi", fields, caller=self._caller
        )
        return ArticleWithAbstract(
            article=_article(summaries.reply.articles[0]),
            abstract=tuple(AbstractPart(heading=part.label, text=part.text) for part in abstract.reply.parts),
            copyright=abstract.reply.copyright,
            retrieved=min(summaries.received, abstract.received),
            notices=_NOTICES,
        )

    async def _summaries(self, pmids: Sequence[str]) -> Fetched[SummaryReply]:
        fields = {"db": "pubmed", "id": ",".join(pmids), "retmode": "json", "version": "2.0"}
        return await self._transport.ask(
            SummaryReply, _summaries_of(pmids), "POST", f"{_PATH}/esummary.fcgi", fields, caller=self._caller
        )


def _says_nothing_of_the_question(reply: SearchReply) -> bool:
    """Return whether a reply may be kept: it holds numbers only, none of the words that were asked."""
    found = reply.esearchresult
    return isinstance(found, Found) and found.errorlist == NotFound()


def _summaries_of(pmids: Sequence[str]) -> Callable[[Raw], SummaryReply]:
    def read(raw: Raw) -> SummaryReply:
        if raw.status != _OK:
            raise ValueError("status")
        reply = read_summaries(raw.body)
        if not {summary.uid for summary in reply.articles} <= set(pmids):
            raise ValueError("articles that were not asked for")
        return reply

    return read


def _abstract_of(pmid: str) -> Callable[[Raw], AbstractReply]:
    def read(raw: Raw) -> AbstractReply:
        if raw.status != _OK:
            raise ValueError("status")
        reply = read_abstract(raw.body)
        if reply.pmid != pmid:
            raise ValueError("another article")
        return reply

    return read


def _article(summary: Summary) -> Article:
    dois = (found.value for found in summary.articleids if found.idtype == "doi")
    doi = next((value for value in dois if _DOI.fullmatch(value)), None)
    return Article(
        pmid=summary.uid,
        title=inline_text(summary.title),
        authors=tuple(author.name for author in summary.authors),
        journal=summary.fulljournalname or summary.source,
        published=summary.pubdate,
        types=summary.pubtype,
        retracted=any(kind.casefold() == _RETRACTED for kind in summary.pubtype),
        url=f"https://pubmed.ncbi.nlm.nih.gov/{summary.uid}/",
        doi=doi,
        doi_url=f"https://doi.org/{quote(doi, safe='/')}" if doi else None,
    )
