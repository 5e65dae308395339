"""Replies in the recorded shapes of the public services, and a local server that gives them.

Shapes: E-utilities help (NBK25499) with esearch 0.3 and esummary 2.0 in JSON and PubmedArticleSet in XML; the
MedlinePlus Connect web service as JSON; openFDA drug labels. The articles, pages and labels are invented.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from stub_service import Answer, Sent, StubService, stub_service

from openmed_agent.planes.literature.sources import Origins

JSON = {"content-type": "application/json; charset=UTF-8"}
XML = {"content-type": "text/xml; charset=UTF-8"}
HTML = Answer(200, b"<html><body>Service Unavailable</body></html>", {"content-type": "text/html"})
OPENFDA_DISCLAIMER = (
    "Do not rely on openFDA to make decisions regarding medical care. While we make every effort to ensure that data "
    "is accurate, you should assume all results are unvalidated. We may limit or otherwise restrict your access to the "
    "API in line with our Terms of Service."
)


def answered(body: Any) -> Answer:
    return Answer(200, json.dumps(body).encode(), JSON)


def esearch(*pmids: str, count: int | None = None, **more: Any) -> dict[str, Any]:
    total = len(pmids) if count is None else count
    return {
        "header": {"type": "esearch", "version": "0.3"},
        "esearchresult": {
            "count": str(total),
            "retmax": str(len(pmids)),
            "retstart": "0",
            "idlist": list(pmids),
            "translationset": [{"from": "gout", "to": '"gout"[MeSH Terms] OR "gout"[All Fields]'}],
            "querytranslation": '"gout"[MeSH Terms] OR "gout"[All Fields]',
            **more,
        },
    }


def summary(pmid: str, **more: Any) -> dict[str, Any]:
    return {
        "uid": pmid,
        "pubdate": "2021 Mar 4",
        "epubdate": "2021 Feb 11",
        "source": "J Invent Med",
        "authors": [
            {"name": "Verdant P", "authtype": "Author", "clusterid": ""},
            {"name": "Okonjo-Lund A", "authtype": "Author", "clusterid": ""},
        ],
        "lastauthor": "Okonjo-Lund A",
        "title": "Urate lowering in <i>invented</i> cohorts: H&lt;sub&gt;2&lt;/sub&gt;O &amp; rest.",
        "sorttitle": "urate lowering in invented cohorts",
        "volume": "12",
        "issue": "3",
        "pages": "101-109",
        "lang": ["eng"],
        "nlmuniqueid": "0000001",
        "issn": "0000-0000",
        "essn": "",
        "pubtype": ["Journal Article", "Randomized Controlled Trial"],
        "recordstatus": "PubMed - indexed for MEDLINE",
        "pubstatus": "256",
        "articleids": [
            {"idtype": "pubmed", "idtypen": 1, "value": pmid},
            {"idtype": "doi", "idtypen": 3, "value": "10.5555/invented.2021(3).7"},
            {"idtype": "pmc", "idtypen": 8, "value": "PMC0000001"},
        ],
        "history": [{"pubstatus": "entrez", "date": "2021/02/11 17:08"}],
        "references": [],
        "attributes": ["Has Abstract"],
        "pmcrefcount": 8,
        "fulljournalname": "Journal of invented medicine",
        "elocationid": "doi: 10.5555/invented.2021(3).7",
        "doctype": "citation",
        "srccontriblist": [],
        "booktitle": "",
        "sortpubdate": "2021/03/04 00:00",
        **more,
    }


def esummary(*articles: dict[str, Any]) -> dict[str, Any]:
    return {
        "header": {"type": "esummary", "version": "0.3"},
        "result": {"uids": [each["uid"] for each in articles], **{each["uid"]: each for each in articles}},
    }


def missing(pmid: str) -> dict[str, Any]:
    return {"uid": pmid, "error": "cannot get document summary"}


def efetch(pmid: str, abstract: str | None = None) -> Answer:
    text = (
        '<Abstract><AbstractText Label="BACKGROUND" NlmCategory="BACKGROUND">Gout &lt; 5\n  <i>is</i> rare.'
        '</AbstractText><AbstractText Label="RESULTS" NlmCategory="RESULTS">Urate fell by <b>60%</b>&#x2009;'
        "(P &lt; 0.05).</AbstractText>"
        "<CopyrightInformation>© 2021 Invented Press.</CopyrightInformation></Abstract>"
        if abstract is None
        else abstract
    )
    return Answer(
        200,
        f"""<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2025//EN"
 "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">
