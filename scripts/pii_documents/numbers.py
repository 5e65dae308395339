"""Numbers of many countries with the check digits they really have, each made from a source of chance."""

import random
import string
from collections.abc import Callable
from typing import Final

_VERHOEFF_TURN: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _digits(source: random.Random, count: int, first: str = "") -> str:
    return first + "".join(source.choice(string.digits) for _ in range(count - len(first)))


def _luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - Luhn's rule
    return body + str(-total % 10)


def _card(source: random.Random) -> str:
    number = _luhn(_digits(source, 15, source.choice(("4", "51", "55", "6011"))))
    joint = source.choice((" ", "-", ""))
    return joint.join(number[at : at + 4] for at in range(0, 16, 4))


def _social(source: random.Random) -> str:
    joint = source.choice(("-", "-", " ", ""))
    return joint.join((str(source.randint(100, 665)), str(source.randint(10, 99)), str(source.randint(1000, 9999))))


def _insurance_canada(source: random.Random) -> str:
    number = _luhn(_digits(source, 8, source.choice("1245")))
    joint = source.choice((" ", "-", ""))
    return joint.join((number[:3], number[3:6], number[6:]))


def _health_service(source: random.Random) -> str:
    while True:
        body = _digits(source, 9, "4")
        check = -sum(int(d) * w for d, w in zip(body, range(10, 1, -1), strict=True)) % 11
        if check < 10:  # noqa: PLR2004 - a tenth remainder is not issued
            return f"{body[:3]} {body[3:6]} {body[6:]}{check}"


def _tax_australia(source: random.Random) -> str:
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10)
    while True:
        number = _digits(source, 9)
        if sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 11 == 0:
            return f"{number[:3]} {number[3:6]} {number[6:]}"


def _medicare_australia(source: random.Random) -> str:
    body = _digits(source, 8, source.choice("23456"))
    check = sum(int(d) * w for d, w in zip(body, (1, 3, 7, 9, 1, 3, 7, 9), strict=True)) % 10
    return f"{body[:4]} {body[4:]}{check} {source.randint(1, 9)}"


def _aadhaar(source: random.Random) -> str:
    body = _digits(source, 11, source.choice("23456789"))
    number = next(body + d for d in string.digits if _verhoeff(body + d) == 0)
    return f"{number[:4]} {number[4:8]} {number[8:]}"


def _verhoeff(number: str) -> int:
    """Return the check of Verhoeff's scheme, 0 for a valid number (group of the pentagon's turns and flips)."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = _VERHOEFF_TURN[value]
        flip = total > 4  # noqa: PLR2004 - 5 to 9 are the flips
        turned = (total - value) % 5 if flip else (total + value) % 5
        total = turned + 5 * (flip != (value > 4))  # noqa: PLR2004
    return total


def _iban(source: random.Random) -> str:
    country, body = source.choice(
        (
            ("DE", _digits(source, 18)),
            ("GB", "".join(source.choice(string.ascii_uppercase) for _ in range(4)) + _digits(source, 14)),
            ("FR", _digits(source, 23)),
            ("NL", "".join(source.choice(string.ascii_uppercase) for _ in range(4)) + _digits(source, 10)),
        )
    )
    value = int("".join(str(int(c, 36)) for c in body + country + "00"))
    number = f"{country}{98 - value % 97:02d}{body}"
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4)) if source.random() < 0.5 else number  # noqa: PLR2004


def _vehicle(source: random.Random) -> str:
    return "".join(source.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(11)) + _digits(source, 6)


def _handset(source: random.Random) -> str:
    return _luhn(_digits(source, 14, "35"))


NUMBERS: Final[dict[str, Callable[[random.Random], str]]] = {
    "card": _card,
    "ssn": _social,
    "sin": _insurance_canada,
    "nhs": _health_service,
    "tfn": _tax_australia,
    "medicare": _medicare_australia,
    "aadhaar": _aadhaar,
    "iban": _iban,
    "vin": _vehicle,
    "imei": _handset,
}
"""Slot -> what makes its value."""
