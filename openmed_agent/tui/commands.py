"""Every ``/`` command in one table; the prompt completes it, the palette offers it, the help lists it."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Command:
    """One command. ``screen`` names the screen that it opens, else ``action`` the method of the conversation."""

    name: str
    description: str
    screen: str = ""
    action: str = ""
    argument: str = ""
    """What may follow, for people; empty where nothing may."""


COMMANDS: Final = (
    Command("help", "keys and commands", screen="help"),
    Command("new", "begin a new session", action="clear"),
    Command("clear", "begin a new session", action="clear"),
    Command("sessions", "find, resume, fork, rename or delete a session", screen="sessions"),
    Command("rename", "give this session a title", action="rename", argument="TITLE"),
    Command("fork", "go on in a copy of this session", action="fork"),
    Command("undo", "take back the last turn", action="undo"),
    Command("rollback", "go back to an earlier turn", action="rollback", argument="NUMBER"),
    Command("compact", "summarise older messages for the model", action="compact"),
    Command("model", "choose the language model", screen="models"),
    Command("phi", "PHI mode: full, deid or strict", action="phi", argument="MODE"),
    Command("agent", "agent mode: clinical, consumer, coordination or plan", action="agent", argument="MODE"),
    Command("permissions", "what tools may do unasked: auto, ask, deny or plan", action="permissions", argument="MODE"),
    Command("plan", "show the plan", action="plan"),
    Command("skill", "look at skills", screen="skills"),
    Command("workflows", "run a workflow on a chart", screen="workflows"),
    Command("drafts", "review and sign drafts", screen="drafts"),
    Command("privacy", "de-identify a text and see what changes", screen="privacy"),
    Command("planes", "services and codes releases", screen="planes"),
    Command("copy", "copy the last answer", action="copy_answer"),
    Command("theme", "choose the colours", action="theme", argument="NAME"),
    Command("settings", "colours, keys, idle lock, default modes", screen="settings"),
    Command("setup", "first steps: what runs where, model, PHI mode", screen="setup"),
    Command("instructions", "see and accept this project's OPENMED.md", screen="instructions"),
    Command("audit", "what was recorded, and whether the record is whole", screen="audit"),
    Command("lock", "blank the screen", action="lock"),
    Command("quit", "leave", action="quit"),
)


def command_named(name: str) -> Command | None:
    """Return the command with this name, without its slash; ``skills`` and ``session`` are understood too."""
    names = (name, f"{name}s", name.removesuffix("s"))
    return next((one for wanted in names for one in COMMANDS if one.name == wanted), None)
