"""What a record itself announces, in whichever of the known shapes it comes."""

import json
from collections.abc import Iterator

from openmed_agent.privacy.announced.cda import looks_like_cda, read_cda
from openmed_agent.privacy.announced.fhir import read_fhir
from openmed_agent.privacy.announced.headers import read_headers
from openmed_agent.privacy.announced.hl7 import read_hl7
from openmed_agent.privacy.announced.tables import read_table
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.masks import SHADE, shaded

_LONGEST_WORD = 12


def announced_identifiers(text: str) -> Iterator[Identifier]:
    """Yield the identifiers that ``text`` announces by its structure, its header lines or its columns.

    The masks of de-identified text are none.
    """
    return (identifier for identifier in _announced(shaded(text)) if SHADE not in identifier.text)


def _announced(text: str) -> Iterator[Identifier]:
    documents = tuple(_json_documents(text))
    for document in documents:
        yield from read_fhir(document)
        for passage in _passages(document):
            yield from read_headers(passage)
    if documents:
        return
    if looks_like_cda(text):
        yield from read_cda(text)
    yield from read_hl7(text)
    yield from read_headers(text)
    yield from read_table(text)


def _passages(document: object) -> Iterator[str]:
    """Yield the strings of a document that are longer than a code or a word."""
    pending = [document]
    while pending:
        match pending.pop():
            case str() as text if len(text) > _LONGEST_WORD:
                yield text
            case list() as items:
                pending += reversed(items)
            case dict() as members:
                pending += reversed(members.values())


def _json_documents(text: str) -> Iterator[object]:
    """Yield the JSON value that ``text`` is, or those of its lines (NDJSON)."""
    if text.lstrip("\ufeff \t\r\n")[:1] not in {"{", "["}:
        return
    try:
        yield json.loads(text.lstrip("\ufeff"), parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        yield from _json_lines(text)


def _json_lines(text: str) -> Iterator[object]:
    for line in text.splitlines():
        if line.lstrip().startswith("{"):
            try:
                yield json.loads(line, parse_int=str, parse_float=str)
            except (ValueError, RecursionError):
                continue
