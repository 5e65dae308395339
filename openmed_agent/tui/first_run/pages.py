"""Pages that are gone through one after the other: a few words, a few choices each."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.dialogs import Choice
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.first_run.step import Page, Step
from openmed_agent.tui.safe_text import shown_line


class PagesScreen(FaceScreen):
    """Goes through steps; a subclass says what comes after the last one."""

    DEFAULT_CSS = """
    PagesScreen > Vertical { padding: 1 2; height: 1fr; }
    PagesScreen .heading { text-style: bold; color: $accent; margin-bottom: 1; height: 1; }
    PagesScreen VerticalScroll { height: auto; max-height: 60%; max-width: 84; margin-bottom: 1; }
    PagesScreen .text { height: auto; width: 1fr; }
    PagesScreen OptionList { max-width: 84; height: auto; max-height: 1fr; border: none; padding: 0;
                             background: $background; }
    PagesScreen OptionList:focus { border: none; background-tint: $foreground 0%; }
    PagesScreen OptionList:focus > .option-list--option-highlighted { background: $accent 30%; color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pageup", "read(-1)", priority=True, show=False),
        Binding("pagedown", "read(1)", priority=True, show=False),
    ]
    TITLE_TEXT: ClassVar[str] = ""

    def __init__(self, steps: Sequence[Step]) -> None:
        super().__init__()
        self._steps = tuple(steps)
        self._place = 0
        self._seen: list[int] = []
        self._choices: tuple[Choice, ...] = ()

    def compose(self) -> ComposeResult:
        """Yield title, page and keys."""
        yield TitleBar(self.TITLE_TEXT)
        with Vertical():
            yield Static(classes="heading")
            with VerticalScroll(can_focus=False):
                yield Static(classes="text")
            yield OptionList()
        yield KeyBar(())

    def on_mount(self) -> None:
        """Begin."""
        self.query_one(OptionList).focus()
        self.act(self._show(0))

    def ended(self) -> None:
        """Close; called after the last step."""
        self.close()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do what was chosen."""
        if event.option_index < len(self._choices):
            self.act(self._choose(self._choices[event.option_index].value))

    def action_back(self) -> None:
        """Go to the page before; from the first one leave."""
        if self._seen:
            self.act(self._show(self._seen.pop(), step=-1))
        else:
            self.close()

    def action_read(self, pages: int) -> None:
        """Scroll a long text."""
        text = self.query_one(VerticalScroll)
        text.scroll_relative(y=pages * max(1, text.size.height - 1), animate=False)

    async def _choose(self, value: str) -> None:
        if not await self._steps[self._place].choose(self, value):
            await self._show(self._place, step=-1)
            return
        self._seen.append(self._place)
        await self._show(self._place + 1)

    async def _show(self, place: int, *, step: int = 1) -> None:
        self.query_one(TitleBar).tell("one moment")  # what a page says may have to start the working process first
        while 0 <= place < len(self._steps):
            page = await self._steps[place].page(self)
            if page is not None:
                self._place = place
                self._fill(page)
                return
            place += step
        self.ended()

    def _fill(self, page: Page) -> None:
        self.query_one(TitleBar).tell(f"step {len(self._seen) + 1}" if len(self._steps) > 1 else "")
        self.query_one(".heading", Static).update(Content(page.title))
        self.query_one(".text", Static).update(page.text)
        self._choices = page.choices
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_label(one)) for one in page.choices])
        values = [one.value for one in page.choices]
        options.highlighted = values.index(page.now) if page.now in values else 0
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self.call_after_refresh(self._show_keys)

    def _show_keys(self) -> None:
        reading = (("PgUp PgDn", "read"),) if self.query_one(VerticalScroll).max_scroll_y else ()
        self.query_one(KeyBar).show((("↑ ↓", "move"), ("⏎", "choose"), *reading, *self.leaving_keys()))

    def leaving_keys(self) -> tuple[tuple[str, str], ...]:
        """Return the keys that leave this page."""
        return (("esc", "back"),)


def _label(choice: Choice) -> Content:
    label = shown_line(choice.label, "bold")
    return Content.assemble(label, "\n  ", shown_line(choice.detail, "$secondary")) if choice.detail else label
