"""Plausible stand-ins of the same type and form, chosen by a keyed function so that they agree within a scope."""

import re
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.inference.pii.date_shift import DateShift
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.keyed import KeyedChoices
from openmed_agent.planes.inference.pii.lexicon import plain
from openmed_agent.planes.inference.pii.spoken import is_spelled_out, respelled
from openmed_agent.planes.inference.pii.surrogate_names import NAME_LABELS, NameSurrogates, locale_of, shows
from openmed_agent.planes.inference.pii.surrogate_numbers import formed
from openmed_agent.planes.inference.pii.surrogate_places import organization_like, regions, street_like
from openmed_agent.planes.inference.pii.wordfile import section

_ATTEMPTS: Final = 40
_SHORTEST_AVOIDED: Final = 3
_MOST_LATITUDE: Final = 90
_NUMBER: Final = re.compile(r"\d+")
_TOWN: Final = re.compile(r"(?<=\d[ -])[^\W\d_]{3,}.*|(?<= )[^\W\d_]{4,}.*", re.DOTALL)
_HAN: Final = re.compile(r"[\u3400-\u9fff々]")
# What a person does, is, or when they were seen has no stand-in that would not change the medicine.
_TOWNS: Final = frozenset({"city", "county", "location"})
_ONLY_MASKED: Final = frozenset({"time", "gender", "ethnicity", "occupation", "job_title", "photo", "prefix"})


def normalised(value: str) -> str:
    """Return what two spellings of one identifier share: letters and digits, without case and accents."""
    return "".join(character for character in plain(value) if character.isalnum())


class Surrogates:
    """The stand-ins of one text: name forms of one person lead to one person."""

    def __init__(
        self, text: str, findings: Sequence[PiiFinding], *, choices: KeyedChoices, language: str, dates: DateShift
    ) -> None:
        self._text = text
        self._choices = choices
        self._language = language
        self._dates = dates
        # No stand-in may show any word of any original.
        self._avoid = _words_of(text, findings)
        self._names = NameSurrogates(text, findings, choices=choices, language=language, avoid=self._avoid)

    def surrogate(self, finding: PiiFinding) -> str:
        """Return the stand-in of one finding, never equal to the original; a mask where there is none."""
        original = self._text[finding.start : finding.end]
        new = self._drawn(finding.label, original)
        if new is None or normalised(new) == normalised(original):
            return f"[{finding.label}]"
        return new

    def _drawn(self, label: str, original: str) -> str | None:
        match label:
            case _ if label in NAME_LABELS:
                return self._names.of(original, label)
            case "date" | "date_of_birth" | "date_time":
                return self._dates.moved(original, born=label == "date_of_birth")
            case "age":
                return "90+"
            case _ if label in _ONLY_MASKED:
                return None
            case _:
                return self._place_or_number(label, original)

    def _place_or_number(self, label: str, original: str) -> str | None:
        match label:
            case "city" | "county" | "location":
                return _cased(self._choice("cities", original), original)
            case "state":
                return self._region("states", original)
            case "country":
                return self._region("countries", original)
            case "street_address" | "address":
                return self._numbered(street_like(original, lambda run: self._choice("streets", run)))
            case "organization" | "company_name" | "hospital":
                return self._organization(original)
            case "gps_coordinates" | "coordinate":
                return self._coordinates(original)
            case "zipcode" | "postcode":
                return self._postal(original)
            case "email" | "url" | "ip_address" | "ipv4" | "ipv6":
                return self._address(label, original)
            case _ if is_spelled_out(original):
                return respelled(original, lambda digits: formed(self._choices, label, digits))
            case _:
                return formed(self._choices, label, original)

    def _region(self, kind: str, original: str) -> str | None:
        """Return another region in the same form, one for all forms of the original; None for one of no list."""
        value, every = normalised(original), regions(kind)
        own = next((forms for forms in every if value in map(normalised, forms)), None)
        if own is None:
            return None
        drawn = (self._choices.one_of(every, kind, own[0], attempt) for attempt in range(_ATTEMPTS))
        other = next((forms for forms in drawn if forms != own and not shows(normalised(forms[0]), self._avoid)), None)
        if other is None:
            return None
        return _cased(dict(zip(map(normalised, own), other, strict=True))[value], original)

    def _organization(self, original: str) -> str:
        named = organization_like(original, lambda run: self._choice("organizations", run))
        if normalised(named) != normalised(original):
            return self._numbered(named)
        return self._choice("organizations", original)

    def _postal(self, original: str) -> str | None:
        """Return a code of the same form; a town that stands with it is replaced as towns are."""
        town = _TOWN.search(original)
        if town is None:
            return formed(self._choices, "zipcode", original)
        code = formed(self._choices, "zipcode", original[: town.start()])
        return None if code is None else code + self._choice("cities", town.group())

    def _choice(self, kind: str, original: str) -> str:
        file = f"surrogates/{locale_of(original, self._language)}.txt"
        names = section(file, kind)
        drawn = (self._choices.one_of(names, kind, normalised(original), attempt) for attempt in range(_ATTEMPTS))
        own = frozenset(word for word in map(normalised, original.split()) if len(word) >= _SHORTEST_AVOIDED)
        fitting = (n for n in drawn if not shows(normalised(n), own) and not shows(normalised(n), self._avoid))
        return next(fitting, f"[{kind}]")

    def _numbered(self, address: str) -> str:
        """Return an address with other numbers of as many digits."""

        def another(match: re.Match[str]) -> str:
            return formed(self._choices, "building_number", match.group()) or "0" * len(match.group())

        return _NUMBER.sub(another, address)

    def _coordinates(self, original: str) -> str:
        new = formed(self._choices, "gps_coordinates", original) or ""
        return re.sub(r"\d+(?=[.°])", lambda match: str(int(match.group()) % _MOST_LATITUDE), new)

    def _address(self, label: str, original: str) -> str:
        """Return an address in the names and networks reserved for documentation (RFC 2606, 3849, 5737)."""
        number = self._choices.number(label, normalised(original))
        if label == "email":
            return f"user{number % 10**6:06}@example.org"
        if label == "url":
            return f"https://www.example.org/{number % 16**6:06x}"
        if ":" in original:
            return f"2001:db8::{number % 16**4:x}:{number // 16**4 % 16**4:x}"
        return f"198.51.100.{number % 256}" if original.startswith("192.0.2.") else f"192.0.2.{number % 256}"


def _words_of(text: str, findings: Sequence[PiiFinding]) -> frozenset[str]:
    words: set[str] = set()
    for finding in findings:
        if finding.label in NAME_LABELS or finding.label in _TOWNS:
            original = text[finding.start : finding.end]
            words.update(normalised(word) for word in original.replace("-", " ").split())
    return frozenset(word for word in words if len(word) >= _SHORTEST_AVOIDED or _HAN.match(word))


def _cased(word: str, like: str) -> str:
    if len(like) > 1 and like.isupper():
        return word.upper()
    return word.lower() if like.islower() else word
