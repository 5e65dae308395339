"""Reads the abstract in an efetch reply, which NCBI gives for PubMed in XML only (PubmedArticleSet).

Entity declarations are refused, so that no document can grow or name a file; the DTD that the reply names is never
fetched. Translations (``OtherAbstract``) are not the abstract.
"""

from typing import Final
from xml.parsers import expat

from openmed_agent.planes.literature.markup import one_line
from openmed_agent.planes.literature.pubmed_contract import AbstractPartReply, AbstractReply

_ROOT: Final = "PubmedArticleSet"
_PMIDS: Final = (
    (_ROOT, "PubmedArticle", "MedlineCitation", "PMID"),
    (_ROOT, "PubmedBookArticle", "BookDocument", "PMID"),
)
_ABSTRACTS: Final = (
    (_ROOT, "PubmedArticle", "MedlineCitation", "Article", "Abstract"),
    (_ROOT, "PubmedBookArticle", "BookDocument", "Abstract"),
)
_LONGEST_PATH: Final = 200


class _AbstractReader:
    """Collects number, paragraphs and copyright of the only article in a set."""

    def __init__(self) -> None:
        self.pmids: list[str] = []
        self.parts: list[AbstractPartReply] = []
        self.copyright: str | None = None
        self._path: list[str] = []
        self._label: str | None = None
        self._text: list[str] | None = None
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._path) >= _LONGEST_PATH or (not self._path and name != _ROOT):
            raise ValueError("not a set of articles")
        self._path.append(name)
        if self._text is None and self._is_read():
            self._text, self._depth, self._label = [], len(self._path), attributes.get("Label")

    def data(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)

    def end(self, name: str) -> None:
        if self._text is not None and len(self._path) == self._depth:
            self._take(name, one_line("".join(self._text)))
            self._text = None
        self._path.pop()

    def _is_read(self) -> bool:
        path = tuple(self._path)
        if path in _PMIDS:
            return True
        return path[:-1] in _ABSTRACTS and path[-1] in {"AbstractText", "CopyrightInformation"}

    def _take(self, name: str, text: str) -> None:
        if name == "PMID":
            self.pmids.append(text)
        elif name == "AbstractText":
            if text:
                self.parts.append(AbstractPartReply(label=self._label, text=text))
        else:
            self.copyright = text or None


def read_abstract(body: bytes) -> AbstractReply:
    """Return the abstract of the one article in ``body``; an article without one has no parts.

    Raises:
        ValueError: the body is not a well-formed set of exactly one article.

    """
    reader = _AbstractReader()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.data
    parser.EndElementHandler = reader.end
    parser.EntityDeclHandler = _refuse_declaration
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes it by position only
    except expat.ExpatError:
        raise ValueError("not well-formed") from None
    if len(reader.pmids) != 1:
        raise ValueError("not one article")
    return AbstractReply(pmid=reader.pmids[0], parts=tuple(reader.parts), copyright=reader.copyright)


def _refuse_declaration(*_: object) -> None:
    raise ValueError("a document that declares entities")
