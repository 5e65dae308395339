"""What every screen of ours has: the application in its own type, and one way to ask the working process."""

from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel
from textual.binding import Binding, BindingType
from textual.screen import Screen

from openmed_agent.errors import OpenMedError
from openmed_agent.workbench.wire import StoreLockedError

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp
    from openmed_agent.workbench.wire import Request

Reply = TypeVar("Reply", bound=BaseModel)


class FaceScreen(Screen[None]):
    """A screen of ours. Escape goes back, except where a screen says otherwise."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "back", "back")]

    @property
    def face(self) -> "OpenMedApp":
        """The application."""
        return cast("OpenMedApp", self.app)

    async def ask(self, request: "Request", reply: type[Reply]) -> Reply | None:
        """Return the answer of the working process; None where it refused, which was shown to the person then.

        Where the store waits for its passphrase, the person is asked for it first.
        """
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
        self.run_worker(work, group=group, exclusive=group != "default")

    def action_back(self) -> None:
        """Close this screen."""
        self.dismiss()
