"""Identifiers in FHIR R4 JSON, found by the shape of their data types, so that contained and bundled ones count too."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind

_PEOPLE: Final = frozenset({"Patient", "RelatedPerson", "Practitioner", "Person", "FamilyMemberHistory"})
_PLACES: Final = frozenset({"Organization", "Location", "HealthcareService"})
_PERSON_REFERENCES: Final = frozenset(
    {
        *("subject", "patient", "performer", "author", "recorder", "asserter", "requester", "individual"),
        *("practitioner", "beneficiary", "subscriber", "provider", "generalPractitioner", "policyHolder", "enterer"),
        *("informant", "attester", "interpreter", "resultsInterpreter", "sender", "recipient", "actor", "who"),
        *("onBehalfOf", "managingOrganization", "serviceProvider", "payor", "custodian", "facility", "insurer"),
        "organization",
    }
)
_ORGANIZATION_REFERENCES: Final = frozenset(
    {
        "managingOrganization",
        "serviceProvider",
        "payor",
        "custodian",
        "facility",
        "insurer",
        "organization",
        "onBehalfOf",
    }
)
_TYPE_KINDS: Final = {
    "MR": IdentifierKind.MRN, "MRT": IdentifierKind.MRN, "PI": IdentifierKind.MRN, "SS": IdentifierKind.SSN,
    "SB": IdentifierKind.SSN, "DL": IdentifierKind.LICENSE, "PPN": IdentifierKind.LICENSE,
    "NPI": IdentifierKind.LICENSE, "MD": IdentifierKind.LICENSE, "LN": IdentifierKind.LICENSE,
    "MB": IdentifierKind.PLAN, "MC": IdentifierKind.PLAN, "MA": IdentifierKind.PLAN, "SN": IdentifierKind.PLAN,
    "NIIP": IdentifierKind.PLAN, "AN": IdentifierKind.ACCOUNT, "VN": IdentifierKind.ID, "SNO": IdentifierKind.DEVICE,
    "UDI": IdentifierKind.DEVICE,
}  # fmt: skip
_SYSTEM_KINDS: Final = (
    ("us-ssn", IdentifierKind.SSN), ("2.16.840.1.113883.4.1", IdentifierKind.SSN), ("us-npi", IdentifierKind.LICENSE),
    ("us-mbi", IdentifierKind.PLAN), ("bluebutton", IdentifierKind.PLAN), ("member", IdentifierKind.PLAN),
    ("mrn", IdentifierKind.MRN), ("passport", IdentifierKind.LICENSE), ("licen", IdentifierKind.LICENSE),
)  # fmt: skip
_CONTACTS: Final = {
    "phone": IdentifierKind.PHONE, "sms": IdentifierKind.PHONE, "pager": IdentifierKind.PHONE,
    "fax": IdentifierKind.FAX, "email": IdentifierKind.EMAIL, "url": IdentifierKind.URL,
}  # fmt: skip
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATES: Final = frozenset({"birthDate", "deceasedDateTime", "bornDate"})
_UNIQUE: Final = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9.-]{6,64}")
_REFERENCE: Final = re.compile(r"(?:^|/)(?:Patient|RelatedPerson|Person)/([A-Za-z0-9.-]{6,64})(?:/_history/.*)?$")
_UUID: Final = re.compile(r"^urn:uuid:([0-9a-fA-F-]{36})$")

Json = dict[str, object]


def read_fhir(document: object) -> Iterator[Identifier]:
    """Yield what a FHIR document announces; of other JSON, what has the shape of its names, addresses and numbers."""
    pending: list[tuple[object, str, str]] = [(document, "", "")]
    while pending:
        value, key, resource = pending.pop()
        if isinstance(value, list):
            pending += [(item, key, resource) for item in reversed(value)]
        elif isinstance(value, dict):
            kind = value.get("resourceType")
            resource = kind if isinstance(kind, str) else resource
            yield from _of_object(value, key, resource)
            pending += [(member, name, resource) for name, member in reversed(value.items())]


def _of_object(value: Json, key: str, resource: str) -> Iterator[Identifier]:
    if "resourceType" in value:
        yield from _of_resource(value, resource)
    if key == "contact" or resource == "":
        yield from _names(value, IdentifierKind.PERSON)
    if key in _PERSON_REFERENCES:
        yield from _of_reference(value, key)
    if "address" in key.lower():
        yield from _address(value)
    if key in {"telecom", "valueContactPoint"}:
        yield from _contact(value)
    if "identifier" in key.lower():
        yield from _identifier(value)
    yield from _of_members(value)


def _of_members(value: Json) -> Iterator[Identifier]:
    """Yield what single members announce: dates of a life, a mother's name, the coordinates of an address."""
    url = value.get("url")
    if isinstance(url, str) and url.endswith("mothersMaidenName"):
        yield from _texts(IdentifierKind.PERSON, value.get("valueString"))
    if url in {"latitude", "longitude"}:
        yield from _texts(IdentifierKind.PLACE, str(value.get("valueDecimal", "")))
    for name in _DATES:
        date = value.get(name)
        if isinstance(date, str) and (day := _DAY.match(date)):
            yield Identifier(IdentifierKind.DATE, day.group())


