"""The national identifiers whose stand-ins keep their check digits, and where some of them hold a birth date."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums as national

Check = Callable[[str], bool]

_NHS_WEIGHTS: Final = range(10, 1, -1)
_FISCAL_MONTHS: Final = "ABCDEHLMPRST"


def nhs(digits: str) -> bool:
    """Say whether ten digits are an NHS number of England and Wales (weighted sum modulo 11)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _NHS_WEIGHTS, strict=False))
    return (11 - total % 11) % 11 == int(digits[9])


@dataclass(frozen=True, slots=True)
class NationalForm:
    """Identifiers of one shape, in bare upper-case characters, their check, and where they hold a birth date."""

    shape: re.Pattern[str]
    check: Check
    dated: Callable[[dt.date], dict[int, str]] | None = None


def _resident(date: dt.date) -> dict[int, str]:
    return dict(enumerate(f"{date:%Y%m%d}", start=6))


def _insured(date: dt.date) -> dict[int, str]:
    return {0: "12"[date.day % 2], **dict(enumerate(f"{date:%y%m}", start=1))}  # the sex, then the birth


def _fiscal(date: dt.date) -> dict[int, str]:
    return dict(enumerate(f"{date:%y}{_FISCAL_MONTHS[date.month - 1]}{date:%d}", start=6))


def _form(shape: str, check: Check, dated: Callable[[dt.date], dict[int, str]] | None = None) -> NationalForm:
    return NationalForm(re.compile(shape), check, dated)


NATIONAL_FORMS: Final = (
    _form(r"\d{17}[\dX]", national.resident_number, _resident),
    _form(r"[12]\d{4}(?:\d\d|2[AB])\d{8}", national.nir, _insured),
    _form(r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]", national.codice_fiscale, _fiscal),
    _form(r"\d{10}", nhs),
    _form(r"\d{11}", national.steuer_id),
    _form(r"[A-Z]\d{9}", national.health_insured_number),
    _form(r"\d{8}[A-Z]\d{3}", national.pension_number),
    _form(r"\d{10}", national.austrian_insurance),
    _form(r"756\d{10}", national.ahv),
    _form(r"\d{11}", national.belgian_register),
    _form(r"(?:\d{8}|[XYZ]\d{7})[A-Z]", national.dni),
    _form(r"\d{12}", national.spanish_affiliation),
    _form(r"\d{11}", national.cuit),
    _form(r"\d{11}", national.cpf),
    _form(r"\d{14}", national.cnpj),
    _form(r"\d{15}", national.health_card),
    _form(r"\d{9}", national.nif),
    _form(r"\d{9}", national.bsn),
    _form(r"\d{11}", national.kimlik),
    _form(r"\d{12}", national.verhoeff),
    _form(r"\d{12}", national.my_number),
    _form(r"[A-Z]\d{9}", national.taiwan_identity),
    _form(r"\d{13,19}", national.luhn_number),
)
