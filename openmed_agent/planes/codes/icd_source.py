"""Read ICD-10-CM from the files that the package ``simple-icd-10-cm`` (MIT) carries: CDC tabular list and code list.

The package itself is never imported: that takes four times as long, keeps 190 MB, and two of its functions are wrong:
``is_block`` is true for the billable B20, F99, P84, R99 and Z66, whose block has the same name (that block is left
out here), and ``is_leaf`` is true for ranges that have no children.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal, NamedTuple
from xml.etree import ElementTree as ET

Kind = Literal["chapter", "block", "category", "subcategory", "extension"]

_PACKAGE: Final = "simple_icd_10_cm"
_TABULAR_LIST: Final = "icd10c-tabular-April-1-2026.xml"
_CODES: Final = "code-list-April-2026.txt"
_NODES: Final = frozenset({"section", "diag"})
_NOTES: Final[Mapping[str, str]] = {
    "includes": "includes", "inclusionTerm": "inclusion_terms", "excludes1": "excludes1", "excludes2": "excludes2",
    "codeFirst": "code_first", "useAdditionalCode": "use_additional", "codeAlso": "code_also", "notes": "notes",
}  # fmt: skip
_LINES: Final = frozenset({"code_first", "use_additional", "code_also", "notes"})
_CATEGORY_LENGTH: Final = 3
_LENGTH_BEFORE_SEVENTH: Final = 7


class SourceConcept(NamedTuple):
    """One node of the classification with its own notes, in tabular order; ``parent`` is empty at the top."""

    code: str
    display: str
    kind: Kind
    parent: str
    billable: bool
    includes: tuple[str, ...] = ()
    inclusion_terms: tuple[str, ...] = ()
    excludes1: tuple[str, ...] = ()
    excludes2: tuple[str, ...] = ()
    code_first: tuple[str, ...] = ()
    use_additional: tuple[str, ...] = ()
    code_also: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seventh_characters: tuple[tuple[str, str], ...] = ()


class _Node(NamedTuple):
    """An element that is still to be read, below ``parent``, with the 7th characters defined above it."""

    element: ET.Element
    parent: str
    sevenths: Mapping[str, str]


def read_concepts() -> Iterator[SourceConcept]:
    """Yield every chapter, block, category, subcategory and 7th-character extension, parents first.

    Raises:
        FileNotFoundError: the package is not installed, or carries another release.

    """
    folder = _data_folder()
    known = {line.split(" ", 1)[0] for line in (folder / _CODES).read_text(encoding="utf-8").splitlines()}
    root = ET.parse(folder / _TABULAR_LIST).getroot()  # noqa: S314 - a file of a package locked by its hash
    pending = [_Node(chapter, "", {}) for chapter in reversed(root.findall("chapter"))]
    while pending:
        node = pending.pop()
        children = [child for child in node.element if child.tag in _NODES]
        code = _name(node.element)
        own = _seventh_characters(node.element)
        sevenths = own or node.sevenths
        is_double = node.element.tag == "section" and any(_name(child) == code for child in children)
        if is_double:
            code = node.parent
        else:
            display = " ".join((node.element.findtext("desc") or "").split())  # some titles hold a line break
            kind = _kind(node.element, code)
            extensions = () if children else tuple(_extensions(code, display, sevenths, known))
            yield _concept(node, code, display, kind, own, billable=_is_coded(kind) and not (children or extensions))
            yield from extensions
        pending.extend(_Node(child, code, sevenths) for child in reversed(children))


def _data_folder() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError(f"{_PACKAGE} is not installed")
    return Path(found.submodule_search_locations[0]) / "data"


def _name(element: ET.Element) -> str:
    return element.get("id") or element.findtext("name") or ""


def _kind(element: ET.Element, code: str) -> Kind:
    match element.tag:
        case "chapter":
            return "chapter"
        case "section":
            return "block"
        case _:
            return "category" if len(code) == _CATEGORY_LENGTH else "subcategory"


def _is_coded(kind: Kind) -> bool:
    return kind not in {"chapter", "block"}


def _concept(
    node: _Node, code: str, display: str, kind: Kind, sevenths: Mapping[str, str], *, billable: bool
) -> SourceConcept:
    notes: dict[str, tuple[str, ...]] = {}
    for group in node.element:
        field = _NOTES.get(group.tag)
        if field is not None:
            notes[field] = (*notes.get(field, ()), *(note.text for note in group if note.text))
    for field in _LINES & notes.keys():
        notes[field] = tuple(line.strip() for text in notes[field] for line in text.split("\n") if line.strip())
    return SourceConcept(
        code, display, kind, node.parent, billable, seventh_characters=tuple(sevenths.items()), **notes
    )


def _seventh_characters(element: ET.Element) -> dict[str, str]:
    """Return what each 7th character means that this element defines; a note after one belongs to it."""
    meanings: dict[str, str] = {}
    last = ""
    for group in element.findall("sevenChrDef"):
        for part in group:
            if part.tag == "extension":
                last = part.attrib["char"]
                meanings[last] = part.text or ""
            elif part.tag == "note" and last and part.text:
                meanings[last] += f"/{part.text}"
    return meanings


def _extensions(code: str, display: str, sevenths: Mapping[str, str], known: set[str]) -> Iterator[SourceConcept]:
    """Yield the codes that 7th characters make of a leaf, those that the order file knows: some are ruled out."""
    padded = (code if "." in code else f"{code}.").ljust(_LENGTH_BEFORE_SEVENTH, "X") if sevenths else ""
    for character, meaning in sevenths.items():
        extended = f"{padded}{character}"
        if extended.replace(".", "") in known:
            title = " ".join(f"{display}, {meaning}".split())
            yield SourceConcept(extended, title, "extension", code, billable=True)