def _of_resource(value: Json, resource: str) -> Iterator[Identifier]:
    if resource in _PEOPLE:
        yield from _names(value, IdentifierKind.PATIENT if resource == "Patient" else IdentifierKind.PERSON)
    if resource in _PLACES:
        yield from _texts(IdentifierKind.ORGANIZATION, value.get("name"), *_items(value.get("alias")))
    identity = value.get("id")
    if resource in {"Patient", "Person", "RelatedPerson"} and isinstance(identity, str) and _UNIQUE.fullmatch(identity):
        yield Identifier(IdentifierKind.ID, identity)
    if resource == "Device":
        yield from _texts(IdentifierKind.DEVICE, value.get("serialNumber"), value.get("distinctIdentifier"))
    if resource == "Coverage":
        yield from _texts(IdentifierKind.PLAN, value.get("subscriberId"))


def _names(value: Json, kind: IdentifierKind) -> Iterator[Identifier]:
    """Yield the names of one person as spellings of one identifier, the family name and given names among them."""
    written: list[str] = []
    for name in _items(value.get("name")):
        if isinstance(name, str):
            written.append(name)
        elif isinstance(name, dict):
            written += _human_name(name)
    texts = tuple(dict.fromkeys(text for text in written if text.strip()))
    if texts and any(isinstance(name, dict) and ("family" in name or "given" in name or "text" in name)
                     for name in _items(value.get("name"))):  # fmt: skip
        yield Identifier(kind, texts[0], texts[1:])


def _human_name(name: Json) -> list[str]:
    family = [text for text in _items(name.get("family")) if isinstance(text, str)]
    given = [text for text in _items(name.get("given")) if isinstance(text, str)]
    text = name.get("text")
    whole = " ".join((*given, *family))
    return [whole, *([text] if isinstance(text, str) else []), *family, *given]


def _of_reference(value: Json, key: str) -> Iterator[Identifier]:
    display, reference = value.get("display"), value.get("reference")
    if isinstance(display, str) and (reference is not None or "identifier" in value or len(value) == 1):
        organization = key in _ORGANIZATION_REFERENCES or str(reference).split("/")[0] in _PLACES
        if not (organization and display.islower()):  # "medicaid" is a kind of payer
            yield Identifier(IdentifierKind.ORGANIZATION if organization else _person(key), display)
    if isinstance(reference, str):
        match = _REFERENCE.search(reference) or (_UUID.match(reference) if key in {"subject", "patient"} else None)
        if match and _UNIQUE.fullmatch(match[1]):
            yield Identifier(IdentifierKind.ID, match[1])


def _person(key: str) -> IdentifierKind:
    return IdentifierKind.PATIENT if key in {"subject", "patient", "beneficiary"} else IdentifierKind.PERSON


def _address(value: Json) -> Iterator[Identifier]:
    lines = [line for line in _items(value.get("line")) if isinstance(line, str)]
    city, postcode = value.get("city"), value.get("postalCode")
    yield from _texts(IdentifierKind.PLACE, *lines, city, value.get("district"), postcode, value.get("text"))


def _contact(value: Json) -> Iterator[Identifier]:
    kind = _CONTACTS.get(str(value.get("system")), IdentifierKind.PHONE)
    text = value.get("value")
    if isinstance(text, str) and "@" in text:
        kind = IdentifierKind.EMAIL
    yield from _texts(kind, text)


def _identifier(value: Json) -> Iterator[Identifier]:
    yield from _texts(_identifier_kind(value), value.get("value"))


def _identifier_kind(value: Json) -> IdentifierKind:
    kind = value.get("type")
    codings = _items(kind.get("coding")) if isinstance(kind, dict) else ()
    for coding in codings:
        code = coding.get("code") if isinstance(coding, dict) else None
        if isinstance(code, str) and code in _TYPE_KINDS:
            return _TYPE_KINDS[code]
    system = str(value.get("system")).lower()
    return next((kind for part, kind in _SYSTEM_KINDS if part in system), IdentifierKind.ID)


def _texts(kind: IdentifierKind, *values: object) -> Iterator[Identifier]:
    for value in values:
        if isinstance(value, str) and value.strip():
            yield Identifier(kind, value)


def _items(value: object) -> tuple[object, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (value,)
