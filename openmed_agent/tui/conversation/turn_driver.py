"""Runs turns: sends what the person said, follows what happens, and ends it at once when they want that."""

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import OpenMedError

if TYPE_CHECKING:
    from openmed_agent.runtime.events import TurnEnded, TurnStarted
    from openmed_agent.tui.conversation.screen import ConversationScreen
    from openmed_agent.workbench.wire import Request

_DIED: Final = (
    "The working process ended in the middle of this turn. What was acknowledged is kept; your next message goes on in "
    "the same session."
)
_STOPPED_WAITING: Final = "Interrupted. The working process did not answer in time."


class TurnDriver:
    """At most one turn, with what is queued behind it."""

    def __init__(self, screen: "ConversationScreen") -> None:
        self._screen = screen
        self._asked = False
        self._interrupted = False
        self._turns_begun = 0
        self._steering: list[str] = []
        self._queued: list[str] = []
        self.running = False

    @property
    def waiting(self) -> int:
        """How many messages the model has not read yet."""
        return len(self._steering) + len(self._queued)

    def send(self, text: str) -> None:
        """Ask the model, or say something to the running turn."""
        if self.running:
            self._screen.start(self._hand_over(text, queued=False))
        else:
            self._begin(text)

    def queue(self, text: str) -> None:
        """Make a text the turn after the running one."""
        if self.running:
            self._screen.start(self._hand_over(text, queued=True))
        else:
            self._begin(text)

    def interrupt(self) -> None:
        """End the running turn. A second time it is left to itself, whatever it does."""
        if not self.running:
            return
        if self._asked and not self._interrupted and self._screen.face.workbench.running:
            self._interrupted = True
            self._screen.start(self._send_interrupt())
        else:
            self._screen.workers.cancel_group(self._screen, "turn")

    def steered(self, text: str) -> None:
        """Know that the model reads what was said."""
        if text in self._steering:
            self._steering.remove(text)

    def turn_started(self, event: "TurnStarted") -> None:
        """Know that a turn has begun; each after the first was queued."""
        self._turns_begun += 1
        if self._turns_begun > 1 and self._queued:
            self._queued.pop(0)
        self._interrupted = False
        self._screen.show_waiting()
        self._screen.status.started(event)

    def turn_ended(self, event: "TurnEnded") -> None:
        """Know that a turn has ended."""
        del event
        self._interrupted = False

    def compact(self) -> None:
        """Have older messages summarised for the model now."""
        if not self.running:
            self._begin("")

    def _begin(self, text: str) -> None:
        self.running, self._asked, self._interrupted, self._turns_begun = True, False, False, 0
        self._screen.show_running(running=True)
        self._screen.start(self._run(text), group="turn")

    async def _run(self, text: str) -> None:
        """Follow a turn that begins with a text; without one, a summary of older messages."""
        from openmed_agent.tui.conversation.following import make_follower
        from openmed_agent.workbench.requests.turns import AskModel, CompactSession, TurnPart

        screen = self._screen
        follower = make_follower(screen)
        request: Request = AskModel(text=text) if text else CompactSession()
        unsent = text
        try:
            await screen.keeper.settle()
            if text:
                follower.expect(text)
                unsent = ""
            if await screen.keeper.make_ready():
                self._asked = True
                async with aclosing(screen.face.workbench.follow(request, TurnPart)) as parts:
                    async for part in parts:
                        follower.take(part.event)
        except asyncio.CancelledError:
            follower.drop(_STOPPED_WAITING if self._asked else "Interrupted.")
            raise
        except OpenMedError as error:
            died = not screen.face.workbench.running
            if died:
                screen.status.forget_planes()
            follower.drop(_DIED if died and self._asked else str(error))
        finally:
            self._finish((unsent, follower.take_unsent()))

    def _finish(self, unsent: tuple[str, ...]) -> None:
        """Give back to the prompt what never became part of the session."""
        unread = [text for text in (*unsent, *self._steering, *self._queued) if text]
        self._steering.clear()
        self._queued.clear()
        self.running = False
        self._screen.give_back(unread)
        self._screen.show_running(running=False)

    async def _hand_over(self, text: str, *, queued: bool) -> None:
        """Steer or queue; where the turn has just ended, the text begins the next one."""
        from openmed_agent.workbench.requests.turns import Queue, Steer
        from openmed_agent.workbench.wire import Done

        waiting = self._queued if queued else self._steering
        waiting.append(text)
        self._screen.show_waiting()
        try:
            await self._screen.face.workbench.ask(Queue(text=text) if queued else Steer(text=text), Done)
        except OpenMedError:
            if text in waiting:
                waiting.remove(text)
                self._screen.give_back([text])
            self._screen.show_waiting()

    async def _send_interrupt(self) -> None:
        from openmed_agent.workbench.requests.turns import Interrupt
        from openmed_agent.workbench.wire import Done

        try:
            await self._screen.face.workbench.ask(Interrupt(), Done)
        except OpenMedError:
            self._screen.workers.cancel_group(self._screen, "turn")
