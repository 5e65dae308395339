"""Gene and protein symbols: a small list of those that charts report, and the shapes of reported variants."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.entities.lexicon import symbols, word_set
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

# These are also words or units; they count only beside a word of genetics.
_AMBIGUOUS: Final = frozenset(["AR", "KIT", "MET", "RET", "F5", "POLE", "APC", "PML", "DMD"])
_GENETIC_WORDS: Final = word_set(
    "gene mutation variant amplification fusion deletion rearrangement exon expression mutant wild"
)
_LONGEST = 2
_SHORTEST_SHAPE = 3
_SHAPE = re.compile(r"[A-Z][A-Z0-9]{1,9}(?:-[A-Z]?[0-9]{1,2})?")


def gene_symbols(tokens: Tokens) -> Iterator[Mention]:
    """Yield the listed symbols, and capitals before "gene", "mutation" and the like."""
    listed = symbols()
    for index in range(len(tokens)):
        for last in range(min(len(tokens), index + _LONGEST) - 1, index - 1, -1):
            if last > index and not tokens.joined[last]:
                continue
            raw = tokens.text[tokens.starts[index] : tokens.ends[last]]
            beside = last + 1 < len(tokens) and tokens.words[last + 1] in _GENETIC_WORDS
            if raw in listed and (beside or raw not in _AMBIGUOUS):
                yield Mention(index, last, 0.9, ("symbol",))
                break
            if last == index and beside and _SHAPE.fullmatch(raw) and len(raw) >= _SHORTEST_SHAPE:
                yield Mention(index, last, 0.7, ("shape",))
