"""Numbers and codes that stand in for numbers and codes: same signs in the same places, a valid check digit.

Where a range is kept free of real people, the stand-in is taken from it; elsewhere another valid number can by
chance be someone's, as any valid number can.
"""

import re
import string
from typing import Final

from openmed_agent.planes.inference.pii.keyed import KeyedChoices
from openmed_agent.planes.inference.pii.national_forms import NationalForm
from openmed_agent.planes.inference.pii.surrogate_checks import birth_form, birth_places, held_checks, passes

_MOST_DRAWS: Final = 8000  # a two-digit check (modulo 97) takes 97 on average, and two checks at once 1,000
_CARDS: Final = frozenset({"credit_card", "credit_debit_card"})
_POSTCODES: Final = frozenset({"zipcode", "postcode"})
_PHONES: Final = frozenset({"phone", "phone_number", "fax", "fax_number"})
_VIN_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_MEDICARE_LETTERS: Final = "ACDEFGHJKMNPQRTUVWXY"  # without S, L, O, I, B and Z (CMS, form of the MBI)
_MEDICARE: Final = re.compile(r"[1-9][A-Z][A-Z0-9]\d[A-Z][A-Z0-9]\d[A-Z]{2}\d{2}")
_CANADIAN_POSTCODE: Final = re.compile(r"[A-Z]\d[A-Z]\d[A-Z]\d")
_CANADIAN_LETTERS: Final = "ABCEGHJKLMNPRSTVXY"  # Canada Post uses no D, F, I, O, Q, U, and begins with no W or Z
_MAC: Final = re.compile(r"[0-9A-F]{12}")
_HEXADECIMAL: Final = "0123456789ABCDEF"
_LOCALLY_GIVEN: Final = "26AE"  # the second digit of addresses that no maker is given (IEEE 802, section 8.4)
_COUNTRY: Final = re.compile(r"\+?\d{2}|0")
# Seven digits, or ten of which the first is no 0 or 1, or a 1 and a sign before those ten.
_AMERICAN_PHONE: Final = re.compile(
    r"(?:\+?1[\s.(-]{1,3})?\(?[2-9]\d\d\)?[\s./-]{0,3}\d{3}[\s.-]{0,2}\d{4}|\d{3}[\s.-]?\d{4}"
)
_EXTENSION: Final = re.compile(r"[\s,;]{0,3}(?:extension|ext\.?|x)[\s.:#]{0,3}(?=\d{1,7}\s*\Z)", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"[Xx*•.-]*")
_FICTION: Final = "55501"  # 555-0100 to 555-0199 are kept for fiction in North America
_LOCAL: Final = len("5550100")
_AMERICAN: Final = len("2125550100")
_GROUP: Final = range(10, 50)  # after a 9 neither a social security number nor a taxpayer's (ITIN) has these
_SSN_DIGITS: Final = 9
_VIN_CHECK: Final = 8


def formed(choices: KeyedChoices, label: str, original: str) -> str | None:
    """Return a stand-in with the form of the original that passes every check the original passes.

    None where none is found: a value without letters and digits, or checks that exclude each other.
    """
    if label in _PHONES and (extension := _EXTENSION.search(original)):
        return _with_extension(choices, label, original, extension)
    if label == "ssn" and (hidden := _hidden_part(original)):
        last = formed(choices, "ssn", original[len(hidden) :])
        return None if last is None else hidden + last
    bare = _bare(original)
    checks = held_checks(label, bare)
    dated = birth_form(bare) if checks else None
    is_american = label in _PHONES and _AMERICAN_PHONE.fullmatch(original.strip()) is not None
    for attempt in range(_MOST_DRAWS if bare else 0):
        stream = choices.stream(label, bare, attempt)
        drawn = "".join(_drawn("north_american_phone" if is_american else label, bare, stream, dated))
        if drawn != bare and all(passes(check, drawn) for check in checks):
            return _written_like(original, drawn)
    return None


def _with_extension(choices: KeyedChoices, label: str, original: str, extension: re.Match[str]) -> str | None:
    """Return another number with another extension; the words between them stay."""
    number = formed(choices, label, original[: extension.start()]) if extension.start() else ""
    last = formed(choices, "extension", original[extension.end() :])
    return None if number is None or last is None else number + extension.group() + last


def _hidden_part(value: str) -> str:
    """Return the crosses and stars in the place of digits that a text hides; nothing where it hides none."""
    hidden = _HIDDEN.match(value)
    return hidden.group() if hidden and any(character.isalnum() or character == "*" for character in hidden[0]) else ""


