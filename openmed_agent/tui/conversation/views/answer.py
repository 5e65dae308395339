"""What the model said: Markdown that grows while it streams, plain text where nothing in it is Markdown."""

import re
from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Markdown, Static

from openmed_agent.tui.conversation.entries import Answer, EntryView
from openmed_agent.tui.conversation.views.markdown_text import MarkdownText, parser
from openmed_agent.tui.safe_text import shown, shown_markdown

if TYPE_CHECKING:
    from textual.widgets.markdown import MarkdownStream

    from openmed_agent.tui.app import OpenMedApp

_TOGETHER_SECONDS: Final = 0.2
"""Pieces that arrive within this time are shown at once: the eye sees no difference, the machine does."""

_TYPING_SECONDS: Final = 0.2
_LONGEST_WAIT_SECONDS: Final = 1.5
"""While somebody types, drawing waits so long at most: a key is echoed between two pieces, not behind one."""

_PADDING: Final = 3
_MARKDOWN: Final = re.compile(r"[*_`#|~\\>\[]|^[ \t]*(?:[-+]|\d{1,9}[.)])[ \t]|^[=-]{2,}|^(?: {4}|\t)", re.MULTILINE)


class AnswerMarkdown(Markdown, EntryView):
    """An answer with Markdown in it, or one that still comes. It draws it as few texts, a page each."""

    DEFAULT_CSS = """
    AnswerMarkdown { padding: 0 2 0 1; margin: 1 0 1 0; background: $background; }
    AnswerMarkdown > Static { height: auto; width: 1fr; text-wrap: nowrap; }
    """

    def __init__(self, entry: Answer) -> None:
        super().__init__(parser_factory=parser, open_links=False)
        self._entry = entry
        self._pages = [Static()]
        self._text = MarkdownText(0)
        self._width = 0
        self._drawn = 0
        """How much of the entry's text has been drawn, or handed to the stream."""
        self._begun = False
        self._stream: MarkdownStream | None = None
        self._due: Timer | None = None
        self._waited = 0.0

    def compose(self) -> ComposeResult:
        """Yield the first page."""
        yield from self._pages

    def update(self, markdown: str) -> AwaitComplete:
        """Show another text. Textual itself calls it first, when it mounts: then there may be more by now."""
        if not self._begun:
            self._begun = True
            self._drawn = len(self._entry.text)
            markdown = shown_markdown(self._entry.text)
        self._markdown = markdown
        self._draw(self._known_width())
        return AwaitComplete()

    def append(self, markdown: str) -> AwaitComplete:
        """Show more of the text; only its last page is drawn again."""
        self._markdown = self.source + markdown
        self._show(self._text.append(markdown))
        return AwaitComplete()

    def on_resize(self) -> None:
        """Wrap for another width: that of the text, which the size in Textual's event is not."""
        if self.size.width != self._width:
            self._draw(self.size.width)

    def show_entry(self) -> None:
        """Show what has come since; together with what comes in the next moment."""
        if not self._begun:
            return
        if self._entry.settled:
            self.run_worker(self._settle(), group="settle", exclusive=True)
        elif self._due is None:
            self._waited = 0.0
            self._due = self.set_timer(_TOGETHER_SECONDS, self._write)

    async def on_unmount(self) -> None:
        """End the stream with the widget."""
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.stop()

    def _draw(self, width: int) -> None:
        self._width = width
        self._text = MarkdownText(width)
        for page in self._pages[1:]:
            page.remove()
        del self._pages[1:]
        self._show(self._text.append(self.source))

    def _show(self, pages: list[Content]) -> None:
        self._pages[-1].update(pages[0])
        new = [Static(page) for page in pages[1:]]
        self._pages.extend(new)
        if new:
            self.mount_all(new)

    def _known_width(self) -> int:
        """Return the width, before the first layout the one that it will have."""
        above = self.parent
        if self.size.width or not isinstance(above, Widget):
            return self.size.width
        return max(1, above.scrollable_content_region.width - _PADDING)

    async def _write(self) -> None:
        self._due = None
        if self._entry.settled or not self.is_attached:
            return
        self._waited += _TOGETHER_SECONDS
        if self._waited < _LONGEST_WAIT_SECONDS and self._somebody_types():
            self._due = self.set_timer(_TOGETHER_SECONDS, self._write)
            return
        if self._stream is None:
            self._stream = Markdown.get_stream(self)
        new, self._drawn = self._entry.text[self._drawn :], len(self._entry.text)
        await self._stream.write(shown_markdown(new))

    def _somebody_types(self) -> bool:
        return cast("OpenMedApp", self.app).idle.seconds() < _TYPING_SECONDS

    async def _settle(self) -> None:
        """Show the whole answer; it is drawn anew only where the pieces did not amount to it."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        stream, self._stream = self._stream, None
        if stream is not None:
            await stream.stop()
        whole = shown_markdown(self._entry.text)
        if not self.is_attached or self.source == whole:
            return
        if whole.startswith(self.source):
            await self.append(whole[len(self.source) :])
        else:
            await self.update(whole)


class PlainAnswer(Static, EntryView):
    """An answer without Markdown."""

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
