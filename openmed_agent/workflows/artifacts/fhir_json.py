"""Writes FHIR JSON with members in order of their names and decimals digit for digit."""

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from openmed_agent.text.terminal import terminal_safe

FhirValue: TypeAlias = "str | int | Decimal | Sequence[FhirValue] | Mapping[str, FhirValue]"
FhirObject: TypeAlias = Mapping[str, FhirValue]

_INDENT: Final = "  "


def fhir_json(resource: FhirObject) -> bytes:
    """Return the resource as indented UTF-8 JSON that ends in a newline.

    The same resource gives the same bytes. ``7.20`` stays ``7.20``: FHIR takes the precision of a decimal for
    part of its meaning, which a float would lose.
    """
    return (_written(resource, "\n") + "\n").encode()


def clean(text: str) -> str:
    """Return chart text as a FHIR string may hold it: control characters become visible symbols."""
    return terminal_safe(text).strip()


def _written(value: FhirValue, line: str) -> str:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case Mapping():
            members = (
                f"{json.dumps(name, ensure_ascii=False)}: {_written(value[name], line + _INDENT)}"
                for name in sorted(value)
            )
            return _bracketed("{", members, "}", line)
        case _:
            return _bracketed("[", (_written(item, line + _INDENT) for item in value), "]", line)


def _bracketed(opening: str, parts: Iterable[str], closing: str, line: str) -> str:
    inside = f",{line}{_INDENT}".join(parts)
    return f"{opening}{line}{_INDENT}{inside}{line}{closing}" if inside else opening + closing
