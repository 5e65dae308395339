"""What the sequence model sees of a word: its shape, its lists, its neighbours, and the rules' opinion.

No feature holds a word that is not English: a name is known by its lists and its place, never by itself, so that
the model file remembers no names.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from openmed_agent.planes.inference.pii import vocabulary
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import lexicon
from openmed_agent.planes.inference.pii.tokens import ANY_NAME, Token, kinds

_CLASSES: Final = (
    ("title", vocabulary.TITLES),
    ("degree", vocabulary.CREDENTIALS),
    ("relative", vocabulary.RELATIVES),
    ("staff", vocabulary.STAFF),
    ("field", vocabulary.FIELDS),
    ("cue", vocabulary.WEAK_CUES),
    ("header", vocabulary.HEADERS),
    ("head", vocabulary.EPONYM_HEADS),
    ("eponym", vocabulary.EPONYMS),
    ("acts", vocabulary.PERSON_VERBS),
    ("particle", vocabulary.PARTICLES),
    ("kind", vocabulary.GENERIC_ORGANIZATION),
)
_GROUPS: Final = {
    "first_name": "N", "middle_name": "N", "last_name": "N", "city": "P", "county": "P", "organization": "G",
    "street_address": "S", "zipcode": "S", "date": "D", "date_of_birth": "D",
}  # fmt: skip
_SURE: Final = 0.75
_FAIR: Final = 0.6
_LONG: Final = 5
_SUFFIX: Final = 3
_GAPS: Final = {" ": "_", ", ": ",", "\n": "n", ". ": ".", ": ": ":", "": "0", "  ": "_"}
_EDGE: Final = (("edge",), ("-edge",), ("+edge",), ("--edge",), ("++edge",), "edge")

Known = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...], str]
"""The features of a word by itself, as the word before, after, two before and two after, and its class."""


@lru_cache(maxsize=1 << 15)
def _known(text: str, key: str) -> Known:
    flags = kinds(key)
    shape = _shape(text)
    classes = [name for name, members in _CLASSES if key in members]
    if key in lexicon().cities:
        classes.append("town")
    english = key in lexicon().words or bool(classes)
    own = [f"s={shape}", f"f={flags}", f"{shape}/{flags}", *(f"c={name}" for name in classes)]
    if english:
        own.append(f"w={key}")
    if len(key) > _SUFFIX and not flags & ANY_NAME:
        own.append(f"e={key[-_SUFFIX:]}")
    word = key if english else shape
    brief = classes[0] if classes else f"{shape}{'n' if flags & ANY_NAME else 'w' if flags else ''}"
    return (
        tuple(own),
        (f"-w={word}", f"-s={shape}", f"-f={flags}", f"-c={brief}"),
        (f"+w={word}", f"+s={shape}", f"+f={flags}", f"+c={brief}"),
        (f"--w={word}", f"--c={brief}"),
        (f"++w={word}", f"++c={brief}"),
        brief,
    )


def _shape(text: str) -> str:
    length = "1" if len(text) == 1 else "2" if len(text) == len("ab") else "s" if len(text) < _LONG else "l"
    if text.islower():
        return "x" + length
    if text.isupper():
        return "X" + length
    if text[0].isupper() and text[1:].islower():
        return "Xx" + length
    return "-" if "-" in text else "'" if "'" in text else "mix"


def opinions(tokens: Sequence[Token], findings: Sequence[PiiFinding]) -> list[str]:
    """Return for each word what the rules took it for: a group of labels and how sure, or "no".

    Of several findings over one word the most certain counts.
    """
    result = ["no"] * len(tokens)
    strength = [0.0] * len(tokens)
    index = 0
    for finding in sorted(findings, key=lambda f: f.start):
        while index < len(tokens) and tokens[index].end <= finding.start:
            index += 1
        at = index
        while at < len(tokens) and tokens[at].start < finding.end:
            if finding.confidence > strength[at]:
                strength[at] = finding.confidence
                sure = 3 if finding.confidence >= _SURE else 2 if finding.confidence >= _FAIR else 1
                result[at] = f"{_GROUPS.get(finding.label, 'X')}{sure}"
            at += 1
    return result


def features(text: str, tokens: Sequence[Token], opinion: Sequence[str]) -> list[list[str]]:
    """Return the features of each word."""
    known = [_EDGE, _EDGE, *(_known(token.text, token.key) for token in tokens), _EDGE, _EDGE]
    gaps = _gaps(text, tokens)
    rules = ["edge", *opinion, "edge"]
    style = _style(tokens)
    items = []
    for index in range(len(tokens)):
        before, own, after = known[index + 1], known[index + 2], known[index + 3]
        left, right, rule = gaps[index], gaps[index + 1], rules[index + 1]
        items.append(
            [
                *own[0],
                *before[1],
                *after[2],
                *known[index][3],
                *known[index + 4][4],
                "<" + left,
                ">" + right,
                f"<{left}{before[5]}",
                f">{right}{after[5]}",
                f"{before[5]}<{left}>{right}{after[5]}",
                f"{before[5]}|{own[0][2]}",
                style + own[0][0],
                f"{style}{own[0][0]}|{rule}",
                "r=" + rule,
                f"r={rule}|{own[0][1]}",
                f"r={rule}|{left}{before[5]}",
                "-r=" + rules[index],
                "+r=" + rules[index + 2],
            ]
        )
    return items


def _style(tokens: Sequence[Token]) -> str:
    """Return how the words are written: all in capitals, with hardly a capital, or as usual."""
    capitals = sum(token.capital for token in tokens)
    if sum(token.upper for token in tokens) * 2 > len(tokens):
        return "shouted"
    return "usual" if capitals * 25 > len(tokens) else "small"


def _gaps(text: str, tokens: Sequence[Token]) -> list[str]:
    """Return what stands before each word and after the last: the marks that matter."""
    gaps = []
    end = 0
    for token in tokens:
        gaps.append(_GAPS.get(text[end : token.start]) or _gap(text[end : token.start]))
        end = token.end
    return [*gaps, _gap(text[end : end + 40])] if tokens else [""]


@lru_cache(maxsize=1 << 12)
def _gap(gap: str) -> str:
    """Return a gap with digits as one 9, line ends as n, and at most its first four kinds of marks."""
    marks: list[str] = []
    for character in gap[:40]:
        mark = "9" if character.isdigit() else "n" if character in "\r\n" else "_" if character.isspace() else character
        if not marks or marks[-1] != mark:
            marks.append(mark)
    squeezed = [mark for mark in marks if mark != "_"] or marks[:1]
    return "".join(squeezed[:4])
