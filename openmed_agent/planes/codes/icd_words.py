"""How a title of ICD-10-CM, or a query for one, becomes words that can be compared.

The conventions of the classification decide what a word is worth: what stands in parentheses is a nonessential
modifier, in brackets a synonym; "NOS" and "unspecified" are the same; the clause after "without" describes the
plain case. So every title has essential, minor and free words, and a query that has all the essential ones and
no word besides names exactly this title.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(r"[a-z0-9]+|[()\[\],;]")
_INVISIBLE: Final = {"Cc", "Cf", "Co", "Cs", "Cn"}
_STOP_TEXT: Final = "a an and as at by due for from in is of on or per the to with which pt patient"
_STOP: Final = frozenset(_STOP_TEXT.split())
_FREE_TEXT: Final = "unspecified nos specified mellitus organism site"
_FREE: Final = frozenset(_FREE_TEXT.split())
_MINOR_TEXT: Final = "primary uncomplicated unilateral status stage single female adult nonpressure"
_MINOR: Final = frozenset(_MINOR_TEXT.split())
NEGATIONS: Final = frozenset({"without", "not"})
_CLAUSE_ENDS: Final = frozenset({",", ";", "with", "in"})
_PEN_STOP: Final = frozenset({"w"})  # as a pen writes; no title does
_PEN_FREE: Final = frozenset({"unsp", "unspec"})
_SLASHES: Final = {
    "w/o": "without", "w/out": "without", "w/": "with ", "d/t": "due to", "b/l": "bilateral", "h/o": "history of",
    "r/t": "due to", "2/2": "due to", "d/o": "disorder",
}  # fmt: skip
_SLASHED: Final = re.compile(r"(?<![\w/])(?:w/out\b|w/o\b|w/|(?:d/t|d/o|b/l|h/o|r/t|2/2)(?![\w/]))", re.IGNORECASE)
_GRADED_TEXT: Final = "type stage class grade degree phase iteration"
_GRADED: Final = frozenset(_GRADED_TEXT.split())
_ROMAN: Final = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_JOINED_TEXT: Final = (
    "anti broncho cardio cerebro cortico gastro hemi hydro hyper hypo immuno intra micro multi neuro non oro "
    "osteo para peri poly post pre pseudo pyelo sub supra thrombo tubulo"
)
_JOINED: Final = frozenset(_JOINED_TEXT.split())
_SPELLINGS: Final = (
    ("aemi", "emi"), ("haem", "hem"), ("oedema", "edema"), ("oesoph", "esoph"), ("rrhoea", "rrhea"),
    ("tumour", "tumor"), ("paed", "ped"), ("orthopaed", "orthoped"), ("foet", "fet"), ("anaesth", "anesth"),
    ("ischaem", "ischem"), ("colour", "color"), ("fibre", "fiber"), ("dyspnoea", "dyspnea"),
    ("apnoea", "apnea"), ("coeliac", "celiac"), ("caec", "cec"), ("gynaec", "gynec"),
)  # fmt: skip
_SHORTEST_PLURAL: Final = 4
_SINGULAR_ENDINGS: Final = ("ss", "us", "is")


class Words(NamedTuple):
    """The words of a title by what they are worth, each in one set; ``negated`` are those the title rules out."""

    essential: tuple[str, ...]
    minor: tuple[str, ...]
    negated: tuple[str, ...]
    free: tuple[str, ...]


def query_words(text: str) -> tuple[str, ...]:
    """Return the comparable words of a query, in order, each once, without those that say nothing."""
    plain = _SLASHED.sub(lambda found: _SLASHES[found.group().lower()], text)
    words = [word for word in _tokens(plain) if word not in _STOP | _PEN_STOP and word.isalnum()]
    telling = [word for word in words if word not in _FREE | _PEN_FREE]
    return tuple(dict.fromkeys(telling or words))


@lru_cache(maxsize=1_000)
def title_words(text: str) -> Words:
    """Return the words of a title."""
    essential: dict[str, None] = {}
    minor: dict[str, None] = {}
    negated: dict[str, None] = {}
    free: dict[str, None] = {}
    depth, in_negation = 0, False
    tokens = _tokens(text)
    unsaid = _unspecified_clauses(tokens)
    for place, part in enumerate(tokens):
        if part in "([":
            depth, in_negation = depth + 1, False
        elif part in ")]":
            depth = max(0, depth - 1)
        elif part in _CLAUSE_ENDS:
            in_negation = False
        elif part in NEGATIONS:
            in_negation = True
            minor[part] = None
        elif depth or place in unsaid or part in _FREE:
            free[part] = None
        elif part not in _STOP:
            target = negated if in_negation else minor if part in _MINOR else essential
            target[part] = None
    if not essential:  # a title of minor words only: all of them matter
        essential, minor = minor or free, {}
    return _disjoint(essential, minor, negated, free)


def _unspecified_clauses(tokens: list[str]) -> frozenset[int]:
    """Return the places of words after a comma and "unspecified", up to the clause's end: none has to be said."""
    found: set[int] = set()
    inside = False
    for place, part in enumerate(tokens):
        if part in _CLAUSE_ENDS:
            inside = False
        elif part == "unspecified" and place and tokens[place - 1] == ",":
            inside = True
        if inside:
            found.add(place)
    return frozenset(found)


def extended_words(base: Words, suffix: str, *, plain: bool) -> Words:
    """Return the words of a title followed by the meaning of a 7th character, which is minor if ``plain``."""
    added = _suffix_words(suffix)
    negated, free = _without(base.negated, added), _without(base.free, added)
    if plain:
        new = _without(added, base.essential)
        return Words(base.essential, base.minor + _without(new, base.minor), negated, free)
    return Words(base.essential + _without(added, base.essential), _without(base.minor, added), negated, free)


def _without(words: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([word for word in words if word not in others]) if words else words


@lru_cache(maxsize=1_000)
def _suffix_words(suffix: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(token for token in _tokens(suffix) if token.isalnum() and token not in _STOP))


def _disjoint(*falling: dict[str, None]) -> Words:
    """Return the sets with each word in the first that has it."""
    seen: set[str] = set()
    kept: list[tuple[str, ...]] = []
    for words in falling:
        kept.append(tuple([word for word in words if word not in seen]) if seen else tuple(words))
        seen.update(words)
    essential, minor, negated, free = kept
    return Words(essential, minor, negated, free)


def _tokens(text: str) -> list[str]:
    raw = _TOKEN.findall(_plain(text))
    tokens: list[str] = []
    for position, token in enumerate(raw):
        previous = raw[position - 1] if position else ""
        if token in _ROMAN and previous in _GRADED:
            tokens.append(_ROMAN[token])
        elif previous in _JOINED and token.isalpha():
            tokens[-1] = fold(previous + token)
        else:
            tokens.append(fold(token))
    return tokens


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower().replace("'s", "").replace("'", "")
    decomposed = unicodedata.normalize("NFKD", text.replace("'s", "").replace("’s", ""))
    kept = (character for character in decomposed if unicodedata.category(character) not in _INVISIBLE | {"Mn"})
    return "".join(kept).lower().replace("'", "")


@lru_cache(maxsize=60_000)
def fold(word: str) -> str:
    """Return one lower-case word in American spelling and in the singular, by rule; only for comparison."""
    for british, american in _SPELLINGS:
        if british in word:
            word = word.replace(british, american)
    if len(word) < _SHORTEST_PLURAL or not word.endswith("s") or word.endswith(_SINGULAR_ENDINGS):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "ches", "shes", "sses")) else word[:-1]
