"""What the model said: Markdown that grows while it streams, plain text where nothing in it is Markdown."""

import re
from functools import cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Markdown, Static
from textual.widgets.markdown import MarkdownBlock, MarkdownFence

from openmed_agent.tui.conversation.entries import Answer, EntryView
from openmed_agent.tui.safe_text import shown, shown_markdown

if TYPE_CHECKING:
    from textual.widgets.markdown import MarkdownStream

_TOGETHER_SECONDS: Final = 0.1
"""Pieces that arrive within this time are shown at once: the eye sees no difference, the machine does."""

_MARKDOWN: Final = re.compile(r"[*_`#|~\\>\[]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]|^[=-]{2,}|^(?: {4}|\t)", re.MULTILINE)


@cache
def parser() -> MarkdownIt:
    """Return the parser of answers: everything that could hide text, such as links and HTML, stays as it is written.

    A link is shown with its address and leads nowhere; character references could stand for control characters.
    """
    hiding = ["link", "image", "autolink", "html_inline", "html_block", "entity", "reference"]
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable(hiding)


class PlainFence(MarkdownFence):
    """Code without colours: those of a syntax would say nothing and cost much."""

    DEFAULT_CSS = """
    PlainFence { background: $surface; margin: 1 0; }
    """

    @classmethod
    def highlight(cls, code: str, language: str, ansi: bool = False, dark: bool = False) -> Content:  # noqa: ARG003, FBT001, FBT002 - as Textual has it
        """Return the code as it is."""
        return Content(code)


class AnswerMarkdown(Markdown, EntryView):
    """An answer with Markdown in it, or one that still comes."""

    DEFAULT_CSS = """
    AnswerMarkdown { padding: 0 2 0 1; margin: 1 0 0 0; background: $background; }
    AnswerMarkdown MarkdownHeader { content-align: left middle; text-style: bold; color: $foreground; margin: 0 0 1 0;
                                    background: $background; padding: 0; width: 1fr; }
    AnswerMarkdown MarkdownParagraph { margin: 0; }
    AnswerMarkdown > MarkdownParagraph { margin: 0 0 1 0; }
    """
    BLOCKS: dict[str, type[MarkdownBlock]] = {  # noqa: RUF012 - as Textual declares it
        **Markdown.BLOCKS,
        "fence": PlainFence,
        "code_block": PlainFence,
    }

    def __init__(self, entry: Answer) -> None:
        super().__init__(shown_markdown(entry.text), parser_factory=parser, open_links=False)
        self._entry = entry
        self._drawn = len(entry.text)
        """How much of the entry's text has been handed to the stream."""
        self._stream: MarkdownStream | None = None
        self._due: Timer | None = None

    def show_entry(self) -> None:
        """Show what has come since; together with what comes in the next moment."""
        if self._entry.settled:
            self.run_worker(self._settle(), group="settle", exclusive=True)
        elif self._due is None:
            self._due = self.set_timer(_TOGETHER_SECONDS, self._write)

    async def _write(self) -> None:
        self._due = None
        if self._entry.settled or not self.is_attached:
            return
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        new, self._drawn = self._entry.text[self._drawn :], len(self._entry.text)
        await self._stream.write(shown_markdown(new))

    async def _settle(self) -> None:
        """Show the whole answer; it is drawn anew only where the pieces did not amount to it."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        whole = shown_markdown(self._entry.text)
        stream, self._stream = self._stream, None
        if stream is not None:
            seen = self._entry.text[: self._drawn]
            if shown_markdown(seen) == whole[: len(shown_markdown(seen))]:
                await stream.write(whole[len(shown_markdown(seen)) :])
            await stream.stop()
        if self.source != whole and self.is_attached:
            await self.update(whole)

    async def on_unmount(self) -> None:
        """End the stream with the widget."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.stop()


class PlainAnswer(Static, EntryView):
    """An answer without Markdown: one widget instead of one for each paragraph."""

    DEFAULT_CSS = """
    PlainAnswer { height: auto; padding: 0 2 0 1; margin: 1 0 1 0; }
    """

    def __init__(self, entry: Answer) -> None:
        super().__init__(shown(entry.text.strip()))


def answer_view(entry: Answer) -> EntryView:
    """Return the widget for an answer."""
    if entry.settled and not _MARKDOWN.search(entry.text):
        return PlainAnswer(entry)
    return AnswerMarkdown(entry)
