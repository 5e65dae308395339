"""Read the releases that are one table: LOINC, CVX, and a CPT table that its licensee brings along."""

import re
from typing import Final

from openmed_agent.planes.codes.releases.archive import ReleaseFiles
from openmed_agent.planes.codes.releases.rows import table_rows, text_lines, wrong_row
from openmed_agent.planes.codes.releases.term_build import RELATED, SYNONYM, UNRANKED, TermIndexWriter

_LOINC_FILE: Final = re.compile(r"Loinc\.csv", re.IGNORECASE)
_LOINC_CODE: Final = re.compile(r"[0-9]{1,7}-[0-9]")
_LOINC_VERSION: Final = re.compile(r"Loinc_([0-9]\.[0-9]{1,3})", re.IGNORECASE)
_LOINC_COLUMNS: Final = (
    "LOINC_NUM", "COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "STATUS",
    "VersionLastChanged", "RELATEDNAMES2", "SHORTNAME", "LONG_COMMON_NAME",
)  # fmt: skip
_LOINC_DETAILS: Final = (
    "COMPONENT", "PROPERTY", "TIME_ASPCT", "SYSTEM", "SCALE_TYP", "METHOD_TYP", "CLASS", "STATUS",
    "EXAMPLE_UCUM_UNITS", "EXTERNAL_COPYRIGHT_NOTICE",
)  # fmt: skip
_LOINC_SYNONYMS: Final = ("COMPONENT", "SHORTNAME", "CONSUMER_NAME", "DisplayName")
_CVX_FILE: Final = re.compile(r".*cvx.*\.(txt|csv|tab|tsv)|.*cvx.*", re.IGNORECASE)
_CVX_CODE: Final = re.compile(r"[0-9]{1,4}")
_CVX_COLUMNS: Final = 7
_CVX_HEADER: Final = ("CVX Code", "CVX Short Description", "Full Vaccine Name", "Note", "VaccineStatus", "update_date")
_CPT_FILE: Final = re.compile(r".*\.csv", re.IGNORECASE)
_CPT_CODE: Final = re.compile(r"[0-9]{4}[0-9A-Z]")
_YEAR: Final = re.compile(r"(?<![0-9])20[0-9]{2}(?![0-9])")


def read_loinc(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read ``LoincTable/Loinc.csv``; return the version that the files state."""
    name = files.names[0] if files.is_plain_file else files.require(_LOINC_FILE, "Loinc.csv")
    files.expect([name])
    newest = (0, 0)
    for number, row in table_rows(files, name, _LOINC_COLUMNS):
        code = row["LOINC_NUM"]
        if not _LOINC_CODE.fullmatch(code):
            raise wrong_row(name, number, "a LOINC number in the column LOINC_NUM")
        display = row["LONG_COMMON_NAME"] or row["SHORTNAME"] or row["COMPONENT"]
        details: dict[str, str | list[str]] = {column: row.get(column, "") for column in _LOINC_DETAILS}
        writer.add(code, display, kind=row["CLASS"], rank=_loinc_rank(row.get("COMMON_TEST_RANK", "")), details=details)
        for column in _LOINC_SYNONYMS:
            if row.get(column):
                writer.add_name(code, row[column], SYNONYM if column != "COMPONENT" else RELATED)
        if row["RELATEDNAMES2"]:
            writer.add_name(code, f"{display} {row['RELATEDNAMES2']}", RELATED)
        newest = max(newest, _loinc_version(row["VersionLastChanged"]))
    stated = _LOINC_VERSION.search(files.name)
    return stated.group(1) if stated else f"{newest[0]}.{newest[1]}" if newest[0] else ""


def _loinc_rank(text: str) -> int:
    """Return the place among the commonest tests; LOINC writes 0 for a test without one."""
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text) < UNRANKED else UNRANKED


def _loinc_version(text: str) -> tuple[int, int]:
    found = re.match(r"([0-9])\.([0-9]{1,3})", text)
    return (int(found.group(1)), int(found.group(2))) if found else (0, 0)


def read_cvx(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read CDC's list of vaccines, separated by ``|`` without header or by tabs with one; return its last update."""
    name = files.names[0] if files.is_plain_file else files.require(_CVX_FILE, "list of CVX codes")
    files.expect([name])
    newest = ""
    places = tuple(range(6))
    for number, line in enumerate(text_lines(files, name), start=1):
        separator = "\t" if "\t" in line else "|"
        row = [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(separator)]
        if number == 1 and row[0].lower().startswith("cvx"):
            if not set(_CVX_HEADER) <= set(row):
                raise wrong_row(name, 1, f"the columns {', '.join(_CVX_HEADER)}")
            places = tuple(row.index(column) for column in _CVX_HEADER)
            continue
        if places == tuple(range(6)) and len(row) == _CVX_COLUMNS:
            row.pop(5)  # whether it is no vaccine: the layout without header has it before the date
        if row == [""]:
            continue
        if len(row) <= max(places) or not _CVX_CODE.fullmatch(row[places[0]]):
            raise wrong_row(name, number, f"a CVX code and {_CVX_COLUMNS} columns")
        code, short, full, note, status, updated = (row[place] for place in places)
        writer.add(code, full or short, kind="vaccine", details={"short": short, "note": note, "status": status})
        writer.add_name(code, short, SYNONYM)
        newest = max(newest, _iso_date(updated))
    return newest


def _iso_date(text: str) -> str:
    """Return ``2026/10/02``, ``20261002`` or ``10/2/2026`` as ``2026-10-02``; anything else as nothing."""
    first = text.partition(" ")[0]
    found = re.fullmatch(r"(\d{4})[/-]?(\d{2})[/-]?(\d{2})", first)
    if found:
        return "-".join(found.groups())
    found = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", first)
    return f"{found.group(3)}-{int(found.group(1)):02}-{int(found.group(2)):02}" if found else ""


def read_cpt(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read a licensee's table with the columns ``code`` and ``display``; return the year in its name, if any."""
    name = files.names[0] if files.is_plain_file else files.require(_CPT_FILE, "table (.csv)")
    files.expect([name])
    for number, row in table_rows(files, name, ("code", "display")):
        code = row["code"].strip().upper()
        if not _CPT_CODE.fullmatch(code) or not row["display"].strip():
            raise wrong_row(name, number, "a CPT code of five characters and a display")
        writer.add(code, row["display"].strip(), kind="procedure", billable=True)
    year = _YEAR.search(files.name)
    return year.group() if year else ""
