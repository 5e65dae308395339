"""Sessions: find one by its title or by what was said in it, go on with it, fork, rename or delete it."""

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Final

from textual.binding import BindingType
from textual.content import Content

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.chrome.dialogs import ConfirmDialog, LineDialog
from openmed_agent.tui.chrome.list_screen import ListScreen
from openmed_agent.tui.chrome.row_list import Column, RowList
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.keymap import SESSIONS, KeyAction, bindings
from openmed_agent.tui.sessions.rows import COLUMNS, PAGE, UNTITLED, detail_of, session_rows
from openmed_agent.workbench.requests.sessions import (
    DeleteSession,
    ForkSession,
    ListSessions,
    RenameSession,
    SessionDeleted,
    SessionList,
    SessionRow,
)

_OUT_OF_REACH: Final = (
    "Its events, kept results and stand-ins are removed and the file is written anew. Out of reach: backups, exported "
    "files, snapshots and spare cells of a disk, files that tools wrote, and what a model's host was sent."
)
_NONE: Final = "No sessions yet. Export and import: openmed session export · import"
_TRANSFER: Final = "Export and import are on the command line: openmed session export · import"


class SessionsScreen(ListScreen):
    """The sessions of the store, the last used first."""

    TITLE_TEXT = "Sessions"
    COLUMNS: ClassVar[tuple[Column, ...]] = COLUMNS
    KEYS: ClassVar[tuple[KeyAction, ...]] = SESSIONS
    CHOOSE = "resume"
    SEARCH = "/ to search titles and what was said"
    BINDINGS: ClassVar[list[BindingType]] = bindings(SESSIONS)

    def __init__(self) -> None:
        super().__init__()
        self._sessions: dict[str, SessionRow] = {}
        self._limit = PAGE

    def on_mount(self) -> None:
        """Begin with all sessions."""
        super().on_mount()
        self.tell("Reading the sessions.")
        self.searched("")

    def searched(self, text: str) -> None:
        """Show the sessions that fit."""
        self._limit = PAGE
        self.start(self._fill(text), group="search")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Say more about the highlighted session."""
        session = self._sessions.get(event.identifier)
        if session is not None:
            self.tell(Content.assemble(detail_of(session), (f"\n{_TRANSFER}", "$secondary")))
        if event.identifier == self.list.rows[-1].identifier and len(self._sessions) == self._limit:
            self._limit *= 4
            self.start(self._fill(self.query_text), group="search")

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Go on with a session."""
        session = self._sessions.get(event.identifier)
        if session is None:
            return
        if session.held == "elsewhere":
            self.face.say(
                "This session is open in another window. Go on there, or press f to fork it.", severity="warning"
            )
            return
        self.close()
        self.face.resume(session.session_id)

    def action_fork(self) -> None:
        """Copy the highlighted session and highlight the copy."""
        self._with_chosen(self._fork)

    def action_rename(self) -> None:
        """Give the highlighted session another title."""
        self._with_chosen(self._rename)

    def action_delete(self) -> None:
        """Delete the highlighted session for good."""
        self._with_chosen(self._delete)

    def _with_chosen(self, act: Callable[[SessionRow], Coroutine[Any, Any, None]]) -> None:
        session = self._sessions.get(self.list.chosen)
        if session is not None:
            self.act(act(session))

    async def _fill(self, text: str, keep: str | None = None) -> None:
        found = await self.ask(ListSessions(query=text, limit=self._limit), SessionList)
        if found is None:
            return
        self._sessions = {one.session_id: one for one in found.sessions}
        self.list.fill(session_rows(found.sessions) if found.sessions else (), keep=keep)
        count = len(found.sessions)
        more = "+" if count == self._limit else ""
        self.query_one(TitleBar).tell(f"{count:,}{more} {'session' if count == 1 else 'sessions'}")
        if not found.sessions:
            self.tell("Nothing fits. esc shows all sessions." if text else _NONE)

    async def _fork(self, session: SessionRow) -> None:
        fork = await self.ask(ForkSession(session_id=session.session_id), SessionRow)
        if fork is not None:
            self.face.say("Forked: the copy has the same events and stand-ins. ⏎ goes on in it.")
            await self._fill(self.query_text, keep=fork.session_id)

    async def _rename(self, session: SessionRow) -> None:
        beginning = terminal_safe(session.title, single_line=True)
        title = await self.face.push_screen_wait(LineDialog("Title of this session", beginning=beginning))
        if title is None or title.strip() == beginning:
            return
        if await self.ask(RenameSession(session_id=session.session_id, title=title), SessionRow) is not None:
            await self._fill(self.query_text, keep=session.session_id)

    async def _delete(self, session: SessionRow) -> None:
        if session.held:
            where = "here: begin a new one first" if session.held == "here" else "in another window"
            self.face.say(f"This session is open {where}.", severity="warning")
            return
        question = f"Delete “{session.title or UNTITLED}” with its {_events(session.events)} for good?"
        if not await self.face.push_screen_wait(ConfirmDialog(question, detail=_OUT_OF_REACH, yes="delete", no="keep")):
            return
        deleted = await self.ask(DeleteSession(session_id=session.session_id), SessionDeleted)
        if deleted is not None:
            self.face.say(_said(deleted))
            await self._fill(self.query_text)


def _said(deleted: SessionDeleted) -> str:
    shared = f" {_events(deleted.shared)} remain, because a fork shows them." if deleted.shared else ""
    if deleted.erased:
        return f"Deleted, and overwritten in the file.{shared}"
    return f"Deleted; the file is written anew at the next start, since another process reads it.{shared}"


def _events(number: int) -> str:
    return f"{number:,} {'event' if number == 1 else 'events'}"
