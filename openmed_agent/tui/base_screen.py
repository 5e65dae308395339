"""What every screen of ours has: the application in its own type, and one way to ask the working process."""

from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast
from weakref import finalize

from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from openmed_agent.errors import OpenMedError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from openmed_agent.tui.app import OpenMedApp
    from openmed_agent.workbench.wire import Request

Reply = TypeVar("Reply", bound="BaseModel")


class FaceScreen(Screen[None]):
    """A screen of ours. Escape goes back, except where a screen says otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back")]
    _acting = False

    @property
    def face(self) -> "OpenMedApp":
        """The application."""
        return cast("OpenMedApp", self.app)

    def get_widget_and_offset_at(self, x: int, y: int) -> tuple[Widget | None, Offset | None]:
        """Return where text can be marked: nowhere on a widget that was taken off and is still drawn.

        Textual 8.2 ends with an AttributeError when one of those is clicked.
        """
        widget, offset = super().get_widget_and_offset_at(x, y)
        return (widget, offset) if widget is None or widget.is_attached else (None, None)

    async def ask(self, request: "Request", reply: type[Reply]) -> Reply | None:
        """Return the answer of the working process; None where it refused, which was shown to the person then.

        Where the store waits for its passphrase, the person is asked for it first.
        """
        from openmed_agent.workbench.wire import StoreLockedError

        try:
            return await self.face.workbench.ask(request, reply)
        except StoreLockedError as error:
            from openmed_agent.tui.unlocking import unlock_store

            if await unlock_store(self.face, error):
                return await self.ask(request, reply)
            return None
        except OpenMedError as error:
            self.face.report(error)
            return None

    async def follow(self, request: "Request", part: type[Reply]) -> AsyncGenerator[Reply, None]:
        """Yield the parts of a stream; a refusal ends it and is shown to the person."""
        try:
            async with aclosing(self.face.workbench.follow(request, part)) as parts:
                async for one in parts:
                    yield one
        except OpenMedError as error:
            self.face.report(error)

    def start(self, work: Coroutine[Any, Any, None], *, group: str = "default") -> None:
        """Run work beside the screen; newer work of the same group takes the place of older."""
        worker: Worker[None] = self.run_worker(
            partial(self._while_open, work),
            group=group,
            exclusive=group != "default",
        )
        # One whose place is taken before it began is never awaited: closed, it leaves no warning behind.
        finalize(worker, work.close).atexit = False

    def act(self, work: Coroutine[Any, Any, None]) -> None:
        """Do what a key asked for, with its questions; until it is done no other key of the screen begins anything."""
        if self._acting:
            work.close()
            self.face.say("One thing at a time: the last key is still being done.")
            return
        self._acting = True
        self.start(self._acted(work))

    def close(self) -> None:
        """Close this screen; where another one is over it, both stay."""
        if self.face.open_screens[-1] is self:
            self.dismiss()

    async def _acted(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            self._acting = False

    async def _while_open(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work; where the screen was closed meanwhile, what it looks for on the screen is no fault."""
        try:
            await work
        except NoMatches:
            if self in self.face.open_screens:
                raise

    def action_back(self) -> None:
        """Close this screen."""
        self.dismiss()
