"""Identifiers in the header of a C-CDA document and of every person and organisation in its entries.

The document is read tag by tag and never built into a tree: there are no entities to expand, and a document that is
cut off still announces what it begins with.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind

_ROOT: Final = re.compile(r"<(?:[A-Za-z0-9]{1,20}:)?ClinicalDocument\b|\burn:hl7-org:v3\b")
_TAG: Final = re.compile(
    r"<(/?)(?:[A-Za-z0-9_]{1,20}:)?([A-Za-z0-9_]{1,40})((?:\s[^<>]{0,4000})?)>|<!--.*?-->", re.DOTALL
)
_ATTRIBUTE: Final = re.compile(r"\b(extension|value|root|nullFlavor|use)\s{0,4}=\s{0,4}(?:\"([^\"]*)\"|'([^']*)')")
_ROLES: Final = frozenset(
    {
        *("patientRole", "assignedAuthor", "assignedEntity", "relatedEntity", "associatedEntity", "intendedRecipient"),
        *("participantRole", "playingEntity", "assignedCustodian", "representedCustodianOrganization"),
        *("providerOrganization", "representedOrganization", "healthCareFacility", "guardian", "relatedSubject"),
        *("scopingEntity", "receivedOrganization", "informationRecipient", "subject"),
    }
)  # fmt: skip
_PEOPLE: Final = frozenset(
    {
        *("patient", "guardianPerson", "assignedPerson", "relatedPerson", "associatedPerson", "informationRecipient"),
        *("subject", "relatedSubject", "authoringPerson", "person"),
    }
)
_ORGANIZATIONS: Final = frozenset(
    {
        *("providerOrganization", "representedOrganization", "representedCustodianOrganization", "scopingEntity"),
        *("receivedOrganization", "healthCareFacility", "serviceProviderOrganization"),
    }
)  # fmt: skip
_ADDRESS_PARTS: Final = frozenset(
    {"streetAddressLine", "city", "county", "postalCode", "precinct", "houseNumber", "streetName"}
)
_SSN_ROOT: Final = "2.16.840.1.113883.4.1"
_NPI_ROOT: Final = "2.16.840.1.113883.4.6"
_DEEPEST: Final = 500


def looks_like_cda(text: str) -> bool:
    """Return whether ``text`` is an HL7 version 3 document, from its first characters."""
    return _ROOT.search(text, 0, 20_000) is not None


def read_cda(text: str) -> Iterator[Identifier]:
    """Yield names, addresses, telecoms, birth dates and role ids."""
    reader = _Reader()
    last_end = 0
    for tag in _TAG.finditer(text):
        words = " ".join(html.unescape(text[last_end : tag.start()]).split())
        last_end = tag.end()
        if words:
            yield from reader.words(words)
        if tag[2] is not None:
            yield from reader.closed(tag[2]) if tag[1] else reader.opened(tag[2], tag[3] or "")


@dataclass(slots=True)
class _Reader:
    """Where in the document the reading stands: the open tags, and within a name its parts so far."""

    open_tags: list[str] = field(default_factory=list)
    name: list[tuple[str, str]] | None = None

    def words(self, words: str) -> Iterator[Identifier]:
        """Take text between two tags."""
        if not self.open_tags:
            return
        if self.name is not None:
            self.name.append((self.open_tags[-1], words))
        elif self.open_tags[-1] in _ADDRESS_PARTS or self.open_tags[-1] == "addr":
            yield Identifier(IdentifierKind.PLACE, words)

    def opened(self, element: str, attributes: str) -> Iterator[Identifier]:
        """Take an opening tag, or one that closes itself."""
        yield from _attributes(element, dict(_attribute_values(attributes)), self.open_tags)
        if attributes.endswith("/"):
            return
        if len(self.open_tags) < _DEEPEST:
            self.open_tags.append(element)
        if element == "name":
            self.name = []

    def closed(self, element: str) -> Iterator[Identifier]:
        """Take a closing tag."""
        if element == "name" and self.name is not None:
            yield from _finished(self.name, self.open_tags)
            self.name = None
        if element in self.open_tags:
            while self.open_tags.pop() != element:
                pass


def _attribute_values(attributes: str) -> Iterator[tuple[str, str]]:
    for match in _ATTRIBUTE.finditer(attributes):
        yield match[1], html.unescape(match[2] or match[3] or "").strip()


def _attributes(element: str, values: dict[str, str], open_tags: list[str]) -> Iterator[Identifier]:
    value = values.get("value", "")
    match element:
        case "telecom" if value:
            yield from _telecom(value)
        case "birthTime" | "deceasedTime" if len(value) >= len("19580302"):
            yield Identifier(IdentifierKind.DATE, f"{value[:4]}-{value[4:6]}-{value[6:8]}")
        case "id" if values.get("extension") and open_tags and open_tags[-1] in _ROLES:
            yield Identifier(_id_kind(values.get("root", ""), open_tags), values["extension"])
        case _:
            return


def _telecom(value: str) -> Iterator[Identifier]:
    scheme, colon, rest = value.partition(":")
    text = rest if colon else value
    match scheme.lower() if colon else "":
        case "mailto":
            yield Identifier(IdentifierKind.EMAIL, text)
        case "http" | "https":
            yield Identifier(IdentifierKind.URL, value)
        case "fax":
            yield Identifier(IdentifierKind.FAX, text)
        case _:
            yield Identifier(IdentifierKind.EMAIL if "@" in text else IdentifierKind.PHONE, text)


def _id_kind(root: str, open_tags: list[str]) -> IdentifierKind:
    if root == _SSN_ROOT:
        return IdentifierKind.SSN
    if root == _NPI_ROOT:
        return IdentifierKind.LICENSE
    return IdentifierKind.MRN if open_tags[-1] == "patientRole" else IdentifierKind.ID


def _finished(parts: list[tuple[str, str]], open_tags: list[str]) -> Iterator[Identifier]:
    owner = open_tags[-2] if len(open_tags) > 1 else ""
    given = [text for part, text in parts if part == "given"]
    family = [text for part, text in parts if part == "family"]
    whole = " ".join((*given, *family)) or " ".join(text for part, text in parts if part == "name")
    if not whole:
        return
    if owner not in _PEOPLE and not (given or family):
        if owner in _ROLES or owner in _ORGANIZATIONS:
            yield Identifier(IdentifierKind.ORGANIZATION, whole)
        return
    kind = IdentifierKind.PATIENT if owner == "patient" else IdentifierKind.PERSON
    yield Identifier(kind, whole, tuple(dict.fromkeys((*family, *given))))
