"""Finding known identifiers in a text, in every form and encoding, in time that grows with the text alone.

The text is folded to letters and digits; every four of them in a row are looked up among the beginnings of known
forms. Dates are read, not enumerated.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from openmed_agent.privacy.date_forms import Day, same_day, written_dates
from openmed_agent.privacy.encodings import View, decoded_views, encoded_passages
from openmed_agent.privacy.folding import folded, origins
from openmed_agent.privacy.forms import Form, Rule
from openmed_agent.privacy.kinds import IdentifierKind

_BEGINNING: Final = 4
_WIDEST_GAP: Final = 8
_MOST_GLUED: Final = 8
_WORD: Final = re.compile(r"[^\W_]+")
_SHORT_WORD: Final = re.compile(r"(?<![^\W_])[^\W_]{2,3}(?![^\W_])")
_UNSPACED_RUN: Final = re.compile("[\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3々]{2,}")
_CENTURY: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Entity:
    """Whom or what an identifier is of: the ``number``-th of its kind."""

    kind: IdentifierKind
    number: int


@dataclass(frozen=True, slots=True)
class KnownSpan:
    """A place in a text where a known identifier stands.

    ``weak`` is a part of a name that is also an ordinary word, such as May; ``encoded`` has to be decoded to be read.
    """

    start: int
    end: int
    entity: Entity
    weak: bool = False
    encoded: bool = False


class KnownForms:
    """All forms of what is known. Adding never removes: what was found stays found."""

    def __init__(self) -> None:
        self._forms: dict[str, list[tuple[Form, Entity]]] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}
        self._short: dict[str, list[tuple[Form, Entity]]] = {}
        self._days: dict[tuple[int, int, int], list[tuple[Day, Entity]]] = {}

    def add(self, form: Form, entity: Entity) -> bool:
        """Return whether ``form`` was not known yet; the first entity that has a form keeps it."""
        if not form.key:
            return False
        table = self._forms if len(form.key) >= _BEGINNING else self._short
        known = table.setdefault(form.key, [])
        if any(other == form for other, _ in known):
            return False
        known.append((form, entity))
        if table is self._forms:
            beginning = form.key[:_BEGINNING]
            lengths = {*self._lengths.get(beginning, ()), len(form.key)}
            self._lengths[beginning] = tuple(sorted(lengths, reverse=True))
        return True

    def add_day(self, day: Day, entity: Entity) -> bool:
        """Return whether ``day`` was not known yet."""
        known = self._days.setdefault((day[0] % _CENTURY, day[1], day[2]), [])
        if any(other == day for other, _ in known):
            return False
        known.append((day, entity))
        return True

    def spans(self, text: str) -> list[KnownSpan]:
        """Return every place in ``text`` where something known stands, plainly or encoded; they may overlap.

        Where one is glued to other letters, they are read again without it: ``OkaforLind`` holds two names.
        """
        found = self._spans(text)
        for _ in range(_MOST_GLUED):
            if not any(_is_glued(text, span) for span in found):
                break
            text = _without(text, found)
            more = self._spans(text)
            if not more:
                break
            found += more
        return found

    def _spans(self, text: str) -> list[KnownSpan]:
        found = list(self._plain(text))
        for view in decoded_views(text):
            found += self._in_view(view)
        for passage in encoded_passages(text):
            entity = next((known.entity for known in self._plain(passage.text)), None)
            if entity is not None:
                found.append(KnownSpan(passage.start, passage.end, entity, encoded=True))
        return found

    def _in_view(self, view: View) -> Iterator[KnownSpan]:
        for known in self._plain(view.text):
            start, end = view.span(known.start, known.end)
            yield KnownSpan(start, end, known.entity, known.weak, encoded=True)

    def _plain(self, text: str) -> Iterator[KnownSpan]:
        yield from self._long_forms(text)
        if self._short:
            yield from self._short_forms(text)
        if self._days:
            yield from self._dates(text)

    def _short_forms(self, text: str) -> Iterator[KnownSpan]:
        """Yield short words of known names: whole ones, and any of a script without spaces."""
        for match in _SHORT_WORD.finditer(text):
            yield from _first(self._short.get(folded(match.group()), ()), text, match.start(), match.end())
        for match in _UNSPACED_RUN.finditer(text):
            for start in range(match.start(), match.end() - 1):
                for end in range(start + 2, min(start + _BEGINNING, match.end() + 1)):
                    yield from _first(self._short.get(folded(text[start:end]), ()), text, start, end)

    def _long_forms(self, text: str) -> Iterator[KnownSpan]:
        key, lengths = folded(text), self._lengths
        places: list[int] | None = None
        for at in [at for at in range(len(key) - _BEGINNING + 1) if key[at : at + _BEGINNING] in lengths]:
            for length in lengths[key[at : at + _BEGINNING]]:
                forms = self._forms.get(key[at : at + length]) if at + length <= len(key) else None
                if forms is None:
                    continue
                places = places if places is not None else origins(text)
                if not _is_close(places, at, length):
                    continue
                known = _first(forms, text, places[at], places[at + length - 1] + 1)
                if known:
                    yield from known
                    break

    def _dates(self, text: str) -> Iterator[KnownSpan]:
        for written in written_dates(text):
            for day in written.days:
                known = self._days.get((day[0] % _CENTURY, day[1], day[2]), ())
                entity = next((entity for other, entity in known if same_day(day, other)), None)
                if entity is not None:
                    yield KnownSpan(written.start, written.end, entity)
                    break


def _is_glued(text: str, span: KnownSpan) -> bool:
    return (span.start > 0 and text[span.start - 1].isalnum()) or (span.end < len(text) and text[span.end].isalnum())


def _without(text: str, found: Iterable[KnownSpan]) -> str:
    """Return ``text``, equally long, with blanks in the place of what was found."""
    parts: list[str] = []
    done = 0
    for span in sorted(found, key=lambda span: span.start):
        if span.end > done:
            start = max(done, span.start)
            parts += (text[done:start], " " * (span.end - start))
            done = span.end
    return "".join((*parts, text[done:]))


def _is_close(places: list[int], at: int, length: int) -> bool:
    """Return whether no gap between two characters of a match is wider than what separates parts of one identifier."""
    return all(places[place + 1] - places[place] <= _WIDEST_GAP + 1 for place in range(at, at + length - 1))


def _first(forms: Iterable[tuple[Form, Entity]], text: str, start: int, end: int) -> tuple[KnownSpan, ...]:
    """Return the place as that of the first form whose rule holds, the weak ones last, or nothing."""
    holding = [(form.rule is Rule.WRITTEN, entity) for form, entity in forms if _holds(form, text, start, end)]
    if not holding:
        return ()
    weak, entity = min(holding, key=lambda each: each[0])
    return (KnownSpan(start, end, entity, weak),)


def _holds(form: Form, text: str, start: int, end: int) -> bool:
    if form.rule is Rule.ANYWHERE:
        return True
    if not _is_whole(text, start, end):
        return False
    match form.rule:
        case Rule.WRITTEN:
            return text[start:end] == form.written
        case Rule.WORDS | Rule.CAPITAL_WORDS:
            words = _WORD.findall(text[start:end])
            if form.rule is Rule.WORDS and all(len(word) == 1 for word in words):
                return True  # spaced letters
            if tuple(map(folded, words)) != form.words:
                return False
            return form.rule is Rule.WORDS or all(not word[0].islower() for word in words)
        case _:
            return True


def _is_whole(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return _parts(before, text[start]) and _parts(text[end - 1], after)


def _parts(left: str, right: str) -> bool:
    """Return whether a word can end between two characters: also in "okafor2024" and "PtOkafor", not in "annual"."""
    if not (left.isalnum() and right.isalnum()):
        return True
    if left.isdigit() != right.isdigit():
        return True
    return left.islower() and right.isupper()
