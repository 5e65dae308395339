"""The question whether a tool may run. Only a person answers it, and only with a key pressed after it was seen."""

from dataclasses import dataclass, field
from time import monotonic
from typing import ClassVar, Final, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Key
from textual.message import Message
from textual.widgets import Input, Static

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tui.conversation.entries import diff_content, lines_of_diff
from openmed_agent.tui.safe_text import shown, shown_line

QUIET_SECONDS: Final = 0.5
"""A key counts only after the question has been on the screen, and no other key was pressed, for this long."""

_MOST_LINES: Final = 5_000

Scope = Literal["once", "session", "always"]
_KEYS: Final[dict[Scope, tuple[str, str]]] = {
    "once": ("y", "allow once"),
    "session": ("s", "this session"),
    "always": ("a", "always"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call that waits for a person."""

    call_id: str
    tool: str
    title: str = field(repr=False)
    preview: str = field(default="", repr=False)
    reason: str = ""
    scopes: tuple[Scope, ...] = ("once",)
    """The answers that are offered."""


class PermissionPanel(Vertical, can_focus=True):
    """Shows what a call would do and takes the answer: allow for a scope, or refuse with a reason."""

    DEFAULT_CSS = """
    PermissionPanel { height: auto; background: $surface; padding: 0 1; border-top: solid $warning; }
    PermissionPanel > Static { max-height: 6; }
    PermissionPanel > .preview { height: auto; max-height: 38vh; margin: 0 0 0 2; }
    PermissionPanel > Input { border: none; height: 1; padding: 0 1; margin: 0 0 0 2; background: $panel; }
    PermissionPanel > .keys { color: $secondary; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "allow('once')", "allow once"),
        Binding("s", "allow('session')", "for this session"),
        Binding("a", "allow('always')", "always"),
        Binding("n", "refuse", "refuse"),
        Binding("up", "scroll_preview(-1)", "scroll", show=False),
        Binding("down", "scroll_preview(1)", "scroll", show=False),
    ]

    class Decided(Message):
        """The person's answer; no ``scope`` means no."""

        def __init__(self, call_id: str, scope: Scope | None, reason: str = "") -> None:
            super().__init__()
            self.call_id = call_id
            self.scope = scope
            self.reason = reason

    def __init__(self) -> None:
        super().__init__()
        self._heading = Static()
        self._preview = Static()
        self._scroll = VerticalScroll(self._preview, classes="preview", can_focus=False)
        self._reason = Input(placeholder="Reason for the model, or nothing")
        self._hints = Static(classes="keys")
        self._questions: list[Question] = []
        self._quiet_since = monotonic()
        self._too_early = False

    def compose(self) -> ComposeResult:
        """Yield question, preview and keys."""
        yield self._heading
        yield self._scroll
        yield self._reason
        yield self._hints

    def on_mount(self) -> None:
        """Stay out of sight until something is asked."""
        self.display = self.asking
        self._reason.display = False

    @property
    def asking(self) -> bool:
        """Whether a question waits."""
        return bool(self._questions)

    def ask(self, question: Question) -> None:
        """Show a question, behind those that wait already."""
        self._questions.append(question)
        if len(self._questions) == 1:
            self._show()

    def settle(self, call_id: str) -> None:
        """Take a question away that is answered, or that nobody waits for any more."""
        before = self._questions[:1]
        self._questions = [one for one in self._questions if one.call_id != call_id]
        if self._questions[:1] != before:
            self._show()

    def be_quiet(self) -> None:
        """Let no key count for a moment: the question has only now come into sight."""
        self._quiet_since = monotonic()

    def scroll_by(self, rows: int) -> None:
        """Scroll the preview."""
        self._scroll.scroll_relative(y=rows, animate=False)

    def on_focus(self) -> None:
        """Say the keys that count now."""
        self.be_quiet()
        self.call_next(self._show_keys)

    def on_blur(self) -> None:
        """Say how to come back."""
        self.call_next(self._show_keys)

    def on_key(self, event: Key) -> None:
        """Let a person who is typing finish: while other keys come, none of them is an answer."""
        if event.key not in {"y", "s", "a", "n"}:
            self.be_quiet()

    def action_allow(self, scope: Scope) -> None:
        """Allow the call, where that scope is offered."""
        if self._questions and scope in self._questions[0].scopes and self._counts():
            self._decide(scope)

    def action_refuse(self) -> None:
        """Ask for the reason."""
        if self._questions and self._counts():
            self._reason.display = True
            self._reason.focus()
            self._show_keys()

    def action_scroll_preview(self, rows: int) -> None:
        """Scroll the preview by rows."""
        self.scroll_by(rows)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Refuse with what was typed."""
        event.stop()
        if self._questions:
            self._decide(None, event.value.strip())

    def _decide(self, scope: Scope | None, reason: str = "") -> None:
        question = self._questions.pop(0)
        self._show()
        self.post_message(self.Decided(question.call_id, scope, reason))

    def _counts(self) -> bool:
        """Tell whether a key counts; one that comes too early starts the wait anew and says so."""
        self._too_early = monotonic() - self._quiet_since < QUIET_SECONDS
        if self._too_early:
            self.be_quiet()
            self._show_keys()
        return not self._too_early

    def _show(self) -> None:
        self._reason.display = False
        self._reason.clear()
        self._too_early = False
        self.display = self.asking
        if not self._questions:
            return
        question = self._questions[0]
        self._heading.update(_heading(question))
        self._preview.update(preview_content(question.preview))
        self._scroll.display = bool(question.preview.strip())
        self._scroll.scroll_home(animate=False)
        self._show_keys()
        self.be_quiet()
        self.call_after_refresh(self.be_quiet)

    def _show_keys(self) -> None:
        self._hints.update(self._keys())

    def _keys(self) -> Content:
        if self._reason.display:
            return _pairs((("⏎", "refuse"), ("esc", "interrupt the turn")))
        if not self.has_focus:
            return Content.assemble(("^G", "$footer-key-foreground"), " to decide, when you have finished typing")
        offered = [_KEYS[scope] for scope in _KEYS if self._questions and scope in self._questions[0].scopes]
        keys = _pairs((*offered, ("n", "refuse, with a reason"), ("↑↓", "scroll")))
        if self._too_early:
            return Content.assemble(keys, Content.styled("\n! That key came too early and did nothing.", "$warning"))
        return keys


def preview_content(preview: str) -> Content:
    """Return what a call would do; a diff is coloured, and its signs stay."""
    lines = terminal_safe(preview).expandtabs(4).splitlines()
    text = "\n".join(lines[:_MOST_LINES])
    looks_like_diff = any(line.startswith("@@") for line in lines[:_MOST_LINES])
    content = diff_content(lines_of_diff(text)) if looks_like_diff else Content(text)
    left = len(lines) - _MOST_LINES
    if left <= 0:
        return content
    return Content.assemble(content, Content.styled(f"\n! {left:,} more lines are not shown here.", "$warning"))


def _heading(question: Question) -> Content:
    title = terminal_safe(question.title, single_line=True).removeprefix(question.tool).strip()
    return Content.assemble(
        Content.styled("? ", "$warning bold"),
        shown_line(question.tool, "bold"),
        "  ",
        shown_line(title),
        "\n  ",
        shown(question.reason, "$secondary"),
    )


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Content:
    return Content(" · ").join(Content.assemble((key, "$footer-key-foreground"), " ", act) for key, act in pairs)
