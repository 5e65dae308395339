"""A permission question as a line, and the typed answer to it."""

from openmed_agent.runtime.events import PermissionAsked
from openmed_agent.tui.linear.terminal import LineTerminal
from openmed_agent.workbench.requests.turns import Permit

_WORDS = {"once": "yes", "session": "session", "always": "always"}


def ask_permission(terminal: LineTerminal, asked: PermissionAsked) -> Permit:
    """Return the person's answer; the end of the input is a no.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed.

    """
    offered = {_WORDS[scope]: scope for scope in ("once", *asked.scopes)}
    question = f"Question: Allow it? Type {', '.join(offered)}, or no and a reason: "
    while True:
        typed = terminal.read_fresh(question)
        word, _, reason = ("no" if typed is None else typed.strip()).partition(" ")
        if word.lower() == "no":
            return Permit(call_id=asked.call_id, reason=reason.strip())
        if not reason and word.lower() in offered:
            return Permit(call_id=asked.call_id, scope=offered[word.lower()])
        terminal.say(["That is no answer to the question."])
