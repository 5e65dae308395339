"""Read ICD-10-CM out of the package ``simple-icd-10-cm`` (MIT), which carries the public-domain release.

Importing that package parses 10 MB of XML and keeps 190 MB: it is done once, in a process of its own, and never
while questions are answered. Its tree is read, not its functions, which take far longer and are wrong in places:
``is_block`` is true for the billable B20, F99, P84, R99 and Z66, whose block has the same name (that block is left
out here), and ``is_leaf`` is true for ranges that have no children.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

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


_KINDS: Final[Mapping[str, Kind]] = {
    "chapter": "chapter",
    "section": "block",
    "category": "category",
    "subcategory": "subcategory",
    "extended subcategory": "extension",
}
_CODED: Final = frozenset({"category", "subcategory", "extension"})


def read_concepts() -> Iterator[SourceConcept]:
    """Yield every chapter, block, category, subcategory and 7th-character extension, parents first."""
    from simple_icd_10_cm import simple_icd_10_cm as package  # noqa: PLC0415 - see the module's text

    pending: list[tuple[Any, str]] = [(chapter, "") for chapter in reversed(package._chapter_list)]  # noqa: SLF001
    while pending:
        node, parent = pending.pop()
        kind = _KINDS[node.type]
        is_double = kind == "block" and any(child.name == node.name for child in node.children)
        if not is_double:
            yield _concept(node, kind, parent)
        below = parent if is_double else node.name
        pending.extend((child, below) for child in reversed(node.children))


def _concept(node: Any, kind: Kind, parent: str) -> SourceConcept:  # noqa: ANN401 - a node of an untyped package
    return SourceConcept(
        code=node.name,
        display=" ".join(node.description.split()),  # two meanings of 7th characters hold a line break
        kind=kind,
        parent=parent,
        billable=kind in _CODED and not node.children,
        includes=tuple(node.includes),
        inclusion_terms=tuple(node.inclusion_term),
        excludes1=tuple(node.excludes1),
        excludes2=tuple(node.excludes2),
        code_first=_lines(node.code_first),
        use_additional=_lines(node.use_additional_code),
        code_also=_lines(node.code_also),
        notes=_lines(node.notes),
        seventh_characters=tuple(node.seven_chr_def.items()),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.strip()) if text else ()
