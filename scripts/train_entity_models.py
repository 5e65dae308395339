"""Train the sequence models of the entity engine on two public corpora, once, at build time.

    python -m venv /tmp/train && /tmp/train/bin/pip install . python-crfsuite==0.9.12
    PYTHONPATH=. /tmp/train/bin/python scripts/train_entity_models.py FOLDER [disease|chemical]

FOLDER holds ``bc5cdr_train.tsv`` and ``ncbi_disease_train.txt``; nothing else is read, so the development files stay
unseen. What is written holds weights of features and no sentence: a line of nine transitions, then for each feature
how much it speaks for beginning a mention and for going on with one, in thousandths.
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
from openmed_agent.planes.inference.entities.features import Item, list_features, rows, sequences
from openmed_agent.planes.inference.entities.normal import Tokens, tokenize

TARGET: Final = Path(__file__).parent.parent / "openmed_agent/planes/inference/entities/data"
LABELS: Final = ("O", "B", "I")
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
    Recipe("disease", "Disease", with_ncbi=True, l1=0.15, l2=0.05, iterations=150),
    Recipe("chemical", "Chemical", with_ncbi=False, l1=0.15, l2=0.05, iterations=150),
)


def documents(recipe: Recipe, folder: Path) -> Iterator[Document]:
    """Yield the training texts of a model, some of them once more in another case."""
    draw = random.Random(SEED)  # noqa: S311 - no secret
    sources = list(bc5cdr(folder / "bc5cdr_train.tsv", recipe.label))
    if recipe.with_ncbi:
        sources += ncbi(folder / "ncbi_disease_train.txt")
    for document in sources:
        yield document
        share = draw.random()
        changed = document.text.lower() if share < LOWERED else document.text.upper()
        if share < LOWERED + SHOUTED and len(changed) == len(document.text):
            yield Document(changed, document.spans)


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


def train(recipe: Recipe, folder: Path) -> Path:
    """Write the weights of one model and return where they are."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    for document in documents(recipe, folder):
        tokens = tokenize(document.text)
        listed = list_features(tokens)
        spans = sorted(document.spans)
        for items in sequences(tokens):
            trainer.append(rows(items, listed), labels(items, tokens, spans))
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
        lines = table(tagger)
    path = TARGET / f"{recipe.name}_model.txt.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    return path


def table(tagger: pycrfsuite.Tagger) -> list[str]:
    """Return the weights as lines; the weight of being outside is taken from the others, which changes nothing."""
    info = tagger.info()
    lines = ["\t".join(thousandths(info.transitions.get((one, other), 0.0)) for one in LABELS for other in LABELS)]
    features = sorted({feature for feature, _ in info.state_features})
    for feature in features:
        outside, *inside = (info.state_features.get((feature, label), 0.0) for label in LABELS)
        begins, goes_on = (thousandths(weight - outside) for weight in inside)
        if "\n" not in feature and (begins, goes_on) != ("0", "0"):
            lines.append(f"{feature}\t{begins}\t{goes_on}")
    return lines


def thousandths(weight: float) -> str:
    """Return a weight as it is written."""
    return str(round(weight * 1000))


def main() -> None:
    """Train and print name, size and digest of each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", nargs="?", choices=[recipe.name for recipe in RECIPES])
    arguments = parser.parse_args()
    for recipe in RECIPES:
        if arguments.model in {None, recipe.name}:
            path = train(recipe, arguments.folder)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            print(f"{path.name}: {path.stat().st_size:,} bytes, sha256:{digest}")


if __name__ == "__main__":
    main()
