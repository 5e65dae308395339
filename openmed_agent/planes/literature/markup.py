"""Plain text of the markup that public services send in their fields."""

import html
import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"p", "div", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr", "br"})
_UNREAD: Final = frozenset({"script", "style"})
_FONT: Final = re.compile(r"</?(?:i|b|u|em|strong|sub|sup)>", re.IGNORECASE)
_SPACE: Final = re.compile(r"[ \t\r\n\f\v]+")


class _Text(HTMLParser):
    """Collects lines of text; a list item starts with a dash."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[list[str]] = [[]]
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's names
        self._unread += tag in _UNREAD
        if tag in _BLOCKS:
            self.lines.append([])
        elif tag == "li":
            self.lines.append(["- "])

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(0, self._unread - (tag in _UNREAD))
        if tag in _BLOCKS or tag == "li":
            self.lines.append([])

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.lines[-1].append(data)


def plain_text(markup: str) -> str:
    """Return the text of HTML with a line for each paragraph, heading and list item."""
    reader = _Text()
    reader.feed(markup)
    reader.close()
    lines = (one_line("".join(parts)) for parts in reader.lines)
    return "\n".join(line for line in lines if line and line != "-")


def inline_text(title: str) -> str:
    """Return a title without character references and font tags, which PubMed sends escaped or plain."""
    return one_line(_FONT.sub("", html.unescape(title)))


def one_line(text: str) -> str:
    """Return ``text`` with every run of white space as one space."""
    return _SPACE.sub(" ", text).strip()
