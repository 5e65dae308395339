"""Plausible stand-ins of the same type and form, chosen by a keyed function so that they agree within a scope."""

import hashlib
import hmac
import string
from collections.abc import Callable, Sequence
from typing import Final

from openmed_agent.planes.inference.pii import checksums
from openmed_agent.planes.inference.pii.date_shift import shifted
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.lexicon import plain
from openmed_agent.planes.inference.pii.wordfile import section

_FILE: Final = "surrogates.txt"

_CHECKED: Final[dict[str, tuple[int, Callable[[str], bool]]]] = {
    "npi": (-1, checksums.npi),
    "credit_card": (-1, checksums.luhn),
    "imei": (-1, checksums.luhn),
    "dea_number": (-1, checksums.dea),
    "vin": (8, checksums.vin),
}
_VIN_LETTERS: Final = "ABCDEFGHJKLMNPRSTUVWXYZ"
_ATTEMPTS: Final = 64


def normalised(value: str) -> str:
    """Return what two spellings of one identifier share: letters and digits, without case and accents."""
    return "".join(character for character in plain(value) if character.isalnum())


class Surrogates:
    """The stand-ins of one text: name forms of one person lead to one person."""

    def __init__(self, text: str, findings: Sequence[PiiFinding], *, key: bytes, scope: str | None, days: int) -> None:
        self._text = text
        self._key = key
        self._scope = scope or ""
        self._days = days
        self._given_by_initial = self._full_names(findings)

    def surrogate(self, finding: PiiFinding) -> str:
        """Return the stand-in of one finding, never equal to the original."""
        original = self._text[finding.start : finding.end]
        match finding.label:
            case "first_name" | "middle_name":
                return self._given(original)
            case "last_name":
                return self._surname(original)
            case "date" | "date_of_birth":
                return shifted(original, self._days, keep_year=False) or f"[{finding.label}]"
            case "age":
                return "90+"
            case "city" | "county" | "location" | "street_address" | "organization":
                return self._place(finding.label, original)
            case "email" | "url" | "ip_address":
                return self._address(finding.label, original)
            case _:
                return self._formed(finding.label, original)

    def _full_names(self, findings: Sequence[PiiFinding]) -> dict[str, str]:
        """Return initial -> given name, for the initials that only one given name of the text has."""
        givens = {normalised(self._text[f.start : f.end]) for f in findings if f.label == "first_name"}
        full = {given for given in givens if len(given) > 1}
        by_initial: dict[str, str] = {}
        for given in sorted(full):
            by_initial[given[0]] = "" if given[0] in by_initial else given
        return {initial: given for initial, given in by_initial.items() if given}

    def _given(self, original: str) -> str:
        key = normalised(original)
        if len(key) > 1:
            return _cased(self._choice("given", original, section(_FILE, "given")), original)
        full = self._given_by_initial.get(key)
        letter = (
            self._choice("given", full, section(_FILE, "given"))[0]
            if full
            else string.ascii_uppercase[self._number("initial", original, 0) % 26]
        )
        if letter.lower() == key:
            letter = string.ascii_uppercase[(string.ascii_uppercase.index(letter) + 1) % 26]
        return original.replace(original[0], letter, 1)

    def _surname(self, original: str) -> str:
        if len(normalised(original)) == 1:
            return self._given(original)
        return _cased(self._choice("surname", original, section(_FILE, "surnames")), original)

    def _place(self, label: str, original: str) -> str:
        if label == "street_address":
            street = self._choice("street", original, section(_FILE, "streets"))
            return f"{1 + self._number('house', original, 0) % 998} {street} Street"
        if label == "organization":
            name = self._choice("organization", original, section(_FILE, "organizations"))
            return f"{name} {_kind(original)}"
        return _cased(self._choice("city", original, section(_FILE, "cities")), original)

    def _address(self, label: str, original: str) -> str:
        """Return an address in the names and networks reserved for documentation (RFC 2606, 3849, 5737)."""
        number = self._number(label, original, 0)
        if label == "email":
            return f"user{number % 10**6:06}@example.org"
        if label == "url":
            return f"https://www.example.org/{number % 16**6:06x}"
        if ":" in original:
            return f"2001:db8::{number % 16**4:x}:{number // 16**4 % 16**4:x}"
        return f"198.51.100.{number % 256}" if original.startswith("192.0.2.") else f"192.0.2.{number % 256}"

    def _formed(self, label: str, original: str) -> str:
        """Return characters of the same kinds in the same places, with a valid check digit where there is one."""
        for attempt in range(_ATTEMPTS):
            candidate = self._shuffled(label, original, attempt)
            if label in _CHECKED:
                candidate = _with_check_digit(candidate, *_CHECKED[label])
            elif label == "iban":
                candidate = _with_iban_digits(candidate)
            if normalised(candidate) != normalised(original):
                return candidate
        return f"[{label}]"

    def _shuffled(self, label: str, original: str, attempt: int) -> str:
        stream = self._stream(label, original, attempt)
        letters = _VIN_LETTERS if label == "vin" else string.ascii_uppercase
        digit = 0
        characters = []
        for place, character in enumerate(original):
            drawn = stream[place % len(stream)] + place // len(stream)
            if character.isdigit():
                characters.append(_reserved_digit(label, digit, drawn, original))
                digit += 1
            elif character.isalpha() and not (label == "iban" and place < len("GB")):
                letter = letters[drawn % len(letters)]
                characters.append(letter if character.isupper() or not character.islower() else letter.lower())
            else:
                characters.append(character)
        return "".join(characters)

    def _choice(self, kind: str, original: str, choices: Sequence[str]) -> str:
        index = self._number(kind, original, 0) % len(choices)
        if normalised(choices[index]) in normalised(original):
            index = (index + 1) % len(choices)
        return choices[index]

    def _number(self, kind: str, original: str, attempt: int) -> int:
        return int.from_bytes(self._stream(kind, original, attempt)[:8])

    def _stream(self, kind: str, original: str, attempt: int) -> bytes:
        message = "\x1f".join((kind, self._scope, normalised(original), str(attempt)))
        return hmac.new(self._key, message.encode(), hashlib.sha512).digest()


