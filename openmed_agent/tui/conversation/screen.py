"""The conversation: what was said, and where one asks. The first screen; it never closes."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from openmed_agent.tui.base_screen import FaceScreen
from openmed_agent.tui.chrome.key_bar import KeyBar
from openmed_agent.tui.chrome.title_bar import TitleBar
from openmed_agent.tui.conversation.entries import Line
from openmed_agent.tui.conversation.mode_acts import ModeActs
from openmed_agent.tui.conversation.permission_panel import PermissionPanel
from openmed_agent.tui.conversation.plan_line import PlanLine
from openmed_agent.tui.conversation.prompt import PromptArea
from openmed_agent.tui.conversation.session_acts import SessionActs
from openmed_agent.tui.conversation.session_keeper import SessionKeeper
from openmed_agent.tui.conversation.status_keeper import StatusKeeper
from openmed_agent.tui.conversation.status_line import StatusLine
from openmed_agent.tui.conversation.transcript import Transcript
from openmed_agent.tui.conversation.turn_driver import TurnDriver
from openmed_agent.tui.keymap import CONVERSATION, GLOBAL, PROMPT, bindings, label_of

_NEW = "New session"
_OPENING = "Opening the session"
_NOT_OPENED = "No session was opened. ^O lists them; a message begins a new one."
_WELCOME = (
    "Ask about a chart, or hand one over: @ names a file, / a command, $ a skill.\n"
    "F3 drafts a case card without any language model; F5 shows what de-identification would take out.\n\n"
    "The line below the prompt says what may leave, and where it would go."
)


class ConversationScreen(FaceScreen):
    """Lays the conversation out and hands keys and messages to whoever does the work."""

    DEFAULT_CSS = """
    ConversationScreen > .asking { height: auto; max-height: 50%; border-top: solid $panel; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings(CONVERSATION)
    AUTO_FOCUS = "PromptEditor"

    def __init__(self) -> None:
        super().__init__()
        self.title_bar = TitleBar(_NEW)
        self.transcript = Transcript(Content(_WELCOME))
        self.plan_line = PlanLine()
        self.panel = PermissionPanel()
        self.prompt = PromptArea()
        self.status_line = StatusLine()
        self.key_bar = KeyBar(())
        self.status = StatusKeeper(self)
        self.keeper = SessionKeeper(self)
        self.turns = TurnDriver(self)
        self.modes = ModeActs(self)
        self.acts = SessionActs(self)
        self.agent_mode = ""

    def compose(self) -> ComposeResult:
        """Yield what was said, the prompt and the status."""
        yield self.title_bar
        yield self.transcript
        yield self.plan_line
        yield self.panel
        with Vertical(classes="asking"):
            yield self.prompt
        yield self.status_line
        yield self.key_bar

    def on_mount(self) -> None:
        """Be ready for keys; everything else waits for the first paint."""
        self.prompt.focus()
        self.show_running(running=False)
        self.show_agent_mode(self.face.options.agent_mode or "clinical")
        self.call_after_refresh(self._after_first_paint)

    def on_screen_resume(self) -> None:
        """Come back from another screen: a question that waits is seen only now."""
        self.panel.be_quiet()

    def on_prompt_area_first_key(self) -> None:
        """Start the working process while the person types."""
        self.start(self._wake(), group="wake")

    def on_prompt_area_submitted(self, event: PromptArea.Submitted) -> None:
        """Do a command, or send a message."""
        event.stop()
        name, argument = command_in(event.text)
        if name:
            self.face.run_command(name, argument)
        else:
            self.transcript.go_to_end()
            self.turns.send(event.text)

    def on_prompt_area_queued(self, event: PromptArea.Queued) -> None:
        """Queue a message behind the running turn."""
        event.stop()
        self.turns.queue(event.text)

    def on_permission_panel_decided(self, event: PermissionPanel.Decided) -> None:
        """Hand a person's answer on."""
        event.stop()
        if not self.panel.asking:
            self.prompt.focus()
        self.start(self._permit(event))

    def run_command(self, action: str, argument: str = "") -> None:
        """Do what a command of the conversation says; ``resume`` and ``use_model`` come from other screens."""
        from openmed_agent.tui.conversation.conversation_commands import run

        run(self, action, argument)

    def note(self, sentence: str) -> None:
        """Say something of this program in the transcript."""
        self.transcript.add(Line(text=sentence))

    def show_title(self, title: str) -> None:
        """Show the title of the session."""
        self.title_bar.rename(title or _NEW)

    def show_agent_mode(self, mode: str) -> None:
        """Show the agent mode."""
        self.agent_mode = mode
        self.title_bar.tell(mode)

    def show_running(self, *, running: bool) -> None:
        """Show whether a turn runs, and the keys that count then."""
        self.prompt.set_busy(running)
        self.key_bar.show(self._keys(running=running))
        self.show_waiting()
        if not running and self.is_mounted:
            self.look_around()

    def show_waiting(self) -> None:
        """Show how many messages the model has not read yet."""
        self.status.wait_for(self.turns.waiting)

    def look_around(self) -> None:
        """Bring the status line up to date."""
        self.status.look_soon()

    def give_back(self, texts: list[str]) -> None:
        """Put messages that never reached the session before what the prompt holds."""
        if texts:
            self.prompt.put("\n".join([*texts, *([self.prompt.text] if self.prompt.text else [])]))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave Escape and Ctrl+C to others while nothing runs, and keys to the question while it is asked."""
        del parameters
        match action:
            case "interrupt":
                return self.turns.running
            case "decide":
                return self.panel.asking
            case _:
                return True

    def action_back(self) -> None:
        """Stay: this screen never closes."""

    def action_interrupt(self) -> None:
        """End the running turn at once."""
        self.turns.interrupt()

    def action_say_how_to_leave(self) -> None:
        """Copy what is marked in the transcript; where nothing is, say how to quit."""
        if (marked := self.get_selected_text()) is not None:
            self.face.copy_to_clipboard(marked)
            return
        self.face.say("Nothing is running. ^Q quits.")

    def action_decide(self) -> None:
        """Go to the question that waits, or back to the prompt."""
        target: Widget = self.prompt if self.panel.has_focus_within else self.panel
        target.focus()

    def action_do(self, action: str) -> None:
        """Do a command of the conversation by its key."""
        self.run_command(action)

    def action_scroll(self, pages: int) -> None:
        """Scroll the question that has the focus, or the transcript, by half a page."""
        if self.panel.has_focus_within:
            self.panel.scroll_by(pages * 5)
        else:
            rows = max(1, self.transcript.size.height // 2)
            self.transcript.scroll_relative(y=pages * rows, animate=False)

    async def _after_first_paint(self) -> None:
        self.start(self._begin(), group="begin")

    async def _begin(self) -> None:
        """Show the modes of the settings; go on with the session that the command line names."""
        await self.status.begin()
        if not self.keeper.goes_on:
            return
        self.show_title(_OPENING)
        await self.keeper.begin()
        if self.keeper.link.opened is None:
            self.show_title("")
            self.note(_NOT_OPENED)
        self.look_around()

    async def _wake(self) -> None:
        from openmed_agent.tui.conversation.waking import import_beside

        await import_beside()
        if self.keeper.link.opened is None and not self.turns.running:
            await self.status.find_model()

    async def _permit(self, event: PermissionPanel.Decided) -> None:
        from openmed_agent.workbench.requests.turns import Permit
        from openmed_agent.workbench.wire import Done

        await self.ask(Permit(call_id=event.call_id, scope=event.scope, reason=event.reason), Done)

    def _keys(self, *, running: bool) -> list[tuple[str, str]]:
        actions = {one.identifier: one for one in (*CONVERSATION, *PROMPT, *GLOBAL)}
        busy = (("prompt.send", "steer"), ("prompt.queue", "queue"), ("chat.interrupt", "interrupt"))
        idle = (("prompt.send", "send"), ("prompt.newline", "new line"))
        always = (("app.sessions", "sessions"), ("app.palette", "commands"), ("app.help", "help"))
        more = (("chat.fold", "details"), ("chat.agent", "agent mode"), ("app.quit", "quit"))
        remapped = self.face.preferences.keys
        return [
            (label_of(actions[identifier], remapped), act)
            for identifier, act in (*(busy if running else idle), *always, *more)
        ]


def command_in(text: str) -> tuple[str, str]:
    """Return the ``/`` command that a message is, and what follows it; empty where it is none.

    A message that begins with a path, such as ``/home/...``, is none.
    """
    first, _, rest = text.partition(" ")
    name = first.removeprefix("/")
    if not text.startswith("/") or "\n" in text or not name.isalpha():
        return "", ""
    return name, rest.strip()
