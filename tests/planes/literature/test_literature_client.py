"""The client over real HTTP: what is asked, what is made of the replies, and what is refused."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from literature_services import (
    HTML,
    JSON,
    NO_LABELS,
    OPENFDA_DISCLAIMER,
    Recorded,
    always,
    answered,
    efetch,
    esearch,
    esummary,
    feed,
    label,
    labels,
    missing,
    page,
    services,
    summary,
    usual,
)
from pydantic import SecretStr
from stub_service import Answer, Sent

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.net.clients import DestinationKind, Outbound
from openmed_agent.planes.literature.client import LiteratureClient, LiteratureRules, open_literature
from openmed_agent.planes.literature.sources import NLM_STATEMENT, Origins
from openmed_agent.planes.transport import PlaneError
from openmed_agent.settings.configuration import LiteratureSettings

ON = LiteratureSettings(enabled=True)


async def permit(_: str) -> None:
    return


def asked(
    recorded: Recorded,
    folder: Path,
    question: Callable[[LiteratureClient], Any],
    *,
    settings: LiteratureSettings = ON,
    rules: LiteratureRules | None = None,
) -> Any:
    async def ask() -> Any:
        chosen = rules or LiteratureRules(permit, keeps_replies=True, timeout_seconds=5)
        async with open_literature(settings, folder, chosen, recorded.origins) as literature:
            return await question(literature)

    return asyncio.run(ask())


QUESTIONS: dict[str, Callable[[LiteratureClient], Any]] = {
    "search": lambda literature: literature.search("gout"),
    "article": lambda literature: literature.article("31000001"),
    "topics": lambda literature: literature.topics("M10.9"),
    "labels": lambda literature: literature.labels("inventol"),
}


def test_a_search_gives_articles_with_their_sources(tmp_path: Path) -> None:
    with services() as recorded:
        found = asked(recorded, tmp_path, lambda literature: literature.search("gout  and\turate", limit=2))
    assert found.total == 57
    assert [article.pmid for article in found.articles] == ["31000001", "30000002"]
    first = found.articles[0]
    assert first.title == "Urate lowering in invented cohorts: H2O & rest."
    assert first.authors == ("Verdant P", "Okonjo-Lund A")
    assert first.journal == "Journal of invented medicine"
    assert first.url == "https://pubmed.ncbi.nlm.nih.gov/31000001/"
    assert first.doi_url == "https://doi.org/10.5555/invented.2021%283%29.7"
    assert not first.retracted
    assert NLM_STATEMENT in found.notices
    assert recorded.paths == ["esearch.fcgi", "esummary.fcgi"]
    assert recorded.requests[0].fields == {
        "db": "pubmed",
        "term": "gout and urate",
        "retmax": "2",
        "retmode": "json",
        "sort": "relevance",
        "tool": "openmed-agent",
    }
    assert recorded.requests[1].fields["id"] == "31000001,30000002"


def test_the_key_and_the_question_are_not_part_of_an_address(tmp_path: Path) -> None:
    settings = LiteratureSettings(enabled=True, ncbi_api_key=SecretStr("k" * 36), email="it@clinic.example")
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["search"], settings=settings)
    assert all("?" not in sent.path and sent.method == "POST" for sent in recorded.stub.sent)
    assert {request.fields["api_key"] for request in recorded.requests} == {"k" * 36}
    assert {request.fields["email"] for request in recorded.requests} == {"it@clinic.example"}
    assert all("k" * 36 not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_a_retracted_article_says_so(tmp_path: Path) -> None:
    retracted = summary("31000001", pubtype=["Journal Article", "Retracted Publication"])
    notice = summary("30000002", pubtype=["Retraction Notice"])

    def answer(sent: Sent, number: int) -> Answer:
        return answered(esummary(retracted, notice)) if number == 2 else usual(sent, number)

    with services(answer) as recorded:
        found = asked(recorded, tmp_path, QUESTIONS["search"])
    assert [article.retracted for article in found.articles] == [True, False]


def test_an_article_has_its_abstract_and_no_translation(tmp_path: Path) -> None:
    with services() as recorded:
        found = asked(recorded, tmp_path, QUESTIONS["article"])
    assert [(part.heading, part.text) for part in found.abstract] == [
        ("BACKGROUND", "Gout < 5 is rare."),
        ("RESULTS", "Urate fell by 60%\u2009(P < 0.05)."),
    ]
    assert found.copyright == "© 2021 Invented Press."


def test_an_article_without_abstract_or_doi(tmp_path: Path) -> None:
    bare = summary("31000001", articleids=[{"idtype": "doi", "idtypen": 3, "value": "not a doi"}], authors=[])

    def answer(_: Sent, number: int) -> Answer:
        return answered(esummary(bare)) if number == 1 else efetch("31000001", "")

    with services(answer) as recorded:
        found = asked(recorded, tmp_path, QUESTIONS["article"])
    assert found.abstract == ()
    assert found.article.doi is None
    assert found.article.doi_url is None


def test_an_article_that_pubmed_does_not_have_is_none(tmp_path: Path) -> None:
    with services(always(answered(esummary(missing("31000001"))))) as recorded:
        assert asked(recorded, tmp_path, QUESTIONS["article"]) is None


def test_words_that_pubmed_left_out_are_said_and_not_kept(tmp_path: Path) -> None:
    odd = esearch("31000001", errorlist={"phrasesnotfound": ["zzyzx"], "fieldsnotfound": []})

    def answer(sent: Sent, number: int) -> Answer:
        return answered(odd) if sent.path.endswith("esearch.fcgi") else usual(sent, number)

    with services(answer) as recorded:
        found = asked(recorded, tmp_path, lambda literature: literature.search("gout zzyzx"))
        assert found.not_found == ("zzyzx",)
        asked(recorded, tmp_path, lambda literature: literature.search("gout zzyzx"))
    assert recorded.paths.count("esearch.fcgi") == 2
    assert all("zzyzx" not in path.read_text() for path in tmp_path.rglob("*") if path.is_file())


def test_a_search_without_a_hit_asks_for_no_summaries(tmp_path: Path) -> None:
    with services(always(answered(esearch(warninglist={"outputmessages": ["No items found."]})))) as recorded:
        found = asked(recorded, tmp_path, QUESTIONS["search"])
    assert (found.total, found.articles) == (0, ())
    assert recorded.paths == ["esearch.fcgi"]


@pytest.mark.parametrize(
    ("code", "identifier", "sent"),
    [
        ("M10.9", "2.16.840.1.113883.6.90", "M10.9"),
        ("m109", "2.16.840.1.113883.6.90", "M10.9"),
        (" I10 ", "2.16.840.1.113883.6.90", "I10"),
        ("S72001A", "2.16.840.1.113883.6.90", "S72.001A"),
        ("6809", "2.16.840.1.113883.6.88", "6809"),
    ],
)
def test_a_topic_is_asked_by_the_identifier_of_its_system(
    tmp_path: Path, code: str, identifier: str, sent: str
) -> None:
    with services() as recorded:
        found = asked(recorded, tmp_path, lambda literature: literature.topics(code))
    assert recorded.requests[0].fields == {
        "mainSearchCriteria.v.cs": identifier,
        "mainSearchCriteria.v.c": sent,
        "knowledgeResponseType": "application/json",
        "informationRecipient.languageCode.c": "en",
    }
    assert found.topics[0].url == "https://medlineplus.gov/gout.html"
    assert found.topics[0].summary == "What is it?\nA painful & sudden illness.\n- toes\n- knees"
    assert NLM_STATEMENT in found.notices


@pytest.mark.parametrize(
    ("entry", "titles"),
    [
        ([page("One"), page("Two")], ["One", "Two"]),
        (page("Only"), ["Only"]),
        (page("Only", link={"href": "https://medlineplus.gov/only.html"}), ["Only"]),
        (page("Bare", summary={"type": "html"}), ["Bare"]),
        ([], []),
        (None, []),
    ],
)
def test_a_feed_may_hold_a_list_one_object_or_nothing(tmp_path: Path, entry: Any, titles: list[str]) -> None:
    with services(always(answered(feed(entry)))) as recorded:
        found = asked(recorded, tmp_path, QUESTIONS["topics"])
        again = asked(recorded, tmp_path, QUESTIONS["topics"])
    assert [topic.title for topic in found.topics] == titles
    assert again == found
    assert len(recorded.stub.sent) == 1


def test_a_label_has_its_sections_source_and_disclaimer(tmp_path: Path) -> None:
    with services() as recorded:
        found = asked(recorded, tmp_path, lambda literature: literature.labels("1234567"))
    assert recorded.requests[0].fields["search"] == 'openfda.rxcui:"1234567"'
    assert found.total == 3
    only = found.labels[0]
    assert only.effective == "2025-01-31"
    assert only.url.endswith("setid=0a1b2c3d-0000-4000-8000-000000000001")
    assert [(section.title, section.text) for section in only.sections] == [
        ("Boxed warning", "WARNING: INVENTED RISK See full prescribing information."),
        ("Indications and usage", "1 INDICATIONS AND USAGE Inventol is indicated for invented gout."),
    ]
    assert OPENFDA_DISCLAIMER in found.notices


def test_a_label_of_the_medicine_alone_comes_before_combinations(tmp_path: Path) -> None:
    product = {"generic_name": ["INVENTOLAMINE AND OTHERINE"], "substance_name": ["INVENTOLAMINE", "OTHERINE"]}
    combination = label("aaaa", openfda=product)
    unmatched = label("bbbb", openfda={})
    with services(always(answered(labels(combination, unmatched, label("cccc"))))) as recorded:
        found = asked(recorded, tmp_path, lambda literature: literature.labels("inventolamine", limit=3))
    assert [each.set_id for each in found.labels] == ["cccc", "aaaa", "bbbb"]
    expected = 'openfda.generic_name:"inventolamine" openfda.brand_name:"inventolamine"'
    assert recorded.requests[0].fields["search"] == expected


def test_a_medicine_without_label_is_none(tmp_path: Path) -> None:
    with services(always(NO_LABELS)) as recorded:
        assert asked(recorded, tmp_path, QUESTIONS["labels"]) is None


def changed(body: dict[str, Any], *path: str, to: Any) -> Answer:
    copy = json.loads(json.dumps(body))
    inside = copy
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = to
    return answered(copy)


DECLARES = b"""<?xml version="1.0"?><!DOCTYPE PubmedArticleSet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>31000001</PMID><Article><Abstract><AbstractText>&b;
</AbstractText></Abstract></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"""
FILES = DECLARES.replace(b'<!ENTITY b "&a;&a;&a;&a;&a;">', b'<!ENTITY b SYSTEM "file:///etc/passwd">')

BROKEN: list[tuple[str, str, Answer]] = [
    *((name, kind, answer) for name in QUESTIONS for kind, answer in {
        "html": HTML,
        "object": answered({}),
        "list": answered([]),
        "null": answered(None),
        "empty": Answer(200, b""),
        "no content": Answer(204, b""),
        "not utf-8": Answer(200, b'{"feed": "\xff\xfe"}', JSON),
        "cut": Answer(200, b'{"feed": {"title"' + b" " * 500, JSON, cut_after=20),
        "truncated": Answer(200, b'{"header": {"type": "esearch"', JSON),
        "500": Answer(500, b'{"error": {"code": "SERVER_ERROR", "message": "Quintanilla"}}', JSON),
        "400": Answer(400, b'{"error": {"code": "BAD_REQUEST", "message": "Quintanilla"}}', JSON),
        "404": Answer(404, b"<html>Quintanilla</html>"),
        "401": Answer(401, b"{}"),
        "redirect": Answer(302, b"", {"location": "https://example.org/"}),
        "limited with 200": answered({"error": "API rate limit exceeded", "api-key": "192.0.2.1", "count": "4"}),
    }.items()),
    ("search", "refused", changed(esearch(), "esearchresult", to={"ERROR": "Search Backend failed: Quintanilla"})),
    ("search", "no ids for a count", answered(esearch(count=5))),
    ("search", "more ids than the count", answered(esearch("31000001", "30000002", count=1))),
    ("search", "an id that is none", answered(esearch("../31000001"))),
    ("search", "a count that is none", changed(esearch("31000001"), "esearchresult", "count", to="many")),
    ("article", "another article", answered(esummary(summary("30000002")))),
    ("article", "under another's number", changed(esummary(summary("31000001")), "result", "31000001", "uid", to="7")),
    ("article", "announced and not there", answered({"result": {"uids": ["31000001"]}})),
    ("article", "top-level error", answered({"error": "UID=31000001: cannot get document summary"})),
    ("topics", "a link that is none", answered(feed([page(link=[{"href": "javascript:alert(1)"}])]))),
    ("topics", "no link", answered(feed([page(link=[])]))),
    ("topics", "no title", answered(feed([page(title="")]))),
    ("topics", "an entry that is none", answered(feed("none"))),
    ("labels", "no disclaimer", changed(labels(label()), "meta", "disclaimer", to="")),
    ("labels", "no results", answered(labels(total=1))),
    ("labels", "a set id that is none", answered(labels(label("../x?y=1")))),
]  # fmt: skip


@pytest.mark.parametrize(
    ("question", "answer"),
    [pytest.param(question, answer, id=f"{question}: {kind}") for question, kind, answer in BROKEN],
)
def test_a_reply_outside_the_contract_is_an_error_and_never_kept(tmp_path: Path, question: str, answer: Answer) -> None:
    with services(always(answer)) as recorded, pytest.raises(PlaneError) as raised:
        asked(recorded, tmp_path, QUESTIONS[question])
    assert "Quintanilla" not in str(raised.value)
    assert "192.0.2.1" not in str(raised.value)
    assert list((tmp_path / "replies").glob("*.json")) == []


@pytest.mark.parametrize(
    "body",
    [
        HTML.body,
        b"",
        b"<PubmedArticleSet></PubmedArticleSet>",
        b"<PubmedArticleSet>",
        efetch("30000002").body,
        efetch("31000001").body.replace(b"</PubmedArticleSet>", b""),
        efetch("31000001").body.replace(b"PubmedArticleSet>", b"Other>"),
        b"<PubmedArticleSet>" + b"<a>" * 100_000,
        DECLARES,
        FILES,
    ],
    ids=["html", "empty", "no article", "cut", "another", "unclosed", "other root", "deep", "grows", "names a file"],
)
def test_an_abstract_outside_the_contract_is_an_error(tmp_path: Path, body: bytes) -> None:
    def answer(sent: Sent, number: int) -> Answer:
        return Answer(200, body) if sent.path.endswith("efetch.fcgi") else usual(sent, number)

    with services(answer) as recorded, pytest.raises(PlaneError, match="contract"):
        asked(recorded, tmp_path, QUESTIONS["article"])


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_refused_query_sends_and_keeps_nothing(tmp_path: Path, question: str) -> None:
    seen: list[str] = []

    async def refuse(query: str) -> None:
        seen.append(query)
        raise NotPermittedError("no")

    rules = LiteratureRules(refuse, keeps_replies=True)
    with services() as recorded, pytest.raises(NotPermittedError):
        asked(recorded, tmp_path, QUESTIONS[question], rules=rules)
    assert (
        seen
        == {
            "search": ["gout"],
            "article": ["PMID 31000001"],
            "topics": ["ICD-10-CM M10.9"],
            "labels": ["inventol"],
        }[question]
    )
    assert recorded.stub.sent == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_is_asked_while_it_is_off(tmp_path: Path, question: str) -> None:
    with services() as recorded, pytest.raises(NotPermittedError, match="enabled = true"):
        asked(recorded, tmp_path, QUESTIONS[question], settings=LiteratureSettings())
    assert recorded.stub.sent == []
    assert list(tmp_path.iterdir()) == []


async def test_what_is_scanned_is_what_is_sent(tmp_path: Path) -> None:
    seen: list[str] = []

    async def note(query: str) -> None:
        seen.append(query)

    with services() as recorded:
        async with open_literature(
            ON, tmp_path, LiteratureRules(note, keeps_replies=False), recorded.origins
        ) as literature:
            await literature.search("ｇｏｕｔ\n ５５５\u00a0mg")
    assert seen == ["gout 555 mg"] == [recorded.requests[0].fields["term"]]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        *(("search", bad) for bad in ("", " \n", "x" * 1001, "go\u200but", "go\x00ut", "go\u202eut", "\ud800")),
        *(("article", bad) for bad in ("", "0", "-1", "12345678901", "1 or 2", "../1", "١٢")),
        *(("topics", bad) for bad in ("", "gout", "M10.9&x=1", "M", "123456789", "M10.99999", "../M10")),
        *(("labels", bad) for bad in ("", '"x" OR "y"', "a:b", "a*", "(a)", "123456789", "a\\", "a" * 101, "٣٣")),
    ],
)
def test_a_question_that_is_none_is_refused_before_anything(tmp_path: Path, question: str, value: str) -> None:
    async def ask(literature: LiteratureClient) -> Any:
        return await getattr(literature, question)(value)

    with services() as recorded, pytest.raises(InputError):
        asked(recorded, tmp_path, ask)
    assert recorded.stub.sent == []


def test_only_the_literature_kind_is_reported_and_only_the_given_origin_is_asked(tmp_path: Path) -> None:
    reported: list[Outbound] = []
    rules = LiteratureRules(permit, keeps_replies=False, sink=reported.append)
    with services() as recorded:
        asked(recorded, tmp_path, QUESTIONS["search"], rules=rules)
    assert [each.kind for each in reported] == [DestinationKind.LITERATURE] * 2
    assert all(each.sent_bytes > 0 for each in reported)
    assert {f"http://{each.host}" for each in reported} == {recorded.stub.origin}


def test_the_services_have_fixed_https_origins() -> None:
    assert Origins() == Origins(
        pubmed="https://eutils.ncbi.nlm.nih.gov",
        medlineplus="https://connect.medlineplus.gov",
        openfda="https://api.fda.gov",
    )


async def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    away = Origins(pubmed="http://eutils.ncbi.nlm.nih.gov")
    with pytest.raises(NotPermittedError, match="unencrypted"):
        async with open_literature(ON, tmp_path, LiteratureRules(permit, keeps_replies=False), away):
            raise AssertionError
