"""The program ``openmed``: reads the command line, runs one command, reports errors as one sentence.

Each command group is a file of its own with a ``register`` function; what a command needs is imported when it
runs, so that ``--help`` and ``--version`` stay fast.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from typing import Final, NoReturn

from openmed_agent import __version__
from openmed_agent.cli.interrupts import InterruptRecord, load_pydantic_core
from openmed_agent.errors import ExitStatus, OpenMedError, UsageError, fault_words
from openmed_agent.secrets.core_files import forbid_core_files
from openmed_agent.text.terminal import terminal_safe

_DESCRIPTION: Final = "Draft evidence-linked case cards from charts, and review them. Everything runs on this machine."


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one safe sentence."""

    def error(self, message: str) -> NoReturn:
        """Print what is wrong and where help is, and exit with status 2."""
        sentence = terminal_safe(message, single_line=True)
        _say(f"{sentence[:1].upper()}{sentence[1:]}. See '{self.prog} --help'.")
        raise SystemExit(int(ExitStatus.WRONG_USAGE))


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands. They are imported here, where Ctrl+C is caught already."""
    from openmed_agent.cli import (
        audit,
        clinical_text,
        codes,
        config,
        deid_batch,
        doctor,
        drafts,
        finalize,
        headless,
        instructions,
        literature,
        login,
        models,
        review,
        reviewer,
        risk,
        run,
        runs,
        serve,
        sessions,
        verify,
        web,
    )

    parser = _Parser(prog="openmed", description=_DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"openmed {__version__}")
    headless.register(parser)
    parser.set_defaults(command=headless.ask_or_welcome)
    groups = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=_Parser)
    every = (
        run,
        drafts,
        review,
        finalize,
        verify,
        reviewer,
        runs,
        audit,
        clinical_text,
        deid_batch,
        risk,
        codes,
        instructions,
        literature,
        sessions,
        web,
        serve,
        login,
        models,
        config,
        doctor,
    )
    for group in every:
        group.register(groups)
    return parser


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command in ``arguments`` (default: the process's own) and return its exit status."""
    _open_missing_streams()
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # they are for who develops this, and stderr is for one clear sentence
    forbid_core_files()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    interrupts = InterruptRecord()
    try:
        return _run(arguments)
    except OpenMedError as error:
        _say(str(error))
        return int(error.exit_status)
    except KeyboardInterrupt:
        _say("Interrupted.")
        return int(ExitStatus.INTERRUPTED)
    except BrokenPipeError:
        return int(ExitStatus.DONE)  # whoever read the output has gone
    except Exception as error:  # noqa: BLE001 - a traceback could print text of a chart
        if interrupts.any():
            _say("Interrupted.")
            return int(ExitStatus.INTERRUPTED)
        _say(_unexpected(error))
        return int(ExitStatus.NO)
    finally:
        _discard_unwritable_output()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = build_parser().parse_args(arguments)
        _check_one_command(options)
        if not _opens_screen(options):  # whose first prompt does not wait for it, and whose Ctrl+C is a key
            load_pydantic_core()
        _silence_libraries()
        status = int(options.command(options))
    except SystemExit as end:  # the parser has printed help, or said what is wrong
        status = int(end.code or 0)
    sys.stdout.flush()
    return status


def _check_one_command(options: argparse.Namespace) -> None:
    """Check that there is a command or -p, and not both.

    Raises:
        UsageError: there are both.

    """
    from openmed_agent.cli.headless import ask_or_welcome

    if options.prompt is not None and options.command is not ask_or_welcome:
        raise UsageError("-p stands alone and takes no command.", remedy="Use one of the two.")


def _opens_screen(options: argparse.Namespace) -> bool:
    from openmed_agent.cli.headless import ask_or_welcome

    return options.command is ask_or_welcome and options.prompt is None


def _silence_libraries() -> None:
    """Print no log line of a library: it could hold text of a chart."""
    import logging

    logging.lastResort = logging.NullHandler()


def _open_missing_streams() -> None:
    """Put a stream that cannot be written where a standard stream is closed, so that no other file takes its number."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)  # takes the lowest free number
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _discard_unwritable_output() -> None:
    """Drop output that could not be written, before Python tries once more at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _unexpected(error: Exception) -> str:
    """Return a sentence that names the kind and place of a fault in this program, and no value."""
    words = fault_words(error)
    if isinstance(error, OSError) and error.errno is not None:
        return f"The system refused an operation ({os.strerror(error.errno)}; {words})."
    return f"OpenMed stopped on a fault of its own ({words}). Please report this line."


def _say(sentence: str) -> None:
    from openmed_agent.cli.console import notice

    notice(sentence)
