"""Opens the store and the session when they are needed, and shows what was said in a session."""

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from openmed_agent.errors import OpenMedError
from openmed_agent.tui.conversation.entries import Line
from openmed_agent.tui.conversation.session_link import SessionLink

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.kept import SessionPages
    from openmed_agent.tui.conversation.screen import ConversationScreen
    from openmed_agent.workbench.requests.turns import OpenedSession


class SessionKeeper:
    """The session of a screen, from the first message on."""

    def __init__(self, screen: "ConversationScreen") -> None:
        self._screen = screen
        self.link = SessionLink(screen.face.workbench, screen.face.options)
        self._notice_shown = ""
        self._changing = asyncio.Lock()
        """Held while another session comes into the transcript, or the open one is opened again."""
        self._begun = asyncio.Event()
        """Set once the session that the command line names is open, or is not to be had."""
        if not self.goes_on:
            self._begun.set()

    @property
    def goes_on(self) -> bool:
        """Whether the command line names a session."""
        options = self._screen.face.options
        return bool(options.session) or options.resume_last

    async def begin(self) -> None:
        """Open the session that the command line names; a message that is sent meanwhile waits for it."""
        options = self._screen.face.options
        try:
            if options.session:
                await self.show_session(options.session)
            else:
                await self.show_last_session()
        finally:
            self._begun.set()

    async def settle(self) -> None:
        """Wait until no other session is on its way into the transcript."""
        await self._begun.wait()
        async with self._changing:
            pass

    async def make_ready(self) -> bool:
        """Open what a turn needs; False where the person left the question for the passphrase.

        Raises:
            OpenMedError: the store or the session cannot be had.

        """
        await self._begun.wait()
        async with self._changing:
            if not await self.unlock():
                return False
            if not self.link.is_open:
                self._show_opened(await self.link.open())
            return True

    async def open_quietly(self) -> bool:
        """Open what a command needs; False, and said, where that fails."""
        try:
            return await self.make_ready()
        except OpenMedError as error:
            self._screen.face.report(error)
            return False

    async def unlock(self) -> bool:
        """Open the store, asking for its passphrase as often as it takes; False where the person leaves.

        Raises:
            OpenMedError: the store cannot be opened, whatever is typed.

        """
        from openmed_agent.tui.unlocking import unlock_store
        from openmed_agent.workbench.requests.sessions import StoreOpened, UnlockStore
        from openmed_agent.workbench.wire import StoreLockedError

        if self.link.store_is_open:
            return True
        face = self._screen.face
        opened = await face.workbench.ask(UnlockStore(), StoreOpened)
        if opened.locked:
            if not await unlock_store(face, StoreLockedError()):
                return False
            opened = await face.workbench.ask(UnlockStore(), StoreOpened)
        self.link.know_store_open()
        if opened.notice and opened.notice != self._notice_shown:
            self._notice_shown = opened.notice
            self._screen.transcript.add(Line(text=opened.notice, tone="warning"))
        return True

    async def apply_modes(self) -> None:
        """Open an open session again in the modes that are wanted; without one they hold from the first message.

        Raises:
            OpenMedError: they are not to be had.

        """
        wanted = self.link.wanted
        if self.link.session_id is not None:
            async with self._changing:
                if await self.unlock():
                    self._show_opened(await self.link.open())
            return
        options = replace(self._screen.face.options, phi_mode=wanted.phi_mode, permission_mode=wanted.permission_mode)
        from openmed_agent.tui.starting_modes import starting_modes

        starting_modes(self._screen.face.paths, options)  # refuses what the site or the project does not allow
        self._screen.status.want(phi_mode=wanted.phi_mode, permission_mode=wanted.permission_mode)
        if wanted.model:
            await self._screen.status.find_model()

    async def show_session(self, session_id: str) -> None:
        """Show a session from its end, and open it for what comes next."""
        async with self._changing:
            await self._show_session(session_id)

    async def _show_session(self, session_id: str) -> None:
        from openmed_agent.tui.conversation.kept import SessionPages

        before = (self.link.session_id, self.link.wanted)
        screen = self._screen
        former, pages = screen.transcript.pages, SessionPages(screen.face.workbench, session_id)
        try:
            if not await self.unlock():
                return
            self.link.go_on_with(session_id)
            opened = await self._open_while_shown(pages)
        except OpenMedError as error:
            self.link.session_id, self.link.wanted = before
            if screen.transcript.pages is pages:
                await screen.transcript.open(former)
            screen.face.report(error)
            return
        self._show_opened(opened)
        screen.plan_line.tell(pages.plan or ())
        screen.status.counted(pages.input_tokens)

    async def _open_while_shown(self, pages: "SessionPages") -> "OpenedSession":
        """Open the session while its last page is shown: a page is read much sooner than a long session is open."""
        transcript = self._screen.transcript
        showing = asyncio.create_task(transcript.open(pages))
        await asyncio.sleep(0)  # its request goes first
        try:
            opened = await self.link.open()
        finally:
            await showing
        await transcript.catch_up()  # what opening it said of a turn that a crash had cut
        return opened

    async def show_last_session(self) -> None:
        """Show the session that was used last; without any the conversation stays empty."""
        from openmed_agent.workbench.requests.sessions import FindLastUsed, LastUsed

        if await self.open_store_quietly():
            found = await self._screen.ask(FindLastUsed(), LastUsed)
            if found is not None and found.session_id:
                await self.show_session(found.session_id)

    async def open_store_quietly(self) -> bool:
        """Open the store; False, and said, where that fails."""
        try:
            return await self.unlock()
        except OpenMedError as error:
            self._screen.face.report(error)
            return False

    async def show_nothing(self) -> None:
        """Show an empty conversation, whose session begins with its first message."""
        screen = self._screen
        self.link.begin_anew(phi_mode=screen.status.facts.phi_mode, least=screen.status.starting.phi_mode)
        await screen.transcript.open(None)
        screen.plan_line.tell(())
        screen.show_title("")
        screen.status.begin_anew()

    def _show_opened(self, opened: "OpenedSession") -> None:
        from openmed_agent.tui.conversation.kept import SessionPages

        screen = self._screen
        screen.transcript.read_from(SessionPages(screen.face.workbench, opened.session_id))
        screen.status.opened(opened)
        screen.show_title(opened.title)
        screen.show_agent_mode(opened.agent_mode)
        for notice in opened.notices:
            screen.transcript.add(Line(text=notice, tone="warning"))
