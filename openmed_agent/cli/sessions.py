"""``openmed session``: the sessions that are kept, what was said in them, and their end."""

import argparse
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.errors import NotPermittedError, UsageError

if TYPE_CHECKING:
    from openmed_agent.store import SearchHit, SessionRecord, Store

_SHORT_ID: Final = 8
_MOST_HITS: Final = 1_000


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    from openmed_agent.cli import sessions_transfer

    parser = groups.add_parser(
        "session", help="list, show, search, fork, undo, export and delete sessions", allow_abbrev=False
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="list sessions, the last used first", allow_abbrev=False)
    listing.add_argument("--search", metavar="TEXT", default="", help="only those with it in their title or events")
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(command=list_sessions)
    show = commands.add_parser("show", help="show what was said in a session", allow_abbrev=False)
    _add_session(show)
    show.add_argument("--json", action="store_true", help="print the session with all its events as JSON")
    show.set_defaults(command=show_session)
    search = commands.add_parser(
        "search",
        help="search what was said in all sessions",
        description='Finds events with all the words, "phrases" and beginnings* of TEXT, the newest first.',
        allow_abbrev=False,
    )
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--limit", type=_count, default=50, metavar="N", help="default: %(default)s")
    search.add_argument("--json", action="store_true", help="print a JSON list")
    search.set_defaults(command=search_sessions)
    rename = commands.add_parser("rename", help="give a session another title", allow_abbrev=False)
    _add_session(rename)
    rename.add_argument("title", metavar="TITLE")
    rename.set_defaults(command=rename_session)
    fork = commands.add_parser("fork", help="go another way from a point of a session", allow_abbrev=False)
    _add_session(fork)
    fork.add_argument("--at", type=_sequence, metavar="N", help="the last event to keep (default: all)")
    fork.set_defaults(command=fork_session)
    undo = commands.add_parser("undo", help="let the model forget the last turn of a session", allow_abbrev=False)
    _add_session(undo)
    undo.set_defaults(command=go_back, to=None)
    rollback = commands.add_parser("rollback", help="let the model forget all after an event", allow_abbrev=False)
    _add_session(rollback)
    rollback.add_argument("--to", type=_sequence, metavar="N", required=True, help="the last event that counts")
    rollback.set_defaults(command=go_back)
    delete = commands.add_parser("delete", help="delete a session for good", allow_abbrev=False)
    _add_session(delete)
    delete.add_argument("--yes", action="store_true", help="do not ask")
    delete.set_defaults(command=delete_session)
    sessions_transfer.register(commands)


def list_sessions(options: argparse.Namespace) -> int:
    """Print one line a session, the last used first; return the exit status."""
    from rich.table import Table

    from openmed_agent.cli.console import notice, output, print_json, safe

    with open_here() as store:
        sessions = store.sessions.list(query=options.search)
        counts = [store.sessions.last_sequence(one.session_id) for one in sessions]
    if options.json:
        print_json([session_fields(one, count) for one, count in zip(sessions, counts, strict=True)])
        return 0
    if not sessions:
        found = "No session has that in its title or events." if options.search else "There are no sessions yet."
        notice(found if options.search else f'{found} Next: openmed -p "..."')
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("session", "last used (UTC)", "events", "PHI", "agent", "title"):
        table.add_column(heading, overflow="fold")
    for one, count in zip(sessions, counts, strict=True):
        cells = (
            one.session_id[:_SHORT_ID],
            f"{one.updated:%Y-%m-%d %H:%M}",
            str(count),
            one.phi_mode,
            one.agent_mode,
            one.title,
        )
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    return 0


def show_session(options: argparse.Namespace) -> int:
    """Print what was said in a session; return the exit status."""
    from openmed_agent.cli.console import print_json
    from openmed_agent.cli.session_view import event_fields, print_session

    with open_here() as store:
        session = store.sessions.get(options.session)
        events = store.sessions.events(session.session_id)
        if options.json:
            described = [event_fields(event) for event in events]
            print_json(session_fields(session, len(described)) | {"log": described})
        else:
            print_session(session, events)
    return 0


def search_sessions(options: argparse.Namespace) -> int:
    """Print the events that were found, the newest first; return 1 where there is none."""
    from openmed_agent.cli.console import notice, output, print_json, safe

    with open_here() as store:
        hits = store.sessions.search(options.text, options.limit)
    if options.json:
        print_json([_hit_fields(hit) for hit in hits])
        return 0 if hits else 1
    console = output()
    for hit in hits:
        console.print(safe(f"{hit.session_id[:_SHORT_ID]} · event {hit.sequence} · {hit.title}", "bold"))
        console.print(safe(f"  {' '.join(hit.excerpt.split())}"))
    if not hits:
        notice("Nothing was found.")
    return 0 if hits else 1


