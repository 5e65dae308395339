"""Text from elsewhere as content of a widget: terminal-safe, and never read as markup.

A widget is handed ``Content``, never a string: Textual would read a string as markup, in which ``[@click=...]`` fires
an action and ``[/x]`` is an error.
"""

from textual.content import Content

from openmed_agent.text.terminal import terminal_safe


def shown(text: str, style: str = "") -> Content:
    """Return untrusted text of one or more lines."""
    return Content.styled(terminal_safe(text).expandtabs(4), style) if style else Content(_lines(text))


def shown_line(text: str, style: str = "") -> Content:
    """Return untrusted text on one line: a line break becomes a symbol."""
    safe = terminal_safe(text, single_line=True)
    return Content.styled(safe, style) if style else Content(safe)


def shown_markdown(text: str) -> str:
    """Return untrusted Markdown for a Markdown widget, which reads no Textual markup; tabs are kept for its code."""
    return terminal_safe(text)


def _lines(text: str) -> str:
    return terminal_safe(text).expandtabs(4)
