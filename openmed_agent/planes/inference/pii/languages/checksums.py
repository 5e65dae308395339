"""Check digits of national identifiers. Every function takes a match with separators and ignores them."""

from collections.abc import Iterable
from typing import Final

from openmed_agent.planes.inference.pii.checksums import luhn
from openmed_agent.planes.inference.pii.patterns import digits_of

_DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_RESIDENT_CHECKS: Final = "10X98765432"
_ODD_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            *(1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21),
            *(2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
        ),
        strict=True,
    )
)
_EVEN_VALUES: Final = {c: int(c) if c.isdigit() else ord(c) - ord("A") for c in _ODD_VALUES}
_TAIWAN_LETTERS: Final = {letter: 10 + value for value, letter in enumerate("ABCDEFGHJKLMNPQRSTUVXYWZIO")}
_VERHOEFF_PERMUTATION: Final = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)
_MAXIMUM_DIGIT: Final = 9
_DIHEDRAL: Final = 5


def _weighted(digits: Iterable[str], weights: Iterable[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))


def _bare(value: str) -> str:
    return "".join(character for character in value if character.isalnum()).upper()


def steuer_id(value: str) -> bool:
    """Say whether 11 digits are a German tax identification number (ISO 7064 MOD 11,10; one digit repeats)."""
    digits = digits_of(value)
    counts = {digits[:10].count(digit) for digit in set(digits[:10])}
    if len(digits) != len("12345678901") or digits[0] == "0" or max(counts) not in {2, 3}:
        return False
    product = 10
    for digit in digits[:10]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(digits[10])


def health_insured_number(value: str) -> bool:
    """Say whether a letter and nine digits are a German Krankenversichertennummer (section 290 SGB V)."""
    bare = _bare(value)
    digits = f"{ord(bare[0]) - ord('A') + 1:02}{bare[1:9]}"
    products = (int(digit) * (1 + place % 2) for place, digit in enumerate(digits))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(bare[9])


