"""How long a release takes to install, and how much memory: ``python benchmarks/code_releases.py [ROWS]``.

Writes an RxNorm release of ROWS rows (default 1,000,000) in the official layout, with invented names, then
installs it in a process of its own and asks the index. Prints seconds and peak memory.
"""

import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openmed_agent.planes.codes.releases.installed import InstalledSystems

INSTALL = """
import resource, sys, time
from pathlib import Path
from openmed_agent.planes.codes.releases.install import install_release
begun = time.perf_counter()
steps = []
release, _ = install_release("rxnorm", Path(sys.argv[1]), Path(sys.argv[2]), version=None, progress=steps.append)
seconds = time.perf_counter() - begun
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"installed: {release.concepts:,} concepts, {release.bytes_ / 1e6:.0f} MB, {len(steps)} reports of progress")
print(f"{seconds:.1f} s, peak memory {peak:.0f} MB")
"""
SYLLABLE_TEXT = (
    "ba be bi bo da de di do fa fe ka ke la le li lo ma me mi mo na ne no pa pe ra re ri ro sa se ta te ti to"
)
SYLLABLES = SYLLABLE_TEXT.split()
ENDINGS = ("pril", "olol", "statin", "azole", "mab", "cillin", "sartan", "gliptin")


def main() -> int:
    """Generate, install, ask."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "RxNorm_full_11022026.zip"
        written = write_release(archive, rows)
        print(f"release of {written:,} rows, {archive.stat().st_size / 1e6:.0f} MB zipped")
        subprocess.run([sys.executable, "-c", INSTALL, str(archive), folder], check=True)
        ask(Path(folder))
    return 0


def write_release(archive: Path, rows: int) -> int:
    """Write a release whose rows are shared out as in the full one; return their number."""
    dice = random.Random(5)  # noqa: S311 - the same release on every run
    ingredients = max(10, rows // 80)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        written = 0
        for name, lines in (
            ("RXNCONSO", names(dice, ingredients)),
            ("RXNREL", relations(ingredients)),
            ("RXNSAT", attributes(ingredients, rows)),
        ):
            with target.open(f"rrf/{name}.RRF", "w") as file:
                for line in lines:
                    file.write(line.encode())
                    written += 1
    return written


def names(dice: random.Random, ingredients: int) -> Iterator[str]:
    """Yield per ingredient 12 drugs with a brand each, and the same names from two other vocabularies."""
    for number in range(ingredients):
        stem = "".join(dice.choice(SYLLABLES) for _ in range(3)) + dice.choice(ENDINGS)
        brand = "".join(dice.choice(SYLLABLES) for _ in range(3)).title()
        concept = 100 * (number + 1)
        yield atom(concept, "IN", stem)
        yield atom(concept + 1, "BN", brand)
        for step in range(6):
            drug = f"{stem} {5 * (step + 1)} MG Oral Tablet"
            yield atom(concept + 10 + step, "SCDC", f"{stem} {5 * (step + 1)} MG")
            yield atom(concept + 20 + step, "SCD", drug)
            yield atom(concept + 30 + step, "SBD", f"{drug} [{brand}]")
            yield atom(concept + 20 + step, "SY", f"{stem} {5 * (step + 1)} MG Tab")
            yield atom(concept + 20 + step, "CD", drug.upper(), "VANDF")


def relations(ingredients: int) -> Iterator[str]:
    """Yield the relations, each in both directions."""
    for number in range(ingredients):
        concept = 100 * (number + 1)
        yield from relation(concept, concept + 1)
        for step in range(6):
            yield from relation(concept, concept + 10 + step)
            yield from relation(concept + 10 + step, concept + 20 + step)
            yield from relation(concept + 20 + step, concept + 30 + step)


def attributes(ingredients: int, rows: int) -> Iterator[str]:
    """Yield NDCs until the release has its rows."""
    left = max(0, rows - ingredients * (32 + 38))
    for count in range(left):
        concept = 100 * (count % ingredients + 1) + 20 + count // ingredients % 6
        yield f"{concept}|||1|AUI|{concept}|||NDC|RXNORM|{count:011}|N|4096|\n"


def atom(concept: int, tty: str, name: str, sab: str = "RXNORM") -> str:
    """Return a row of RXNCONSO."""
    return f"{concept}|ENG||||||{concept}||{concept}||{sab}|{tty}|{concept}|{name}||N|4096|\n"


def relation(general: int, specific: int) -> Iterator[str]:
    """Yield two rows of RXNREL."""
    for one, other in ((general, specific), (specific, general)):
        yield f"{one}||CUI|RO|{other}||CUI|constitutes|1||RXNORM|RXNORM||||4096|\n"


def ask(folder: Path) -> None:
    """Print the time of the first question, which verifies the file, and of later ones."""
    begun = time.perf_counter()
    drugs = InstalledSystems(folder).rxnorm
    assert drugs is not None  # noqa: S101 - it was just installed
    known = drugs.drug("120")
    assert known is not None  # noqa: S101 - every release has it
    print(f"first question, file verified: {1000 * (time.perf_counter() - begun):.0f} ms")
    stem = known.name.partition(" ")[0]
    questions = {
        "rxcui by name": lambda: drugs.by_name(known.name, normalized=False),
        "normalised name": lambda: drugs.by_name(f"{stem} 5mg oral tab", normalized=True),
        "approximate term": lambda: drugs.approximate(f"{stem} 5mg bid", limit=10),
        "misspelt term": lambda: drugs.approximate(f"{stem[:-1]} 5mg", limit=10),
        "all related": lambda: drugs.related(known),
        "NDCs": lambda: drugs.properties("120", "NDC"),
    }
    for what, question in questions.items():
        question()
        begun = time.perf_counter()
        for _ in range(50):
            question()
        print(f"{what}: {20 * (time.perf_counter() - begun):.2f} ms")


if __name__ == "__main__":
    raise SystemExit(main())
