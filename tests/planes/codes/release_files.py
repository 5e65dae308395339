"""Makes releases in the official layouts, with invented rows (for RxNorm with a few public RXCUIs)."""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

Members = dict[str, str | bytes]

CONCEPTS = (
    ("6809", "IN", "metformin"),
    ("235743", "PIN", "metformin hydrochloride"),
    ("316256", "SCDC", "metformin hydrochloride 500 MG"),
    ("861007", "SCD", "metformin hydrochloride 500 MG Oral Tablet"),
    ("860975", "SCD", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet"),
    ("861004", "SCD", "metformin hydrochloride 1000 MG Oral Tablet"),
    ("372803", "SCDF", "metformin Oral Tablet"),
    ("1161611", "SCDG", "metformin Pill"),
    ("151827", "BN", "Glucophage"),
    ("861008", "SBDC", "metformin hydrochloride 500 MG [Glucophage]"),
    ("861009", "SBD", "metformin hydrochloride 500 MG Oral Tablet [Glucophage]"),
    ("317541", "DF", "Oral Tablet"),
    ("1151133", "DFG", "Pill"),
    ("4603", "IN", "furosemide"),
    ("202991", "BN", "Lasix"),
    ("313988", "SCD", "furosemide 40 MG Oral Tablet"),
    ("200809", "SBD", "furosemide 40 MG Oral Tablet [Lasix]"),
    ("5487", "IN", "hydrochlorothiazide"),
    ("29046", "IN", "lisinopril"),
    ("214618", "MIN", "hydrochlorothiazide / lisinopril"),
    ("310798", "SCD", "hydrochlorothiazide 25 MG Oral Tablet"),
    ("197885", "SCD", "hydrochlorothiazide 12.5 MG / lisinopril 20 MG Oral Tablet"),
    ("900001", "GPCK", "{10 (metformin hydrochloride 500 MG Oral Tablet) } Pack"),
)
GENERAL_SPECIFIC = (
    ("6809", "has_form", "235743"),
    ("6809", "has_tradename", "151827"),
    ("6809", "ingredient_of", "316256"),
    ("6809", "ingredient_of", "372803"),
    ("6809", "ingredient_of", "1161611"),
    ("235743", "precise_ingredient_of", "316256"),
    ("316256", "constitutes", "861007"),
    ("316256", "constitutes", "860975"),
    ("316256", "has_tradename", "861008"),
    ("372803", "inverse_isa", "861007"),
    ("372803", "inverse_isa", "861004"),
    ("1161611", "inverse_isa", "372803"),
    ("317541", "dose_form_of", "372803"),
    ("317541", "dose_form_of", "861007"),
    ("1151133", "inverse_isa", "317541"),
    ("151827", "ingredient_of", "861008"),
    ("151827", "ingredient_of", "861009"),
    ("861008", "constitutes", "861009"),
    ("861007", "has_tradename", "861009"),
    ("861007", "contained_in", "900001"),
    ("5487", "part_of", "214618"),
    ("29046", "part_of", "214618"),
    ("214618", "ingredients_of", "197885"),
    ("4603", "has_tradename", "202991"),
    ("202991", "ingredient_of", "200809"),
    ("313988", "has_tradename", "200809"),
)
NDCS = (("861007", "00093104801"), ("861007", "65862000801"), ("313988", "00054429725"))


def rrf(*fields: str) -> str:
    return "|".join(fields) + "|\n"


def conso(rxcui: str, tty: str, name: str, sab: str = "RXNORM", suppress: str = "N", language: str = "ENG") -> str:
    atom = f"{rxcui}{len(name)}"
    return rrf(
        rxcui, language, "", "", "", "", "", atom, "", rxcui, "", sab, tty, rxcui, name, "", suppress, "4096"
    )  # fmt: skip


def atc(rxcui: str, code: str, name: str) -> str:
    """Return a class, or the substance at the end of one, as RxNorm has them of WHO."""
    return conso(rxcui, "IN" if len(code) == 7 else "PT", name, sab="ATC").replace(
        f"|{rxcui}|{name}|", f"|{code}|{name}|"
    )


ATC_ROWS = "".join(
    atc(*row)
    for row in (
        ("91001", "A", "ALIMENTARY TRACT AND METABOLISM"),
        ("91002", "A10", "DRUGS USED IN DIABETES"),
        ("91003", "A10B", "BLOOD GLUCOSE LOWERING DRUGS, EXCL. INSULINS"),
        ("91004", "A10BA", "Biguanides"),
        ("6809", "A10BA02", "metformin"),
        ("91005", "C03", "DIURETICS"),
        ("91006", "C03A", "LOW-CEILING DIURETICS, THIAZIDES"),
        ("91007", "C03AA", "Thiazides, plain"),
        ("5487", "C03AA03", "hydrochlorothiazide"),
        ("424242", "C03AA99", "zorbothiazide"),
        ("91008", "C03C", "HIGH-CEILING DIURETICS"),
        ("91009", "C03CA", "Sulfonamides, plain"),
        ("4603", "C03CA01", "furosemide"),
    )
)
ATC_RELEASE = ATC_ROWS + conso("424242", "IN", "zorbothiazide")


def rel(one: str, rela: str, other: str, sab: str = "RXNORM") -> str:
    """RXCUI2 RELA RXCUI1."""
    return rrf(one, "", "CUI", "RN", other, "", "CUI", rela, "1", "", sab, sab, "", "", "", "4096")


def sat(rxcui: str, name: str, value: str, sab: str = "RXNORM") -> str:
    return rrf(rxcui, "", "", "1", "AUI", rxcui, "", "", name, sab, value, "N", "4096")


def rxnorm_members(*, folder: str = "rrf/", more_names: str = "") -> Members:
    names = "".join(conso(*concept) for concept in CONCEPTS)
    names += conso("861007", "PSN", "metFORMIN HCl 500 MG Oral Tablet")
    names += conso("861007", "SY", "metformin HCl 500 MG Oral Tablet")
    names += conso("6809", "SU", "METFORMIN", sab="MTHSPL")
    names += conso("999", "SCD", "withdrawn 1 MG Oral Tablet", suppress="O")
    relations = "".join(rel(specific, rela, general) for general, rela, specific in GENERAL_SPECIFIC)
    relations += "".join(rel(general, f"inverse_{rela}", specific) for general, rela, specific in GENERAL_SPECIFIC)
    relations += rrf("", "A1", "AUI", "RO", "", "A2", "AUI", "", "2", "", "RXNORM", "RXNORM", "", "", "", "")
    attributes = "".join(sat(rxcui, "NDC", ndc) for rxcui, ndc in NDCS)
    attributes += sat("861007", "NDC", "0093-1048-01", sab="MTHSPL")
    attributes += sat("861007", "RXN_AVAILABLE_STRENGTH", "500 MG")
    return {
        f"{folder}RXNCONSO.RRF": names + more_names,
        f"{folder}RXNREL.RRF": relations,
        f"{folder}RXNSAT.RRF": attributes,
    }


def write_zip(path: Path, members: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def prescribable(folder: Path, date: str = "11022026", **more: str) -> Path:
    return write_zip(folder / f"RxNorm_full_prescribe_{date}.zip", rxnorm_members(**more))


def columns(names: str) -> tuple[str, ...]:
    return tuple(names.split())


LOINC_HEADER = columns(
    "LOINC_NUM COMPONENT PROPERTY TIME_ASPCT SYSTEM SCALE_TYP METHOD_TYP CLASS VersionLastChanged CHNG_TYPE "
    "DefinitionDescription STATUS CONSUMER_NAME CLASSTYPE FORMULA EXMPL_ANSWERS SURVEY_QUEST_TEXT SURVEY_QUEST_SRC "
    "UNITSREQUIRED RELATEDNAMES2 SHORTNAME ORDER_OBS HL7_FIELD_SUBFIELD_ID EXTERNAL_COPYRIGHT_NOTICE EXAMPLE_UNITS "
    "LONG_COMMON_NAME EXAMPLE_UCUM_UNITS STATUS_REASON STATUS_TEXT CHANGE_REASON_PUBLIC COMMON_TEST_RANK "
    "COMMON_ORDER_RANK HL7_ATTACHMENT_STRUCTURE EXTERNAL_COPYRIGHT_LINK PanelType AskAtOrderEntry "
    "AssociatedObservations VersionFirstReleased ValidHL7AttachmentRequest DisplayName"
)


def csv_text(header: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def loinc_row(code: str, name: str, *, rank: str = "0", related: str = "", short: str = "") -> dict[str, str]:
    return {
        "LOINC_NUM": code,
        "COMPONENT": name.partition(" [")[0],
        "PROPERTY": "MCnc",
        "TIME_ASPCT": "Pt",
        "SYSTEM": "Ser/Plas",
        "SCALE_TYP": "Qn",
        "CLASS": "CHEM",
        "VersionLastChanged": "2.81",
        "STATUS": "ACTIVE",
        "RELATEDNAMES2": related,
        "SHORTNAME": short,
        "LONG_COMMON_NAME": name,
        "COMMON_TEST_RANK": rank,
    }


LOINC_ROWS = (
    loinc_row("10001-1", "Zorbium [Mass/volume] in Blood", rank="900"),
    loinc_row("10002-9", "Zorbium [Mass/volume] in Serum or Plasma", rank="3", related="Zrb; SerPl; Chemistry"),
    loinc_row("10003-7", 'Quoted "name", with comma\nand line break', short="Qtd"),
    loinc_row("10004-5", "Fröbelin [Presence] in Urine"),
)


def loinc(folder: Path) -> Path:
    return write_zip(
        folder / "Loinc_2.81.zip",
        {"LoincTable/Loinc.csv": csv_text(LOINC_HEADER, LOINC_ROWS), "AccessoryFiles/readme.txt": "x"},
    )


FSN, SYN, IS_A = "900000000000003001", "900000000000013009", "116680003"
EN_US, PREFERRED, ACCEPTABLE = "900000000000509007", "900000000000548007", "900000000000549004"
MODULE, DATE, STATED = "900000000000207008", "20260901", "900000000000074008"


def tabbed(*rows: Sequence[str]) -> str:
    return "".join("\t".join(row) + "\r\n" for row in rows)


def snomed_members() -> Members:
    concepts = [("1001", "1"), ("1002", "1"), ("1003", "1"), ("1004", "0")]
    descriptions = [
        ("5001", "1", "1001", FSN, "Invented disorder (disorder)"),
        ("5002", "1", "1001", SYN, "Invented disorder"),
        ("5003", "1", "1002", FSN, "Severe invented disorder of knee (disorder)"),
        ("5004", "1", "1002", SYN, "Severe invented gonopathy"),
        ("5005", "1", "1002", SYN, 'Severe "invented" knee'),
        ("5006", "0", "1002", SYN, "Retired wording"),
        ("5007", "1", "1003", FSN, "Invented procedure (procedure)"),
        ("5008", "1", "1004", FSN, "Inactive thing (disorder)"),
    ]
    relations = [("1002", "1001", IS_A, "1"), ("1002", "1003", "363698007", "1"), ("1003", "1001", IS_A, "0")]
    language = [("5002", PREFERRED), ("5004", PREFERRED), ("5005", ACCEPTABLE)]
    top = "SnomedCT_Invented_PRODUCTION_20260901T120000Z/Snapshot"
    return {
        f"{top}/Terminology/sct2_Concept_Snapshot_INT_20260901.txt": tabbed(
            ("id", "effectiveTime", "active", "moduleId", "definitionStatusId"),
            *((code, DATE, active, MODULE, STATED) for code, active in concepts),
        ),
        f"{top}/Terminology/sct2_Description_Snapshot-en_INT_20260901.txt": tabbed(
            columns("id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId"),
            *((i, DATE, on, MODULE, c, "en", kind, term, "x") for i, on, c, kind, term in descriptions),
        ),
        f"{top}/Terminology/sct2_Relationship_Snapshot_INT_20260901.txt": tabbed(
            columns(
                "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId "
                "characteristicTypeId modifierId"
            ),
            *(
                (str(7000 + n), DATE, on, MODULE, s, d, "0", kind, "900000000000011006", "900000000000451002")
                for n, (s, d, kind, on) in enumerate(relations)
            ),
        ),
        f"{top}/Refset/Language/der2_cRefset_LanguageSnapshot-en_INT_20260901.txt": tabbed(
            columns("id effectiveTime active moduleId refsetId referencedComponentId acceptabilityId"),
            *((f"u{i}", DATE, "1", MODULE, EN_US, i, kind) for i, kind in language),
        ),
    }  # fmt: skip


def snomed(folder: Path) -> Path:
    return write_zip(folder / "SnomedCT_Invented_PRODUCTION_20260901T120000Z.zip", snomed_members())


def order_line(number: int, code: str, valid: str, short: str, long: str) -> str:
    return f"{number:05} {code:<7} {valid} {short:<60} {long}\r\n"


CM_ORDER = (
    order_line(1, "X01", "0", "Invented fever", "Invented fever")
    + order_line(2, "X010", "1", "Invented fever, mild", "Invented fever, mild form with a long title")
    + order_line(3, "X019", "1", "Invented fever, unsp", "Invented fever, unspecified")
    + order_line(4, "X02", "0", "Invented fracture", "Invented fracture of nowhere")
    + order_line(5, "X02XXXA", "1", "Invented fracture, init", "Invented fracture of nowhere, initial encounter")
)
CM_TABULAR = """<?xml version="1.0" encoding="utf-8"?>
<ICD10CM.tabular><version>2027</version><title>ICD-10-CM TABULAR LIST</title>
<chapter><name>1</name><desc>Invented chapter (X00-X99)</desc><includes><note>everything</note></includes>
<section id="X00-X99"><desc>Invented section</desc>
<diag><name>X01</name><desc>Invented fever</desc>
<excludes1><note>real fever (R50.-)</note></excludes1>
<diag><name>X01.0</name><desc>Invented fever, mild</desc>
<inclusionTerm><note>Feverlet &amp; co</note></inclusionTerm></diag>
<diag><name>X01.9</name><desc>Invented fever, unspecified</desc></diag></diag>
<diag><name>X02</name><desc>Invented fracture</desc>
<sevenChrNote><note>One character</note></sevenChrNote>
<sevenChrDef><extension char="A">initial encounter</extension><extension char="S">sequela</extension></sevenChrDef>
</diag></section></chapter></ICD10CM.tabular>
"""


def icd10cm(folder: Path) -> Path:
    return write_zip(
        folder / "2027-code-descriptions.zip",
        {
            "icd10cm-order-2027.txt": CM_ORDER,
            "icd10cm-order-addenda-2027.txt": "Add: X",
            "icd10cm-codes-2027.txt": "X010  x",
            "icd10cm-tabular-2027.xml": CM_TABULAR,
        },
    )


PCS_ORDER = (
    order_line(1, "0ZT", "0", "Invented, Resection", "Invented Body System, Resection")
    + order_line(2, "0ZTJ0ZZ", "1", "Resection of Nothing, Open", "Resection of Nothing, Open Approach")
    + order_line(
        3, "0ZTJ4ZZ", "1", "Resection of Nothing, Perc", "Resection of Nothing, Percutaneous Endoscopic Approach"
    )
)


def icd10pcs(folder: Path) -> Path:
    return write_zip(folder / "icd10orderfiles.zip", {"icd10pcs_order_2027.txt": PCS_ORDER, "readme.pdf": b"%PDF"})


CVX_PIPES = (
    "901  |invented flu|influenza, invented, intranasal||Active|False|2026/09/30\r\n"
    "902  |invented pox|pox vaccine, invented|Not real|Inactive|False|2024/01/02\r\n"
)
CVX_TABS = (
    "CVX Code\tCVX Short Description\tFull Vaccine Name\tNote\tVaccineStatus\tinternalID\tnonvaccine\tupdate_date\r\n"
    "901\tinvented flu\tinfluenza, invented, intranasal\t\tActive\t1\t0\t9/30/2026 12:00:00 AM\r\n"
)
CPT_TABLE = 'code,display\r\n12345,"Invented procedure, simple"\r\n1234F,Invented measure\r\n'
