"""An application that can be locked: by a key, or when nobody was here for a time.

The lock is a stack of screens of its own beside the one in use. What runs goes on there, opens and closes its screens,
and none of them can come before the lock.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual import events
from textual._context import active_message_pump
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.screen import Screen
from textual.widget import Widget

from openmed_agent.tui.idle import IdleWatch

_IN_USE: Final = "in use"
_LOCKED: Final = "locked"
_PRESENCE: Final = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)


def _lock_screen() -> Screen[None]:
    from openmed_agent.tui.lock_screen import LockScreen

    return LockScreen()


class LockableApp(App[int]):
    """Locks and unlocks. ``idle_seconds`` says after how long without input; 0 is never."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {_IN_USE: Screen, _LOCKED: _lock_screen}
    DEFAULT_MODE = _IN_USE

    def __init__(self) -> None:
        super().__init__()
        self.idle = IdleWatch(self, limit=self.idle_seconds, due=self.action_lock)

    def idle_seconds(self) -> float:
        """Return after how many seconds without input the screen locks; 0 is never."""
        return 0.0

    @property
    def locked(self) -> bool:
        """Whether the lock is shown."""
        return self.current_mode == _LOCKED

    @property
    def open_screens(self) -> list[Screen[Any]]:
        """The screens that are open, the last one opened at the end; those under the lock while it is shown."""
        return self.get_screen_stack(_IN_USE)

    def action_lock(self) -> None:
        """Blank the screen until the person confirms to be there."""
        if not self.locked:
            self.capture_mouse(None)
            self.switch_mode(_LOCKED)

    def unlock(self) -> None:
        """Show again what the lock covers."""
        if self.locked:
            self.switch_mode(_IN_USE)
            self.idle.begin()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Return whether a key of the whole program does something now; behind the lock only leaving does."""
        return action == "quit" if self.locked else super().check_action(action, parameters)

    async def on_event(self, event: events.Event) -> None:
        """Note that somebody is here; input that comes after the time is over locks, and does nothing else."""
        present = isinstance(event, _PRESENCE) and not event.is_forwarded and not self.locked
        if present and not self.idle.note():
            self.action_lock()
            return
        await super().on_event(event)

    if not TYPE_CHECKING:  # its types are Textual's, with their overloads

        def push_screen(self, *given: object, mode: str | None = None, **more: object) -> object:
            """Open a screen, under the lock while that is shown; what was said of the one before goes."""
            self.clear_notifications()
            return super().push_screen(*given, mode=mode or _IN_USE, **more)

    def pop_screen(self) -> AwaitComplete:
        """Close the screen that was opened last, under the lock while that is shown.

        A screen that is closed already closes no other one: two quick presses of Enter would.
        """
        asking = active_message_pump.get(None)
        if isinstance(asking, Widget) and not {*asking.ancestors_with_self} & {*self.open_screens, self.screen}:
            return AwaitComplete()
        if not self.locked:
            return super().pop_screen()
        self._current_mode = _IN_USE
        try:
            return super().pop_screen()
        finally:
            self._current_mode = _LOCKED
