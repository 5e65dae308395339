"""Settings: a person's own choices are changed here; the rest is shown with where it comes from and changes."""

from typing import ClassVar, Final, cast

from textual.binding import BindingType

from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, ConfirmDialog
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import SETTINGS, KeyAction, bindings
from openmed_agent.tui.phi_words import PHI_CHOICES
from openmed_agent.tui.preferences.rows import CHANGED_HERE, COLUMNS, preference_rows, setting_rows
from openmed_agent.tui.safe_text import shown
from openmed_agent.workbench.requests.preferences import ChooseDefault, SettingsReport, ShowSettings
from openmed_agent.workbench.requests.turns import PermissionModeName, PhiModeName

_MINUTES: Final = (0, 1, 2, 5, 10, 15, 30, 60)
_PHI_ORDER: Final = ("full", "deid", "strict")
_PERMISSION_ORDER: Final = ("auto", "ask", "deny", "plan")
_PERMISSIONS: Final = (
    Choice("auto", "auto", "what changes something runs unasked; what can lose something asks"),
    Choice("ask", "ask", "what changes something asks first"),
    Choice("deny", "deny", "nothing is changed"),
    Choice("plan", "plan", "nothing is changed, and no rule allows it"),
)
_HOW: Final = {
    "theme": "⏎ looks at the four themes; /theme NAME does it from the prompt",
    "lock": "⏎ chooses the minutes; F12 locks at once",
    "reader": "⏎ turns it on or off for the next start; openmed --screen-reader does it once",
    "keys": "⏎ shows every key and changes it",
    "effort": "F2, then e",
    "phi": "⏎ chooses what new sessions start in; /phi changes the open one",
    "permission": "⏎ chooses what tools may do unasked; /permissions changes the open session",
}


class SettingsScreen(ListScreen):
    """Everything that is set, and by whom."""

    TITLE_TEXT = "Settings"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    KEYS: ClassVar[tuple[KeyAction, ...]] = SETTINGS
    CHOOSE = "change"
    BINDINGS: ClassVar[list[BindingType]] = bindings(SETTINGS)

    def __init__(self) -> None:
        super().__init__()
        self._report: SettingsReport | None = None

    def on_mount(self) -> None:
        """Begin with the person's own choices; the rest is asked for."""
        super().on_mount()
        self._show()
        self.start(self._begin(), group="report")

    def on_screen_resume(self) -> None:
        """Show what another screen changed."""
        self._show()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say how the highlighted setting is changed."""
        self.tell(shown(self._how(event.identifier), "$secondary"))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Change the highlighted setting, or say where it is changed."""
        match event.identifier:
            case "theme":
                self.act(self.face.choose_theme())
            case "lock":
                self.act(self._choose_lock())
            case "reader":
                self._change(screen_reader=not self.face.preferences.screen_reader)
            case "keys":
                self.action_keys()
            case "phi":
                self.act(self._choose_phi())
            case "permission":
                self.act(self._choose_permission())
            case other:
                self.face.say(f"Not changed here: {self._how(other)}")

    def action_keys(self) -> None:
        """Show the key map."""
        from openmed_agent.tui.preferences.keys_screen import KeysScreen

        self.face.push_screen(KeysScreen())

    def _how(self, identifier: str) -> str:
        if identifier.startswith("file:"):
            return "Edit it with an editor; “openmed config show” prints what holds."
        lines = self._report.lines if self._report is not None else ()
        note = next(
            (one.note for one in lines if identifier in (CHANGED_HERE.get(one.name), f"setting:{one.name}")), ""
        )
        return " · ".join(part for part in (_HOW.get(identifier, ""), note) if part)

    def _show(self) -> None:
        rows = preference_rows(self.face.preferences)
        self.list.fill([*rows, *(setting_rows(self._report) if self._report is not None else ())])

    def _change(self, **changes: object) -> None:
        self.face.change_preferences(self.face.preferences.changed(**changes))
        self._show()

    async def _begin(self) -> None:
        self._take(await self.ask(ShowSettings(), SettingsReport))

    def _take(self, report: SettingsReport | None) -> None:
        if report is not None:
            self._report = report
            self.query_one(TitleBar).tell(f"PHI {report.phi_mode} · permissions {report.permission_mode}")
            self._show()

    async def _choose_lock(self) -> None:
        choices = [Choice(str(one), f"after {one} minutes" if one else "never") for one in _MINUTES]
        now = str(self.face.preferences.idle_lock_minutes)
        chosen = await self.face.push_screen_wait(ChoiceDialog("Blank the screen without a key", choices, now=now))
        if chosen is not None:
            self._change(idle_lock_minutes=int(chosen))

    async def _choose_phi(self) -> None:
        report = self._report
        if report is None:
            return
        least = _PHI_ORDER.index(report.minimum_phi_mode)
        choices = [one for one in PHI_CHOICES if _PHI_ORDER.index(one.value) >= least]
        question = "PHI mode that new sessions start in"
        chosen = await self.face.push_screen_wait(ChoiceDialog(question, choices, now=report.phi_mode))
        if chosen is None or chosen == report.phi_mode:
            return
        if _PHI_ORDER.index(chosen) < _PHI_ORDER.index(report.phi_mode):
            question = f"Let new sessions start in {chosen}, which protects less than {report.phi_mode}?"
            if not await self.face.push_screen_wait(ConfirmDialog(question)):
                return
        await self._write(ChooseDefault(phi_mode=cast("PhiModeName", chosen)))

    async def _choose_permission(self) -> None:
        report = self._report
        if report is None:
            return
        least = _PERMISSION_ORDER.index(report.maximum_permission_mode)
        choices = [one for one in _PERMISSIONS if _PERMISSION_ORDER.index(one.value) >= least]
        question = "What may tools do unasked?"
        chosen = await self.face.push_screen_wait(ChoiceDialog(question, choices, now=report.permission_mode))
        if chosen is None or chosen == report.permission_mode:
            return
        await self._write(ChooseDefault(permission_mode=cast("PermissionModeName", chosen)))

    async def _write(self, request: ChooseDefault) -> None:
        self._take(await self.ask(request, SettingsReport))
        self.face.settings_changed()
