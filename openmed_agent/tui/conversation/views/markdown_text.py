"""Markdown as wrapped lines of one text, for a width.

One text rather than a widget for each paragraph, item and cell: a long answer costs the layout as much as a short one.
What could hide something from the reader, such as links and HTML, stays as it is written.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from textual.content import Content

_CODE: Final = "$foreground 85%"
_QUIET: Final = "$secondary"
_LEAST_WIDTH: Final = 12
_PAGE_LINES: Final = 8
_LEAST_COLUMN: Final = 6
_GAP: Final = "   "
_STYLES: Final = {"strong": "bold", "em": "italic", "s": "strike", "code_inline": "on $panel"}


_DEEP: Final = re.compile(r"^(?:[ \t]*(?:>|[-*+][ \t])){30,}", re.MULTILINE)
"""More levels than anybody writes: the time that the parser takes grows with their square."""


@cache
def parser() -> MarkdownIt:
    """Return the parser of answers.

    A link is shown with its address and leads nowhere; character references could stand for control characters.
    """
    hiding = ["link", "image", "autolink", "html_inline", "html_block", "entity", "reference"]
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(hiding)


class MarkdownText:
    """A text that may grow: of what is appended only the last block is read, and only the last page drawn, again."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._page: list[Content] = []
        """The lines of the last page whose blocks are whole."""
        self._open = ""
        """The source from the last block on, which may go on."""

    def append(self, markdown: str) -> list[Content]:
        """Return, after more of the text has come, the last page as it is now, and new pages where it got full."""
        self._open += markdown
        if _DEEP.search(self._open):
            lines = [piece for line in self._open.split("\n") for piece in Content(line).wrap(self._width)]
            return [Content("\n").join([*self._page, *lines])]
        blocks = SyntaxTreeNode(parser().parse(self._open)).children
        rendered = [_block(node, self._width) for node in blocks]
        pages: list[Content] = []
        whole = self._whole_blocks(blocks)
        for block in rendered[:whole]:
            _append_block(self._page, block)
            if len(self._page) >= _PAGE_LINES:
                pages.append(Content("\n").join([*self._page, Content("")]))
                self._page = []
        if whole and (place := blocks[whole].map) is not None:
            self._open = "".join(self._open.splitlines(keepends=True)[place[0] :])
        lines = list(self._page)
        for block in rendered[whole:]:
            _append_block(lines, block)
        return [*pages, Content("\n").join(lines)]

    def _whole_blocks(self, blocks: Sequence[SyntaxTreeNode]) -> int:
        """Return how many blocks nothing can change any more: those before the last one of which a whole line is there.

        A line that has only begun says nothing: ``*`` may become an item, or emphasis in the line before it.
        """
        whole_lines = self._open.count("\n")
        begun = [place for place, node in enumerate(blocks) if node.map is not None and node.map[0] < whole_lines]
        return begun[-1] if begun else 0


def _append_block(lines: list[Content], block: list[Content]) -> None:
    if lines and block:
        lines.append(Content(""))
    lines.extend(block)


def _block(node: SyntaxTreeNode, width: int) -> list[Content]:
    """Return the lines of one block."""
    width = max(width, _LEAST_WIDTH)
    match node.type:
        case "heading":
            return [line.stylize("bold") for line in _inline_lines(node, width)]
        case "paragraph":
            return _inline_lines(node, width)
        case "bullet_list":
            return _list(node, ["• "] * len(node.children), width)
        case "ordered_list":
            first = int(node.attrs.get("start", 1))
            return _list(node, [f"{first + place}. " for place in range(len(node.children))], width)
        case "blockquote":
            return [Content.assemble(("│ ", _QUIET), line) for line in _blocks(node.children, width - 2)]
        case "fence" | "code_block":
            return _code(node.content, width)
        case "hr":
            return [Content.styled("─" * width, _QUIET)]
        case "table":
            return _table(node, width)
        case _:
            return Content(node.content).wrap(width) if node.content else _blocks(node.children, width)


def _blocks(nodes: Sequence[SyntaxTreeNode], width: int) -> list[Content]:
    lines: list[Content] = []
    for node in nodes:
        _append_block(lines, _block(node, width))
    return lines


