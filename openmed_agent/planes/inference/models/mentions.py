"""From what a model says of each token to mentions in the text.

A word that the tokenizer cut into fragments counts once: its label is the one that all its fragments together give the
most weight, and its mention covers all of them, so that no half of a name stays behind.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from openmed_agent.planes.inference.models.folder import TagLabel


@dataclass(frozen=True, slots=True)
class Token:
    """A token's place in the text, the number of its word, and the probability of every label."""

    start: int
    end: int
    word: int
    probabilities: Sequence[float]


@dataclass(frozen=True, slots=True)
class ModelMention:
    """A half-open span in code points, its label without prefix, and how sure the model is."""

    start: int
    end: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    label: str | None
    begins: bool
    confidence: float


def mentions_of(text: str, tokens: Sequence[Token], labels: Sequence[TagLabel | None]) -> tuple[ModelMention, ...]:
    """Return the mentions in order; ``tokens`` are those of the text, in order, without special ones."""
    found: list[ModelMention] = []
    open_words: list[_Word] = []
    for word in _words(tokens, labels):
        goes_on = open_words and word.label == open_words[-1].label and not word.begins
        if open_words and not goes_on:
            found.append(_mention(open_words))
            open_words = []
        if word.label is not None:
            open_words.append(word)
    if open_words:
        found.append(_mention(open_words))
    return tuple(trimmed for mention in found if (trimmed := _without_blanks(text, mention)) is not None)


def _words(tokens: Sequence[Token], labels: Sequence[TagLabel | None]) -> Iterator[_Word]:
    for _, group in groupby(tokens, key=lambda token: token.word):
        parts = list(group)
        weights: dict[str | None, float] = {}
        for part in parts:
            for label, probability in zip(labels, part.probabilities, strict=True):
                name = None if label is None else label.name
                weights[name] = weights.get(name, 0.0) + probability
        name, weight = max(weights.items(), key=lambda item: item[1])
        yield _Word(
            start=parts[0].start,
            end=max(part.end for part in parts),
            label=name,
            begins=_begins(parts[0], name, labels),
            confidence=min(1.0, weight / len(parts)),
        )


def _begins(first: Token, name: str | None, labels: Sequence[TagLabel | None]) -> bool:
    """Return whether the model rather begins a mention of ``name`` at this token than goes on with one."""
    begin = go_on = 0.0
    for label, probability in zip(labels, first.probabilities, strict=True):
        if label is None or label.name != name:
            continue
        if label.begins:
            begin += probability
        else:
            go_on += probability
    return begin > go_on


def _mention(words: Sequence[_Word]) -> ModelMention:
    label = words[0].label
    assert label is not None  # noqa: S101 - only words with a label are kept open
    confidence = sum(word.confidence for word in words) / len(words)
    return ModelMention(words[0].start, words[-1].end, label, round(confidence, 4))


def _without_blanks(text: str, mention: ModelMention) -> ModelMention | None:
    covered = text[mention.start : mention.end]
    start = mention.start + len(covered) - len(covered.lstrip())
    end = mention.end - (len(covered) - len(covered.rstrip()))
    return ModelMention(start, end, mention.label, mention.confidence) if start < end else None
