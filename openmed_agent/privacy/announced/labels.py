"""The labels that announce an identifier in a header line, in the languages the detector reads."""

from functools import cache
from types import MappingProxyType
from typing import Final

from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.kinds import IdentifierKind as Kind

MOST_WORDS: Final = 5
"""Words of the longest label."""

_LABELS: Final = MappingProxyType(
    {
        Kind.PATIENT: """patient|pt|client|member|resident|beneficiary|name|patient name|patients name|pt name|full name
            |legal name|preferred name|maiden name|last name|first name|middle name|family name|given name|surname
            |member name|client name|name of patient|paciente|nombre|nombre del paciente|apellido|apellidos|patientin
            |nachname|vorname|nom|prénom|nom du patient|nome|cognome|paziente|aka|alias|former name|previous name|re
            |regarding|regarding patient|subject|hasta|hasta adı|naam|patiënt""",
        Kind.PERSON: """emergency contact|next of kin|nok|guardian|legal guardian|mother|father|parent|spouse|wife
            |husband|son|daughter|partner|caregiver|guarantor|subscriber|subscriber name|insured|policy holder
            |mothers name|fathers name|attending|attending physician|attending provider|attending md
            |referring physician|referring provider|referring doctor|ordering physician|ordering provider
            |primary care physician|primary care provider|admitting physician|consulting physician
            |treating physician|pcp|provider|physician|surgeon|author|dictated by|signed by|electronically signed by
            |transcribed by|authored by|reviewed by|nurse|arzt|médecin|médico|contact|contact name|from|to|cc|dear
            |interpreter|pharmacist|therapist|case manager|social worker|responsible party|power of attorney""",
        Kind.DATE: """dob|date of birth|birth date|birthdate|birthday|born|born on|geburtsdatum|geboren|geboren am|geb
            |fecha de nacimiento|fnac|f nac|date de naissance|né le|née le|data di nascita|data de nascimento
            |geboortedatum|dob age|date of death|doğum tarihi""",
        Kind.MRN: """mrn|mrno|mr number|mr no|mr|medical record|medical record number|medical record no|med rec
            |med rec no|med rec number|patient id|patient number|patient no|pt id|pt no|chart number|chart no|chart
            |hospital number|hospital no|unit number|unit no|record number|record no|nhs number|nhs no
            |historia clínica|nhc|fallnummer|patientennummer|empi|uhid|patient identifier""",
        Kind.SSN: """ssn|social security number|social security no|social security|ss|ss no""",
        Kind.PLAN: """member id|member number|member no|subscriber id|subscriber number|policy number|policy no|policy
            |policy id|insurance id|insurance number|insurance no|plan id|group number|group no|group id|beneficiary id
            |medicare number|medicare id|medicare no|medicaid number|medicaid id|mbi|hicn|id number|versichertennummer
            |krankenversicherung|health card number|tarjeta sanitaria""",
        Kind.ACCOUNT: """account|account number|account no|acct|acct number|acct no|billing number|visit number|visit id
            |visit no|encounter number|encounter id|csn|har|fin|accession|accession number|accession no|claim number
            |claim id|case number|case no|authorization number|reference number|referral number|order number""",
        Kind.LICENSE: """npi|dea|dea number|npi number|license|licence|license number|licence number|drivers license
            |drivers license number|driver license|dl|dl no|passport|passport number|passport no|state id""",
        Kind.DEVICE: "serial number|serial no|device id|device serial|implant serial number|udi|lot number",
        Kind.VEHICLE: "vin|license plate|plate number|vehicle",
        Kind.FAX: "fax|fax number|fax no",
        Kind.PHONE: """phone|phone number|phone no|telephone|telephone number|home phone|cell phone|mobile phone
            |work phone|contact phone|contact number|contact no|alternate phone|tel|cell|mobile|home|work|pager|ph
            |teléfono|telefon|téléphone|telefono|handy|callback|call back""",
        Kind.EMAIL: "email|e mail|email address|e mail address|correo|mail",
        Kind.URL: "website|web|url|portal|homepage",
        Kind.IP: "ip|ip address",
        Kind.PLACE: """address|home address|mailing address|street address|residence|lives at|dirección|adresse
            |indirizzo|endereço|city|zip|zip code|zipcode|postal code|postcode|address line|wohnort|anschrift|domicilio
            |county|hometown|city state zip|adres|place of birth|birthplace""",
        Kind.ORGANIZATION: """facility|facility name|hospital|hospital name|clinic|clinic name|practice|practice name
            |pharmacy|employer|school|nursing home|referring facility|location""",
    }
)


@cache
def label_kinds() -> MappingProxyType[str, Kind]:
    """Return the kind of each label, whose words are folded and apart by one space."""
    kinds: dict[str, Kind] = {}
    for kind, labels in _LABELS.items():
        for label in labels.split("|"):
            kinds[" ".join(map(folded, label.split()))] = kind
    return MappingProxyType(kinds)
