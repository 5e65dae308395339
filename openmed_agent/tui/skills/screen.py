"""Skills: instructions for kinds of work, with their whole text; enter puts one into the prompt."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.list_screen import ListScreen, SearchField
from openmed_agent.tui.chrome.row_list import Column, Row, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import SKILLS, KeyAction, bindings
from openmed_agent.tui.safe_text import shown, shown_line
from openmed_agent.workbench.requests.skills import ListSkills, SkillList, SkillOrigin, SkillRow

_ORIGINS: Final[dict[SkillOrigin, str]] = {"built_in": "built in", "user": "yours", "project": "project"}
_ADVICE: Final = "It advises and grants nothing."
_OTHERS: Final = "It comes from outside of this program. It advises and grants nothing; read it before you use it."


class SkillsScreen(ListScreen):
    """The skills that a session here has."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 - as Textual declares it
    DEFAULT_CSS = """
    SkillsScreen > Container { height: 1fr; }
    SkillsScreen RowList { height: auto; max-height: 40%; }
    SkillsScreen VerticalScroll { height: 1fr; padding: 0 1; margin-top: 1; border-top: solid $panel; }
    SkillsScreen VerticalScroll:focus { border-top: solid $accent; }
    SkillsScreen.-wide > Container { layout: horizontal; }
    SkillsScreen.-wide RowList { width: 44; height: 1fr; max-height: 100%; }
    SkillsScreen.-wide VerticalScroll { width: 1fr; margin-top: 0; padding: 0 2; border-top: none;
                                        border-left: solid $panel; }
    SkillsScreen.-wide VerticalScroll:focus { border-top: none; border-left: solid $accent; }
    SkillsScreen .detail { max-height: 3; margin-top: 0; }
    """
    TITLE_TEXT = "Skills"
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column(), Column(8))
    KEYS: ClassVar[tuple[KeyAction, ...]] = SKILLS
    CHOOSE = "use in the prompt"
    SEARCH = "/ to search names and descriptions"
    BINDINGS: ClassVar[list[BindingType]] = bindings(SKILLS)

    def __init__(self) -> None:
        super().__init__()
        self._known = SkillList(skills=())

    def compose(self) -> ComposeResult:
        """Yield the list and beside it, or below, the text."""
        yield TitleBar(self.TITLE_TEXT)
        yield SearchField(placeholder=self.SEARCH, select_on_focus=False)
        with Container():
            yield RowList(self.COLUMNS)
            with VerticalScroll():
                yield Static(id="text")
        yield Static(classes="detail")
        yield KeyBar(self.key_pairs())

    def on_mount(self) -> None:
        """Ask which there are."""
        super().on_mount()
        self.start(self._load(), group="load")

    def searched(self, text: str) -> None:
        """Show the skills that fit."""
        words = text.casefold().split()
        found = [
            one
            for one in self._known.skills
            if all(word in f"{one.name} {one.description}".casefold() for word in words)
        ]
        self.list.fill([_row(one) for one in found])
        if not found:
            self.query_one("#text", Static).update("Nothing fits." if words else "There are no skills.")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Show the text of the highlighted skill."""
        skill = self._named(event.identifier)
        if skill is None:
            return
        note = _ADVICE if skill.origin == "built_in" else _OTHERS
        head = Content.assemble(shown_line(skill.name, "$accent bold"), (f"  {_ORIGINS[skill.origin]}", "$secondary"))
        lines = (head, shown(skill.description), Content.styled(note, "$secondary"), Content(), shown(skill.text))
        self.query_one("#text", Static).update(Content("\n").join(lines))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Put the skill into the prompt."""
        if self._named(event.identifier) is not None:
            self.dismiss()
            self.face.put_in_prompt(f"${event.identifier} ")

    def action_text(self) -> None:
        """Go to the text, or back to the list."""
        text = self.query_one(VerticalScroll)
        (self.list if self.focused is text else text).focus()

    async def _load(self) -> None:
        found = await self.ask(ListSkills(), SkillList)
        if found is None:
            return
        self._known = found
        self.query_one(TitleBar).tell(f"{len(found.skills)} skills")
        self.searched(self.query_text)
        problems = (Content.assemble(("✗ ", "$warning"), shown_line(one)) for one in found.problems)
        self.tell(Content("\n").join(problems))

    def _named(self, name: str) -> SkillRow | None:
        return next((one for one in self._known.skills if one.name == name), None)


def _row(skill: SkillRow) -> Row:
    return Row((shown_line(skill.name), Content.styled(_ORIGINS[skill.origin], "$secondary")), skill.name)
