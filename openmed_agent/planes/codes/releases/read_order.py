"""Read ICD-10-CM and ICD-10-PCS as CMS and CDC distribute them: order file and tabular XML.

Order file, fixed columns: 1-5 number, 7-13 code without dot, 15 whether it can be reported, 17-76 short title,
78 on long title. The tabular XML has the notes, and 7th characters as a rule instead of as codes.
"""

import re
from typing import Final

from openmed_agent.planes.codes.releases.archive import ReleaseFiles
from openmed_agent.planes.codes.releases.rows import text_lines, wrong_row
from openmed_agent.planes.codes.releases.tabular import Diagnosis, TabularList
from openmed_agent.planes.codes.releases.term_build import SYNONYM, TermIndexWriter

_ORDER_LINE: Final = re.compile(r"\d{5,6} ([0-9A-Z]{3,7})\s+([01]) (.*)")
_CM_ORDER_FILE: Final = re.compile(r"icd-?10-?cm[-_]order(?!.*addenda).*\.txt", re.IGNORECASE)
_CM_TABULAR_FILE: Final = re.compile(r"icd-?10-?cm[-_]tabular(?!.*addenda).*\.xml", re.IGNORECASE)
_PCS_ORDER_FILE: Final = re.compile(r"icd-?10-?pcs[-_]order(?!.*addenda).*\.txt", re.IGNORECASE)
_CM_CODE: Final = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_PCS_CODE: Final = re.compile(r"[0-9A-HJ-NP-Z]{3,7}")
_PCS_LENGTH: Final = 7
_SHORT_TITLE: Final = 60
_YEAR: Final = re.compile(r"20[0-9]{2}")
_CATEGORY: Final = 3


def read_icd10cm(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read the order file, the tabular XML, or both; return the release, such as ``FY2027``.

    With both, codes and titles are those of the order file, and notes those of the XML.
    """
    if files.is_plain_file:
        only = files.names[0]
        order, tabular = (None, only) if only.lower().endswith(".xml") else (only, None)
    else:
        order, tabular = files.find(_CM_ORDER_FILE), files.find(_CM_TABULAR_FILE)
    names = [name for name in (order, tabular) if name is not None]
    if not names:
        files.require(_CM_ORDER_FILE, "ICD-10-CM order file or tabular XML")
    files.expect(names)
    notes: dict[str, Diagnosis] = {}
    stated = ""
    if tabular is not None:
        listed = TabularList(files, tabular)
        for diagnosis in listed:
            if order is None:
                _add_diagnosis(writer, diagnosis)
            elif diagnosis.notes:
                notes[diagnosis.code.replace(".", "")] = diagnosis
        stated = listed.version
    if order is not None:
        _read_order(files, order, writer, notes)
    return _release(" ".join([*names, files.name]), stated)


def read_icd10pcs(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read the order file; headers are the tables and their rows of three to six characters."""
    name = files.names[0] if files.is_plain_file else files.require(_PCS_ORDER_FILE, "ICD-10-PCS order file")
    files.expect([name])
    headers: set[str] = set()
    for number, line in enumerate(text_lines(files, name), start=1):
        code, is_valid, short, long = _order_fields(line, name, number)
        if not _PCS_CODE.fullmatch(code) or (is_valid and len(code) != _PCS_LENGTH):
            raise wrong_row(name, number, "an ICD-10-PCS code")
        kind = "code" if is_valid else "header"
        writer.add(code, long, kind=kind, billable=is_valid, details={"short": short})
        writer.add_name(code, short, SYNONYM)
        parent = next((code[:size] for size in range(len(code) - 1, 2, -1) if code[:size] in headers), None)
        if parent is not None:
            writer.add_parent(code, parent)
        if not is_valid:
            headers.add(code)
    return _release(f"{name} {files.name}", "")


def _read_order(files: ReleaseFiles, name: str, writer: TermIndexWriter, notes: dict[str, Diagnosis]) -> None:
    headers: set[str] = set()
    for number, line in enumerate(text_lines(files, name), start=1):
        plain, is_valid, short, long = _order_fields(line, name, number)
        if not _CM_CODE.fullmatch(plain):
            raise wrong_row(name, number, "an ICD-10-CM code")
        code = dotted(plain)
        details: dict[str, str | list[str]] = {"short": short}
        if plain in notes:
            details |= notes[plain].notes
        writer.add(code, long, kind=_kind(plain), billable=is_valid, details=details)
        for term in notes[plain].inclusion_terms if plain in notes else ():
            writer.add_name(code, term, SYNONYM)
        parent = next((plain[:size] for size in range(len(plain) - 1, 2, -1) if plain[:size] in headers), None)
        if parent is not None:
            writer.add_parent(code, dotted(parent))
        if not is_valid:
            headers.add(plain)


def _add_diagnosis(writer: TermIndexWriter, diagnosis: Diagnosis) -> None:
    details = diagnosis.notes
    writer.add(
        diagnosis.code, diagnosis.display, kind=_kind(diagnosis.code.replace(".", "")), billable=diagnosis.is_billable,
        details=details,
    )  # fmt: skip
    for term in diagnosis.inclusion_terms:
        writer.add_name(diagnosis.code, term, SYNONYM)
    if diagnosis.parent:
        writer.add_parent(diagnosis.code, diagnosis.parent)


def _order_fields(line: str, name: str, number: int) -> tuple[str, bool, str, str]:
    found = _ORDER_LINE.fullmatch(line.rstrip("\r\n"))
    if found is None:
        raise wrong_row(name, number, "the columns of an order file")
    code, flag, titles = found.groups()
    short, long = titles[:_SHORT_TITLE].strip(), titles[_SHORT_TITLE:].strip()
    if not long:
        raise wrong_row(name, number, "a long title from column 78 on")
    return code, flag == "1", short, long


def dotted(plain: str) -> str:
    """Return an ICD-10-CM code with its dot."""
    return plain if len(plain) <= _CATEGORY else f"{plain[:_CATEGORY]}.{plain[_CATEGORY:]}"


def _kind(plain: str) -> str:
    if len(plain) == _CATEGORY:
        return "category"
    return "extension" if len(plain) == _PCS_LENGTH else "subcategory"


def _release(names: str, stated: str) -> str:
    """Return the fiscal year, and April where the files are those of the April update."""
    found = _YEAR.search(stated) or _YEAR.search(names)
    if found is None:
        return ""
    update = " April update" if "april" in names.lower() else ""
    return f"FY{found.group()}{update}"