def pension_number(value: str) -> bool:
    """Say whether 12 characters are a German pension insurance number (VKVV section 4)."""
    bare = _bare(value)
    digits = f"{bare[:8]}{ord(bare[8]) - ord('A') + 1:02}{bare[9:11]}"
    products = (int(d) * w for d, w in zip(digits, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True))
    return sum(product // 10 + product % 10 for product in products) % 10 == int(bare[11])


def austrian_insurance(value: str) -> bool:
    """Say whether ten digits are an Austrian social insurance number; the fourth is the check digit."""
    digits = digits_of(value)
    return digits[0] != "0" and _weighted(digits[:3] + digits[4:], (3, 7, 9, 5, 8, 4, 2, 1, 6)) % 11 == int(digits[3])


def ahv(value: str) -> bool:
    """Say whether 13 digits are a Swiss AHV number (prefix 756, check digit of EAN-13)."""
    digits = digits_of(value)
    return _weighted(digits, (1, 3) * 6 + (1,)) % 10 == 0


def nir(value: str) -> bool:
    """Say whether 15 characters are a French NIR with its key (97 less the number modulo 97; Corsica 2A, 2B)."""
    bare = _bare(value).replace("2A", "19", 1).replace("2B", "18", 1) if not _bare(value).isdigit() else _bare(value)
    return bare.isdigit() and 97 - int(bare[:13]) % 97 == int(bare[13:])


def belgian_register(value: str) -> bool:
    """Say whether 11 digits are a Belgian national register number (97 less the number modulo 97)."""
    digits = digits_of(value)
    return any(97 - int(century + digits[:9]) % 97 == int(digits[9:]) for century in ("", "2"))


def dni(value: str) -> bool:
    """Say whether a Spanish DNI or NIE ends in its letter (number modulo 23; X, Y, Z stand for 0, 1, 2)."""
    bare = _bare(value)
    number = bare[:-1].replace("X", "0").replace("Y", "1").replace("Z", "2")
    return number.isdigit() and _DNI_LETTERS[int(number) % 23] == bare[-1]


def spanish_affiliation(value: str) -> bool:
    """Say whether 12 digits are a Spanish social security affiliation number (modulo 97)."""
    digits = digits_of(value)
    province, number, check = digits[:2], digits[2:10], int(digits[10:])
    joined = province + (number.lstrip("0") if number.startswith("0") else number)
    return check in {int(province + number) % 97, int(joined) % 97}


def rut(value: str) -> bool:
    """Say whether a Chilean RUT ends in its check character (modulo 11)."""
    bare = _bare(value)
    total = sum(int(digit) * (2 + place % 6) for place, digit in enumerate(reversed(bare[:-1])))
    return "0K987654321"[total % 11] == bare[-1]


def cuit(value: str) -> bool:
    """Say whether 11 digits are an Argentine CUIT or CUIL (modulo 11)."""
    digits = digits_of(value)
    return (11 - _weighted(digits[:10], (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11) % 11 == int(digits[10])


def codice_fiscale(value: str) -> bool:
    """Say whether 16 characters are an Italian codice fiscale (DM 23/12/1976)."""
    bare = _bare(value)
    total = sum(_ODD_VALUES[c] if place % 2 == 0 else _EVEN_VALUES[c] for place, c in enumerate(bare[:15]))
    return chr(ord("A") + total % 26) == bare[15]


def cpf(value: str) -> bool:
    """Say whether 11 digits are a Brazilian CPF (two check digits modulo 11)."""
    digits = digits_of(value)
    if len(set(digits)) == 1:
        return False
    first = _weighted(digits[:9], range(10, 1, -1)) * 10 % 11 % 10
    second = _weighted(digits[:10], range(11, 1, -1)) * 10 % 11 % 10
    return digits[9:] == f"{first}{second}"


def cnpj(value: str) -> bool:
    """Say whether 14 digits are a Brazilian CNPJ (two check digits modulo 11)."""
    digits = digits_of(value)
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    first = _weighted(digits[:12], weights[1:]) * 10 % 11 % 10
    return digits[12:] == f"{first}{_weighted(digits[:13], weights) * 10 % 11 % 10}"


def health_card(value: str) -> bool:
    """Say whether 15 digits are a Brazilian Cartao Nacional de Saude (weighted sum divisible by 11)."""
    digits = digits_of(value)
    return digits[0] in ("12789") and _weighted(digits, range(15, 0, -1)) % 11 == 0


def nif(value: str) -> bool:
    """Say whether nine digits are a Portuguese NIF (modulo 11)."""
    digits = digits_of(value)
    check = 11 - _weighted(digits[:8], range(9, 1, -1)) % 11
    return digits[0] != "0" and int(digits[8]) == (0 if check > _MAXIMUM_DIGIT else check)


def bsn(value: str) -> bool:
    """Say whether nine digits pass the Dutch eleven-test of the burgerservicenummer."""
    digits = digits_of(value)
    return len(set(digits)) > 1 and _weighted(digits, (9, 8, 7, 6, 5, 4, 3, 2, -1)) % 11 == 0


def kimlik(value: str) -> bool:
    """Say whether 11 digits are a Turkish identity number (two check digits)."""
    digits = [int(digit) for digit in digits_of(value)]
    tenth = (sum(digits[0:9:2]) * 7 - sum(digits[1:8:2])) % 10
    return digits[0] != 0 and tenth == digits[9] and sum(digits[:10]) % 10 == digits[10]


def verhoeff(value: str) -> bool:
    """Say whether the digits end in a Verhoeff check digit (Aadhaar; dihedral group of order ten)."""
    check = 0
    for place, digit in enumerate(reversed(digits_of(value))):
        permuted = int(digit)
        for _ in range(place % 8):
            permuted = _VERHOEFF_PERMUTATION[permuted]
        check = _dihedral_product(check, permuted)
    return check == 0


def _dihedral_product(left: int, right: int) -> int:
    """Return the product in the dihedral group D5: 0 to 4 are rotations, 5 to 9 reflections."""
    if left < _DIHEDRAL:
        return (left + right) % _DIHEDRAL + (_DIHEDRAL if right >= _DIHEDRAL else 0)
    return (left - right) % _DIHEDRAL + (0 if right >= _DIHEDRAL else _DIHEDRAL)


def my_number(value: str) -> bool:
    """Say whether 12 digits are a Japanese individual number (modulo 11)."""
    digits = digits_of(value)
    remainder = _weighted(digits[:11], (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)) % 11
    return int(digits[11]) == (0 if remainder <= 1 else 11 - remainder)


def resident_number(value: str) -> bool:
    """Say whether 18 characters are a Chinese resident identity number (GB 11643, ISO 7064 MOD 11-2)."""
    bare = _bare(value)
    return _RESIDENT_CHECKS[_weighted(bare[:17], (2**place % 11 for place in range(17, 0, -1))) % 11] == bare[17]


def taiwan_identity(value: str) -> bool:
    """Say whether a letter and nine digits are a Taiwanese identity number."""
    bare = _bare(value)
    letter = _TAIWAN_LETTERS[bare[0]]
    return (_weighted(bare[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1)) + letter // 10 + letter % 10 * 9) % 10 == 0


def luhn_number(value: str) -> bool:
    """Say whether the digits end in a Luhn check digit (Saudi and Emirati identity numbers, French RPPS)."""
    return luhn(digits_of(value))


def egyptian_identity(value: str) -> bool:
    """Say whether 14 digits begin with a century and a possible birth date, as Egyptian identity numbers do."""
    digits = digits_of(value)
    return digits[0] in ("23") and 1 <= int(digits[3:5]) <= 12 and 1 <= int(digits[5:7]) <= 31  # noqa: PLR2004
