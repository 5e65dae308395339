"""Write the held-out notes that benchmarks/pii.py and the tests read; no layout, name or place is one of training.

    PYTHONPATH=scripts /tmp/train/bin/python scripts/write_pii_held_out.py tests/planes/inference/pii

Run in the environment of train_pii_model.py. The same seed gives the same bytes.
"""

import argparse
import json
from pathlib import Path

from pii_notes.generator import Generator, Note

SEED = 2026
QUERIES = 300
CLEAN_QUERIES = 160
NOTES = 80


def write(file: Path, notes: list[Note]) -> None:
    """Write one note a line."""
    rows = [{"id": i, "layout": n.layout, "text": n.text, "spans": n.spans} for i, n in enumerate(notes)]
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{file.name}: {len(rows)} notes")


def main() -> None:
    """Write both files into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    made = Generator(SEED, held_out=True)
    queries = made.held_out_queries(QUERIES, clean=False) + made.held_out_queries(CLEAN_QUERIES, clean=True)
    write(folder / "held_out_queries.jsonl", queries)
    write(folder / "held_out_notes.jsonl", made.held_out_notes(NOTES))


if __name__ == "__main__":
    main()
