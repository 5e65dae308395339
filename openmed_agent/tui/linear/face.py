"""The screen for people who listen to it: a conversation in plain lines, one after the other."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.errors import InputError, OpenMedError, StoreError
from openmed_agent.runtime.events import PermissionAsked, TurnEnded
from openmed_agent.settings.paths import Paths
from openmed_agent.tui.conversation.session_link import SessionLink
from openmed_agent.tui.linear.commands import LinearCommands
from openmed_agent.tui.linear.narration import Narrator
from openmed_agent.tui.linear.permission import ask_permission
from openmed_agent.tui.linear.terminal import LineTerminal
from openmed_agent.tui.linear.words import destination
from openmed_agent.tui.options import ScreenOptions
from openmed_agent.tui.starting_modes import starting_modes
from openmed_agent.workbench.client import Workbench
from openmed_agent.workbench.wire import Done

if TYPE_CHECKING:
    from openmed_agent.workbench.requests.turns import OpenedSession

_SETTLE_SECONDS: Final = 0.02


class LinearFace:
    """One conversation. While a line is typed nothing else happens; while a turn runs, only Ctrl+C is listened to."""

    def __init__(self, options: ScreenOptions, paths: Paths, workbench: Workbench, terminal: LineTerminal) -> None:
        starting = starting_modes(paths, options)
        self.workbench = workbench
        self.link = SessionLink(workbench, options)
        self.phi_mode = starting.phi_mode
        self.permission_mode = starting.permission_mode
        self.agent_mode = options.agent_mode or "clinical"
        self._options = options
        self._starting = starting
        self._terminal = terminal
        self._narrator = Narrator()
        self._commands = LinearCommands(self)
        self._work: asyncio.Task[None] | None = None
        self._turn_runs = False
        self._interrupted = False
        self._notice_said = ""
        self._interrupts: set[asyncio.Task[None]] = set()

    @property
    def last_result(self) -> str:
        """The whole result of the last tool."""
        return self._narrator.last_result

    async def run(self) -> int:
        """Talk until the person leaves; return the exit status."""
        with suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, self._on_interrupt)
        await self._do(self._begin())
        while (text := self._read_message()) is not None:
            await asyncio.sleep(_SETTLE_SECONDS)  # hear first whether the working process ended meanwhile
            name, _, argument = text[1:].partition(" ")
            if text.startswith("/") and name in ("quit", "exit"):
                break
            if text.startswith("/") and name.isalpha():
                await self._do(self._commands.run(name, argument.strip()))
            elif text.strip():
                await self._do(self._turn(text))
        self.say("Goodbye. openmed --continue goes on with this session.")
        return 0

    def say(self, *lines: str) -> None:
        """Say lines."""
        self._terminal.say(lines)

    def agrees(self, question: str) -> bool:
        """Tell whether the person types yes to a question."""
        try:
            return (self._terminal.read_fresh(question) or "").strip().lower() == "yes"
        except KeyboardInterrupt:
            self.say("")
            return False

    def begin_anew(self) -> None:
        """Let the next message begin a new session."""
        self.link.begin_anew(phi_mode=self.phi_mode, least=self._starting.phi_mode)
        self.phi_mode = self.link.wanted.phi_mode or self.phi_mode

    async def make_ready(self) -> bool:
        """Open what a turn needs; False where the person left the question for the passphrase.

        Raises:
            OpenMedError: the store or the session cannot be had.

        """
        if not await self.unlock():
            return False
        if not self.link.is_open:
            self.tell_opened(await self.link.open())
        return True

    async def unlock(self) -> bool:
        """Open the store, asking for its passphrase as often as it takes; False where the person leaves.

        Raises:
            OpenMedError: the store cannot be opened, whatever is typed.

        """
        from openmed_agent.workbench.requests.sessions import StoreOpened, UnlockStore

        if self.link.store_is_open:
            return True
        opened = await self.workbench.ask(UnlockStore(), StoreOpened)
        while opened.locked:
            passphrase = self._terminal.read_secret("Question: Passphrase of the store: ")
            if not passphrase:
                return False
            try:
                opened = await self.workbench.ask(UnlockStore(passphrase=passphrase), StoreOpened)
            except StoreError as error:
                self.say(f"Error: {error}")
        self.link.know_store_open()
        if opened.notice and opened.notice != self._notice_said:
            self._notice_said = opened.notice
            self.say(f"Note: {opened.notice}")
        return True

    def tell_opened(self, opened: "OpenedSession") -> None:
        """Say what is open now."""
        self.phi_mode, self.agent_mode = opened.phi_mode, opened.agent_mode
        self.say(
            f"Session: {opened.title or 'new'}. PHI mode {opened.phi_mode}, agent mode {opened.agent_mode}.",
            destination(opened.model),
            *(f"Note: {notice}" for notice in opened.notices),
        )

    async def tell_kept(self, session_id: str, count: int) -> None:
        """Read the last events of a session."""
        from openmed_agent.workbench.requests.sessions import EventPage, ReadEvents

        page = await self.workbench.ask(ReadEvents(session_id=session_id, limit=count), EventPage)
        if page.more:
            self.say("Earlier: there is more; the last messages follow.")
        told = Narrator()
        self.say(*(line for event in page.events for line in told.kept(event)))

    async def _begin(self) -> None:
        from openmed_agent.workbench.requests.turns import FindModel, ModelStatus

        self.say("OpenMed, in plain lines. /help lists commands, Ctrl+D leaves.")
        if self._options.session is not None or self._options.resume_last:
            await self._commands.resume(self._options.session or "")
            return
        self.say(f"Session: new. PHI mode {self.phi_mode}, agent mode {self.agent_mode}.")
        self.say(destination(await self.workbench.ask(FindModel(name=self._options.model), ModelStatus)))

    def _read_message(self) -> str | None:
        """Return what was typed, of several lines where a backslash says so; None where the person leaves."""
        lines: list[str] = []
        while True:
            try:
                line = self._terminal.read("More: " if lines else "You: ", remember=True)
            except KeyboardInterrupt:
                self.say("", "Nothing runs. /quit or Ctrl+D leaves.")
                lines = []
                continue
            if line is None:
                return None
            if line.endswith("\\"):
                lines.append(line[:-1])
                continue
            return "\n".join([*lines, line])

    async def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that Ctrl+C can end, and say why where it was refused."""
        self._work = task = asyncio.create_task(work)
        try:
            await task
        except OpenMedError as error:
            self.say(f"Error: {error}")
        except asyncio.CancelledError:
            self.say("Interrupted.")
        finally:
            self._work = None

    async def _turn(self, text: str) -> None:
        from openmed_agent.workbench.requests.turns import AskModel, TurnPart

        if not await self.make_ready():
            raise InputError("The store stays locked.", remedy="Nothing was sent.")
        self._turn_runs, self._interrupted = True, False
        try:
            async with aclosing(self.workbench.follow(AskModel(text=text), TurnPart)) as parts:
                async for part in parts:
                    self.say(*self._narrator.take(part.event))
                    if isinstance(part.event, PermissionAsked):
                        await self._answer(part.event)
                    elif isinstance(part.event, TurnEnded):
                        self._interrupted = False
        finally:
            self._turn_runs = False

    async def _answer(self, asked: PermissionAsked) -> None:
        try:
            permit = ask_permission(self._terminal, asked)
        except KeyboardInterrupt:
            self._on_interrupt()
            return
        await self.workbench.ask(permit, Done)

    def _on_interrupt(self) -> None:
        """End what runs: a turn is asked to end; a second time it is left to itself."""
        if self._turn_runs and not self._interrupted:
            self._interrupted = True
            self.say("", "Interrupting. Press Ctrl+C again to wait no longer.")
            task = asyncio.ensure_future(self._send_interrupt())
            self._interrupts.add(task)
            task.add_done_callback(self._interrupts.discard)
        elif self._work is not None:
            self._work.cancel()

    async def _send_interrupt(self) -> None:
        from openmed_agent.workbench.requests.turns import Interrupt

        with suppress(OpenMedError):  # the process ended, and the turn with it
            await self.workbench.ask(Interrupt(), Done)
