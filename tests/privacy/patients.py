"""Invented patients of many cultures, the records that announce them, and the ways in which people write them again."""

import base64
import html
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

GIVEN_WORDS = """
Maria José Nkechi Siobhán Zoë Dmitri Anneliese Thuy Hiroshi Fatima Abdul-Rahman Jean-Luc Xiomara Bjørn Łukasz
Ngozi Priya Mehmet Aoife Kwame Ingeborg Chidi Leilani Tamar Wei Olumide Sanjay Yusuf Magdalena Rhiannon Théo
Ximena Grace Will May Rose Mark Hope Dawn Iris Ruby Grant Chase Jordan Angel Faith Joy Art Bill Drew Pat Robin"""
GIVEN = GIVEN_WORDS.split()
FAMILY_WORDS = """
Okafor Núñez O'Brien García-López MacAllister van-der-Berg Kowalczyk Nguyễn Yamamoto Al-Farsi Sørensen Müller
Şahin Papadopoulos Ivanova Fitzgerald Achterberg Oyelaran Castellanos Vandermolen Srinivasan Thorvaldsen
Dell'Acqua Quintanilla Żelazny Beauchamp Hakimi Rasmussen Tchaikovsky Mwangi Delacroix Wong Park Li Kim Young
Long Wood Green Church Stone Cook Baker Small Rich Moody Paine Strong Love Savage Sharp"""
FAMILY = FAMILY_WORDS.split()
PARTICLES = ("", "", "", "", "de la ", "van ", "Al ", "St. ")
STREETS_WORDS = """Elm Maple Wisteria Kestrel Old-Quarry Thornapple Millrace Larkspur Foxglove Birchwood Saddleback"""
STREETS = STREETS_WORDS.split()
WAYS = ("Street", "Ave", "Road", "Lane", "Blvd", "Court", "Terrace")
CITIES = (
    "Millbrook",
    "Harrowgate Falls",
    "Pine Ridge",
    "Westerbury",
    "Tallmadge",
    "Kenosha",
    "Port Alverno",
    "Dunmore",
)
MONTHS_WORDS = """January February March April May June July August September October November December"""
MONTHS = MONTHS_WORDS.split()


@dataclass(frozen=True)
class Patient:
    given: str
    middle: str
    family: str
    birth: date
    mrn: str
    ssn: str
    member: str
    phone: tuple[str, str, str]
    email: str
    street: str
    city: str
    zip_code: str
    mother: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def phone_digits(self) -> str:
        return "".join(self.phone)


def patient(seed: int) -> Patient:
    rng = random.Random(seed)
    given, middle, family = rng.choice(GIVEN), rng.choice(GIVEN), rng.choice(PARTICLES) + rng.choice(FAMILY)
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return Patient(
        given=given,
        middle=middle,
        family=family,
        birth=date(1925, 1, 1) + timedelta(days=rng.randrange(36_000)),
        mrn=rng.choice(("", "MRN-", "H", "00")) + str(rng.randrange(10**6, 10**8)),
        ssn=f"{rng.randrange(900, 999)}-{rng.randrange(10, 99)}-{rng.randrange(1000, 9999)}",
        member=f"{rng.choice(letters)}{rng.choice(letters)}{rng.choice(letters)}{rng.randrange(10**8, 10**9)}",
        phone=(str(rng.randrange(201, 989)), "555", f"{rng.randrange(10_000):04}"),
        email=f"user{rng.randrange(10**5)}.{rng.choice(STREETS).lower()}@mail.example.org",
        street=f"{rng.randrange(1, 9900)} {rng.choice(STREETS)} {rng.choice(WAYS)}",
        city=rng.choice(CITIES),
        zip_code=f"{rng.randrange(10_000, 99_999)}",
        mother=f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}",
    )


