"""Every key of the program in one table: what it does, where it holds, and the key it has unless it was remapped.

Bindings are made from it, the help screen and the key bars show it, and ``[keys]`` in the settings changes it by id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from textual.binding import Binding, BindingType

_HELD: Final = {"ctrl": "^", "shift": "⇧", "alt": "⌥", "super": "⌘"}
_WRITTEN: Final = {
    "slash": "/",
    "question_mark": "?",
    "full_stop": ".",
    "comma": ",",
    "minus": "-",
    "plus": "+",
    "enter": "⏎",
    "escape": "esc",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_FUNCTION: Final = re.compile("f[0-9]{1,2}")


@dataclass(frozen=True, slots=True)
class KeyAction:
    """One act with its default keys (comma separated, in Textual's names)."""

    identifier: str
    action: str
    keys: str
    description: str
    place: str
    priority: bool = False
    shown: bool = False
    """Whether the key bar at the bottom names it."""
    label: str = ""
    """How the key is written for people, where its name says it badly."""


GLOBAL: Final = (
    KeyAction("app.quit", "quit", "ctrl+q", "quit", "everywhere", priority=True, label="^Q"),
    KeyAction("app.palette", "command_palette", "ctrl+p", "commands", "everywhere", shown=True, label="^P"),
    KeyAction("app.help", "open('help')", "f1", "help", "everywhere", shown=True, label="F1"),
    KeyAction("app.sessions", "open('sessions')", "ctrl+o", "sessions", "everywhere", shown=True, label="^O"),
    KeyAction("app.models", "open('models')", "f2", "models", "everywhere", label="F2"),
    KeyAction("app.workflows", "open('workflows')", "f3", "workflows", "everywhere", label="F3"),
    KeyAction("app.drafts", "open('drafts')", "f4", "drafts", "everywhere", label="F4"),
    KeyAction("app.privacy", "open('privacy')", "f5", "de-identification preview", "everywhere", label="F5"),
    KeyAction("app.lock", "lock", "f12", "lock the screen", "everywhere", label="F12"),
)

CONVERSATION: Final = (
    KeyAction(
        "chat.interrupt",
        "interrupt",
        "escape,ctrl+c",
        "interrupt",
        "conversation",
        priority=True,
        shown=True,
        label="esc",
    ),
    KeyAction("chat.leave", "say_how_to_leave", "ctrl+c", "copy what is marked", "conversation", label="^C"),
    KeyAction("chat.decide", "decide", "ctrl+g", "go to a question", "conversation", priority=True, label="^G"),
    KeyAction("chat.agent", "do('next_agent')", "shift+tab", "agent mode", "conversation", priority=True, label="⇧tab"),
    KeyAction("chat.clear", "do('clear')", "ctrl+l", "new session", "conversation", label="^L"),
    KeyAction("chat.copy", "do('copy_answer')", "ctrl+y", "copy the last answer", "conversation", label="^Y"),
    KeyAction("chat.fold", "do('details')", "ctrl+r", "open or fold results", "conversation", label="^R"),
    KeyAction("chat.up", "scroll(-1)", "pageup", "scroll up", "conversation", priority=True, label="pgup"),
    KeyAction("chat.down", "scroll(1)", "pagedown", "scroll down", "conversation", priority=True, label="pgdn"),
    KeyAction("chat.end", "do('end')", "ctrl+end", "to the end", "conversation", priority=True, label="^end"),
)

PROMPT: Final = (
    KeyAction("prompt.send", "send", "enter", "send; steers a running turn", "prompt", shown=True, label="⏎"),
    KeyAction("prompt.queue", "queue", "tab", "take from the list; queue a turn", "prompt", label="tab"),
    KeyAction("prompt.newline", "newline", "shift+enter,ctrl+j", "new line", "prompt", shown=True, label="⇧⏎ ^J"),
    KeyAction("prompt.older", "history_older", "up", "older prompt", "prompt", label="↑"),
    KeyAction("prompt.newer", "history_newer", "down", "newer prompt", "prompt", label="↓"),
    KeyAction("prompt.close", "close_list", "escape", "close the list", "prompt", label="esc"),
)

EDITING: Final = (
    KeyAction("edit.undo", "undo", "ctrl+z,super+z", "undo", "prompt", label="^Z"),
    KeyAction("edit.redo", "redo", "ctrl+shift+z,super+shift+z", "redo", "prompt", label="^⇧Z"),
    KeyAction(
        "edit.word", "delete_word_left", "ctrl+w,ctrl+backspace,alt+backspace", "delete word", "prompt", label="^W"
    ),
    KeyAction(
        "edit.start", "delete_to_start_of_line", "ctrl+u,super+backspace", "delete to start", "prompt", label="^U"
    ),
    KeyAction("edit.end", "delete_to_end_of_line_or_delete_line", "ctrl+k", "delete to end", "prompt", label="^K"),
    KeyAction("edit.copy", "copy", "ctrl+c,super+c", "copy what is marked", "prompt", label="^C"),
    KeyAction("edit.cut", "cut", "ctrl+x,super+x", "cut", "prompt", label="^X"),
    KeyAction("edit.paste", "paste", "ctrl+v", "paste what was cut or copied here", "prompt", label="^V"),
)

LISTS: Final = (KeyAction("list.search", "search", "slash", "search", "lists", label="/"),)

SESSIONS: Final = (
    KeyAction("sessions.fork", "fork", "f", "fork", "sessions", shown=True),
    KeyAction("sessions.rename", "rename", "r", "rename", "sessions", shown=True),
    KeyAction("sessions.delete", "delete", "d", "delete", "sessions", shown=True),
)

MODELS: Final = (
    KeyAction("models.star", "star", "s", "★", "models", shown=True),
    KeyAction("models.local", "find_local", "l", "local", "models", shown=True),
    KeyAction("models.effort", "effort", "e", "effort", "models", shown=True),
    KeyAction("models.examine", "examine", "x", "examine", "models", shown=True),
    KeyAction("models.login", "log_in", "i", "log in", "models", shown=True),
    KeyAction("models.logout", "log_out", "o", "log out", "models"),
)

SETTINGS: Final = (KeyAction("settings.keys", "keys", "k", "keys", "settings", shown=True),)

KEYS: Final = (
    KeyAction("keys.reset", "reset", "r", "reset this key", "key map", shown=True),
    KeyAction("keys.reset_all", "reset_all", "x", "reset all", "key map", shown=True),
)

AUDIT: Final = (
    KeyAction("audit.verify", "verify", "v", "verify", "audit", shown=True),
    KeyAction("audit.outbound", "outbound", "o", "what left", "audit", shown=True),
    KeyAction("audit.older", "older", "m", "older", "audit", shown=True),
)

SETUP: Final = (KeyAction("setup.skip", "skip", "ctrl+s", "skip all of this", "first steps", shown=True, label="^S"),)

REVIEW: Final = (
    KeyAction("review.accept", "decide('accept')", "a", "accept", "review", shown=True),
    KeyAction("review.edit", "decide('edit')", "e", "edit", "review", shown=True),
    KeyAction("review.reject", "decide('reject')", "r", "reject", "review", shown=True),
    KeyAction("review.next", "undecided(1)", "n", "next undecided", "review", shown=True),
    KeyAction("review.previous", "undecided(-1)", "p", "previous undecided", "review"),
    KeyAction("review.together", "together", "A", "together", "review", shown=True),
    KeyAction("review.differences", "differences", "d", "diff", "review", shown=True),
    KeyAction("review.sign", "sign", "s", "sign", "review", shown=True),
    KeyAction("review.help", "app.open('help')", "question_mark", "help", "review", shown=True, label="?"),
    KeyAction("review.down", "move(1)", "j", "next item", "review"),
    KeyAction("review.up", "move(-1)", "k", "item before", "review"),
    KeyAction("review.pane", "pane(1)", "tab", "other pane", "review", shown=True, label="tab"),
    KeyAction("review.pane_back", "pane(-1)", "shift+tab", "pane before", "review", label="⇧tab"),
    KeyAction("review.pane_down", "arrow(1)", "down", "down in the pane", "review", label="↓"),
    KeyAction("review.pane_up", "arrow(-1)", "up", "up in the pane", "review", label="↑"),
    KeyAction("review.evidence", "evidence(1)", "right", "next piece of evidence", "review", label="→"),
    KeyAction("review.evidence_back", "evidence(-1)", "left", "piece of evidence before", "review", label="←"),
    KeyAction("review.page", "page(1)", "space,pagedown", "page the source", "review", label="space"),
    KeyAction("review.page_back", "page(-1)", "b,pageup", "page back", "review", label="b"),
    KeyAction("review.reviewer", "reviewer", "R", "choose or create the reviewer", "review"),
)

SIGN: Final = (
    KeyAction("sign.down", "scroll(3)", "down,pagedown", "down in the summary", "sign", label="↓"),
    KeyAction("sign.up", "scroll(-3)", "up,pageup", "up in the summary", "sign", label="↑"),
    KeyAction("sign.view", "view", "ctrl+t", "read the text", "sign", priority=True, shown=True, label="^T"),
)

WORKFLOW_FORM: Final = (KeyAction("form.run", "run", "ctrl+r", "run", "workflow form", shown=True, label="⏎ ^R"),)

WORKFLOW_RUN: Final = (
    KeyAction("run.stop", "back", "escape,ctrl+c", "stop the run; back", "workflow run", label="esc"),
    KeyAction("run.review", "review", "enter", "review", "workflow run", shown=True, label="⏎"),
    KeyAction("run.again", "again", "r", "run again", "workflow run", shown=True),
)

DRAFTS: Final = (
    KeyAction("drafts.compare", "compare", "d", "compare", "drafts", shown=True),
    KeyAction("drafts.verify", "verify", "v", "verify", "drafts", shown=True),
    KeyAction("drafts.run", "open('workflows')", "w", "workflows", "drafts", shown=True),
)

SKILLS: Final = (KeyAction("skills.text", "text", "tab", "read on", "skills", shown=True),)

PRIVACY: Final = (
    KeyAction(
        "privacy.preview", "preview", "ctrl+r", "preview", "de-identification", priority=True, shown=True, label="^R"
    ),
    KeyAction(
        "privacy.pane", "next_pane", "f6", "next pane", "de-identification", priority=True, shown=True, label="F6"
    ),
    KeyAction(
        "privacy.save",
        "save",
        "ctrl+s",
        "save what is shown",
        "de-identification",
        priority=True,
        shown=True,
        label="^S",
    ),
)

EVERY: Final = (
    *GLOBAL,
    *CONVERSATION,
    *PROMPT,
    *EDITING,
    *LISTS,
    *SESSIONS,
    *MODELS,
    *SETTINGS,
    *KEYS,
    *AUDIT,
    *SETUP,
    *REVIEW,
    *SIGN,
    *WORKFLOW_FORM,
    *WORKFLOW_RUN,
    *DRAFTS,
    *SKILLS,
    *PRIVACY,
)
"""All tables; a key that stands in none of them is no key of ours."""


def bindings(actions: tuple[KeyAction, ...]) -> list[BindingType]:
    """Return Textual bindings of a table."""
    return [
        Binding(one.keys, one.action, one.description, show=one.shown, priority=one.priority, id=one.identifier)
        for one in actions
    ]


def label_of(one: KeyAction, remapped: Mapping[str, str]) -> str:
    """Return the key of an act as people write it."""
    if one.identifier in remapped:
        return " ".join(key_label(key) for key in remapped[one.identifier].split(","))
    return one.label or one.keys.partition(",")[0]


def key_label(key: str) -> str:
    """Return a key in Textual's name, such as ``ctrl+shift+f6``, as people write it: ``^⇧F6``."""
    *held, last = key.split("+")
    marks = "".join(_HELD.get(one, f"{one}-") for one in held)
    plain = _WRITTEN.get(last, last)
    return f"{marks}{plain.upper() if held or _FUNCTION.fullmatch(plain) else plain}"


def command_key(screen: str, action: str, remapped: Mapping[str, str]) -> str:
    """Return the key of the command that opens a screen or has the conversation do something; empty without one."""
    wanted = f"open('{screen}')" if screen else action
    found = next((one for one in (*GLOBAL, *CONVERSATION) if wanted and one.action == wanted), None)
    return label_of(found, remapped) if found is not None else ""
