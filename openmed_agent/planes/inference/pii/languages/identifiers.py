"""Numbers that a word of the language names, and long numbers that no word names."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.patterns import Pattern, digits_of

SOURCE: Final = "keyword"

_GLUE_WORDS: Final = (
    r"n[°ºo.]\.?|nr\.?|num\.?|numero|número|numéro|numara(?:sı)?|nummer|number|no\.?|id|is|ist|lautet|est|es|è|é|code|"
    r"رقم|هو|संख्या|नंबर|नं\.?|क्रमांक|番号|号码|号|號碼|號|は|为|為|是"
)
_GLUE: Final = (
    rf"(?:\s?\([^()\n]{{1,20}}\))?\.?\s{{0,2}}(?:(?:{_GLUE_WORDS})\s{{0,2}}){{0,2}}[:#=–|-]{{0,2}}\s{{0,4}}[#|]?\s?"
)
_VALUE: Final = (
    r"([A-Za-z]{0,5}[-/ ]?\d[A-Za-z0-9]{0,30}(?:[-./_][A-Za-z0-9]{1,20}){0,6}"
    r"(?: (?:\d{2,6}|[A-Za-z]\d{2,6})(?![A-Za-z0-9/%:_-]|[.,]\d)){0,6})(?![A-Za-z0-9])"
)
_DATE_SHAPED: Final = re.compile(
    r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|(?:19|20)\d{2}(?:[-/.]\d{1,2}[-/.]\d{1,2})?|\d+\.\d+"
)
_QUANTITY: Final = re.compile(r"\d+(?:mg|mcg|ml|kg|g|h|x|ug|mm|cm)", re.IGNORECASE)


def _long_enough(shortest: int) -> "re.Pattern[str]":
    return re.compile(rf"(?:\D*\d){{{shortest}}}")


def keyword(label: str, words: str, *, shortest: int = 4, bounded: bool = True, confidence: float = 0.9) -> Pattern:
    """Return the pattern of a value that one of the words (an expression) names.

    The value holds at least `shortest` digits; `bounded` wants the word to begin at a word's beginning, which
    scripts without spaces cannot promise.
    """

    def counts(value: str) -> bool:
        bare = value.strip()
        return (
            len(digits_of(bare)) >= shortest
            and not (_DATE_SHAPED.fullmatch(bare) and not (bare.isdigit() and label == "account_number"))
            and not _QUANTITY.fullmatch(bare)
        )

    start = r"(?<![^\W\d_])" if bounded else ""
    expression = re.compile(rf"{start}(?:{words}){_GLUE}{_VALUE}", re.IGNORECASE)
    return Pattern(label, expression, confidence, SOURCE, group=1, check=counts)


UNNAMED: Final = Pattern(
    "unique_id",
    re.compile(
        r"[A-Z\d](?<![A-Za-z0-9.,$/+_-][A-Z\d])(?:(?<=\d)\d{6,}|(?<=[A-Z])[A-Z]{0,3}-?\d{7,})(?:-[A-Z\d]{1,12}){0,3}"
        r"(?![A-Za-z0-9/%_]|[.,-]\d)"
    ),
    0.5,
    "number",
)
"""A long number without a name, as a weak finding."""


NUMBERED: Final = keyword("unique_id", r"n[°º]\.?|n\.[°º]|nr\.|№|no\.", shortest=5, confidence=0.6)
"""Any longer value after a sign for number."""