def is_reserved(label: str, value: str) -> bool:
    """Say whether a value can be nobody's: numbers and names kept for fiction, documentation and tests."""
    digits = "".join(character for character in value if character.isdigit())
    if label == "ssn":
        return len(digits) == _SSN_DIGITS and digits[0] == "9" and int(digits[3:5]) in _GROUP
    if label in _PHONES:
        return digits[-_LOCAL:-2] == _FICTION
    if label in {"email", "url"}:
        return re.search(r"[@/.]example\.(?:org|com|net)(?![\w-])", value.lower()) is not None
    if label in {"ip_address", "ipv4", "ipv6"}:
        return value.lower().startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
    return False


def _bare(value: str) -> str:
    return "".join(_western(character) for character in value if character.isalnum()).upper()


def _western(character: str) -> str:
    return str(int(character)) if character.isdecimal() else character


def _written_like(original: str, bare: str) -> str:
    """Return the bare characters with the separators, case and digits (of any script) of the original."""
    left = iter(bare)
    is_lower = original.islower()  # a digit of a hexadecimal number can become a letter
    written: list[str] = []
    for character in original:
        if not character.isalnum():
            written.append(character)
            continue
        new = next(left)
        if new.isdigit() and character.isdecimal():
            new = chr(ord(character) - int(character) + int(new))
        written.append(new.lower() if is_lower or character.islower() else new)
    return "".join(written)


def _drawn(label: str, bare: str, stream: bytes, dated: NationalForm | None) -> list[str]:
    """Return characters of the same kinds; some labels and forms bind some places."""
    numbers = [stream[i % len(stream)] * 256 + stream[(7 * i + 13) % len(stream)] + i for i in range(len(bare))]
    bound = birth_places(dated, numbers[0]) if dated else _bound(label, bare, numbers)
    letters = _letters(label, bare)
    written: list[str] = []
    for place, (character, number) in enumerate(zip(bare, numbers, strict=True)):
        if place in bound:
            written.append(bound[place])
        elif not character.isdigit():
            written.append(letters[number % len(letters)])
        elif place == 0 and character != "0":
            written.append(str(1 + number % 9))  # a number keeps its length
        else:
            written.append(str(number % 10))
    return written


def _letters(label: str, bare: str) -> str:
    """Return the letters that the form of an identifier allows."""
    if label in {"vin", "vehicle_identifier"}:
        return _VIN_LETTERS
    if label in _POSTCODES and _CANADIAN_POSTCODE.fullmatch(bare):
        return _CANADIAN_LETTERS
    return _MEDICARE_LETTERS if _MEDICARE.fullmatch(bare) else string.ascii_uppercase


def _bound(label: str, bare: str, numbers: list[int]) -> dict[int, str]:
    """Return the places whose character is not free: a range kept for nobody, a country, a check X."""
    if label == "ssn" and len(bare) == _SSN_DIGITS:
        group = _GROUP[numbers[3] % len(_GROUP)]
        return {0: "9", 3: str(group // 10), 4: str(group % 10)}
    if label == "npi":
        return {0: "1"}
    if label == "dea_number":
        return {0: bare[0]}  # the kind of registrant
    if label == "mac_address" and _MAC.fullmatch(bare):
        digits = {place: _HEXADECIMAL[number % 16] for place, number in enumerate(numbers)}
        return digits | {1: _LOCALLY_GIVEN[numbers[1] % 4]}
    if label in _CARDS:
        return {0: bare[0]}  # the network
    if label == "north_american_phone":
        return _bound_in_american(bare, numbers)
    if label in _PHONES:
        prefix = _COUNTRY.match(bare)
        return dict(enumerate(prefix.group())) if prefix else {}
    if label in {"iban", "bic"}:
        country = (0, 1) if label == "iban" else (4, 5)
        return {place: bare[place] for place in country if place < len(bare)}
    if label in {"vin", "vehicle_identifier"} and len(bare) > _VIN_CHECK:
        return {_VIN_CHECK: "0123456789X"[numbers[_VIN_CHECK] % 11]}
    return {}


def _bound_in_american(digits: str, numbers: list[int]) -> dict[int, str]:
    count = len(digits)
    bound = {count - _LOCAL + place: digit for place, digit in enumerate(_FICTION)}
    if count > _AMERICAN:
        bound[0] = "1"
    if count >= _AMERICAN:
        bound[count - _AMERICAN] = str(2 + numbers[0] % 8)
    return bound
