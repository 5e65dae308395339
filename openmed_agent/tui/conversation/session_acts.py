"""What a person does with the session of the conversation: begin anew, resume, rename, fork, go back, make room."""

from typing import TYPE_CHECKING

from openmed_agent.tui.chrome.dialogs import Choice, ChoiceDialog, LineDialog
from openmed_agent.tui.conversation.entries import Answer, Said

if TYPE_CHECKING:
    from openmed_agent.tui.conversation.screen import ConversationScreen


class SessionActs:
    """Acts on the session that is shown."""

    def __init__(self, screen: "ConversationScreen") -> None:
        self._screen = screen

    async def begin_anew(self) -> None:
        """Show an empty conversation; the next message begins a new session. The old one stays in the list."""
        screen = self._screen
        if not self._busy():
            await self._close()
            await screen.keeper.show_nothing()

    async def resume(self, session_id: str) -> None:
        """Go on with a session of the store; an id or a unique start of one."""
        if session_id and not self._busy():
            await self._screen.keeper.show_session(session_id)

    async def rename(self, title: str) -> None:
        """Give the session a title."""
        from openmed_agent.workbench.requests.sessions import RenameSession, SessionRow

        screen = self._screen
        session_id = self._session()
        if session_id is None:
            return
        wanted: str | None = title
        if not title:
            wanted = await screen.face.push_screen_wait(LineDialog("Title of this session"))
        if wanted and wanted.strip():
            request = RenameSession(session_id=session_id, title=wanted.strip())
            if (row := await screen.ask(request, SessionRow)) is not None:
                screen.show_title(row.title)

    async def fork(self) -> None:
        """Go on in a copy of the session."""
        from openmed_agent.workbench.requests.sessions import ForkSession, SessionRow

        screen = self._screen
        session_id = self._session()
        if session_id is None or self._busy():
            return
        row = await screen.ask(ForkSession(session_id=session_id), SessionRow)
        if row is not None:
            await screen.keeper.show_session(row.session_id)
            screen.note("This is a copy: the session that it was made from stays as it was.")

    async def undo(self) -> None:
        """Take back the last turn."""
        from openmed_agent.workbench.requests.turns import UndoTurn
        from openmed_agent.workbench.wire import Done

        if await self._opened() and await self._screen.ask(UndoTurn(), Done) is not None:
            await self._screen.transcript.catch_up()

    async def roll_back(self, number: str) -> None:
        """Take back the last turns: as many as a number says, or up to a message that is chosen."""
        from openmed_agent.workbench.requests.turns import RollBack
        from openmed_agent.workbench.wire import Done

        if not await self._opened():
            return
        place = await self._place(number)
        if place is not None and await self._screen.ask(RollBack(to=place), Done) is not None:
            await self._screen.transcript.catch_up()

    async def compact(self) -> None:
        """Have older messages summarised for the model. It happens by itself when its context is nearly full."""
        if self._session() is not None and not self._busy():
            self._screen.note("The model writes a summary of older messages …")
            self._screen.turns.compact()

    def last_answer(self) -> str:
        """Return the text of the last answer that is shown, "" where there is none."""
        answers = [entry.text for entry in self._screen.transcript.entries if isinstance(entry, Answer)]
        return answers[-1] if answers else ""

    async def _place(self, number: str) -> int | None:
        """Return the place in the log before the message that is meant."""
        said = [one for one in self._screen.transcript.entries if isinstance(one, Said) and not one.steering]
        turns = [(one.sequence, one.text) for one in said if one.sequence is not None]
        if number:
            count = int(number) if number.isdecimal() and len(number) < 5 else 0  # noqa: PLR2004 - no session has more
            if not 1 <= count <= len(turns):
                self._screen.face.say(f"Give how many turns to take back, 1 to {len(turns)}.", severity="warning")
                return None
            return turns[-count][0] - 1
        choices = [Choice(str(place - 1), text[:60]) for place, text in reversed(turns[-30:])]
        if not choices:
            self._screen.face.say("There is no turn to take back.", severity="warning")
            return None
        chosen = await self._screen.face.push_screen_wait(ChoiceDialog("Go back to before which message?", choices))
        return None if chosen is None else int(chosen)

    async def _opened(self) -> bool:
        """Return whether the session is open, opening it where it was only shown."""
        if self._session() is None or self._busy():
            return False
        return await self._screen.keeper.open_quietly()

    async def _close(self) -> None:
        from openmed_agent.workbench.requests.turns import CloseSession
        from openmed_agent.workbench.wire import Done

        if self._screen.keeper.link.opened is not None and self._screen.face.workbench.running:
            await self._screen.ask(CloseSession(), Done)

    def _session(self) -> str | None:
        session_id = self._screen.keeper.link.session_id
        if session_id is None:
            self._screen.face.say("There is no session yet: it begins with your first message.", severity="warning")
        return session_id

    def _busy(self) -> bool:
        if self._screen.turns.running:
            self._screen.face.say("A turn is running. Interrupt it first (esc).", severity="warning")
        return self._screen.turns.running
