"""Write the documents that are no clinical notes, for benchmarks/pii.py and the tests.

    PYTHONPATH=scripts /tmp/train/bin/python scripts/write_pii_documents.py held_out tests/planes/inference/pii
    PYTHONPATH=scripts /tmp/train/bin/python scripts/write_pii_documents.py tuning /tmp

Run in the environment of train_pii_model.py. The same seed gives the same bytes.
"""

import argparse
import json
from pathlib import Path

from pii_documents.generator import documents

SEEDS = {"held_out": 20261123, "tuning": 4}
DOCUMENTS_A_LAYOUT = 4


def main() -> None:
    """Write the documents of a half into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("half", choices=SEEDS)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    notes = documents(options.half, SEEDS[options.half], DOCUMENTS_A_LAYOUT)
    rows = [{"id": i, "layout": n.layout, "text": n.text, "spans": n.spans} for i, n in enumerate(notes)]
    file = options.folder / f"{options.half}_documents.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{file.name}: {len(rows)} documents")


if __name__ == "__main__":
    main()
