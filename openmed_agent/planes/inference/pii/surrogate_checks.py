"""Which checks a number passes, so that its stand-in can pass the same ones."""

import datetime as dt
from typing import Final

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.national_forms import NATIONAL_FORMS, Check, NationalForm

_LUHN: Final = {"credit_card", "credit_debit_card", "imei"}
_UNCHECKED: Final = frozenset(
    {"phone", "phone_number", "fax", "fax_number", "zipcode", "postcode", "ssn", "building_number", "gps_coordinates"}
)
_FIRST_BIRTH: Final = dt.date(1950, 1, 1)
_BIRTHS: Final = 18_000  # days from the first


_BY_LABEL: Final[dict[str, Check]] = {
    "npi": checksums.npi,
    "dea_number": checksums.dea,
    "vin": checksums.vin,
    "vehicle_identifier": checksums.vin,
    "iban": checksums.mod_97,
    **dict.fromkeys(_LUHN, checksums.luhn),
}
_MOST_HELD: Final = 2


def held_checks(label: str, bare: str) -> tuple[Check, ...]:
    """Return the checks that the bare identifier passes; two at most, since a number passes more only by chance.

    An identifier that also holds a birth date is surely of that form.
    """
    if label in _UNCHECKED:
        return ()
    if label in _BY_LABEL:
        return (_BY_LABEL[label],) if passes(_BY_LABEL[label], bare) else ()
    if dated := birth_form(bare):
        return (dated.check,)
    forms = (form for form in NATIONAL_FORMS if form.shape.fullmatch(bare))
    return tuple(form.check for form in forms if passes(form.check, bare))[:_MOST_HELD]


def passes(check: Check, bare: str) -> bool:
    """Say whether the identifier passes; what has not even the form does not."""
    try:
        return check(bare)
    except (ValueError, IndexError, KeyError):
        return False


def birth_form(bare: str) -> NationalForm | None:
    """Return the form of an identifier that holds a birth date, or None for one that holds none."""
    forms = (form for form in NATIONAL_FORMS if form.dated and form.shape.fullmatch(bare))
    return next((form for form in forms if passes(form.check, bare)), None)


def birth_places(form: NationalForm, number: int) -> dict[int, str]:
    """Return the characters, by place, of a birth date that the number draws."""
    return form.dated(_FIRST_BIRTH + dt.timedelta(days=number % _BIRTHS)) if form.dated else {}
