"""The transcript: a window of at most 200 mounted messages over a conversation of any length.

It follows the end while the person is there, and never moves what they read while they are not. What falls out of the
window is read again from the log (``Pages``) when they scroll back to it.
"""

from collections.abc import Coroutine
from typing import Any, Final, Protocol

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from openmed_agent.tui.conversation.entries import Entry
from openmed_agent.tui.conversation.views.folding import FoldingView
from openmed_agent.tui.conversation.views.make import make_view

MOST_MOUNTED: Final = 200
_MOST_AT_END: Final = 90
"""While the end is followed fewer are mounted: each costs a little with every piece that streams in."""
_KEPT_AT_END: Final = 60
FIRST_PAGE: Final = 60
_PAGE: Final = 50


class Pages(Protocol):
    """Where messages that are not mounted come from, by their places in the log."""

    async def before(self, sequence: int | None, limit: int) -> tuple[list[Entry], bool]:
        """Return messages before a place (None: the last ones), in order, and whether there are older ones."""

    async def after(self, sequence: int, limit: int) -> tuple[list[Entry], bool]:
        """Return messages after a place, in order, and whether there are newer ones."""


class Transcript(VerticalScroll, can_focus=False):
    """What was said, the newest at the bottom. Keys stay with the prompt, so that nothing typed is ever lost."""

    DEFAULT_CSS = """
    Transcript { height: 1fr; padding: 0; scrollbar-gutter: stable; }
    Transcript > .welcome { padding: 1 2; color: $secondary; }
    """

    def __init__(self, welcome: Content) -> None:
        super().__init__()
        self._welcome = welcome
        self._pages: Pages | None = None
        self._mounted: list[Entry] = []
        self._aside: list[Entry] = []
        """What came, or was unmounted, while the end of the conversation is not in the window."""
        self._older = False
        self._end_mounted = True
        self._turning_page = False

    def compose(self) -> ComposeResult:
        """Yield what an empty conversation says."""
        yield Static(self._welcome, classes="welcome")

    def on_resize(self) -> None:
        """Follow the end where there is more than fits."""
        self._follow_end()

    def watch_virtual_size(self) -> None:
        """Follow the end as soon as there is more than fits; what fits begins at the top."""
        self._follow_end()

    def _follow_end(self) -> None:
        fits = self.virtual_size.height <= self.container_size.height
        if self.is_anchored and fits:
            self.anchor(anchor=False)
            self.scroll_to(y=0, animate=False, immediate=True, force=True)
        elif not self.is_anchored and not fits:
            self.anchor()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The messages that are mounted, in order."""
        return tuple(self._mounted)

    @property
    def at_end(self) -> bool:
        """Whether the person sees the end of the conversation."""
        return self._end_mounted and (self.max_scroll_y <= 0 or self.scroll_y >= self.max_scroll_y)

    @property
    def pages(self) -> Pages | None:
        """Where older messages come from."""
        return self._pages

    async def open(self, pages: Pages | None) -> None:
        """Show another conversation from its end; without pages an empty one."""
        found, self._older = await pages.before(None, FIRST_PAGE) if pages else ([], False)
        self._pages = pages
        self._mounted, self._aside, self._end_mounted = list(found), [], True
        with self.app.batch_update():
            await self.remove_children()
            if found:
                await self.mount_all([make_view(entry) for entry in found])
            else:
                await self.mount(Static(self._welcome, classes="welcome"))
        self.go_to_end()

    def read_from(self, pages: Pages) -> None:
        """Say where older messages come from, once the conversation has a place in the store."""
        self._pages = pages

    def add(self, entry: Entry) -> None:
        """Show a message at the end; where the screen is closing, as when a turn ends because it does, nothing more."""
        if not self.is_attached:
            return
        self.query(".welcome").remove()
        if not self._end_mounted or (len(self._mounted) >= MOST_MOUNTED and not self.at_end):
            self._end_mounted = False
            self._put_aside(entry)
            return
        self._mounted.append(entry)
        self.mount(make_view(entry))
        if len(self._mounted) > _MOST_AT_END and self.at_end and self._pages is not None:
            self.run_worker(self._unmount_first(len(self._mounted) - _KEPT_AT_END), group="trim")

    def changed(self, entry: Entry) -> None:
        """Show that a message has changed."""
        if entry.view is not None:
            entry.view.show_entry()

    def remove_entry(self, entry: Entry) -> None:
        """Take a message back that never became part of the conversation."""
        if entry in self._mounted:
            self._mounted.remove(entry)
        if entry in self._aside:
            self._aside.remove(entry)
        if entry.view is not None:
            entry.view.remove()
            entry.view = None

    async def catch_up(self) -> None:
        """Show what was kept since the last message without being told, such as that a turn was taken back."""
        if self._pages is None or not self._end_mounted:
            return
        last = max((entry.sequence or 0 for entry in self._mounted), default=0)
        for entry in (await self._pages.after(last, _PAGE))[0]:
            self.add(entry)

    def toggle_details(self) -> None:
        """Open every folded message of the window, or fold all where one is open."""
        folding = [view for view in self.query_children(FoldingView) if view.body() is not None]
        opened = not any(view.opened for view in folding)
        for view in folding:
            view.open(opened=opened)

    def go_to_end(self) -> None:
        """Show the end of the conversation again."""
        if self._end_mounted:
            self.anchor()
            self._follow_end()
        elif self._pages is not None:
            self.run_worker(self._reopen_at_end(), group="page", exclusive=True)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Read older messages near the top, newer ones near the bottom."""
        super().watch_scroll_y(old_value, new_value)
        if self._turning_page or self._pages is None or not self.is_mounted or round(old_value) == round(new_value):
            return
        near = max(4, self.size.height // 2)
        if new_value < old_value and new_value <= near and self._older:
            self._turn(self._page_back())
        elif new_value > old_value and new_value >= self.max_scroll_y - near and not self._end_mounted:
            self._turn(self._page_forward())

    def _turn(self, page: Coroutine[Any, Any, None]) -> None:
        self._turning_page = True
        self.run_worker(page, group="page", exclusive=True)

    async def _page_back(self) -> None:
        """Mount a page of older messages; what the person reads stays where it is."""
        try:
            first = next((entry.sequence for entry in self._mounted if entry.sequence is not None), None)
            if self._pages is None:
                return
            found, self._older = await self._pages.before(first, _PAGE)
            if not found:
                return
            self.release_anchor()
            hold = self._place()
            with self.app.batch_update():
                await self.mount_all([make_view(entry) for entry in found], before=0)
                self._mounted[:0] = found
                await self._unmount_last(len(self._mounted) - MOST_MOUNTED)
            self.call_after_refresh(self._return_to, hold)
        finally:
            self._turning_page = False

    async def _page_forward(self) -> None:
        """Mount a page of newer messages; where the end is reached, the window follows it again."""
        try:
            last = next((entry.sequence for entry in reversed(self._mounted) if entry.sequence is not None), 0)
            if self._pages is None:
                return
            found, more = await self._pages.after(last, _PAGE)
            if not more:
                newest = max((entry.sequence or 0 for entry in found), default=last)
                found += [one for one in self._aside if one.sequence is None or one.sequence > newest]
                self._aside.clear()
                self._end_mounted = True
            hold = self._place()
            with self.app.batch_update():
                await self.mount_all([make_view(entry) for entry in found])
                self._mounted.extend(found)
                await self._unmount_first(len(self._mounted) - MOST_MOUNTED)
            self.call_after_refresh(self._return_to, hold)
        finally:
            self._turning_page = False

    async def _reopen_at_end(self) -> None:
        waiting = [entry for entry in self._aside if entry.sequence is None]
        await self.open(self._pages)
        for entry in waiting:
            self.add(entry)

    def _place(self) -> tuple[Widget | None, float]:
        """Return the first message that the person sees, and how far it is below the upper edge."""
        for entry in self._mounted:
            view = entry.view
            if view is not None and view.virtual_region.bottom > self.scroll_y:
                return view, view.virtual_region.y - self.scroll_y
        return None, 0

    def _return_to(self, place: tuple[Widget | None, float]) -> None:
        view, below = place
        if view is not None and view.is_attached:
            self.scroll_to(y=view.virtual_region.y - below, animate=False, immediate=True, force=True)

    async def _unmount_first(self, count: int) -> None:
        if count > 0:
            gone, self._mounted = self._mounted[:count], self._mounted[count:]
            self._older = True
            await self._unmount(gone)

    async def _unmount_last(self, count: int) -> None:
        if count > 0:
            self._mounted, gone = self._mounted[:-count], self._mounted[-count:]
            self._end_mounted = False
            self._aside[:0] = [entry for entry in gone if entry.sequence is None]
            await self._unmount(gone)

    async def _unmount(self, gone: list[Entry]) -> None:
        views = [entry.view for entry in gone if entry.view is not None]
        for entry in gone:
            entry.view = None
        await self.remove_children(views)

    def _put_aside(self, entry: Entry) -> None:
        self._aside.append(entry)
        if len(self._aside) > MOST_MOUNTED:
            self._aside = [entry for entry in self._aside if entry.sequence is None]
