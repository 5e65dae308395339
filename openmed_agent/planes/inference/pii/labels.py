"""The labels of identifiers, their canonical names and their Safe Harbor categories.

The categories are those of 45 CFR 164.514(b)(2)(i), letters A to R. This file imports nothing heavy: the client
of a remote service uses it too.
"""

from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final


class SafeHarborCategory(StrEnum):
    """The 18 types of identifiers that Safe Harbor removes."""

    NAME = "name"
    GEOGRAPHY = "geographic subdivision smaller than a state"
    DATE = "date element other than year, or age over 89"
    PHONE = "telephone number"
    FAX = "fax number"
    EMAIL = "email address"
    SSN = "social security number"
    MEDICAL_RECORD = "medical record number"
    HEALTH_PLAN = "health plan beneficiary number"
    ACCOUNT = "account number"
    CERTIFICATE = "certificate or license number"
    VEHICLE = "vehicle identifier"
    DEVICE = "device identifier"
    URL = "web address"
    IP_ADDRESS = "ip address"
    BIOMETRIC = "biometric identifier"
    PHOTO = "full-face photograph"
    OTHER = "other unique identifier"


_LABELS: Final[dict[str, tuple[str, SafeHarborCategory]]] = {
    "person": ("PERSON", SafeHarborCategory.NAME),
    "name": ("PERSON", SafeHarborCategory.NAME),
    "patient": ("PERSON", SafeHarborCategory.NAME),
    "doctor": ("PERSON", SafeHarborCategory.NAME),
    "full_name": ("PERSON", SafeHarborCategory.NAME),
    "first_name": ("FIRST_NAME", SafeHarborCategory.NAME),
    "given_name": ("FIRST_NAME", SafeHarborCategory.NAME),
    "middle_name": ("MIDDLE_NAME", SafeHarborCategory.NAME),
    "last_name": ("LAST_NAME", SafeHarborCategory.NAME),
    "surname": ("LAST_NAME", SafeHarborCategory.NAME),
    "prefix": ("PREFIX", SafeHarborCategory.NAME),
    "location": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "address": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "street_address": ("STREET_ADDRESS", SafeHarborCategory.GEOGRAPHY),
    "building_number": ("BUILDING_NUMBER", SafeHarborCategory.GEOGRAPHY),
    "city": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "county": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "state": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "country": ("LOCATION", SafeHarborCategory.GEOGRAPHY),
    "zipcode": ("ZIPCODE", SafeHarborCategory.GEOGRAPHY),
    "postcode": ("ZIPCODE", SafeHarborCategory.GEOGRAPHY),
    "gps_coordinates": ("GPS_COORDINATES", SafeHarborCategory.GEOGRAPHY),
    "coordinate": ("GPS_COORDINATES", SafeHarborCategory.GEOGRAPHY),
    "date": ("DATE", SafeHarborCategory.DATE),
    "date_time": ("DATE", SafeHarborCategory.DATE),
    "date_of_birth": ("DATE_OF_BIRTH", SafeHarborCategory.DATE),
    "time": ("TIME", SafeHarborCategory.DATE),
    "age": ("AGE", SafeHarborCategory.DATE),
    "phone": ("PHONE", SafeHarborCategory.PHONE),
    "phone_number": ("PHONE", SafeHarborCategory.PHONE),
    "fax": ("PHONE", SafeHarborCategory.FAX),
    "fax_number": ("PHONE", SafeHarborCategory.FAX),
    "email": ("EMAIL", SafeHarborCategory.EMAIL),
    "ssn": ("SSN", SafeHarborCategory.SSN),
    "medical_record_number": ("ID_NUM", SafeHarborCategory.MEDICAL_RECORD),
    "health_plan_number": ("ID_NUM", SafeHarborCategory.HEALTH_PLAN),
    "health_plan_beneficiary_number": ("ID_NUM", SafeHarborCategory.HEALTH_PLAN),
    "medicare_beneficiary_identifier": ("ID_NUM", SafeHarborCategory.HEALTH_PLAN),
    "account_number": ("ACCOUNT_NUMBER", SafeHarborCategory.ACCOUNT),
    "credit_card": ("CREDIT_CARD", SafeHarborCategory.ACCOUNT),
    "credit_debit_card": ("CREDIT_CARD", SafeHarborCategory.ACCOUNT),
    "cvv": ("CVV", SafeHarborCategory.ACCOUNT),
    "iban": ("IBAN", SafeHarborCategory.ACCOUNT),
    "bic": ("BIC", SafeHarborCategory.ACCOUNT),
    "npi": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "dea_number": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "certificate_number": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "certificate_license_number": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "drivers_license": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "passport_number": ("ID_NUM", SafeHarborCategory.CERTIFICATE),
    "vin": ("VIN", SafeHarborCategory.VEHICLE),
    "vehicle_identifier": ("VIN", SafeHarborCategory.VEHICLE),
    "license_plate": ("VEHICLE_REGISTRATION", SafeHarborCategory.VEHICLE),
    "vehicle_registration": ("VEHICLE_REGISTRATION", SafeHarborCategory.VEHICLE),
    "device_identifier": ("ID_NUM", SafeHarborCategory.DEVICE),
    "imei": ("IMEI", SafeHarborCategory.DEVICE),
    "mac_address": ("MAC_ADDRESS", SafeHarborCategory.DEVICE),
    "url": ("URL", SafeHarborCategory.URL),
    "ip_address": ("IP_ADDRESS", SafeHarborCategory.IP_ADDRESS),
    "ipv4": ("IP_ADDRESS", SafeHarborCategory.IP_ADDRESS),
    "ipv6": ("IP_ADDRESS", SafeHarborCategory.IP_ADDRESS),
    "biometric_identifier": ("ID_NUM", SafeHarborCategory.BIOMETRIC),
    "photo": ("ID_NUM", SafeHarborCategory.PHOTO),
    "organization": ("ORGANIZATION", SafeHarborCategory.OTHER),
    "company_name": ("ORGANIZATION", SafeHarborCategory.OTHER),
    "hospital": ("ORGANIZATION", SafeHarborCategory.OTHER),
    "username": ("USERNAME", SafeHarborCategory.OTHER),
    "user_name": ("USERNAME", SafeHarborCategory.OTHER),
    "password": ("PASSWORD", SafeHarborCategory.OTHER),
    "pin": ("PIN", SafeHarborCategory.OTHER),
    "api_key": ("API_KEY", SafeHarborCategory.OTHER),
    "unique_id": ("ID_NUM", SafeHarborCategory.OTHER),
    "id_num": ("ID_NUM", SafeHarborCategory.OTHER),
    "job_title": ("JOB_TITLE", SafeHarborCategory.OTHER),
    "occupation": ("OCCUPATION", SafeHarborCategory.OTHER),
    "gender": ("GENDER", SafeHarborCategory.OTHER),
    "ethnicity": ("ETHNICITY", SafeHarborCategory.OTHER),
}

CANONICAL_LABELS: Final = MappingProxyType({raw: canonical for raw, (canonical, _) in _LABELS.items()})
"""Raw label in snake case -> canonical label of the OpenMed REST service in upper case."""


@lru_cache(maxsize=1 << 10)
def safe_harbor_category(label: str) -> SafeHarborCategory:
    """Return the category of a label in any case; an unknown label is an "other unique identifier"."""
    key = label.strip().lower().replace(" ", "_").replace("-", "_")
    return _LABELS[key][1] if key in _LABELS else SafeHarborCategory.OTHER
