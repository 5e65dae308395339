"""Read ICD-10-CM out of the package ``simple-icd-10-cm`` (MIT), which carries the public-domain release.

Importing that package parses 10 MB of XML and keeps 190 MB: it is done once, in a process of its own, and never
while questions are answered. Two of its answers need care: ``is_block`` is true for the billable B20, F99, P84,
R99 and Z66, whose block has the same name, and ``is_leaf`` is true for ranges that have no children.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["chapter", "block", "category", "subcategory", "extension"]


@dataclass(frozen=True, slots=True)
class SourceConcept:
    """One node of the classification with its own notes, in tabular order; ``parent`` is empty at the top."""

    code: str
    display: str
    kind: Kind
    parent: str
    billable: bool
    includes: tuple[str, ...]
    inclusion_terms: tuple[str, ...]
    excludes1: tuple[str, ...]
    excludes2: tuple[str, ...]
    code_first: tuple[str, ...]
    use_additional: tuple[str, ...]
    code_also: tuple[str, ...]
    notes: tuple[str, ...]
    seventh_characters: tuple[tuple[str, str], ...]


def read_concepts() -> Iterator[SourceConcept]:
    """Yield every chapter, block, category, subcategory and 7th-character extension."""
    import simple_icd_10_cm as package  # noqa: PLC0415 - see the module's text

    for code in dict.fromkeys(package.get_all_codes()):
        parent = package.get_parent(code)
        if parent == code:  # the one category of a block of the same name: skip that block
            parent = package.get_parent(code, prioritize_blocks=True)
        coded = package.is_category_or_subcategory(code)
        yield SourceConcept(
            code=code,
            display=package.get_description(code),
            kind=_kind(code, package),
            parent=parent,
            billable=coded and package.is_leaf(code),
            includes=tuple(package.get_includes(code)),
            inclusion_terms=tuple(package.get_inclusion_term(code)),
            excludes1=tuple(package.get_excludes1(code)),
            excludes2=tuple(package.get_excludes2(code)),
            code_first=_lines(package.get_code_first(code)),
            use_additional=_lines(package.get_use_additional_code(code)),
            code_also=_lines(package.get_code_also(code)),
            notes=_lines(package.get_notes(code)),
            seventh_characters=tuple(package.get_seven_chr_def(code).items()),
        )


def _kind(code: str, package: "object") -> Kind:
    is_category, is_extension = package.is_category, package.is_extended_subcategory  # type: ignore[attr-defined]
    if is_category(code):
        return "category"
    if is_extension(code):
        return "extension"
    if package.is_subcategory(code):  # type: ignore[attr-defined]
        return "subcategory"
    return "chapter" if package.is_chapter(code) else "block"  # type: ignore[attr-defined]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip())
