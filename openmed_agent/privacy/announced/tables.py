"""Identifiers in a table whose first line names its columns: ``name,dob,mrn``."""

import csv
import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.kinds import IdentifierKind as Kind

_SEPARATORS: Final = (",", "\t", ";", "|")
_COLUMNS: Final[dict[str, Kind]] = {
    **dict.fromkeys(("name", "patientname", "patient", "fullname", "member", "membername"), Kind.PATIENT),
    **dict.fromkeys(("first", "firstname", "fname", "given", "givenname", "last", "lastname", "lname"), Kind.PATIENT),
    **dict.fromkeys(("surname", "family", "familyname", "middle", "middlename", "maiden", "maidenname"), Kind.PATIENT),
    **dict.fromkeys(("provider", "physician", "attending", "pcp", "clinician", "doctor", "contact"), Kind.PERSON),
    **dict.fromkeys(("providername", "physicianname", "contactname", "guarantor", "nextofkin"), Kind.PERSON),
    **dict.fromkeys(("dob", "birthdate", "dateofbirth", "birthday", "deathdate"), Kind.DATE),
    **dict.fromkeys(("mrn", "medicalrecordnumber", "patientid", "patid", "chartnumber", "recordnumber"), Kind.MRN),
    **dict.fromkeys(("ssn", "socialsecuritynumber"), Kind.SSN),
    **dict.fromkeys(("memberid", "policynumber", "subscriberid", "planid", "beneid", "mbi", "hicn"), Kind.PLAN),
    **dict.fromkeys(("account", "accountnumber", "acct", "encounterid", "visitid", "csn"), Kind.ACCOUNT),
    **dict.fromkeys(("npi", "dea", "license", "drivers", "driverslicense", "passport"), Kind.LICENSE),
    **dict.fromkeys(("phone", "telephone", "phonenumber", "cell", "mobile", "homephone"), Kind.PHONE),
    **dict.fromkeys(("fax", "faxnumber"), Kind.FAX),
    **dict.fromkeys(("email", "emailaddress"), Kind.EMAIL),
    **dict.fromkeys(
        ("address", "street", "addressline", "address1", "city", "zip", "zipcode", "postalcode"), Kind.PLACE
    ),
}
_GIVEN: Final = ("first", "firstname", "fname", "given", "givenname")
_FAMILY: Final = ("last", "lastname", "lname", "surname", "family", "familyname")
_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]")
_FEWEST_COLUMNS: Final = 2


def read_table(text: str) -> Iterator[Identifier]:
    """Yield what the columns of ``text`` announce, if its first line names at least two columns, one of them known."""
    lines = text.lstrip("\ufeff\r\n").splitlines()
    if len(lines) < 2 or len(lines[0]) > 10_000:  # noqa: PLR2004 - a heading and a row
        return
    separator = max(_SEPARATORS, key=lines[0].count)
    headings = [_NOT_LETTERS.sub("", heading.lower()) for heading in _cells(lines[0], separator)]
    if len(headings) < _FEWEST_COLUMNS or not any(heading in _COLUMNS for heading in headings):
        return
    for line in lines[1:]:
        yield from _row(dict(zip(headings, _cells(line, separator), strict=False)))


def _row(cells: dict[str, str]) -> Iterator[Identifier]:
    given = next((cells[name] for name in _GIVEN if cells.get(name)), "")
    family = next((cells[name] for name in _FAMILY if cells.get(name)), "")
    if given and family:
        yield Identifier(Kind.PATIENT, f"{given} {family}", (family, given))
    for heading, cell in cells.items():
        if cell and heading in _COLUMNS:
            yield Identifier(_COLUMNS[heading], cell)


def _cells(line: str, separator: str) -> list[str]:
    """Return the cells of a line; a field that goes on over lines is read line by line."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    except csv.Error:
        return [cell.strip(' "') for cell in line.split(separator)]
