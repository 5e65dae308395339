"""``openmed session export`` and ``import``: a session as a file, under a passphrase or in the clear."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from openmed_agent.errors import InputError, UsageError

if TYPE_CHECKING:
    from openmed_agent.settings.permissions import PhiModeName
    from openmed_agent.store.session_file import ImportRules


def register(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``commands``."""
    export = commands.add_parser(
        "export",
        help="write a session to a file",
        description="The file is under a passphrase, unless --plain. It holds everything, also the names.",
        allow_abbrev=False,
    )
    export.add_argument("session", metavar="ID", help="the session's id, or a unique start of it")
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file, mode 0600")
    form = export.add_mutually_exclusive_group()
    form.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from this open descriptor")
    form.add_argument("--plain", action="store_true", help="write JSON lines that everybody can read")
    export.set_defaults(command=export_session)
    take_in = commands.add_parser("import", help="make a session from an exported file", allow_abbrev=False)
    take_in.add_argument("file", type=Path, metavar="FILE")
    take_in.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from this open descriptor")
    take_in.set_defaults(command=import_session)


def export_session(options: argparse.Namespace) -> int:
    """Write a session to a new file; return the exit status."""
    from openmed_agent.cli.console import notice
    from openmed_agent.cli.sessions import open_here
    from openmed_agent.cli.sign_passphrase import ask_new_passphrase, passphrase_from_descriptor
    from openmed_agent.store.sealed_export import check_passphrase, seal
    from openmed_agent.text.new_files import refuse_existing, write_new_file_of

    refuse_existing(options.out)
    with open_here() as store:
        session = store.sessions.get(options.session)
        if options.plain:
            notice(f"{options.out} will hold the whole session in the clear: notes, names and identifiers of patients.")
            write_new_file_of(options.out, store.sessions.export(session.session_id, plain=True))
        else:
            if options.passphrase_fd is None:
                passphrase = ask_new_passphrase()
            else:
                passphrase = passphrase_from_descriptor(options.passphrase_fd)
            check_passphrase(passphrase)
            content = store.sessions.export(session.session_id, plain=False)
            write_new_file_of(options.out, seal(content, passphrase))
            notice("Nobody can restore a forgotten passphrase.")
    notice(f"Session {session.session_id[:8]} is exported to {options.out}.")
    return 0


def import_session(options: argparse.Namespace) -> int:
    """Make a session from a file and print its id; return the exit status."""
    from openmed_agent.cli.console import notice, output, safe
    from openmed_agent.cli.sessions import open_here
    from openmed_agent.cli.sign_passphrase import ask_passphrase, passphrase_from_descriptor
    from openmed_agent.store.sealed_export import is_sealed, unseal
    from openmed_agent.store.session_file import pieces_of

    with _opened(options.file) as file, open_here() as store:
        if is_sealed(file):
            if options.passphrase_fd is None:
                passphrase = ask_passphrase("Passphrase of the file")
            else:
                passphrase = passphrase_from_descriptor(options.passphrase_fd)
            pieces = unseal(file, passphrase)
        elif options.passphrase_fd is not None:
            raise UsageError("The file is not under a passphrase.", remedy="Leave --passphrase-fd out.")
        else:
            pieces = pieces_of(file)
        session = store.sessions.import_pieces(pieces, _rules())
        count = store.sessions.last_sequence(session.session_id)
    output().print(safe(session.session_id))
    notice(f"Imported {count} events; PHI mode {session.phi_mode}, agent mode {session.agent_mode}.")
    notice("What an imported session says is as trustworthy as who exported it.")
    return 0


@contextmanager
def _opened(path: Path) -> "Iterator[BinaryIO]":
    try:
        if not path.is_file():
            raise InputError(f"{path} is not a file.", remedy="Name a file that a session was exported to.")
        with path.open("rb") as file:
            yield file
    except OSError:
        raise InputError(f"{path} cannot be read.", remedy="Check the file and its folder's permissions.") from None


def _rules() -> "ImportRules":
    """Return what an imported session must keep to: events and modes of this version, and no wider PHI mode."""
    from openmed_agent.privacy.kinds import IdentifierKind
    from openmed_agent.runtime.agent_modes import AgentMode
    from openmed_agent.runtime.events import read_event
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.settings.permissions import stricter_phi_mode
    from openmed_agent.store.session_file import ImportRules

    own = load_configuration(find_paths()).privacy.effective_phi_mode

    def modes(phi_mode: str, agent_mode: str) -> tuple[str, str]:
        if agent_mode not in set(AgentMode):
            raise InputError("The file names an agent mode that this version does not have.")
        return stricter_phi_mode(_phi_mode(phi_mode), own), agent_mode

    return ImportRules(modes=modes, check_event=read_event, check_entry=lambda entry: IdentifierKind(entry.kind))


def _phi_mode(name: str) -> "PhiModeName":
    match name:
        case "full" | "deid" | "strict":
            return name
        case _:
            raise InputError("The file names a PHI mode that this version does not have.")
