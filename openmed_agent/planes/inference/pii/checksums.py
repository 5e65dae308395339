"""Check digits of identifiers. Every function takes the bare characters, without separators."""

from typing import Final

_VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)], strict=True)
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_LARGEST_DIGIT: Final = 9
_NPI_DIGITS: Final = 10
_NPI_PREFIX: Final = "80840"  # the health-industry prefix of ISO 7812 that the NPI check digit counts in


def luhn(digits: str) -> bool:
    """Say whether the digits end in a valid Luhn check digit (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > _LARGEST_DIGIT else value
    return total % 10 == 0


def npi(digits: str) -> bool:
    """Say whether the ten digits are a valid National Provider Identifier (45 CFR 162.406)."""
    return len(digits) == _NPI_DIGITS and digits[0] in ("12") and luhn(_NPI_PREFIX + digits)


def dea(number: str) -> bool:
    """Say whether two characters and seven digits are a valid DEA registration number."""
    digits = [int(character) for character in number[2:]]
    return (sum(digits[0:6:2]) + 2 * sum(digits[1:6:2])) % 10 == digits[6]


def mod_97(iban: str) -> bool:
    """Say whether an IBAN's check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    rearranged = iban[4:] + iban[:4]
    return int("".join(str(int(character, 36)) for character in rearranged)) % 97 == 1


def vin(number: str) -> bool:
    """Say whether 17 upper-case characters carry a valid check digit (49 CFR 565.15)."""
    values = (int(c) if c.isdigit() else _VIN_VALUES.get(c, 0) for c in number)
    remainder = sum(value * weight for value, weight in zip(values, _VIN_WEIGHTS, strict=True)) % 11
    return number[8] == ("X" if remainder > _LARGEST_DIGIT else str(remainder))
