"""Finds terms in a text: longest phrase first, left to right, in time linear in the text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from openmed_agent.planes.inference.entities.lexicon import Lexicon
from openmed_agent.planes.inference.entities.normal import Tokens


@dataclass(frozen=True, slots=True)
class Mention:
    """The words ``[first, last]`` of a text that name something, how sure that is, and which rules say so."""

    first: int
    last: int
    confidence: float
    sources: tuple[str, ...]

    @property
    def length(self) -> int:
        """How many words the mention has."""
        return self.last - self.first + 1

    def widened(self, first: int, last: int, source: str) -> "Mention":
        """Return the mention over more words."""
        if (first, last) == (self.first, self.last):
            return self
        sources = self.sources if source in self.sources else (*self.sources, source)
        return replace(self, first=first, last=last, sources=sources)


def dictionary_mentions(tokens: Tokens, lexicon: Lexicon) -> Iterator[Mention]:
    """Yield the phrases of ``lexicon`` that the text holds, none inside another."""
    words, longest, phrases = tokens.words, lexicon.longest, lexicon.phrases
    index, count = 0, len(tokens)
    while index < count:
        reach = longest.get(words[index], 0)
        if not reach:
            index += 1
            continue
        end = index + 1
        while end < count and end - index < reach and tokens.joined[end]:
            end += 1
        while end > index:
            source = phrases.get(words[index] if end == index + 1 else " ".join(words[index:end]))
            if source is not None:
                yield Mention(index, end - 1, _confidence(source, end - index), (source,))
                break
            end -= 1
        index = max(end, index + 1)


def _confidence(source: str, length: int) -> float:
    """Return a fixed score: hand-picked clinical terms and long names are the surest. Not a probability."""
    base = {"clinical": 0.95, "drug_names": 0.85, "mesh": 0.85}[source]
    return min(0.98, base + 0.04 * (length - 1))


def longest_first(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    """Return mentions without overlap, in order: the longer wins, then the surer, then the earlier."""
    taken: set[int] = set()
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (-m.length, -m.confidence, m.first)):
        span = range(mention.first, mention.last + 1)
        if taken.isdisjoint(span):
            taken.update(span)
            kept.append(mention)
    return tuple(sorted(kept, key=lambda m: m.first))
