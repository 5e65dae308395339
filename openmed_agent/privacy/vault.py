"""The session's vault: which surrogate stands for which exact characters, and every form that is known of them.

One surrogate stands for one sequence of characters, so that the way back is exact. The spellings of one person,
place or number share its number. Surrogates are numbered in the order in which things become known, so they say nothing
of what they stand for.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from openmed_agent.privacy.folding import folded
from openmed_agent.privacy.identifiers import Identifier, days_in, forms_of
from openmed_agent.privacy.kinds import PEOPLE, IdentifierKind
from openmed_agent.privacy.matching import Entity, KnownForms, KnownSpan
from openmed_agent.privacy.name_forms import name_words
from openmed_agent.privacy.surrogates import Shown, looks_like_surrogate, restored, surrogate
from openmed_agent.store.vault import VaultEntry


class VaultRecords(Protocol):
    """Where the entries of a vault are kept; the encrypted store has one a session."""

    def load(self) -> tuple[VaultEntry, ...]:
        """Return all entries in the order in which they were added."""

    def add(self, entries: Sequence[VaultEntry]) -> None:
        """Add entries, durably and whole, or raise."""


class UnkeptRecords:
    """Records of a run that keeps nothing."""

    def load(self) -> tuple[VaultEntry, ...]:
        """Return nothing: there was no earlier run."""
        return ()

    def add(self, entries: Sequence[VaultEntry]) -> None:
        """Keep nothing."""


class Vault:
    """Surrogates and originals; ``epoch`` grows whenever something becomes known that other texts may hold.

    What is learnt is known at once and kept by ``keep``, which comes before anything leaves.
    """

    def __init__(self, records: VaultRecords | None = None) -> None:
        """Read what is kept.

        Raises:
            StoreError: the records cannot be read.

        """
        self._records: VaultRecords = records or UnkeptRecords()
        self._forms = KnownForms()
        self._originals: dict[str, str] = {}
        self._surrogates: dict[tuple[Entity, str], str] = {}
        self._entities: dict[tuple[bool, str], Entity] = {}
        self._counts: dict[IdentifierKind, int] = {}
        self._spellings: dict[Entity, int] = {}
        self._unkept: list[VaultEntry] = []
        self.epoch = 0
        for entry in self._records.load():
            self._remember(entry)

    def learn(self, identifiers: Iterable[Identifier]) -> None:
        """Make identifiers known, each with all its forms."""
        for identifier in identifiers:
            entity: Entity | None = None
            for text in dict.fromkeys((identifier.text, *identifier.same_as)):
                if folded(text):
                    entity = self._named(identifier.kind, text.strip(), entity)[0]

    def surrogate_of(self, kind: IdentifierKind, text: str, entity: Entity | None = None) -> str:
        """Return the surrogate for exactly ``text``, as a spelling of ``entity`` where that is known."""
        return self._named(kind, text, entity)[1]

    def spans(self, text: str) -> list[KnownSpan]:
        """Return every place in ``text`` where something known stands; they may overlap."""
        return self._forms.spans(text)

    def restored(self, text: str) -> Shown:
        """Return ``text`` with its surrogates replaced by what they stand for."""
        return restored(text, self._originals.get)

    def keep(self) -> None:
        """Keep what is new, durably.

        Raises:
            StoreError: it cannot be kept; it stays known and is tried again at the next call.

        """
        if self._unkept:
            self._records.add(tuple(self._unkept))
            self._unkept.clear()

    def __len__(self) -> int:
        """Return how many surrogates there are."""
        return len(self._originals)

    def _named(self, kind: IdentifierKind, text: str, entity: Entity | None) -> tuple[Entity, str]:
        """Return whom or what ``text`` is a spelling of and its surrogate, both new where they have to be."""
        of = entity or self._entities.get(_identity(kind, text)) or self._found(text)
        of = of or Entity(kind, self._counts.get(kind, 0) + 1)
        known = self._surrogates.get((of, text))
        if known is not None:
            return of, known
        name = surrogate(of.kind, of.number, self._spellings.get(of, 0) + 1)
        entry = VaultEntry(name, text, of.kind.value, of.number)
        self._unkept.append(entry)
        self._remember(entry)
        return of, name

    def _remember(self, entry: VaultEntry) -> None:
        kind = IdentifierKind(entry.kind)
        entity = Entity(kind, entry.entity)
        self._originals[entry.surrogate] = entry.original
        self._surrogates[entity, entry.original] = entry.surrogate
        self._counts[kind] = max(self._counts.get(kind, 0), entry.entity)
        self._spellings[entity] = self._spellings.get(entity, 0) + 1
        self._entities.setdefault(_identity(kind, entry.original), entity)
        if self._found(entry.original) is None and not looks_like_surrogate(entry.original):
            self._make_known(entity, entry.original)

    def _found(self, text: str) -> Entity | None:
        """Return as whose the known forms find the whole of ``text``, or None."""
        end = len(text)
        return next((known.entity for known in self._forms.spans(text) if (known.start, known.end) == (0, end)), None)

    def _make_known(self, entity: Entity, text: str) -> None:
        new = [self._forms.add(form, entity) for form in forms_of(entity.kind, text)]
        new += [self._forms.add_day(day, entity) for day in days_in(entity.kind, text)]
        self.epoch += any(new)


def _identity(kind: IdentifierKind, text: str) -> tuple[bool, str]:
    """Return what two spellings of the same person, or of the same other thing, have in common."""
    if kind in PEOPLE:
        return True, " ".join(sorted(map(folded, name_words(text)))) or folded(text)
    days = days_in(kind, text)
    return False, "-".join(map(str, days[0])) if days else folded(text)
