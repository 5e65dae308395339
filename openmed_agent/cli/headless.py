"""``openmed -p``: one turn without a screen, for a pipe or a script."""

import argparse
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.cli.welcome import show_welcome
from openmed_agent.errors import ExitStatus, InputError, UsageError

if TYPE_CHECKING:
    from openmed_agent.runtime.events import Event, TurnEnded
    from openmed_agent.runtime.prompts import Attachment
    from openmed_agent.runtime.session import Session

LARGEST_INPUT_BYTES: Final = 10_000_000

_NEED_A_PROMPT: Final = ("max_turns", "max_tokens", "max_seconds", "max_cost")
_NEED_A_PROMPT_OR_A_TERMINAL: Final = (
    "phi_mode", "agent", "model", "session", "resume_last", "folder", "permission_mode", "allow", "screen_reader",
)  # fmt: skip

_OPTION_OF: Final = {"resume_last": "continue"}

EXIT_STATUSES: Final = (
    "Exit status of -p: 0 answered, 1 failed, 2 wrong usage, 3 wrong input, 4 not permitted (PHI mode, policy), 5 no "
    "model or a service is unavailable, 6 the store or its key is unavailable, 7 a limit of requests, tokens, time or "
    "cost was reached, 130 interrupted."
)


def register(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``-p`` to the command itself."""
    group = parser.add_argument_group("a session, on a screen or with -p", EXIT_STATUSES)
    group.add_argument("-p", "--prompt", metavar="TEXT", help="ask this, print the answer and end")
    group.add_argument(
        "--output-format",
        choices=("text", "json", "stream-json"),
        default="text",
        help="the answer, one JSON object, or every event as a line of JSON (default: text)",
    )
    group.add_argument("--phi-mode", choices=("full", "deid", "strict"), help="default: deid, or the session's")
    group.add_argument("--agent", choices=("clinical", "consumer", "coordination", "plan"), help="default: clinical")
    group.add_argument("--model", metavar="NAME", help="the model to ask; default: the one that is set up")
    group.add_argument("--max-turns", type=int, metavar="N", help="requests to the model at most (default: 50)")
    group.add_argument("--max-tokens", type=int, metavar="N", help="end the turn when it has used this many tokens")
    group.add_argument("--max-seconds", type=float, metavar="S", help="end the turn after this time")
    group.add_argument(
        "--max-cost", type=float, metavar="C", help="end the turn at this cost; needs prices in the settings"
    )
    group.add_argument("--session", metavar="ID", help="go on with this session instead of a new one")
    group.add_argument(
        "--continue", dest="resume_last", action="store_true", help="go on with the session that was used last"
    )
    group.add_argument(
        "--folder", type=Path, metavar="DIR", help="the folder that files may be read in (default: here)"
    )
    group.add_argument(
        "--permission-mode",
        choices=("auto", "ask", "deny", "plan"),
        help="auto allows what can lose nothing; nobody is there to ask with -p (never covers the approval of a draft)",
    )
    group.add_argument(
        "--allow",
        action="append",
        metavar="RULE",
        help="allow calls by a rule, such as 'write_file(./reports/*)'; repeat it for several",
    )
    group.add_argument(
        "--screen-reader", action="store_true", help="no screen: plain lines, one after the other, and typed answers"
    )


def ask_or_welcome(options: argparse.Namespace) -> int:
    """Run the one turn that the command line asks for, or open the screen where there is a terminal."""
    from openmed_agent.cli.terminal import is_on_terminal, open_screen

    if options.session is not None and options.resume_last:
        raise UsageError("--session and --continue name two sessions.", remedy="Use one of the two.")
    if options.prompt is not None:
        return ask(options)
    on_terminal = is_on_terminal()
    needing = _NEED_A_PROMPT if on_terminal else (*_NEED_A_PROMPT, *_NEED_A_PROMPT_OR_A_TERMINAL)
    given = [_OPTION_OF.get(name, name) for name in needing if _is_given(getattr(options, name))]
    if given:
        where = "needs -p." if on_terminal or given[0] in _NEED_A_PROMPT else "needs -p or a terminal."
        raise UsageError(f"--{given[0].replace('_', '-')} {where}", remedy='For example: openmed -p "..."')
    return open_screen(options) if on_terminal else show_welcome(options)


def _is_given(value: object) -> bool:
    return value is not None and value is not False


def ask(options: argparse.Namespace) -> int:
    """Run one turn, print what came of it in the form asked for; return the exit status."""
    import asyncio

    if not options.prompt.strip():
        raise UsageError("The prompt is empty.", remedy='For example: openmed -p "Which medicines are in note.txt?"')
    for name in ("max_turns", "max_tokens", "max_seconds", "max_cost"):
        value = getattr(options, name)
        if value is not None and not value > 0:
            raise UsageError(f"--{name.replace('_', '-')} must be more than 0.")
    attachments = _standard_input()
    return asyncio.run(_ask(options, attachments))


async def _ask(options: argparse.Namespace, attachments: "tuple[Attachment, ...]") -> int:
    from openmed_agent.cli.headless_output import printer
    from openmed_agent.cli.sitting import open_sitting

    async with open_sitting(options) as session:
        shown = printer(options.output_format, session.session_id)
        ended: TurnEnded | None = None
        async for event in _until_interrupted(session, options.prompt, attachments):
            shown.take(event)
            ended = event if event.type == "turn_ended" else ended
        shown.finish()
    return int(ExitStatus.NO) if ended is None else ended.exit_status


async def _until_interrupted(
    session: "Session", prompt: str, attachments: "tuple[Attachment, ...]"
) -> "AsyncIterator[Event]":
    """Yield the events of a turn that Ctrl+C, or a request to end, interrupts cleanly."""
    import asyncio
    import contextlib
    import signal

    loop = asyncio.get_running_loop()
    caught = (signal.SIGINT, signal.SIGTERM)
    for number in caught:
        with contextlib.suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead
            loop.add_signal_handler(number, session.control.interrupt)
    try:
        async with contextlib.aclosing(session.ask(prompt, attachments)) as turn:
            async for event in turn:
                yield event
    finally:
        for number in caught:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


def _standard_input() -> "tuple[Attachment, ...]":
    """Return what was piped in, strictly decoded, as an attachment."""
    from openmed_agent.runtime.prompts import Attachment

    if sys.stdin is None or sys.stdin.isatty() or not sys.stdin.readable():
        return ()
    content = sys.stdin.buffer.read(LARGEST_INPUT_BYTES + 1)
    if len(content) > LARGEST_INPUT_BYTES:
        raise InputError("Standard input is larger than 10 MB.", remedy="Name the file in the prompt instead.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("Standard input is not UTF-8 text.", remedy="Convert it first.") from None
    return (Attachment("standard input", text),) if text else ()


def fields_for_people(event: "Event") -> dict[str, Any]:
    """Return an event as a face may print it: without the model's side and without what is not its business."""
    hidden = {"local_text": True, "model_text": True, "model_summary": True}
    return event.model_dump(
        mode="json", exclude={**hidden, "calls": {"__all__": {"model_arguments"}}}, exclude_none=True
    )
