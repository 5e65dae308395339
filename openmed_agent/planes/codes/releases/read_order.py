"""Read the order files of ICD-10-CM and ICD-10-PCS as CMS distributes them.

Fixed columns: 1-5 number, 7-13 code without dot, 15 whether it can be reported, 17-76 short title, 78 on long title.
"""

import re
from typing import Final

from openmed_agent.planes.codes.releases.archive import ReleaseFiles
from openmed_agent.planes.codes.releases.rows import text_lines, wrong_row
from openmed_agent.planes.codes.releases.term_build import SYNONYM, TermIndexWriter

_ORDER_LINE: Final = re.compile(r"\d{5,6} ([0-9A-Z]{3,7})\s+([01]) (.*)")
_PCS_ORDER_FILE: Final = re.compile(r"icd-?10-?pcs[-_]order(?!.*addenda).*\.txt", re.IGNORECASE)
_PCS_CODE: Final = re.compile(r"[0-9A-HJ-NP-Z]{3,7}")
_PCS_LENGTH: Final = 7
_SHORT_TITLE: Final = 60
_YEAR: Final = re.compile(r"20[0-9]{2}")


def read_icd10pcs(files: ReleaseFiles, writer: TermIndexWriter) -> str:
    """Read the order file; headers are the tables and their rows of three to six characters."""
    name = files.names[0] if files.is_plain_file else files.require(_PCS_ORDER_FILE, "ICD-10-PCS order file")
    files.expect([name])
    headers: set[str] = set()
    for number, line in enumerate(text_lines(files, name), start=1):
        code, is_valid, short, long = order_fields(line, name, number)
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
    return stated_release(f"{name} {files.name}", "")


def order_fields(line: str, name: str, number: int) -> tuple[str, bool, str, str]:
    """Return code without dot, whether it can be reported, short title and long title of one line.

    Raises:
        InputError: the line has another layout.

    """
    found = _ORDER_LINE.fullmatch(line.rstrip("\r\n"))
    if found is None:
        raise wrong_row(name, number, "the columns of an order file")
    code, flag, titles = found.groups()
    short, long = titles[:_SHORT_TITLE].strip(), titles[_SHORT_TITLE:].strip()
    if not long:
        raise wrong_row(name, number, "a long title from column 78 on")
    return code, flag == "1", short, long


def stated_release(names: str, stated: str) -> str:
    """Return the fiscal year, and April where the files are those of the April update."""
    found = _YEAR.search(stated) or _YEAR.search(names)
    if found is None:
        return ""
    update = " April update" if "april" in names.lower() else ""
    return f"FY{found.group()}{update}"