def _reserved_digit(label: str, place: int, drawn: int, original: str) -> str:
    """Return a digit that keeps the number out of the ranges given to real people, where such ranges exist."""
    if label == "ssn" and place == 0:
        return "9"  # no social security number begins with 9
    if label == "npi" and place == 0:
        return "1"
    count = sum(character.isdigit() for character in original)
    american = label in {"phone", "fax"} and count in {10, 11}
    if american and 0 <= place - (count - 7) < len("55501"):
        return "55501"[place - (count - 7)]  # 555-0100 to 555-0199 are kept for fiction
    if american and place == count - 10:
        return str(2 + drawn % 8)
    return str(drawn % 10)


def _with_check_digit(candidate: str, position: int, valid: Callable[[str], bool]) -> str:
    places = [index for index, character in enumerate(candidate) if character.isalnum()]
    if not places or len(places) <= position:
        return candidate
    place = places[position]
    for digit in "0123456789X" if position >= 0 else "0123456789":
        attempt = candidate[:place] + digit + candidate[place + 1 :]
        bare = "".join(character for character in attempt if character.isalnum())
        if _accepts(valid, bare):
            return attempt
    return candidate


def _accepts(valid: Callable[[str], bool], bare: str) -> bool:
    try:
        return valid(bare)
    except (ValueError, IndexError):
        return False


def _with_iban_digits(candidate: str) -> str:
    places = [index for index, character in enumerate(candidate) if character.isalnum()][2:4]
    for number in range(2, 99):
        characters = list(candidate)
        for place, digit in zip(places, f"{number:02}", strict=False):
            characters[place] = digit
        if _accepts(checksums.mod_97, "".join(c for c in characters if c.isalnum()).upper()):
            return "".join(characters)
    return candidate


def _kind(organization: str) -> str:
    """Return the last word of an organisation when it says what kind it is."""
    last = organization.rsplit(maxsplit=1)[-1] if organization.split() else ""
    kinds = {
        "hospital",
        "clinic",
        "center",
        "centre",
        "pharmacy",
        "university",
        "college",
        "school",
        "church",
        "bank",
        "institute",
        "foundation",
        "associates",
        "health",
    }
    return last if plain(last) in kinds else "Center"


def _cased(word: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.lower() if like.islower() else word
