"""Train the sequence models of the entity engine on two public corpora, once, at build time.

    python -m venv /tmp/train && /tmp/train/bin/pip install . python-crfsuite==0.9.12
    PYTHONPATH=. /tmp/train/bin/python scripts/train_entity_models.py FOLDER [disease|chemical]

FOLDER holds ``bc5cdr_train.tsv``, ``bc5cdr_devel.tsv`` and ``ncbi_disease_train.txt``; nothing else is read. The
weights that are shipped learn from all of it, so they must not be measured on it: ``--part train --out OTHER`` learns
from one part of BC5CDR, and ``benchmarks/entities.py --weights OTHER`` reads the other part with that.

What is written holds weights of features and no sentence: a line of nine transitions, then for each feature how much
it speaks for beginning a mention and for going on with one, in thousandths.
"""

import argparse
import gzip
import hashlib
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pycrfsuite

from benchmarks.entities import Document, bc5cdr, ncbi
from openmed_agent.planes.inference.entities.features import Item, Row, list_features, rows, sequences
from openmed_agent.planes.inference.entities.normal import Tokens, tokenize

TARGET: Final = Path(__file__).parent.parent / "openmed_agent/planes/inference/entities/data"
LABELS: Final = ("O", "B", "I")
PARTS: Final = ("train", "devel")
OTHER: Final = "ncbi "
SEED: Final = 20261122
LOWERED: Final = 0.10
SHOUTED: Final = 0.05
"""Shares of the texts that are shown once more in lower case and in capitals, as charts are written."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What one model is trained on, and how strongly weights are pulled to zero (L1) and kept small (L2)."""

    name: str
    label: str
    with_ncbi: bool
    l1: float
    l2: float
    iterations: int


RECIPES: Final = (
    Recipe("disease", "Disease", with_ncbi=True, l1=0.15, l2=0.05, iterations=120),
    Recipe("chemical", "Chemical", with_ncbi=False, l1=0.15, l2=0.05, iterations=120),
)


def documents(recipe: Recipe, folder: Path, parts: Sequence[str]) -> Iterator[tuple[Document, bool]]:
    """Yield the training texts of a model, some once more in another case, and whether each is of the other corpus."""
    draw = random.Random(SEED)  # noqa: S311 - no secret
    sources = [(one, False) for part in parts for one in bc5cdr(folder / f"bc5cdr_{part}.tsv", recipe.label)]
    if recipe.with_ncbi:
        sources += [(one, True) for one in ncbi(folder / "ncbi_disease_train.txt")]
    for document, is_other in sources:
        yield document, is_other
        share = draw.random()
        changed = document.text.lower() if share < LOWERED else document.text.upper()
        if share < LOWERED + SHOUTED and len(changed) == len(document.text):
            yield Document(changed, document.spans), is_other


def with_own(row: Row) -> Row:
    """Return the features of a word of the other corpus, which counts some names otherwise, and a copy for it alone.

    H. Daume III, "Frustratingly easy domain adaptation", ACL 2007. Pairs and pieces of words have none.
    """
    return [*row, *(OTHER + feature for feature in row if "|" not in feature and not feature.startswith("g="))]


def labels(items: Sequence[Item], tokens: Tokens, spans: Sequence[tuple[int, int]]) -> list[str]:
    """Return B, I or O for each item; a mark is inside when the words around it belong to one mention."""
    owners = [_owner(item, tokens, spans) for item in items]
    found: list[str] = []
    last: int | None = None
    for at, owner in enumerate(owners):
        if items[at].place < 0:
            following = next((owners[i] for i in range(at + 1, len(items)) if items[i].place >= 0), None)
            found.append("I" if last is not None and following == last else "O")
            continue
        found.append("O" if owner is None else "I" if owner == last else "B")
        last = owner
    return found


def _owner(item: Item, tokens: Tokens, spans: Sequence[tuple[int, int]]) -> int | None:
    if item.place < 0:
        return None
    start, end = tokens.starts[item.place], tokens.ends[item.place]
    return next((number for number, (first, last) in enumerate(spans) if first < end and start < last), None)


def train(recipe: Recipe, folder: Path, *, parts: Sequence[str], target: Path) -> Iterator[Path]:
    """Write the weights of one model into the folder ``target`` and yield where they are.

    What only the other corpus taught makes a second file: the weights of the copies, to be added to the common ones.
    """
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for document, is_other in documents(recipe, folder, parts):
        tokens = tokenize(document.text)
        listed = list_features(tokens)
        spans = sorted(document.spans)
        for items in sequences(tokens):
            seen = rows(items, listed)
            trainer.append([with_own(row) for row in seen] if is_other else seen, labels(items, tokens, spans))
    trainer.set_params(
        {
            "c1": recipe.l1,
            "c2": recipe.l2,
            "max_iterations": recipe.iterations,
            "feature.minfreq": 2,
            "feature.possible_transitions": True,
        }
    )
    with tempfile.NamedTemporaryFile(suffix=".crfsuite") as file:
        trainer.train(file.name)
        tagger = pycrfsuite.Tagger()
        tagger.open(file.name)
        weights = list(table(tagger))
        tables = {recipe.name: [transitions(tagger), *(line for line in weights if not line.startswith(OTHER))]}
        if recipe.with_ncbi:
            tables[f"{recipe.name}_heredity"] = [line.removeprefix(OTHER) for line in weights if line.startswith(OTHER)]
    target.mkdir(parents=True, exist_ok=True)
    for name, lines in tables.items():
        path = target / f"{name}_model.txt.gz"
        path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
        yield path


def transitions(tagger: pycrfsuite.Tagger) -> str:
    """Return the weights of one label after another as a line."""
    weights = tagger.info().transitions
    return "\t".join(thousandths(weights.get((one, other), 0.0)) for one in LABELS for other in LABELS)


def table(tagger: pycrfsuite.Tagger) -> Iterator[str]:
    """Yield the weights as lines; the weight of being outside is taken from the others, which changes nothing."""
    weights = tagger.info().state_features
    for feature in sorted({feature for feature, _ in weights}):
        outside, *inside = (weights.get((feature, label), 0.0) for label in LABELS)
        begins, goes_on = (thousandths(weight - outside) for weight in inside)
        if "\n" not in feature and (begins, goes_on) != ("0", "0"):
            yield f"{feature}\t{begins}\t{goes_on}"


def thousandths(weight: float) -> str:
    """Return a weight as it is written."""
    return str(round(weight * 1000))


def main() -> None:
    """Train and print name, size and digest of each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", nargs="?", choices=[recipe.name for recipe in RECIPES])
    parser.add_argument("--part", choices=PARTS, help="one part of BC5CDR instead of both")
    parser.add_argument("--out", type=Path, default=TARGET, help="where the weights are written")
    arguments = parser.parse_args()
    if arguments.part and arguments.out == TARGET:
        parser.error("Weights of one part are not shipped: say --out FOLDER.")
    parts = (arguments.part,) if arguments.part else PARTS
    for recipe in RECIPES:
        if arguments.model in {None, recipe.name}:
            for path in train(recipe, arguments.folder, parts=parts, target=arguments.out):
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                print(f"{path.name}: {path.stat().st_size:,} bytes, sha256:{digest}")


if __name__ == "__main__":
    main()