def bundle(of: Patient) -> str:
    """Return a FHIR R4 bundle that announces the patient in the shape of real exports."""
    code = "http://terminology.hl7.org/CodeSystem/v2-0203"
    resource = {
        "resourceType": "Patient",
        "id": f"p{of.mrn[-6:]}x9",
        "extension": [
            {"url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName", "valueString": of.mother}
        ],
        "identifier": [
            {"type": {"coding": [{"system": code, "code": "MR"}]}, "value": of.mrn},
            {"type": {"coding": [{"system": code, "code": "SS"}]}, "value": of.ssn},
            {"type": {"coding": [{"system": code, "code": "MB"}]}, "value": of.member},
        ],
        "name": [{"use": "official", "family": of.family, "given": [of.given, of.middle]}],
        "telecom": [
            {"system": "phone", "value": "({}) {}-{}".format(*of.phone)},
            {"system": "email", "value": of.email},
        ],
        "birthDate": of.birth.isoformat(),
        "address": [{"line": [of.street], "city": of.city, "state": "VT", "postalCode": of.zip_code}],
    }
    condition = {
        "resourceType": "Condition",
        "subject": {"reference": f"Patient/p{of.mrn[-6:]}x9", "display": of.name},
        "code": {"text": "Type 2 diabetes mellitus"},
    }
    entries = [{"resource": resource}, {"resource": condition}]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, ensure_ascii=False)


def note(of: Patient) -> str:
    """Return a note whose header announces the patient."""
    born = f"{of.birth:%m/%d/%Y}"
    return (
        f"Patient: {of.family}, {of.given}   DOB: {born}   MRN: {of.mrn}\n"
        f"SSN: {of.ssn}   Member ID: {of.member}\n"
        f"Address: {of.street}, {of.city}, VT {of.zip_code}\n"
        f"Phone: {of.phone[0]}-{of.phone[1]}-{of.phone[2]}   Email: {of.email}\n"
        f"Mother: {of.mother}\n\nHPI: dizziness for two days. Metformin 500 mg BID.\n"
    )


def message(of: Patient) -> str:
    """Return an HL7 version 2 message that announces the patient."""
    name = f"{of.family}^{of.given}^{of.middle}"
    address = f"{of.street}^^{of.city}^VT^{of.zip_code}"
    return (
        "MSH|^~\\&|LAB|A|EHR|B|20260102||ADT^A01|1|P|2.5.1\r"
        f"PID|1||{of.mrn}^^^HOSP^MR~{of.member}^^^PLAN^MB||{name}||{of.birth:%Y%m%d}|F|||{address}||"
        f"({of.phone[0]}){of.phone[1]}-{of.phone[2]}^PRN^PH^{of.email}||||||{of.ssn}\r"
        f"NK1|1|{of.mother.split()[-1]}^{of.mother.split()[0]}|MTH\r"
    )


def document(of: Patient) -> str:
    """Return the header of a C-CDA document that announces the patient."""
    texts = {key: html.escape(value) for key, value in vars(of).items() if isinstance(value, str)}
    return (
        '<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole>'
        f'<id extension="{texts["mrn"]}" root="1.2.3"/><id extension="{of.ssn}" root="2.16.840.1.113883.4.1"/>'
        f'<id extension="{of.member}" root="1.2.4"/>'
        f"<addr><streetAddressLine>{texts['street']}</streetAddressLine><city>{of.city}</city><state>VT</state>"
        f"<postalCode>{of.zip_code}</postalCode></addr>"
        f'<telecom value="tel:+1({of.phone[0]}){of.phone[1]}-{of.phone[2]}"/><telecom value="mailto:{of.email}"/>'
        f"<patient><name><given>{texts['given']}</given><given>{texts['middle']}</given>"
        f"<family>{texts['family']}</family></name>"
        f'<birthTime value="{of.birth:%Y%m%d}"/><guardian><guardianPerson><name>{texts["mother"]}</name>'
        "</guardianPerson></guardian></patient></patientRole></recordTarget></ClinicalDocument>"
    )


def table(of: Patient) -> str:
    """Return a table whose columns announce the patient."""
    head = "last_name,first_name,dob,mrn,ssn,member_id,phone,email,address,city,zip,contact_name\n"
    row = (of.family, of.given, of.birth.isoformat(), of.mrn, of.ssn, of.member, "-".join(of.phone), of.email)
    return head + ",".join((*row, of.street, of.city, of.zip_code, of.mother)) + "\n"


