"""Post-office boxes, rooms and postal codes, which stand by themselves."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keywords import keys
from openmed_agent.planes.inference.pii.patterns import Pattern, found

SOURCE: Final = "address"

UNIT: Final = (
    r"(?:,?\s{1,4}(?:(?:Apt|Apartment|Suite|Ste|Unit|Floor|Fl|Room|Rm|Bldg|Building|Lot|Trailer"
    r"|Penthouse)\.?\s?#?\s?[\w-]{1,6}|#\s?[\w-]{1,6}|\d{1,3}[A-Z]\b))?"
)

_ANNOUNCED: Final = Pattern(
    "zipcode",
    re.compile(
        r"(?-i:[ZzPpCc])(?<!\w.)"
        r"(?:(?<=z)ip(?:[ _]?code)?|(?<=p)(?:ost(?:al)?[ _]?code|in ?code|lz)|(?<=c)ap)['\">]?\s?"
        r"(?:is|:|=|#)?\s{0,4}['\"]?"
        r"(\d{5}(?:-\d{4})?|\d{3} \d{2,3}|\d{6}|[A-Z\d]{2,4} ?[A-Z\d]{2,4})\b",
        re.IGNORECASE,
    ),
    0.85,
    SOURCE,
    group=1,
    needs=("zip", "post", "plz", "cap"),
    check=lambda value: any(c.isdigit() for c in value),
)
_WORDED: Final = (
    (
        keys("box pob pobox obox"),
        Pattern(
            "street_address",
            re.compile(
                r"\b(?:P\.? ?O\.? ?Box|Post Office Box|POB|PSC \d{1,5},? Box|CMR \d{1,5},? Box"
                r"|Unit \d{1,5},? Box)\s?#?\s?\d{1,7}\b(?:" + UNIT + ")?",
                re.IGNORECASE,
            ),
            0.9,
            SOURCE,
        ),
    ),
    (
        keys("uss usns usnv uscgc"),
        Pattern(
            "street_address",
            re.compile(r"\b(?:USS|USNS|USNV|USCGC) [A-Z][\w'-]{1,20}(?=\s{0,3}\n?\s{0,3}[AF]PO)"),
            0.8,
            SOURCE,
        ),
    ),
    (
        keys("apo fpo dpo"),
        Pattern("zipcode", re.compile(r"\b[ADF]PO\s(?:A[AEP]\s)?\d{5}(?:-\d{4})?\b"), 0.9, SOURCE, needs=("po ",)),
    ),
    (
        keys("apt apartment suite ste"),
        Pattern(
            "street_address",
            re.compile(r"\b(?:Apt|Apartment|Suite|Ste)\b\.?\s#?\s?[A-Z]?\d{1,5}[A-Z]?\b", re.IGNORECASE),
            0.7,
            SOURCE,
            needs=("apt", "apartment", "suite", "ste ", "ste."),
        ),
    ),
    (
        keys("rr highway route hwy rte"),
        Pattern(
            "street_address",
            re.compile(
                r"\bRR ?#?\d{1,3},? Box \d{1,5}\b|\b(?:State |County |US |Rural )?(?:Highway|Route|Hwy"
                r"|Rte)\.? \d{1,4}\b"
            ),
            0.6,
            SOURCE,
            needs=("rr ", "highway", "route", "hwy", "rte"),
        ),
    ),
    (
        keys("room rm bed suite"),
        Pattern(
            "building_number",
            re.compile(
                r"[RrBbSs](?<!\w.)(?:(?<=[Rr])(?:oom|m\.?)|(?<=[Bb])ed|(?<=[Ss])uite)\s?#?:?\s?"
                r"(\d{1,4}-?[A-D]|\d{3,4})\b(?! ?(?:air|mg|ml|%))"
            ),
            0.55,
            SOURCE,
            group=1,
        ),
    ),
    (
        keys("nsw vic qld tas"),
        Pattern(
            "zipcode",
            re.compile(r"\b(?:NSW|VIC|QLD|TAS),? ([2-7]\d{3})\b(?![.,]?\d)"),
            0.85,
            SOURCE,
            group=1,
            needs=("nsw", "vic ", "qld", "tas "),
        ),
    ),
)
_OUTLINED: Final = (
    Pattern(
        "zipcode",
        re.compile(r"\d(?<![\w.-]\d)\d{4}-\d{4}(?![\w-])"),
        0.65,
        SOURCE,
        outlines=(b"00000-0000",),
    ),
    Pattern(
        "zipcode",
        re.compile(r"[ABCEGHJ-NPRSTVXY](?<!\w[A-Z])(?!(?<=T)\dN\dM)\d[A-Z] ?\d[A-Z]\d\b"),
        0.75,
        SOURCE,
        outlines=(b"A0A0A0", b"A0A 0A0"),
    ),
    Pattern(
        "zipcode",
        re.compile(r"[A-Z](?<!\w[A-Z])(?:[A-Z]?\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2})\b"),
        0.7,
        SOURCE,
        outlines=(b"0 0AA", b"A 0AA"),
    ),
    # The same with letters that the post does not use, behind a town
    Pattern(
        "zipcode",
        re.compile(
            r"[A-Z](?:(?<=[a-z] [A-Z])|(?<=[a-z], [A-Z]))[A-Z]?\d[A-Z\d]? \d"
            r"(?!TH|ST|ND|RD|MG|ML|CM|MM|KG|AM|PM)[A-Z]{2}\b"
        ),
        0.6,
        SOURCE,
        outlines=(b"0 0AA", b"A 0AA"),
    ),
    # India: behind a town and a hyphen
    Pattern(
        "zipcode",
        re.compile(r"[1-9](?:(?<=[a-z)] - [1-9])|(?<=[a-z)]-[1-9]))\d{2} ?\d{3}(?![\w-]|[./]\d)"),
        0.6,
        SOURCE,
        outlines=(b"- 000", b"-000"),
        shape=re.compile(r"-(?:(?<=[a-z)]-)|(?<=[a-z)] -) )\d{3}"),
    ),
)
WORDS: Final = frozenset().union(*(words for words, _ in _WORDED))
"""The words without one of which a text holds no box and no room."""


def find(text: str, lowered: str, outlined: bytes, shown: frozenset[bytes]) -> Iterator[PiiFinding]:
    """Yield boxes, rooms and postal codes in a text, given its `outline` and which of `WORDS` it shows."""
    yield from _ANNOUNCED.find(text, lowered)
    yield from found(_OUTLINED, text, lowered, outlined)
    if shown:
        for words, pattern in _WORDED:
            if not words.isdisjoint(shown):
                yield from pattern.find(text, lowered)
