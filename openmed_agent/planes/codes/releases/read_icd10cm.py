"""Read ICD-10-CM as CDC and CMS distribute it: order file, tabular XML, or both.

The order file has the codes with their titles; the XML has the notes, and 7th characters as a rule instead of as
codes. With both, codes and titles are those of the order file. A code list is small enough to be held in memory.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.icd_concepts import dotted
from openmed_agent.planes.codes.icd_source import Kind, SourceConcept
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown
from openmed_agent.planes.codes.releases.read_order import order_fields, stated_release
from openmed_agent.planes.codes.releases.rows import text_lines, wrong_row
from openmed_agent.planes.codes.releases.tabular import Diagnosis, TabularList

_ORDER_FILE: Final = re.compile(r"icd-?10-?cm[-_]order(?!.*addenda).*\.txt", re.IGNORECASE)
_TABULAR_FILE: Final = re.compile(r"icd-?10-?cm[-_]tabular(?!.*addenda).*\.xml", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Z][0-9A-Z]{2,6}")
_CATEGORY, _EXTENDED = 3, 7
_Coded = TypeVar("_Coded")
_NOTES: Final = (
    "includes", "inclusion_terms", "excludes1", "excludes2", "code_first", "use_additional", "code_also", "notes",
)  # fmt: skip


def read_icd10cm(files: ReleaseFiles) -> tuple[list[SourceConcept], str]:
    """Return every code, in the order of the classification, and the release, such as ``FY2027``.

    Raises:
        InputError: there is neither file, one departs from its layout, or a code comes twice.

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
    listed = TabularList(files, tabular) if tabular is not None else None
    diagnoses = {diagnosis.code.replace(".", ""): diagnosis for diagnosis in listed or ()}
    rows = _ordered(files, order, diagnoses) if order is not None else map(_listed, diagnoses.values())
    concepts: dict[str, SourceConcept] = {}
    for concept in rows:
        if concept.code in concepts:
            raise InputError(
                f"{shown(files.name)} has the same code twice.",
                remedy="Hand over one release only; nothing was changed.",
            )
        concepts[concept.code] = concept
    stated = listed.version if listed is not None else ""
    return [concepts[code] for code in sorted(concepts)], stated_release(" ".join([*names, files.name]), stated)


def _by_code(files: ReleaseFiles, coded: Iterable[tuple[str, _Coded]]) -> dict[str, _Coded]:
    found: dict[str, _Coded] = {}
    for code, value in coded:
        if code in found:
            name = shown(files.name)
            raise InputError(
                f"{name} has the same code twice.", remedy="Hand over one release only; nothing was changed."
            )
        found[code] = value
    return found


def _ordered(files: ReleaseFiles, name: str, diagnoses: dict[str, Diagnosis]) -> Iterator[SourceConcept]:
    headers: set[str] = set()
    for number, line in enumerate(text_lines(files, name), start=1):
        plain, is_billable, _, title = order_fields(line, name, number)
        if not _CODE.fullmatch(plain):
            raise wrong_row(name, number, "an ICD-10-CM code")
        parent = next((plain[:size] for size in range(len(plain) - 1, 2, -1) if plain[:size] in headers), "")
        if not is_billable:
            headers.add(plain)
        yield _concept(plain, title, dotted(parent), diagnoses.get(plain), is_billable=is_billable)


def _listed(diagnosis: Diagnosis) -> SourceConcept:
    plain = diagnosis.code.replace(".", "")
    return _concept(plain, diagnosis.display, diagnosis.parent, diagnosis, is_billable=diagnosis.is_billable)


def _concept(plain: str, title: str, parent: str, diagnosis: Diagnosis | None, *, is_billable: bool) -> SourceConcept:
    kind: Kind = "category" if len(plain) == _CATEGORY else "subcategory"
    if len(plain) == _EXTENDED and parent:
        kind = "extension"
    held = diagnosis.notes if diagnosis is not None else {}
    return SourceConcept(
        code=dotted(plain),
        display=title,
        kind=kind,
        parent=parent,
        billable=is_billable,
        seventh_characters=tuple(diagnosis.sevenths.items()) if diagnosis is not None else (),
        **{name: tuple(held.get(name, ())) for name in _NOTES},
    )
