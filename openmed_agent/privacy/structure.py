"""What in a structured record is the format's own: names of fields, addresses of code systems, codes of published ones.

A detector takes them for names and numbers of people. What is known is still looked for in them.
"""

import re
from typing import Final

_RESOURCES: Final = "|".join(
    re.findall(
        r"\S+",
        """AllergyIntolerance Appointment Binary Bundle CarePlan CareTeam Claim ClaimResponse ClinicalImpression
        Communication Composition Condition Consent Coverage Device DiagnosticReport DocumentReference Encounter
        EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Goal Group HealthcareService ImagingStudy Immunization
        Location Medication MedicationAdministration MedicationDispense MedicationRequest MedicationStatement
        NutritionOrder Observation OperationOutcome Organization Parameters Patient Person Practitioner
        PractitionerRole Procedure Provenance Questionnaire QuestionnaireResponse RelatedPerson ServiceRequest Specimen
        Task ClinicalDocument""",
    )
)
_HOSTS: Final = (
    r"hl7\.org|terminology\.hl7\.org|loinc\.org|snomed\.info|(?:www\.)?nlm\.nih\.gov|unitsofmeasure\.org|"
    r"(?:www\.)?(?:cms|cdc|ama-assn|ada|nubc|w3|icd10data|usps|whocc)\.(?:gov|org|com|no)|bluebutton\.cms\.gov|"
    r"(?:standardhealthrecord|smarthealthit|fhir\.org)\.?(?:org)?|(?:github\.com|synthetichealth\.github\.io)/synthe[a-z]+"
)
_FORMAT: Final = re.compile(
    rf"\"system\"\s{{0,4}}:\s{{0,4}}\"(?:https?://(?:{_HOSTS})(?:/[A-Za-z0-9_./#-]{{0,200}})?|urn:oid:[0-9.]{{5,80}})\""
    rf"\s{{0,40}},\s{{0,40}}(?:\"version\"\s{{0,4}}:\s{{0,4}}\"[^\"]{{0,80}}\"\s{{0,40}},\s{{0,40}})?"
    rf"\"code\"\s{{0,4}}:\s{{0,4}}\"(?P<code>[A-Za-z0-9.-]{{1,20}})\""
    rf"|\"(?P<key>[a-z][A-Za-z0-9_]{{0,40}})\"(?=\s{{0,4}}:)"
    rf"|</?(?P<tag>(?:[a-z][a-zA-Z0-9]{{0,12}}:)?[a-z][A-Za-z0-9]{{0,40}}|ClinicalDocument)(?=[\s/>])"
    rf"|\s(?P<attribute>(?:[a-z]{{1,12}}:)?[a-z][A-Za-z0-9]{{0,40}})(?==[\"'])"
    rf"|[\"/](?P<resource>{_RESOURCES})(?=[\"/?])"
    rf"|(?P<system>(?:https?://(?:{_HOSTS})(?:/[A-Za-z0-9_./#-]{{0,200}})?|urn:oid:[0-9.]{{5,80}}|urn:hl7-org:v3))"
    rf"(?=[\"'<\s])"
)
_TAG: Final = re.compile(r"<[a-zA-Z:]{1,40}\s[^<>]{0,1000}>")
_CODE_SYSTEM: Final = re.compile(r"\bcodeSystem=\"2\.16\.840\.1\.113883\.[56]\.[0-9.]{1,30}\"")
_CODE: Final = re.compile(r"\bcode=\"([A-Za-z0-9.-]{1,20})\"")


def format_spans(text: str) -> list[tuple[int, int]]:
    """Return what is the format's own in JSON and XML, in order; nothing in prose."""
    spans: list[tuple[int, int]] = []
    place = 0
    while match := _FORMAT.search(text, place):
        if match.lastgroup is not None:
            spans.append(match.span(match.lastgroup))
        # Of a code with its system, the address of the system is read too.
        if match.lastgroup == "code":
            spans.append((match.start(), match.start("code")))
        place = max(match.end(), place + 1)
    if _CODE_SYSTEM.search(text):
        for tag in _TAG.finditer(text):
            code = _CODE.search(text, tag.start(), tag.end())
            if code and _CODE_SYSTEM.search(text, tag.start(), tag.end()):
                spans.append(code.span(1))
    return sorted(spans)
