"""Names that stand in for names: one person, one stand-in, through all the forms that a text uses.

Every word of a name is mapped by itself, as given name or as surname, whatever the order, case, accents or
punctuation around it: "John Smith", "SMITH, JOHN" and "Mr. Smith" agree. The initial of a stand-in depends on the
initial of the original alone, so "J. Smith" agrees too, even in another document of the scope.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Final, Literal

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keyed import KeyedChoices
from openmed_agent.planes.inference.pii.lexicon import lexicon, plain
from openmed_agent.planes.inference.pii.reading import read
from openmed_agent.planes.inference.pii.vocabulary import CREDENTIALS, PARTICLES, TITLES
from openmed_agent.planes.inference.pii.wordfile import section

Role = Literal["given", "surname"]

GIVEN_LABELS: Final = frozenset({"first_name", "given_name", "middle_name"})
SURNAME_LABELS: Final = frozenset({"last_name", "surname"})
FULL_LABELS: Final = frozenset({"person", "name", "full_name", "patient", "doctor"})
NAME_LABELS: Final = GIVEN_LABELS | SURNAME_LABELS | FULL_LABELS

_MARKS: Final = r"[\u0300-\u036f\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963]*"
_WORD: Final = re.compile(rf"[^\W\d_](?:[^\s\d.,;:()/\"_-]*[^\W\d_])?{_MARKS}")
_KINDS_FILE: Final = "surrogates/kinds.txt"
_POSSESSIVE: Final = re.compile(r"['’]s?$", re.IGNORECASE)
_TITLE: Final = re.compile(r"([^\W\d_]+)\.?\s{1,3}$")
_LONGEST_TITLE: Final = 16
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})
_LETTERS_ENOUGH: Final = 6  # an alphabet of fewer first letters is no use for initials
_ATTEMPTS: Final = 200
_HAN: Final = re.compile(r"[\u3400-\u9fff々]+")
_SCRIPTS: Final = (
    ("ja", re.compile(r"[\u3041-\u30ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
)
_LATIN_LANGUAGES: Final = frozenset({"en", "de", "fr", "es", "it", "pt", "nl", "tr"})
_TWO_CHARACTER_SURNAMES: Final = frozenset({"欧阳", "司马", "上官", "诸葛", "司徒", "东方", "皇甫", "尉迟", "公孙"})
_JAPANESE_SURNAME: Final = 2


def locale_of(word: str, language: str) -> str:
    """Return the language whose names suit the script of a word in a text of the given language."""
    for locale, script in _SCRIPTS:
        if script.search(word):
            return locale
    if _HAN.search(word):
        return "ja" if language == "ja" else "zh"
    return language if language in _LATIN_LANGUAGES else "en"


class NameSurrogates:
    """The stand-ins for names of one text."""

    def __init__(
        self, text: str, findings: Iterable[PiiFinding], *, choices: KeyedChoices, language: str, avoid: frozenset[str]
    ) -> None:
        self._choices = choices
        self._language = language
        self._avoid = avoid
        self._roles = _roles(text, findings)
        self._drawn: dict[tuple[str, Role, str], str] = {}

    def of(self, original: str, label: str) -> str:
        """Return the stand-in for what stands under one label of a name."""
        bare = read(original).text
        if _HAN.fullmatch(bare):
            return self._of_characters(bare, label)
        if _is_particle(bare):  # marked by itself: "de" of "de Vries"
            return "van" if bare == "de" else "de"
        words = list(_WORD.finditer(bare))
        parts: list[str] = []
        at = 0
        for place, match in enumerate(words):
            word = _POSSESSIVE.sub("", match.group())
            parts.append(bare[at : match.start()])
            if _stays(word, place, len(words)):
                parts.append(word)
            else:
                parts.append(self._word(word, self._role(word, label, place, words, bare)))
            at = match.start() + len(word)
        return "".join((*parts, bare[at:]))

    def _role(self, word: str, label: str, place: int, words: Sequence[re.Match[str]], bare: str) -> Role:
        known = self._roles.get(plain(word))
        if known:
            return known
        if label in GIVEN_LABELS:
            return "given"
        if label in SURNAME_LABELS:
            return "surname"
        return _role_in_full_name(place, words, bare)

    def _word(self, word: str, role: Role) -> str:
        locale = locale_of(word, self._language)
        groups = _groups(role, locale)
        folded = plain(word)
        if len(groups) >= _LETTERS_ENOUGH:
            initials = [initial for initial in groups if initial != folded[:1]]
            initial = self._choices.one_of(initials, f"{role} initial", folded[:1])
            if len(folded) == 1:
                return _cased(initial.upper(), word)
            names = groups[initial]
        else:
            names = groups[""]
        known = (folded, role, locale)
        if known not in self._drawn:
            drawn = (self._draw(names, role, locale, folded, attempt) for attempt in range(_ATTEMPTS))
            self._drawn[known] = next((name for name in drawn if not shows(plain(name), self._avoid)), f"[{role}]")
        return _cased(self._drawn[known], word)

    def _draw(self, names: Sequence[str], role: Role, locale: str, folded: str, attempt: int) -> str:
        name = self._choices.one_of(names, role, folded, attempt)
        tails = _tails(locale) if role == "surname" else ()
        return name + self._choices.one_of(tails, "surname tail", folded, attempt) if tails else name

    def _of_characters(self, name: str, label: str) -> str:
        """Return the stand-in of a Chinese or Japanese name, which joins surname and given name."""
        locale = "ja" if self._language == "ja" else "zh"
        if label in GIVEN_LABELS:
            return self._word(name, "given")
        if locale == "ja":
            family = min(_JAPANESE_SURNAME, len(name))
        else:
            family = 2 if name[:2] in _TWO_CHARACTER_SURNAMES else 1
        rest = name[family:]
        return self._word(name[:family], "surname") + (self._word(rest, "given") if rest else "")


def shows(name: str, originals: frozenset[str]) -> bool:
    """Say whether a short name in lower case contains one of the originals, however many these are."""
    ends = range(1, len(name) + 1)
    return any(name[start:end] in originals for end in ends for start in range(end))


def _roles(text: str, findings: Iterable[PiiFinding]) -> dict[str, Role]:
    """Return whether a word is a given name or a surname wherever the text has it: what most places say."""
    votes: dict[str, Counter[Role]] = {}
    for finding in findings:
        if finding.label not in NAME_LABELS:
            continue
        bare = read(text[finding.start : finding.end]).text
        words = list(_WORD.finditer(bare))
        for place, match in enumerate(words):
            word = plain(_POSSESSIVE.sub("", match.group()))
            if len(word) == 1:
                continue
            if finding.label in FULL_LABELS:
                role = _role_in_full_name(place, words, bare)
            else:
                role = "given" if finding.label in GIVEN_LABELS else "surname"
            # A name that stands alone says little of its role, unless a title says that it is a surname.
            weight = 1 if _is_alone(text, finding) else 3
            votes.setdefault(word, Counter())[role] += weight
    return {word: "surname" if count["surname"] > count["given"] else "given" for word, count in votes.items()}


def _is_alone(text: str, finding: PiiFinding) -> bool:
    if finding.label in FULL_LABELS:
        return False
    title = _TITLE.search(text, max(0, finding.start - _LONGEST_TITLE), finding.start)
    if title and plain(title[1]) in TITLES:
        return False
    beside = text[max(0, finding.start - 2) : finding.start] + text[finding.end : finding.end + 2]
    return not any(character.isalpha() for character in beside)


def _role_in_full_name(place: int, words: Sequence[re.Match[str]], bare: str) -> Role:
    comma = bare.find(",")
    if comma >= 0:
        return "surname" if words[place].start() < comma else "given"
    word = plain(words[place].group())
    if len(words) == 1:
        return "given" if word in lexicon().given and word not in lexicon().surnames else "surname"
    last = len(words) - 1
    while last > 0 and plain(words[last].group()).strip(".") in _SUFFIXES | CREDENTIALS:
        last -= 1
    return "surname" if place >= last else "given"


def _is_particle(word: str) -> bool:
    return word.islower() and (plain(word) in PARTICLES or plain(word) in section(_KINDS_FILE, "particles"))


def _stays(word: str, place: int, count: int) -> bool:
    """Say whether a word of a name says nothing of who it is: a title, a particle, a suffix."""
    if count == 1:
        return False
    folded = plain(word)
    if _is_particle(word):
        return True
    if place == 0:
        return folded in TITLES
    return folded in _SUFFIXES or (folded in CREDENTIALS and len(folded) > 1 and word.isupper())


@cache
def _groups(role: Role, locale: str) -> dict[str, tuple[str, ...]]:
    """Return the names, or heads of surnames, by their first letter; under "" where that means nothing."""
    file = f"surrogates/{locale}.txt"
    if locale in _LATIN_LANGUAGES:
        names = sorted(set(section(file, "given" if role == "given" else "surname_heads")), key=plain)
        return {letter: tuple(found) for letter, found in groupby(names, key=lambda name: plain(name)[0])}
    kind = "given" if role == "given" else ("surname_heads" if locale == "ja" else "surnames")
    return {"": section(file, kind)}


def _tails(locale: str) -> tuple[str, ...]:
    has_tails = locale in _LATIN_LANGUAGES or locale == "ja"
    return section(f"surrogates/{locale}.txt", "surname_tails") if has_tails else ()


def _cased(name: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return name.upper()
    return name.lower() if like.islower() and like != like.upper() else name
