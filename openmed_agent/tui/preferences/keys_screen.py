"""The key map: give an act another key, or put its own back."""

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from openmed_agent.tui.chrome.dialogs import ConfirmDialog
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, Row, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import EVERY, KEYS, KeyAction, bindings, label_of
from openmed_agent.tui.preferences.key_dialog import KeyDialog
from openmed_agent.tui.preferences.remapping import refusal


class KeysScreen(ListScreen):
    """Every act with its key."""

    TITLE_TEXT = "Keys"
    COLUMNS: ClassVar[tuple[Column, ...]] = (Column(), Column(18), Column(12, needs=60))
    KEYS: ClassVar[tuple[KeyAction, ...]] = KEYS
    CHOOSE = "change"
    SEARCH = "/ to search"
    BINDINGS: ClassVar[list[BindingType]] = bindings(KEYS)

    def on_mount(self) -> None:
        """Show all."""
        super().on_mount()
        self.searched("")

    def searched(self, text: str) -> None:
        """Show the acts that fit."""
        remapped = self.face.preferences.keys
        rows: list[Row] = []
        place = ""
        for act in EVERY:
            if text.casefold() not in f"{act.place} {act.description}".casefold():
                continue
            if act.place != place:
                place = act.place
                rows.append(Row((Content(place.capitalize()),), heading=True))
            rows.append(_row(act, remapped))
        self.list.fill(rows)
        count = len(remapped)
        self.query_one(TitleBar).tell(f"{count} changed" if count else "as delivered")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say the key that the act is delivered with."""
        act = _act(event.identifier)
        self.tell(f"delivered as {act.label or act.keys} · {act.identifier}" if act else "")

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Ask for another key."""
        act = _act(event.identifier)
        if act is not None:
            self.act(self._change(act))

    def action_reset(self) -> None:
        """Put back the key of the highlighted act."""
        keys = {name: key for name, key in self.face.preferences.keys.items() if name != self.list.chosen}
        self._keep(keys)

    def action_reset_all(self) -> None:
        """Put back all keys."""
        self.act(self._reset_all())

    async def _reset_all(self) -> None:
        if await self.face.push_screen_wait(ConfirmDialog("Put back all keys as they were delivered?")):
            self._keep({})

    async def _change(self, act: KeyAction) -> None:
        pressed = await self.face.push_screen_wait(KeyDialog(f"New key for “{act.description}”"))
        if pressed is None:
            return
        key, printable = pressed
        why = refusal(act, key, printable=printable, remapped=self.face.preferences.keys)
        if why:
            self.face.say(why, severity="warning")
            return
        self._keep({**self.face.preferences.keys, act.identifier: key})

    def _keep(self, keys: dict[str, str]) -> None:
        self.face.change_preferences(self.face.preferences.changed(keys=keys))
        self.searched(self.query_text)


def _act(identifier: str) -> KeyAction | None:
    return next((one for one in EVERY if one.identifier == identifier), None)


def _row(act: KeyAction, remapped: dict[str, str]) -> Row:
    changed = act.identifier in remapped
    key = Content.styled(label_of(act, remapped), "$accent bold" if changed else "$accent")
    return Row((Content(f"  {act.description}"), key, Content("✓ changed" if changed else "")), act.identifier)
