"""Read ICD-10-CM as CDC and CMS distribute it: order file, tabular XML, or both.

The order file has the codes with their titles; the XML has the notes, and 7th characters as a rule instead of as
codes. With both, codes and titles are those of the order file.
"""

import re
from typing import Final

from openmed_agent.planes.codes.releases.archive import ReleaseFiles
from openmed_agent.planes.codes.releases.icd10cm_build import IcdIndexWriter
from openmed_agent.planes.codes.releases.read_order import order_fields, stated_release
from openmed_agent.planes.codes.releases.rows import text_lines, wrong_row
from openmed_agent.planes.codes.releases.tabular import TabularList

_ORDER_FILE: Final = re.compile(r"icd-?10-?cm[-_]order(?!.*addenda).*\.txt", re.IGNORECASE)
_TABULAR_FILE: Final = re.compile(r"icd-?10-?cm[-_]tabular(?!.*addenda).*\.xml", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")


def read_icd10cm(files: ReleaseFiles, writer: IcdIndexWriter) -> str:
    """Hand every code to ``writer`` and return the release, such as ``FY2027``.

    Raises:
        InputError: there is neither file, or one departs from its layout.

    """
    if files.is_plain_file:
        only = files.names[0]
        order, tabular = (None, only) if only.lower().endswith(".xml") else (only, None)
    else:
        order, tabular = files.find(_ORDER_FILE), files.find(_TABULAR_FILE)
    names = [name for name in (order, tabular) if name is not None]
    if not names:
        files.require(_ORDER_FILE, "ICD-10-CM order file or tabular XML")
    files.expect(names)
    stated = "" if tabular is None else _read_tabular(files, tabular, writer)
    if order is not None:
        _read_order(files, order, writer)
    return stated_release(" ".join([*names, files.name]), stated)


def _read_tabular(files: ReleaseFiles, name: str, writer: IcdIndexWriter) -> str:
    listed = TabularList(files, name)
    for diagnosis in listed:
        writer.add_listed(diagnosis)
    return listed.version


def _read_order(files: ReleaseFiles, name: str, writer: IcdIndexWriter) -> None:
    number = 0
    for number, line in enumerate(text_lines(files, name), start=1):
        plain, is_billable, _, title = order_fields(line, name, number)
        if not _CODE.fullmatch(plain):
            raise wrong_row(name, number, "an ICD-10-CM code")
        writer.add_ordered(plain, title, is_billable=is_billable)
    if number == 0:
        raise wrong_row(name, 1, "the columns of an order file")
