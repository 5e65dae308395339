"""The last look at every line before it goes to the terminal.

Widgets are given safe text in the first place (``safe_text``). Should one be forgotten, nothing of what it shows
reaches the terminal as a control character, and no style carries a link.
"""

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from openmed_agent.text.terminal import terminal_safe


class TerminalSafety(LineFilter):
    """Replaces what would act on the terminal, and takes links off."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments, the same ones where nothing is to be done."""
        del background
        if not any(_is_suspect(segment) for segment in segments):
            return segments
        return [_safe(segment) for segment in segments]


def _is_suspect(segment: Segment) -> bool:
    style = segment.style
    return segment.control is not None or _acts(segment.text) or bool(style and style.link)


def _acts(text: str) -> bool:
    """Return whether a text is unsafe; most is plain ASCII, which is told at once."""
    return not (text.isascii() and text.isprintable()) and terminal_safe(text, single_line=True) != text


def _safe(segment: Segment) -> Segment:
    if not _is_suspect(segment):
        return segment
    style = segment.style.update_link(None) if segment.style else None
    return Segment(terminal_safe(segment.text, single_line=True), style)
