"""An identifier that something said belongs to a record, before it has a surrogate."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from openmed_agent.privacy.date_forms import Day, days_of, digits_of
from openmed_agent.privacy.forms import Form, Rule
from openmed_agent.privacy.kinds import PEOPLE, IdentifierKind
from openmed_agent.privacy.name_forms import name_forms
from openmed_agent.privacy.number_forms import number_forms


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier as it was written. ``same_as`` are other spellings or parts of it, such as a maiden name."""

    kind: IdentifierKind
    text: str = field(repr=False)
    same_as: tuple[str, ...] = field(default=(), repr=False)


def forms_of(kind: IdentifierKind, text: str) -> Iterator[Form]:
    """Yield the forms in which an identifier is looked for; of a date, only its digits in a row."""
    if kind in PEOPLE:
        yield from name_forms(text)
    elif kind is IdentifierKind.DATE:
        for day in days_of(text)[:1]:
            yield from (Form(digits, Rule.ANYWHERE) for digits in digits_of(day))
    else:
        yield from number_forms(kind, text)


def days_in(kind: IdentifierKind, text: str) -> tuple[Day, ...]:
    """Return the days that an identifier means if it is a date."""
    return days_of(text) if kind is IdentifierKind.DATE else ()
