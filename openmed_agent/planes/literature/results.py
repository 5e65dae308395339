"""What the literature services gave, as it is shown and printed as JSON: every result says where it is from."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class _Result(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AbstractPart(_Result):
    """A paragraph of an abstract, with its heading where it is structured."""

    heading: str | None
    text: str


class Article(_Result):
    """An article in PubMed. ``published`` is as the journal gives it; ``retracted`` says that it was withdrawn."""

    pmid: str
    title: str
    authors: tuple[str, ...]
    journal: str
    published: str
    types: tuple[str, ...]
    retracted: bool
    url: str
    doi: str | None
    doi_url: str | None


class ArticleList(_Result):
    """Articles that a search found, best first: ``total`` is how many there are.

    ``not_found`` are words that PubMed does not know and searched without.
    """

    total: int
    articles: tuple[Article, ...]
    not_found: tuple[str, ...]
    retrieved: datetime
    notices: tuple[str, ...]


class ArticleWithAbstract(_Result):
    """One article with its abstract, which may be empty."""

    article: Article
    abstract: tuple[AbstractPart, ...]
    copyright: str | None
    retrieved: datetime
    notices: tuple[str, ...]


class Topic(_Result):
    """A page of MedlinePlus for patients; ``summary`` is plain text and may be empty."""

    title: str
    url: str
    summary: str


class TopicList(_Result):
    """The pages that MedlinePlus has for one code."""

    system: str
    code: str
    topics: tuple[Topic, ...]
    retrieved: datetime
    notices: tuple[str, ...]


class LabelSection(_Result):
    """A section of a drug label, whole."""

    title: str
    text: str


class Label(_Result):
    """A drug label as its manufacturer filed it with the FDA; ``effective`` is YYYY-MM-DD where it is known."""

    brand_names: tuple[str, ...]
    generic_names: tuple[str, ...]
    manufacturers: tuple[str, ...]
    rxcuis: tuple[str, ...]
    set_id: str
    effective: str | None
    url: str
    sections: tuple[LabelSection, ...]


class LabelList(_Result):
    """Labels of a drug, those of it alone first; ``total`` is how many openFDA has."""

    total: int
    labels: tuple[Label, ...]
    retrieved: datetime
    notices: tuple[str, ...]
