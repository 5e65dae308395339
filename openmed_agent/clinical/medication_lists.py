"""Read every drug of a note in its sentence: how far each may reach, and what several of them share."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from openmed_agent.clinical.medications import MedicationStatement, read_medication
from openmed_agent.text.spans import Span

_JOINED: Final = re.compile(
    r"[\s,/&+]{0,4}(?:(?:and|or|both|as well as|plus|along with)\s{1,2})?(?:(?:his|her|the)\s)?", re.IGNORECASE
)
_SHARED: Final = frozenset(("stopped", "held", "not_taking", "given", "planned", "changed"))


def read_medications(text: str, drugs: Sequence[Span], *, sentences: Sequence[Span]) -> tuple[MedicationStatement, ...]:
    """Return what the text says about each of the drugs, which are in order and do not overlap.

    A direction ends with its sentence or where the next drug begins. Drugs that are only joined by commas and
    "and" share what is said behind the last of them: "metformin and glipizide were stopped".
    """
    starts = [sentence.start for sentence in sentences]
    statements: list[MedicationStatement] = []
    for number in range(len(drugs) - 1, -1, -1):
        drug = drugs[number]
        sentence = _sentence_of(drug, sentences, starts)
        following = drugs[number + 1] if number + 1 < len(drugs) else None
        end = sentence.end if sentence else drug.end
        limit = max(drug.end, min(end, following.start if following else len(text)))
        floor = sentence.start if sentence else None
        statement = read_medication(text, drug, limit=limit, floor=floor)
        after = statements[-1] if statements and following and following.start < end else None
        statements.append(_sharing(text, statement, after))
    return tuple(reversed(statements))


def _sentence_of(drug: Span, sentences: Sequence[Span], starts: Sequence[int]) -> Span | None:
    index = bisect_right(starts, drug.start) - 1
    return sentences[index] if index >= 0 and sentences[index].contains(drug) else None


def _sharing(text: str, statement: MedicationStatement, after: MedicationStatement | None) -> MedicationStatement:
    """Return the statement with the status that stands behind the drug it is joined to."""
    if after is None or after.status_cue is None or after.status not in _SHARED or statement.status != "unknown":
        return statement
    joined = _JOINED.fullmatch(text, statement.span.end, max(statement.span.end, after.span.start))
    if joined is None or after.status_cue.start < after.drug.end:
        return statement
    if after.status == "changed" and (after.previous_dose is not None or statement.span != statement.drug):
        return statement  # "aspirin 81 mg daily, labetalol 100 mg -> 200 mg": only the last one changes
    return replace(statement, status=after.status, status_cue=after.status_cue)
