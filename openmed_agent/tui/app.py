"""The application: holds what all screens share, and opens them. What a screen does is the screen's own."""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import constants
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen

from openmed_agent.errors import InputError, OpenMedError, fault_words
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.screen import ScreenPreferences, save_preferences
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.commands import COMMANDS
from openmed_agent.tui.keymap import GLOBAL, bindings, command_key
from openmed_agent.tui.lockable import LockableApp
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.tui.screens import make_screen
from openmed_agent.tui.terminal_filter import TerminalSafety
from openmed_agent.tui.themes import DEFAULT_THEME, THEMES
from openmed_agent.workbench.client import Workbench

_TERMINAL_SAFETY: Final = TerminalSafety()


class OpenMedApp(LockableApp):
    """The screen. ``workbench`` does all the work; ``preferences`` are the person's choices."""

    TITLE = "openmed"
    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = bindings(GLOBAL)

    def __init__(
        self, options: ScreenOptions, paths: Paths, preferences: ScreenPreferences, workbench: Workbench
    ) -> None:
        super().__init__()
        self.options = options
        self.paths = paths
        self.preferences = preferences
        self.crash_report = ""
        self.workbench = workbench
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = preferences.theme if preferences.theme in self.available_themes else DEFAULT_THEME
        self.animation_level = "none"  # a page key would draw sixteen pictures on the way, and nothing is to glide

    def on_mount(self) -> None:
        """Show the conversation; whatever else is needed comes after its first paint."""
        from openmed_agent.tui.conversation.screen import ConversationScreen

        self._take_keys()
        self.push_screen(ConversationScreen())
        self.idle.begin()
        if not self.preferences.setup_seen and not self.paths.store_folder.exists():
            self.call_after_refresh(self.action_open, "setup")

    def watch_app_focus(self, app_focus: bool) -> None:  # noqa: FBT001 - Textual's signature
        """Give the keys to a screen that came while another window had them; Textual leaves it without."""
        selector = self.AUTO_FOCUS if self.screen.AUTO_FOCUS is None else self.screen.AUTO_FOCUS
        if app_focus and selector and self.screen.focused is None:
            self.screen.focus_next(selector)

    async def on_unmount(self) -> None:
        """End the working process; a turn that runs in it ends as interrupted."""
        await self.workbench.close()

    def _take_keys(self) -> None:
        """Use the keys that the person chose; of a file that was edited by hand those that acts can have."""
        if not self.preferences.keys:
            return
        from openmed_agent.tui.preferences.remapping import usable_keys

        usable, refused = usable_keys(self.preferences.keys)
        self.preferences = self.preferences.changed(keys=usable)
        self.set_keymap(usable)
        if refused:
            names = ", ".join(refused)
            sentence = f"screen.json gives {names} a key that cannot be given to it; the usual one holds."
            self.call_after_refresh(self.say, sentence, severity="warning")

    def get_driver_class(self) -> type[Driver]:
        """Return the driver that the environment names, as for a browser, else ours where terminals are files."""
        if os.name == "nt" or constants.DRIVER is not None:
            return super().get_driver_class()
        from openmed_agent.tui.terminal_driver import TerminalDriver

        return TerminalDriver

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return Textual's filters, and the last look on every line."""
        return (*super().get_line_filters(), _TERMINAL_SAFETY)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the commands of the palette: ours, and none of Textual's."""
        del screen
        for command in COMMANDS:
            key = command_key(command.screen, command.action, self.preferences.keys)
            yield SystemCommand(
                f"/{command.name}",
                f"{command.description} · {key}" if key else command.description,
                lambda name=command.name: self.run_command(name),
            )

    def run_command(self, name: str, argument: str = "") -> None:
        """Do what a ``/`` command says: open its screen, or have the conversation do it."""
        from openmed_agent.tui.commands import command_named

        command = command_named(name)
        if command is None:
            self.say(f"There is no command /{name}. F1 lists them.", severity="warning")
        elif command.action == "theme":
            self.run_worker(self.choose_theme(argument))
        elif command.screen:
            self.action_open(command.screen)
        else:
            self._have_conversation(command.action, argument)

    async def choose_theme(self, name: str = "") -> None:
        """Use the theme of this name, with or without ``openmed-``; without a name let the person look at all."""
        from openmed_agent.tui.preferences.theme_dialog import ThemeDialog

        asked = name.strip().casefold()
        chosen = next((one.name for one in THEMES if asked in (one.name, one.name.removeprefix("openmed-"))), None)
        if asked and chosen is None:
            names = ", ".join(one.name.removeprefix("openmed-") for one in THEMES)
            self.say(f"There is no such theme. There are: {names}.", severity="warning")
            return
        chosen = chosen or await self.push_screen_wait(ThemeDialog())
        if chosen is not None:
            self.change_preferences(self.preferences.changed(theme=chosen))

    def resume(self, session_id: str) -> None:
        """Go on with a session in the conversation."""
        self._have_conversation("resume", session_id)

    def use_model(self, name: str) -> None:
        """Let a model answer from the next turn on."""
        self._have_conversation("use_model", name)

    def put_in_prompt(self, text: str) -> None:
        """Put a text, such as ``$skill``, behind what the prompt holds."""
        from openmed_agent.tui.conversation.screen import ConversationScreen

        for screen in self.open_screens:
            if isinstance(screen, ConversationScreen):
                screen.prompt.put(f"{screen.prompt.text} {text}".lstrip())

    def settings_changed(self) -> None:
        """Let the conversation show what its first message would be sent in, since a setting was changed."""
        from openmed_agent.tui.conversation.screen import ConversationScreen

        for screen in self.open_screens:
            if isinstance(screen, ConversationScreen) and screen.keeper.link.session_id is None:
                screen.start(screen.status.begin(), group="modes")

    def _have_conversation(self, action: str, argument: str) -> None:
        from openmed_agent.tui.conversation.screen import ConversationScreen

        for screen in self.open_screens:
            if isinstance(screen, ConversationScreen):
                screen.run_command(action, argument)

    def action_open(self, name: str) -> None:
        """Open a screen by its name over the present one; where it is open already, nothing happens."""
        if any(screen.id == name for screen in self.open_screens):
            return
        screen = make_screen(name)
        screen.id = name
        self.push_screen(screen)

    def review(self, draft_id: str) -> None:
        """Open the review of a draft, by its id or a unique start of it; one review is open at a time."""
        from openmed_agent.tui.review.screen import ReviewScreen

        if not any(isinstance(screen, ReviewScreen) for screen in self.open_screens):
            self.push_screen(ReviewScreen(draft_id))

    def copy_to_clipboard(self, text: str) -> None:
        """Copy text, with the person's own clipboard tool where there is one, and say what became of it."""
        self._clipboard = text  # what ^V pastes
        run_beside(self, lambda: self._copy(text), group="copy")

    async def _copy(self, text: str) -> None:
        from openmed_agent.tui.clipboard import copy

        driver = self._driver
        self.say(await copy(text, None if driver is None or driver.is_headless else driver.write))

    def idle_seconds(self) -> float:
        """Return after how many seconds without input the screen locks, as the person chose."""
        return self.preferences.idle_lock_minutes * 60.0

    def say(self, sentence: str, *, severity: str = "information") -> None:
        """Show one sentence for a few seconds; ``severity`` is information, warning or error."""
        self.clear_notifications()  # they would lie over each other, and over what is asked
        level: Final = {"warning": "warning", "error": "error"}.get(severity, "information")
        self.notify(terminal_safe(sentence), severity=level, markup=False)  # type: ignore[arg-type]

    def report(self, error: OpenMedError) -> None:
        """Show why something was not done, and the way out."""
        self.say(str(error), severity="error")

    def change_preferences(self, preferences: ScreenPreferences) -> None:
        """Use and keep changed choices; where they cannot be kept, they hold for now and that is said."""
        self.preferences = preferences
        self.theme = preferences.theme if preferences.theme in self.available_themes else DEFAULT_THEME
        self.set_keymap(preferences.keys)
        self.idle.begin()
        try:
            save_preferences(self.paths, preferences)
        except InputError as error:
            self.report(error)

    def _fatal_error(self) -> None:
        """Leave with one line that names kind and place of the fault; Textual would print locals, which hold charts."""
        self.crash_report = fault_words(sys.exc_info()[1] or self._exception)
        self._close_messages_no_wait()
