"""The known word nearest to a misspelt one, out of an index: shared trigrams first, then a bounded edit distance."""

import sqlite3
from typing import Final

from openmed_agent.planes.codes.spelling import edit_distance

_SHORTEST, _LONGEST, _LONG_WORD = 4, 40, 8
_COMPARED: Final = 60
_SELECT: Final = "SELECT word, frequency FROM vocabulary WHERE vocabulary MATCH ? ORDER BY rank LIMIT ?"


def nearest_word(connection: sqlite3.Connection, word: str) -> str | None:
    """Return the nearest word of the table ``vocabulary``: within one edit, or two from eight letters on.

    Numbers and very short words are never respelt.
    """
    if not _SHORTEST <= len(word) <= _LONGEST or not (word.isascii() and word.isalpha()):
        return None
    limit = 2 if len(word) >= _LONG_WORD else 1
    trigrams = {word[start : start + 3] for start in range(len(word) - 2)}
    found = connection.execute(_SELECT, (" OR ".join(f'"{part}"' for part in sorted(trigrams)), _COMPARED))
    best: tuple[int, int, str] | None = None
    for candidate, frequency in found:
        distance = edit_distance(word, candidate, limit)
        if distance is not None:
            key = (distance, -int(frequency), str(candidate))
            best = key if best is None else min(best, key)
    return best[2] if best else None