RECORDS = (bundle, note, message, document, table)


def plain_forms(of: Patient) -> Iterator[str]:
    """Yield the identifiers as people write them, without any encoding."""
    first, last = of.given, of.family
    for given, family in ((first, last), (first.upper(), last.upper()), (first.lower(), last.lower())):
        yield f"{given} {family}"
        yield f"{family}, {given}"
        yield f"{family},{given}"
        yield f"{family} {given}"
        yield f"{given}\n    {family}"
        yield " ".join(f"{given} {family}")
        yield f"{given}_{family}"
        yield f"{given}.{family}"
    yield f"{first[0]}. {last}"
    yield f"{last} {first[0]}."
    yield of.mother
    yield of.mother.upper()
    yield " ".join(reversed(of.mother.split()))
    yield from numbers(of)
    yield from dates(of.birth)
    yield of.street
    yield of.street.upper()
    yield of.street.replace(" ", "\n", 1)
    yield of.city.upper()
    yield of.email.upper()


def numbers(of: Patient) -> Iterator[str]:
    """Yield the numbers with other separators."""
    area, middle, last = of.phone
    yield from (f"({area}) {middle}-{last}", f"{area}.{middle}.{last}", f"+1 {area} {middle} {last}", of.phone_digits)
    yield from (f"+1{of.phone_digits}", f"1-{area}-{middle}-{last}", f"({area}){middle}-{last}")
    yield from (of.ssn, of.ssn.replace("-", ""), of.ssn.replace("-", " "), " ".join(of.ssn.replace("-", "")))
    yield from (of.mrn, of.mrn.lower(), " ".join(of.mrn), of.mrn[:-3] + "-" + of.mrn[-3:])
    yield from (of.member, of.member.lower(), of.member[:3] + " " + of.member[3:], of.member[:3] + "-" + of.member[3:])
    yield of.zip_code


def dates(day: date) -> Iterator[str]:
    """Yield a date in other forms."""
    year, month, number = day.year, day.month, day.day
    name = MONTHS[month - 1]
    yield from (day.isoformat(), f"{day:%m/%d/%Y}", f"{month}/{number}/{year}", f"{month}/{number}/{year % 100:02}")
    yield from (f"{day:%Y%m%d}", f"{day:%Y/%m/%d}", f"{day:%d.%m.%Y}", f"{day:%m-%d-%Y}", f"{number} {name} {year}")
    yield from (f"{name} {number}, {year}", f"{name[:3]} {number} {year}", f"{day:%d}-{name[:3].upper()}-{year}")
    yield from (f"{name} {number}{ordinal(number)}, {year}", f"the {number}{ordinal(number)} of {name} {year}")
    yield from (f"{day:%d}{name[:3]}{year}", f"{day.isoformat()}T00:00:00Z", f"{name.upper()} {number:02}, {year}")


def ordinal(number: int) -> str:
    return "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def encoded_forms(text: str) -> Iterator[str]:
    """Yield ``text`` in other encodings, base64 at each of its three alignments."""
    raw = text.encode()
    for lead in (b"", b"x", b"xy"):
        yield base64.b64encode(lead + raw + b" is here").decode()
    yield base64.urlsafe_b64encode(raw).decode()
    yield quote(text)
    yield quote(quote(text))
    yield "".join(f"%{byte:02X}" for byte in raw)
    yield json.dumps(text)[1:-1]
    yield "".join(f"\\u{ord(character):04x}" for character in text if ord(character) < 0x10000)
    yield html.escape(text).encode("ascii", "xmlcharrefreplace").decode()
    yield "".join(f"&#{ord(character)};" for character in text)
    yield raw.hex()


def all_forms(of: Patient) -> list[str]:
    """Return every way of writing an identifier, plain and encoded, each once."""
    plain = list(dict.fromkeys(plain_forms(of)))
    main = (of.name, f"{of.family}, {of.given}", of.ssn, of.mrn, of.birth.isoformat(), of.phone_digits, of.street)
    return list(dict.fromkeys([*plain, *(form for text in main for form in encoded_forms(text))]))
