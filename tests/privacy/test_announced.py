import json

import pytest

from openmed_agent.privacy.announced.record import announced_identifiers
from openmed_agent.privacy.kinds import IdentifierKind as Kind


def announced(text: str) -> set[tuple[Kind, str]]:
    return {(each.kind, spelling) for each in announced_identifiers(text) for spelling in (each.text, *each.same_as)}


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("Patient: Okafor, Maria   DOB: 03/02/1958", Kind.PATIENT, "Okafor, Maria"),
        ("Pt: maria okafor\n", Kind.PATIENT, "maria okafor"),
        ("Name/Nombre: José Núñez García\n", Kind.PATIENT, "José Núñez García"),
        ("Patient Name\nLing Wu\nDOB\n1/2/1990", Kind.PATIENT, "Ling Wu"),
        ("**Patient:** Ada Lind\n", Kind.PATIENT, "Ada Lind"),
        ("Nachname: Özdemir\n", Kind.PATIENT, "Özdemir"),
        ("PATIENT NAME: OKAFOR,MARIA E\r\nMRN 4471882\r\n", Kind.PATIENT, "OKAFOR,MARIA E"),
        ("| Patient | Okafor, Maria |\n", Kind.PATIENT, "Okafor, Maria"),
        ("Attending: John Q. Public, MD\n", Kind.PERSON, "John Q. Public"),
        ("Emergency contact - Ada Lind (sister)\n", Kind.PERSON, "Ada Lind"),
        ("Electronically signed by: Ngozi Lind, RN", Kind.PERSON, "Ngozi Lind"),
        ("DOB 3/2/58, here for", Kind.DATE, "3/2/58"),
        ("D.O.B.: March 2, 1958", Kind.DATE, "March 2, 1958"),
        ("Geburtsdatum: 02.03.1958\n", Kind.DATE, "02.03.1958"),
        ("MRN# 4471882", Kind.MRN, "4471882"),
        ("(MRN 4471882) today", Kind.MRN, "4471882"),
        ("Medical Record Number: H-0044-71882", Kind.MRN, "H-0044-71882"),
        ("SSN 078-05-1120", Kind.SSN, "078-05-1120"),
        ("Member ID: ABC123456789", Kind.PLAN, "ABC123456789"),
        ("Acct #: 99-881-22", Kind.ACCOUNT, "99-881-22"),
        ("NPI: 1234567893", Kind.LICENSE, "1234567893"),
        ("Tel.: (508) 555-0173 ext 4", Kind.PHONE, "(508) 555-0173"),
        ("Fax: 508.555.0174", Kind.FAX, "508.555.0174"),
        ("Email: ada@example.org; Phone: none", Kind.EMAIL, "ada@example.org"),
        ("Address: 12 Elm Street, Springfield, MA 01103\n", Kind.PLACE, "12 Elm Street"),
        ("Address: 12 Elm Street, Springfield, MA 01103\n", Kind.PLACE, "Springfield"),
        ("Address: 12 Elm Street, Springfield, MA 01103\n", Kind.PLACE, "01103"),
        ("Facility: Millbrook Family Clinic\n", Kind.ORGANIZATION, "Millbrook Family Clinic"),
    ],
)
def test_a_header_line_announces(text: str, kind: Kind, expected: str) -> None:
    assert (kind, expected) in announced(text)


@pytest.mark.parametrize(
    "text",
    [
        "Pt: denies chest pain and dyspnea.",
        "Plan: lisinopril 20 mg daily, recheck in 2 weeks.",
        "Patient is a pleasant woman. Name of the drug: unknown.",
        "Provider to follow up: yes. Contact: none. Phone: declined.",
        "Work: retired. Home: stable. Cell count: 5",
        "Re: follow up of results",
        "Account for 20 percent of cases; chart review done.",
        "Son is healthy. Mother: alive and well.",
        "DOB: unknown  MRN: pending",
    ],
)
def test_a_label_in_prose_announces_nothing(text: str) -> None:
    assert announced(text) == set()


def test_every_part_of_fhir_that_names_people_announces() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [
            {
                "resource": {
                    "resourceType": "Patient",
                    "id": "a81f-77",
                    "birthDate": "1958-03-02",
                    "name": [{"text": "Maria O.", "family": "Okafor", "given": ["Maria", "Elena"]}],
                    "contact": [{"name": {"family": "Lind", "given": ["Ada"]}, "telecom": [{"value": "508 555 0173"}]}],
                    "managingOrganization": {"reference": "Organization/9", "display": "Millbrook Clinic"},
                    "contained": [{"resourceType": "RelatedPerson", "name": [{"text": "Ngozi Okafor"}]}],
                    "photo": [{"url": "https://x.example.org/p.png"}],
                }
            },
            {
                "resource": {
                    "resourceType": "Observation",
                    "subject": {"reference": "Patient/a81f-77", "display": "Okafor, Maria"},
                    "performer": [{"reference": "Practitioner/3", "display": "Dr. Xiomara Wong"}],
                    "identifier": [{"value": "OBS-889911"}],
                    "note": [{"text": "Daughter: Leilani Quintanilla, phone: 508-555-0199"}],
                }
            },
            {"resource": {"resourceType": "Coverage", "payor": [{"display": "medicaid"}], "subscriberId": "Q1234567"}},
        ],
    }
    found = announced(json.dumps(bundle))
    assert {
        (Kind.ID, "a81f-77"),
        (Kind.DATE, "1958-03-02"),
        (Kind.PATIENT, "Maria Elena Okafor"),
        (Kind.PATIENT, "Maria O."),
        (Kind.PERSON, "Ada Lind"),
        (Kind.PHONE, "508 555 0173"),
        (Kind.ORGANIZATION, "Millbrook Clinic"),
        (Kind.PERSON, "Ngozi Okafor"),
        (Kind.PATIENT, "Okafor, Maria"),
        (Kind.PERSON, "Dr. Xiomara Wong"),
        (Kind.ID, "OBS-889911"),
        (Kind.PERSON, "Leilani Quintanilla"),
        (Kind.PHONE, "508-555-0199"),
        (Kind.PLAN, "Q1234567"),
    } <= found
    assert not any("medicaid" in text for _, text in found)


def test_ndjson_and_numbers_announce() -> None:
    lines = (
        '{"resourceType": "Patient", "identifier": [{"value": 4471882}]}\n{"resourceType": "Patient", "id": "b99-12"}\n'
    )
    assert {(Kind.ID, "4471882"), (Kind.ID, "b99-12")} <= announced(lines)


def test_a_message_that_is_cut_off_announces_what_it_has() -> None:
    text = "MSH|^~\\&|A\rPID|1||4471882^^^H||Okafor^Maria^E||1958"
    assert {(Kind.MRN, "4471882"), (Kind.PATIENT, "Maria E Okafor"), (Kind.PATIENT, "Okafor")} <= announced(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, 2",
        "<ClinicalDocument><name>",
        "PID|",
        "a,b\n",
        "name,dob\n",
        "\x00" * 40,
        "Patient:",
        "{}",
        "null",
    ],
)
def test_broken_records_announce_nothing_and_break_nothing(text: str) -> None:
    assert announced(text) == set()
