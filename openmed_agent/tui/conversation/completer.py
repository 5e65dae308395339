"""Completes the word at the cursor: asks what could be meant, shows it over the prompt, and writes what is taken."""

from typing import TYPE_CHECKING, Final, cast

from textual.app import ComposeResult
from textual.containers import Vertical

from openmed_agent.errors import OpenMedError
from openmed_agent.text.fuzzy import match
from openmed_agent.tui.beside import run_beside
from openmed_agent.tui.conversation.completion import Candidate, Token, commands, files, skills, token_at
from openmed_agent.tui.conversation.completion_list import CompletionList
from openmed_agent.tui.conversation.prompt_editor import PromptEditor
from openmed_agent.workbench.requests.prompt import FindFiles, FoundFiles, ListSkillNames, SkillName, SkillNames

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp

_LONGEST_QUERY: Final = 4_000


class Completer(Vertical):
    """The list of what could be meant in an editor. It never takes the focus."""

    DEFAULT_CSS = """
    Completer { height: auto; }
    """

    def __init__(self, editor: PromptEditor) -> None:
        super().__init__()
        self._editor = editor
        self._list = CompletionList()
        self._token: Token | None = None
        self._offered: Token | None = None
        """The word that the list was made for."""
        self._dismissed: Token | None = None
        self._skills: tuple[SkillName, ...] | None = None

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield self._list

    @property
    def is_open(self) -> bool:
        """Whether there is something to take, which fits what was typed since it was offered."""
        return self._list.is_mounted and self._fits(self._list.marked)

    def look(self) -> None:
        """Offer what fits the word at the cursor, if that is anything new."""
        token = self._token_now()
        if token is None or not token.same_place(self._dismissed):
            self._dismissed = None
        if token is None or self._dismissed is not None:
            self._close()
        elif token != self._token:
            self._token = token
            run_beside(self, lambda: self._offer(token), group="completion")

    def dismiss(self) -> None:
        """Close the list, and offer nothing more for this word."""
        self._dismissed = self._token_now()
        self._close()

    def move(self, rows: int) -> None:
        """Mark another candidate."""
        self._list.move(rows)

    async def take(self, *, sending: bool) -> bool:
        """Write what is marked; return whether the text is whole, so that the key that took it sends it too."""
        candidate, token = self._list.marked, self._token
        if candidate is None or token is None or not self._fits(candidate):
            return True
        written = self._editor.before_cursor[token.start :]
        if sending and written == candidate.inserted.rstrip():
            self.dismiss()
            return True
        self._write(candidate, token)
        return sending and candidate.whole

    def on_completion_list_picked(self, event: CompletionList.Picked) -> None:
        """Take what was clicked."""
        event.stop()
        if self._token is not None:
            self._write(event.candidate, self._token)
        self._editor.focus()

    def _write(self, candidate: Candidate, token: Token) -> None:
        row, column = self._editor.cursor_location
        end = column
        line = self._editor.document.get_line(row)
        while end < len(line) and not line[end].isspace():
            end += 1
        end += line[end : end + 1] == " "
        self._close()
        self._editor.replace(candidate.inserted, (row, token.start), (row, end), maintain_selection_offset=False)

    def _token_now(self) -> Token | None:
        if not self._editor.selection.is_empty:
            return None
        return token_at(self._editor.before_cursor, first_row=self._editor.cursor_location[0] == 0)

    def _fits(self, candidate: Candidate | None) -> bool:
        """Return whether the word at the cursor can mean a candidate: keys of one burst come before a newer list."""
        now = self._token_now()
        if candidate is None or now is None or not now.same_place(self._offered):
            return False
        return now == self._offered or match(now.query, candidate.inserted) is not None

    def _close(self) -> None:
        self._token = None
        self.workers.cancel_group(self, "completion")
        self._list.close()

    async def _offer(self, token: Token) -> None:
        note = ""
        try:
            candidates, note = await self._candidates(token)
        except OpenMedError as error:
            candidates, note = [], str(error)
        if token == self._token:
            self._offered = token
            self._list.offer(candidates, token.query, note)

    async def _candidates(self, token: Token) -> tuple[list[Candidate], str]:
        workbench = cast("OpenMedApp", self.app).workbench
        match token.sign:
            case "/":
                return commands(token.query), ""
            case "$":
                if self._skills is None:
                    self._skills = (await workbench.ask(ListSkillNames(), SkillNames)).skills
                return skills(token.query, self._skills), ""
            case "@":
                found = await workbench.ask(FindFiles(query=token.query[:_LONGEST_QUERY]), FoundFiles)
                return files(found.paths), "not all files were looked at" if found.more else ""