<PubmedArticleSet><PubmedArticle><MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="1">{pmid}</PMID>
<Article PubModel="Print"><Journal><Title>Journal of invented medicine</Title></Journal>
<ArticleTitle>Urate lowering in <i>invented</i> cohorts.</ArticleTitle>{text}</Article>
<OtherAbstract Type="Publisher" Language="srp"><AbstractText Label="UVOD">Drugi jezik.</AbstractText></OtherAbstract>
<CommentsCorrectionsList><CommentsCorrections RefType="Cites"><PMID Version="1">99</PMID></CommentsCorrections>
</CommentsCorrectionsList></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>
</ArticleIdList></PubmedData></PubmedArticle></PubmedArticleSet>""".encode(),
        XML,
    )


def page(title: str = "Gout", **more: Any) -> dict[str, Any]:
    address = "https://medlineplus.gov/gout.html?utm_source=mplusconnect&utm_medium=service"
    return {
        "title": {"_value": title, "type": "text"},
        "link": [{"href": address, "rel": "alternate"}],
        "id": {"_value": "tag: medlineplus.gov, 2026-08-10:/gout.html"},
        "summary": {
            "type": "html",
            "_value": '<h3>What is it?</h3>\n<p>A <a href="https://medlineplus.gov/x.html">painful</a> &amp; '
            "sudden illness.</p><ul><li>toes</li><li>knees</li></ul><script>alert(1)</script>",
        },
        "updated": {"_value": "2026-10-08T13:38:08Z"},
        **more,
    }


def feed(entry: Any = None) -> dict[str, Any]:
    inside: dict[str, Any] = {
        "base": "https://medlineplus.gov/",
        "lang": "en",
        "xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "title": {"type": "text", "_value": "MedlinePlus Connect"},
        "updated": {"_value": "2026-10-08T13:38:08Z"},
        "id": {"_value": ""},
        "author": {
            "name": {"_value": "U.S. National Library of Medicine"},
            "uri": {"_value": "https://www.nlm.nih.gov"},
        },
        "subtitle": {"type": "text", "_value": "MedlinePlus Connect results for ICD-10-CM M10.9"},
        "category": [{"scheme": "mainSearchCriteria.v.c", "term": "M10.9"}],
    }
    return {"feed": inside if entry is None else {**inside, "entry": entry}}


def label(set_id: str = "0a1b2c3d-0000-4000-8000-000000000001", **more: Any) -> dict[str, Any]:
    return {
        "spl_product_data_elements": ["Inventol inventolamine LACTOSE"],
        "boxed_warning": ["WARNING: INVENTED RISK See full prescribing information."],
        "indications_and_usage": ["1 INDICATIONS AND USAGE Inventol is  indicated for invented gout."],
        "id": "11111111-0000-4000-8000-000000000001",
        "set_id": set_id,
        "effective_time": "20250131",
        "version": "4",
        "openfda": {
            "brand_name": ["Inventol"],
            "generic_name": ["INVENTOLAMINE"],
            "manufacturer_name": ["Invented Laboratories"],
            "substance_name": ["INVENTOLAMINE"],
            "rxcui": ["1234567"],
            "is_original_packager": [True],
        },
        **more,
    }


def labels(*found: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {
        "meta": {
            "disclaimer": OPENFDA_DISCLAIMER,
            "terms": "https://open.fda.gov/terms/",
            "license": "https://open.fda.gov/license/",
            "last_updated": "2026-10-30",
            "results": {"skip": 0, "limit": 10, "total": total or len(found)},
        },
        "results": list(found),
    }


NO_LABELS = Answer(404, b'{"error": {"code": "NOT_FOUND", "message": "No matches found!"}}', JSON)


@dataclass
class Request:
    path: str
    fields: dict[str, str]


@dataclass
class Recorded:
    """What the services were asked, in order."""

    stub: StubService
    times: list[float] = field(default_factory=list)

    @property
    def origins(self) -> Origins:
        return Origins(pubmed=self.stub.origin, medlineplus=self.stub.origin, openfda=self.stub.origin)

    @property
    def requests(self) -> list[Request]:
        return [request_of(sent) for sent in self.stub.sent]

    @property
    def paths(self) -> list[str]:
        return [request.path.rpartition("/")[2] for request in self.requests]


def request_of(sent: Sent) -> Request:
    parts = urlsplit(sent.path)
    given = parse_qs(parts.query or sent.body.decode(), keep_blank_values=True)
    return Request(parts.path, {name: values[0] for name, values in given.items()})


def usual(sent: Sent, _: int) -> Answer:
    """Answer as the services do: two articles, one page, one label."""
    request = request_of(sent)
    match request.path:
        case "/entrez/eutils/esearch.fcgi":
            return answered(esearch("31000001", "30000002", count=57))
        case "/entrez/eutils/esummary.fcgi":
            return answered(esummary(*(summary(pmid) for pmid in request.fields["id"].split(","))))
        case "/entrez/eutils/efetch.fcgi":
            return efetch(request.fields["id"])
        case "/service":
            return answered(feed([page()]))
        case "/drug/label.json":
            return answered(labels(label(), total=3))
    return Answer(404, b"Not Found")


@contextmanager
def services(answer: Callable[[Sent, int], Answer] = usual) -> Iterator[Recorded]:
    with stub_service(answer) as stub:
        yield Recorded(stub)


def always(answer: Answer) -> Callable[[Sent, int], Answer]:
    return lambda *_: answer