def rename_session(options: argparse.Namespace) -> int:
    """Change a session's title; return the exit status."""
    from openmed_agent.cli.console import notice

    if not options.title.strip():
        raise UsageError("A title has at least one letter.")
    with open_here() as store:
        session = store.sessions.rename(options.session, options.title)
    notice(f"Session {session.session_id[:_SHORT_ID]} has its new title.")
    return 0


def go_back(options: argparse.Namespace) -> int:
    """Take back the last turn, or all after an event, for the model; the log keeps it. Return the exit status."""
    from openmed_agent.cli.console import notice
    from openmed_agent.runtime.rollback import rollback_to, undo_of
    from openmed_agent.runtime.session_log import SessionLog

    with open_here() as store:
        session_id = store.sessions.get(options.session).session_id
        with store.sessions.lease(session_id):
            log = SessionLog(store.sessions, session_id)
            back = undo_of(log) if options.to is None else rollback_to(log, options.to)
            log.append(back)
    notice(f"Session {session_id[:_SHORT_ID]} goes on after event {back.to}. What tools wrote stays written.")
    return 0


def fork_session(options: argparse.Namespace) -> int:
    """Make a fork and print its id; return the exit status."""
    from openmed_agent.cli.console import notice, output, safe

    with open_here() as store:
        fork = store.sessions.fork(options.session, options.at)
        count = store.sessions.last_sequence(fork.session_id)
    output().print(safe(fork.session_id))
    notice(f'The fork begins with {_events(count)}. Next: openmed -p "..." --session {fork.session_id[:_SHORT_ID]}')
    return 0


def delete_session(options: argparse.Namespace) -> int:
    """Delete a session for good after asking; return the exit status."""
    from openmed_agent.cli.console import notice, output
    from openmed_agent.cli.review_keys import ask_key, on_terminal
    from openmed_agent.text.terminal import terminal_safe

    with open_here() as store:
        session = store.sessions.get(options.session)
        if not options.yes:
            if not on_terminal():
                raise UsageError(
                    "A session is deleted for good and there is no terminal to ask on.", remedy="Add --yes."
                )
            count = _events(store.sessions.last_sequence(session.session_id))
            title = terminal_safe(session.title, single_line=True)
            question = f" Delete {session.session_id[:_SHORT_ID]} “{title}” with {count} for good? y delete · q leave ›"
            if ask_key(output(), "yq", question) == "q":
                raise NotPermittedError("Nothing was deleted.")
        deletion = store.sessions.delete(session.session_id)
    notice(f"Session {session.session_id[:_SHORT_ID]} is deleted.")
    if deletion.shared:
        notice(f"Its first {_events(deletion.shared)} remain in other sessions that begin with them.")
    if not deletion.erased:
        notice(
            "Its text could not be overwritten yet, since the store is in use or the disk is full; "
            "the next command that opens the store does it."
        )
    notice("Backups, exported files, snapshots of the disk and an SSD's spare cells may still hold copies of it.")
    return 0


def open_here() -> "Store":
    """Return the open store of this machine."""
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    return open_local_store(paths, load_configuration(paths))


def session_fields(session: "SessionRecord", count: int) -> dict[str, Any]:
    """Return what JSON output says of a session with so many events."""
    parent = session.parent
    return {
        "session_id": session.session_id,
        "title": session.title,
        "created": session.created.isoformat(),
        "updated": session.updated.isoformat(),
        "phi_mode": session.phi_mode,
        "agent_mode": session.agent_mode,
        "model": session.model,
        "events": count,
        "parent": None if parent is None else {"session_id": parent.session_id, "sequence": parent.sequence},
    }


def _hit_fields(hit: "SearchHit") -> dict[str, Any]:
    return {
        "session_id": hit.session_id,
        "title": hit.title,
        "sequence": hit.sequence,
        "kind": hit.kind,
        "excerpt": hit.excerpt,
    }


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count} events"


def _add_session(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("session", metavar="ID", help="the session's id, or a unique start of it")


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):  # noqa: PLR2004 - below 2^53
        raise argparse.ArgumentTypeError("must be the number of an event, or 0")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 0 < int(text) <= _MOST_HITS):  # noqa: PLR2004
        raise argparse.ArgumentTypeError(f"must be a number from 1 to {_MOST_HITS}")
    return int(text)
