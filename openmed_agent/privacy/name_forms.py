"""The ways in which the name of a person is written, as forms to look for."""

import re
from codecs import encode
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Final

from openmed_agent.privacy.folding import folded, is_unspaced
from openmed_agent.privacy.forms import Form, Rule

_MOST_WORDS: Final = 7
_SHORTEST_GLUED: Final = 8
_SHORTEST_ALONE: Final = 3
_SHORTEST_INSIDE: Final = 6
_WORD: Final = re.compile(r"[^\s,;/|()\"<>\[\]{}_^&]+")
_PART: Final = re.compile(r"[-‐‑–.]")
_TITLES: Final = frozenset(
    re.findall(
        r"\S+",
        """mr mrs ms miss mx dr doctor prof professor sir madam rev fr sr jr ii iii iv md do rn np pa pa-c phd dds dvm
        lpn lvn cnm fnp aprn crna mbbs facp esq herr frau sra srta dra señor señora mme""",
    )
)
_PARTICLES: Final = frozenset(
    re.findall(
        r"\S+",
        """de del der den di da das dos du la las le los el al van von ter ten te bin ibn bint y e i o af av zu zum
        zur""",
    )
)


def name_words(name: str) -> tuple[str, ...]:
    """Return the words of a name, given names first, without titles: ``Okafor, Maria E., MD`` is Maria E. Okafor."""
    head, comma, tail = name.partition(",")
    first, last = _words(tail), _words(head)
    return first + last if comma and first and last else last + first


def name_forms(name: str) -> Iterator[Form]:
    """Yield the forms of a name: whole in any order of first and last, with initials, and each word that is telling."""
    words = name_words(name)[:_MOST_WORDS]
    if len(words) > 1:
        yield from _whole_forms(words)
        yield from _initial_forms(words)
    for word in words:
        yield from _word_forms(word)
    for left, right in pairwise(words):
        if folded(left) in _PARTICLES and len(folded(left + right)) >= _SHORTEST_GLUED - 2:
            yield Form(folded(left + right), Rule.WHOLE)


def _words(text: str) -> tuple[str, ...]:
    found = (match.group().strip(".'’`-*:") for match in _WORD.finditer(text))
    return tuple(word for word in found if folded(word) and word.lower().replace(".", "") not in _TITLES)


def _whole_forms(words: tuple[str, ...]) -> Iterator[Form]:
    orders = {words[cut:] + words[:cut] for cut in range(len(words))}
    orders |= {words[::-1], (words[0], words[-1]), (words[-1], words[0])}
    if len(words) > 2:  # noqa: PLR2004 - given, middle, family
        orders |= {(words[0], *words[2:]), (*words[2:], words[0]), words[:2], words[1:]}
    for order in sorted(orders):
        keys = tuple(map(folded, order))
        key = "".join(keys)
        if is_unspaced(key):
            yield Form(key, Rule.ANYWHERE)
            continue
        if len(key) < _SHORTEST_GLUED:
            yield Form(key, Rule.WORDS, words=keys)
            continue
        glued = min(len(keys[0]), len(keys[-1])) >= _SHORTEST_ALONE
        yield Form(key, Rule.ANYWHERE if glued else Rule.WHOLE)
        yield Form(key[::-1], Rule.WHOLE)
        yield Form(encode(key, "rot13"), Rule.WHOLE)


def _initial_forms(words: tuple[str, ...]) -> Iterator[Form]:
    """Yield ``M. Okafor``, ``Okafor M``, ``M. E. Okafor`` and ``Maria E. Okafor``."""
    *given, last = words
    initials = [folded(word)[:1] for word in given]
    family, first = folded(last), folded(given[0])
    orders: set[tuple[str, ...]] = {(initials[0], family), (family, initials[0])}
    if len(given) > 1:
        orders |= {
            (*initials, family),
            (family, *initials),
            (first, *initials[1:], family),
            (family, first, *initials[1:]),
        }
    for order in sorted(orders):
        yield Form("".join(order), Rule.CAPITAL_WORDS, words=order)


def _word_forms(word: str) -> Iterator[Form]:
    parts = [part for part in _PART.split(word) if part]
    for part in dict.fromkeys([word, *parts] if len(parts) > 1 else [word]):
        key = folded(part)
        if len(key) < 2 or is_function_word(key) or key in _PARTICLES or key.isdigit():  # noqa: PLR2004 - an initial
            continue
        if is_unspaced(key):
            yield Form(key, Rule.ANYWHERE)
        elif len(key) < _SHORTEST_ALONE or is_common_word(key):
            yield from (
                Form(key, Rule.WRITTEN, written=case) for case in sorted({part, part.capitalize()} - {part.lower()})
            )
        else:
            yield Form(key, Rule.ANYWHERE if len(key) >= _SHORTEST_INSIDE and not is_in_a_word(key) else Rule.WHOLE)
            if len(key) >= _SHORTEST_GLUED:
                yield Form(key[::-1], Rule.WHOLE)


def is_particle(word: str) -> bool:
    """Return whether a folded word only joins the parts of a name, such as "de" or "van"."""
    return word in _PARTICLES


def is_function_word(word: str) -> bool:
    """Return whether a folded word says nothing of anybody even with a capital, such as "will" or "do"."""
    from openmed_agent.planes.inference.pii.lexicon import lexicon  # noqa: PLC0415 - reads word lists

    return word in lexicon().function and word not in lexicon().given


def is_common_word(word: str) -> bool:
    """Return whether a folded word is also an ordinary word of text or of medicine."""
    from openmed_agent.planes.inference.pii.lexicon import lexicon  # noqa: PLC0415 - reads word lists

    words = lexicon()
    return word in words.common or word in words.function or word in words.medical or word in words.drugs


def is_in_names(word: str) -> bool:
    """Return whether a folded word is a name of people and no word of medicine or grammar."""
    from openmed_agent.planes.inference.pii.lexicon import lexicon  # noqa: PLC0415 - reads word lists

    words = lexicon()
    named = (words.given, words.surnames, words.given_ambiguous, words.surnames_ambiguous)
    return any(word in names for names in named) and not any(
        word in others for others in (words.medical, words.drugs, words.function)
    )


def is_in_a_word(word: str) -> bool:
    """Return whether a folded word is, or is inside of, an ordinary word of text or of medicine."""
    return word in _all_words()


@cache
def _all_words() -> str:
    from openmed_agent.planes.inference.pii.lexicon import lexicon  # noqa: PLC0415 - reads word lists

    words = lexicon()
    return "\n".join((*words.words, *words.common, *words.medical, *words.drugs))
