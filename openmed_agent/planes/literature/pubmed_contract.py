"""What NCBI E-utilities answer for PubMed: the fields that are read, of the JSON of esearch and esummary 2.0.

Source: "Entrez Programming Utilities Help", NBK25499 and NBK25501. ``count`` is a string. A record that PubMed does not
have is a 200 whose entry holds ``error``.
"""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

Pmid = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,8}$")]


class _Reply(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class NotFound(_Reply):
    """Words and field tags of a query that PubMed does not know."""

    phrasesnotfound: tuple[str, ...] = ()
    fieldsnotfound: tuple[str, ...] = ()


class Found(_Reply):
    """The articles that a search found."""

    count: Annotated[int, Field(ge=0)]
    idlist: tuple[Pmid, ...]
    errorlist: NotFound = NotFound()

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if len(self.idlist) > self.count or (self.count > 0 and not self.idlist):
            raise ValueError("count and idlist contradict each other")
        return self


class Refused(_Reply):
    """A search that PubMed could not run."""

    reason: Annotated[str, Field(alias="ERROR")]


class SearchReply(_Reply):
    """The reply of esearch."""

    esearchresult: Found | Refused


class Author(_Reply):
    """An author as PubMed prints it: last name and initials, or a group."""

    name: str


class ArticleId(_Reply):
    """An identifier of an article, such as its DOI."""

    idtype: str
    value: str


class Summary(_Reply):
    """One article."""

    uid: Pmid
    title: str
    source: str = ""
    fulljournalname: str = ""
    pubdate: str = ""
    authors: tuple[Author, ...] = ()
    pubtype: tuple[str, ...] = ()
    articleids: tuple[ArticleId, ...] = ()


class SummaryReply(_Reply):
    """The articles of an esummary reply, in its order; those that PubMed does not have are left out."""

    articles: tuple[Summary, ...]


class AbstractPartReply(_Reply):
    """A paragraph of an abstract."""

    label: str | None
    text: str


class AbstractReply(_Reply):
    """The abstract of one article in an efetch reply."""

    pmid: Pmid
    parts: tuple[AbstractPartReply, ...]
    copyright: str | None


class _Missing(_Reply):
    uid: str
    error: str


class _SummaryResult(_Reply):
    model_config = ConfigDict(extra="allow", frozen=True)

    uids: tuple[Pmid, ...]

    def entries(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class _SummaryEnvelope(_Reply):
    result: _SummaryResult


def read_summaries(body: bytes) -> SummaryReply:
    """Return the articles of an esummary reply.

    Raises:
        ValueError: the body is not such a reply, or an announced article is neither there nor said to be missing.

    """
    result = _SummaryEnvelope.model_validate_json(body).result
    entries = result.entries()
    articles = []
    for pmid in result.uids:
        entry = entries.get(pmid)
        if _is_missing(entry):
            continue
        summary = Summary.model_validate(entry)
        if summary.uid != pmid:
            raise ValueError("an article under another's number")
        articles.append(summary)
    return SummaryReply(articles=tuple(articles))


def _is_missing(entry: object) -> bool:
    try:
        _Missing.model_validate(entry)
    except ValidationError:
        return False
    return True
