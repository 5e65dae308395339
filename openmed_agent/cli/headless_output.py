"""The three forms in which ``openmed -p`` prints a turn."""

import json
import sys
from typing import Literal, Protocol

from openmed_agent.cli.console import notice
from openmed_agent.cli.headless import fields_for_people
from openmed_agent.runtime.events import (
    Answered,
    Event,
    Notice,
    PermissionSettled,
    Retrying,
    ToolEnded,
    TurnEnded,
    TurnStarted,
)
from openmed_agent.text.terminal import json_terminal_safe, terminal_safe

OutputFormat = Literal["text", "json", "stream-json"]


class Printer(Protocol):
    """Prints the events of one turn."""

    def take(self, event: Event) -> None:
        """Take the next event."""

    def finish(self) -> None:
        """Print what is left, after the last event."""


def printer(form: OutputFormat, session_id: str) -> Printer:
    """Return what prints a turn in ``form``."""
    match form:
        case "text":
            return _TextPrinter(session_id)
        case "json":
            return _JsonPrinter(session_id)
        case "stream-json":
            return _StreamPrinter(session_id)


class _TextPrinter:
    """The last answer on standard output; everything else, a line each, on standard error."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._answer = ""

    def take(self, event: Event) -> None:
        match event:
            case TurnStarted():
                notice(
                    f"Session {self._session_id[:8]}, asking {event.model} at {event.host}, PHI mode {event.phi_mode}."
                )
            case Answered(leaked_call=False):
                self._answer = event.shown or self._answer
            case ToolEnded():
                notice(f"{event.tool}: {event.title} ({event.outcome})" if event.outcome != "done" else event.title)
            case PermissionSettled(allowed=False):
                notice(f"Not allowed: {event.tool}. {event.reason}")
            case Retrying():
                notice(f"{event.reason} Trying again in {event.seconds:g} s.")
            case Notice():
                notice(event.shown)
            case TurnEnded(shown=str(sentence)) if sentence:
                notice(sentence)
            case _:
                pass

    def finish(self) -> None:
        if self._answer:
            sys.stdout.write(terminal_safe(self._answer) + "\n")


class _JsonPrinter:
    """One object: the answer, how the turn ended, and what was done and refused."""

    def __init__(self, session_id: str) -> None:
        self._session_id = session_id
        self._answers: list[Answered] = []
        self._tools: list[ToolEnded] = []
        self._notices: list[str] = []
        self._ended: TurnEnded | None = None

    def take(self, event: Event) -> None:
        match event:
            case Answered():
                self._answers.append(event)
            case ToolEnded():
                self._tools.append(event)
            case Notice():
                self._notices.append(event.shown)
            case TurnEnded():
                self._ended = event
            case _:
                pass

    def finish(self) -> None:
        texts = [answer.shown for answer in self._answers if answer.shown and not answer.leaked_call]
        document = {
            "schema": "openmed.turn/1",
            "session_id": self._session_id,
            "answer": texts[-1] if texts else "",
            "outcome": self._ended.outcome if self._ended else "failed",
            "message": self._ended.shown if self._ended else "",
            "exit_status": self._ended.exit_status if self._ended else 1,
            "tools": [
                {"tool": tool.tool, "outcome": tool.outcome, "title": tool.title, "seconds": tool.seconds}
                for tool in self._tools
            ],
            "notices": self._notices,
            "requests": len(self._answers),
            "input_tokens": sum(answer.input_tokens or 0 for answer in self._answers),
            "output_tokens": sum(answer.output_tokens or 0 for answer in self._answers),
        }
        _print_line(document, indent=2)


class _StreamPrinter:
    """Every event as one line of JSON, as it happens."""

    def __init__(self, session_id: str) -> None:
        _print_line({"type": "session", "schema": "openmed.events/1", "session_id": session_id})

    def take(self, event: Event) -> None:
        _print_line(fields_for_people(event))

    def finish(self) -> None:
        pass


def _print_line(document: object, *, indent: int | None = None) -> None:
    sys.stdout.write(json_terminal_safe(json.dumps(document, ensure_ascii=False, indent=indent)) + "\n")
    sys.stdout.flush()
