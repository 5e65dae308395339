"""The kinds of identifiers that a surrogate can name, after the 18 types of 45 CFR 164.514(b)(2)(i)."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from openmed_agent.planes.inference.pii.labels import SafeHarborCategory, safe_harbor_category


class IdentifierKind(StrEnum):
    """The word in a surrogate. A patient whom a record announces is told from other people."""

    PATIENT = "PATIENT"
    PERSON = "PERSON"
    PLACE = "PLACE"
    DATE = "DATE"
    AGE = "AGE"
    PHONE = "PHONE"
    FAX = "FAX"
    EMAIL = "EMAIL"
    SSN = "SSN"
    MRN = "MRN"
    PLAN = "PLAN"
    ACCOUNT = "ACCOUNT"
    LICENSE = "LICENSE"
    VEHICLE = "VEHICLE"
    DEVICE = "DEVICE"
    URL = "URL"
    IP = "IP"
    BIOMETRIC = "BIOMETRIC"
    PHOTO = "PHOTO"
    ORGANIZATION = "ORGANIZATION"
    ID = "ID"


PEOPLE: Final = frozenset({IdentifierKind.PATIENT, IdentifierKind.PERSON})

_OF_CATEGORY: Final = MappingProxyType(
    {
        SafeHarborCategory.NAME: IdentifierKind.PERSON,
        SafeHarborCategory.GEOGRAPHY: IdentifierKind.PLACE,
        SafeHarborCategory.DATE: IdentifierKind.DATE,
        SafeHarborCategory.PHONE: IdentifierKind.PHONE,
        SafeHarborCategory.FAX: IdentifierKind.FAX,
        SafeHarborCategory.EMAIL: IdentifierKind.EMAIL,
        SafeHarborCategory.SSN: IdentifierKind.SSN,
        SafeHarborCategory.MEDICAL_RECORD: IdentifierKind.MRN,
        SafeHarborCategory.HEALTH_PLAN: IdentifierKind.PLAN,
        SafeHarborCategory.ACCOUNT: IdentifierKind.ACCOUNT,
        SafeHarborCategory.CERTIFICATE: IdentifierKind.LICENSE,
        SafeHarborCategory.VEHICLE: IdentifierKind.VEHICLE,
        SafeHarborCategory.DEVICE: IdentifierKind.DEVICE,
        SafeHarborCategory.URL: IdentifierKind.URL,
        SafeHarborCategory.IP_ADDRESS: IdentifierKind.IP,
        SafeHarborCategory.BIOMETRIC: IdentifierKind.BIOMETRIC,
        SafeHarborCategory.PHOTO: IdentifierKind.PHOTO,
        SafeHarborCategory.OTHER: IdentifierKind.ID,
    }
)
_ORGANIZATIONS: Final = frozenset({"organization", "company_name", "hospital"})


def kind_of(label: str) -> IdentifierKind:
    """Return the kind of a detector's label; one that nobody knows is an ``ID``."""
    plain = label.strip().lower()
    if plain in _ORGANIZATIONS:
        return IdentifierKind.ORGANIZATION
    if plain == "age":
        return IdentifierKind.AGE
    return _OF_CATEGORY[safe_harbor_category(label)]
