"""Read the tabular list of ICD-10-CM, an XML file, piece by piece.

The parser is fed as bytes arrive and keeps only the open branch and the finished codes. A document type
declaration, which could swell through its entities, is refused: the tabular list has none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from openmed_agent.errors import InputError
from openmed_agent.planes.codes.releases.archive import ReleaseFiles, shown

_NOTES: Final[Mapping[str, str]] = {
    "includes": "includes", "inclusionTerm": "inclusion_terms", "excludes1": "excludes1", "excludes2": "excludes2",
    "codeFirst": "code_first", "useAdditionalCode": "use_additional", "codeAlso": "code_also", "notes": "notes",
}  # fmt: skip
_ROOT: Final = "ICD10CM.tabular"
_FULL_LENGTH: Final = 6
_LAYOUT: Final = "Hand over the tabular XML as CDC distributes it; nothing was changed."


@dataclass(slots=True)
class Diagnosis:
    """One code of the tabular list; ``notes`` by the names of the contract, ``sevenths`` those defined at it."""

    code: str
    display: str
    parent: str
    is_billable: bool = False
    notes: dict[str, list[str]] = field(default_factory=dict)
    sevenths: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """A code whose element has not ended yet."""

    parent: str
    code: str = ""
    display: str = ""
    has_children: bool = False
    notes: dict[str, list[str]] = field(default_factory=dict)
    sevenths: dict[str, str] = field(default_factory=dict)


class TabularList:
    """The codes of one tabular list; ``version`` is known once iteration has begun."""

    def __init__(self, files: ReleaseFiles, name: str) -> None:
        self.version = ""
        self._files = files
        self._name = name

    def __iter__(self) -> Iterator[Diagnosis]:
        """Yield every code, 7th characters included, as its element ends: children first.

        Raises:
            InputError: it is not a tabular list of ICD-10-CM.

        """
        reader = _TabularReader()
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = reader.start
        parser.EndElementHandler = reader.end
        parser.CharacterDataHandler = reader.text
        parser.StartDoctypeDeclHandler = reader.refuse
        try:
            for chunk in self._files.chunks(self._name):
                parser.Parse(chunk, False)  # noqa: FBT003 - expat takes no keyword
                self.version = reader.version
                yield from reader.take()
            parser.Parse(b"", True)  # noqa: FBT003
        except (expat.ExpatError, _NotTabularError):
            raise InputError(f"{shown(self._name)} is not a tabular list of ICD-10-CM.", remedy=_LAYOUT) from None


class _NotTabularError(Exception):
    """The document is something else."""


class _TabularReader:
    """Follows the elements of the document."""

    def __init__(self) -> None:
        self.version = ""
        self._found: list[Diagnosis] = []
        self._path: list[str] = []
        self._open: list[_Open] = []
        self._text: list[str] = []
        self._character = ""

    def take(self) -> list[Diagnosis]:
        """Return what was completed since the last call."""
        taken, self._found = self._found, []
        return taken

    def refuse(self, *_: object) -> None:
        """Refuse a document type declaration."""
        raise _NotTabularError

    def start(self, element: str, attributes: dict[str, str]) -> None:
        """Enter an element."""
        if not self._path and element != _ROOT:
            raise _NotTabularError
        if element == "diag":
            if self._open:
                self._open[-1].has_children = True
            self._open.append(_Open(parent=self._open[-1].code if self._open else ""))
        self._character = attributes.get("char", "")
        self._path.append(element)
        self._text.clear()

    def text(self, data: str) -> None:
        """Collect character data."""
        self._text.append(data)

    def end(self, element: str) -> None:
        """Leave an element and keep what it said."""
        self._path.pop()
        text = " ".join("".join(self._text).split())
        self._text.clear()
        inside = self._path[-1] if self._path else ""
        if element == "version" and inside == _ROOT:
            self.version = text
        elif element == "diag":
            self._close(self._open.pop())
        elif self._open:
            self._keep(self._open[-1], element, inside, text)

    def _keep(self, current: _Open, element: str, inside: str, text: str) -> None:
        match (inside, element):
            case ("diag", "name"):
                current.code = text.upper()
            case ("diag", "desc"):
                current.display = text
            case ("sevenChrDef", "extension"):
                current.sevenths[self._character] = text
            case (group, "note") if group in _NOTES:
                current.notes.setdefault(_NOTES[group], []).append(text)
            case _:
                pass

    def _close(self, current: _Open) -> None:
        if not current.code or not current.display:
            raise _NotTabularError
        sevenths = next((held.sevenths for held in (current, *reversed(self._open)) if held.sevenths), {})
        is_leaf = not current.has_children
        self._found.append(
            Diagnosis(
                code=current.code,
                display=current.display,
                parent=current.parent,
                is_billable=is_leaf and not sevenths,
                notes=dict(current.notes),
                sevenths=dict(current.sevenths),
            )
        )
        if not is_leaf:
            return
        plain = current.code.replace(".", "").ljust(_FULL_LENGTH, "X")
        self._found.extend(
            Diagnosis(
                code=f"{plain[:3]}.{plain[3:]}{character}",
                display=f"{current.display}, {meaning}",
                parent=current.code,
                is_billable=True,
            )
            for character, meaning in sevenths.items()
            if len(character) == 1
        )