def _list(node: SyntaxTreeNode, marks: list[str], width: int) -> list[Content]:
    """Return the lines of a list, each item hanging behind its mark; a loose one has room between its items."""
    lines: list[Content] = []
    indent = max((len(mark) for mark in marks), default=2)
    loose = any(not child.hidden for item in node.children for child in item.children if child.type == "paragraph")
    for mark, item in zip(marks, node.children, strict=True):
        inside: list[Content] = []
        for child in item.children:
            if loose:
                _append_block(inside, _block(child, width - indent))
            else:
                inside.extend(_block(child, width - indent))
        if loose and lines:
            lines.append(Content(""))
        for place, line in enumerate(inside or [Content("")]):
            lines.append(Content.assemble((mark.rjust(indent), _QUIET) if place == 0 else " " * indent, line))
    return lines


def _code(code: str, width: int) -> list[Content]:
    lines = [piece for line in code.rstrip("\n").split("\n") for piece in Content(line).fold(width - 2)]
    return [Content.assemble("  ", line.stylize(_CODE)) for line in lines]


def _table(node: SyntaxTreeNode, width: int) -> list[Content]:
    """Return a table: columns as wide as they need, narrower in proportion where that is too wide; cells wrap."""
    rows = [[_inline(cell) for cell in row.children] for part in node.children for row in part.children]
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return []
    wanted = [max((row[place].cell_length for row in rows if place < len(row)), default=1) for place in range(columns)]
    room = width - len(_GAP) * (columns - 1)
    if room < _LEAST_COLUMN * columns:
        return _table_as_list(rows, width)
    widths = _fitted(wanted, room)
    lines: list[Content] = []
    for number, row in enumerate(rows):
        cells = [cell.wrap(size) for cell, size in zip(row, widths, strict=False)]
        for level in range(max((len(cell) for cell in cells), default=1)):
            pieces = [
                _padded(cell[level] if level < len(cell) else Content(""), size)
                for cell, size in zip(cells, widths, strict=False)
            ]
            line = Content(_GAP).join(pieces)
            lines.append(line.stylize("bold") if number == 0 else line)
        if number == 0:
            lines.append(Content.styled(_GAP.join("─" * size for size in widths), _QUIET))
    return lines


def _table_as_list(rows: list[list[Content]], width: int) -> list[Content]:
    """Return a table that is too wide for columns: each row one below the other, each cell with its heading."""
    lines: list[Content] = []
    for row in rows[1:]:
        cells: list[Content] = []
        for heading, cell in zip(rows[0], row, strict=False):
            cells.extend(Content.assemble(heading.stylize("bold"), ": ", cell).wrap(width))
        _append_block(lines, cells)
    return lines


def _fitted(wanted: list[int], width: int) -> list[int]:
    """Return widths that together are at most ``width``: narrow columns keep theirs, wide ones share the rest."""
    widths = [max(1, size) for size in wanted]
    left, wide = width, sorted(range(len(widths)), key=widths.__getitem__)
    for place, column in enumerate(wide):
        share = left // (len(wide) - place)
        widths[column] = min(widths[column], max(1, share))
        left -= widths[column]
    return widths


def _padded(content: Content, width: int) -> Content:
    return content.pad_right(max(0, width - content.cell_length))


def _inline_lines(node: SyntaxTreeNode, width: int) -> list[Content]:
    return [line for part in _inline(node).split("\n", allow_blank=True) for line in part.wrap(width)]


def _inline(node: SyntaxTreeNode) -> Content:
    """Return the text of a paragraph, heading or cell, its marks as styles."""
    return Content.assemble(*(piece for child in node.children for piece in _pieces(child, "")))


def _pieces(node: SyntaxTreeNode, style: str) -> list[Content]:
    match node.type:
        case "softbreak":
            return [Content(" ")]
        case "hardbreak":
            return [Content("\n")]
        case "text" | "code_inline":
            own = f"{style} {_STYLES.get(node.type, '')}".strip()
            return [Content.styled(node.content, own) if own else Content(node.content)]
        case _:
            inner = f"{style} {_STYLES.get(node.type, '')}".strip()
            if not node.children and node.content:
                return [Content(node.content)]
            return [piece for child in node.children for piece in _pieces(child, inner)]
