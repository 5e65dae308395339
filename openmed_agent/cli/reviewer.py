"""``openmed reviewer``: the named persons who sign, and the keys that are known here."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openmed_agent.errors import InputError, NotPermittedError, UsageError

if TYPE_CHECKING:
    from openmed_agent.store.reviewers import ReviewerRecord
    from openmed_agent.store.store import Store


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    parser = groups.add_parser("reviewer", help="make and manage reviewers, who sign drafts", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    create = commands.add_parser("create", help="make a key for a new reviewer", allow_abbrev=False)
    create.add_argument("name", metavar="NAME", help='as it shall stand on signatures, for example "Dr. Ada Quill"')
    create.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from this open descriptor")
    create.set_defaults(command=create_one)

    listing = commands.add_parser("list", help="list reviewers", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(command=list_all)

    show = commands.add_parser("show", help="show a reviewer with the key's fingerprint", allow_abbrev=False)
    show.add_argument("name", metavar="NAME")
    show.add_argument("--json", action="store_true", help="print JSON")
    show.set_defaults(command=show_one)

    export = commands.add_parser("export", help="print a reviewer's public key", allow_abbrev=False)
    export.add_argument("name", metavar="NAME")
    export.add_argument("--out", type=Path, metavar="FILE", help="write it to this new file instead")
    export.set_defaults(command=export_one)

    retire = commands.add_parser("retire", help="end a reviewer's right to sign, for good", allow_abbrev=False)
    retire.add_argument("name", metavar="NAME")
    retire.add_argument("--yes", action="store_true", help="do not ask")
    retire.set_defaults(command=retire_one)

    trust = commands.add_parser("trust", help="regard another machine's reviewer as known", allow_abbrev=False)
    trust.add_argument("file", metavar="FILE", type=Path, help="what reviewer export wrote there")
    trust.add_argument("--fingerprint", metavar="TEXT", help="the fingerprint as the reviewer told it; without: asked")
    trust.set_defaults(command=trust_one)


def create_one(options: argparse.Namespace) -> int:
    """Make a reviewer; return the exit status."""
    from datetime import UTC, datetime

    from openmed_agent.cli.console import notice
    from openmed_agent.cli.sign_passphrase import ask_new_passphrase, passphrase_from_descriptor
    from openmed_agent.workflows.review_trust import fingerprint
    from openmed_agent.workflows.reviewer import check_reviewer_name, create_reviewer

    name = check_reviewer_name(options.name)
    with _store() as store:
        if any(record.name.casefold() == name.casefold() for record in store.reviewers.list()):
            raise InputError("A reviewer with this name exists.", remedy="Choose another name.")
        if options.passphrase_fd is None:
            notice("The passphrase signs for you: five or more words that do not belong together are good.")
            passphrase = ask_new_passphrase()
        else:
            passphrase = passphrase_from_descriptor(options.passphrase_fd)
        reviewer = create_reviewer(store, name, passphrase, now=datetime.now(UTC))
    notice(f"{reviewer.name} can sign now. Fingerprint of the key: {fingerprint(reviewer.key)}")
    notice("Nobody can restore a forgotten passphrase; retire the reviewer then, and make a new one.")
    return 0


def list_all(options: argparse.Namespace) -> int:
    """Print one line a reviewer; return the exit status."""
    from rich.table import Table

    from openmed_agent.cli.console import notice, output, print_json, safe

    with _store() as store:
        records = store.reviewers.list()
    if options.json:
        print_json([_fields(record) for record in records])
        return 0
    if not records:
        notice('There is no reviewer yet. Next: openmed reviewer create "YOUR NAME"')
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "since (UTC)", "state", "fingerprint"):
        table.add_column(heading)
    for record in records:
        fields = _fields(record)
        state = "retired" if record.retired else "may sign"
        first = " ".join(fields["fingerprint"].split()[:4])
        table.add_row(*(safe(cell) for cell in (record.name, fields["created"][:10], state, f"{first} …")))
    output().print(table)
    return 0


def show_one(options: argparse.Namespace) -> int:
    """Print one reviewer; return the exit status."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.cli.review_screen import facts_table

    with _store() as store:
        record = _record(store, options.name)
    fields = _fields(record)
    if options.json:
        print_json(fields)
        return 0
    table = facts_table()
    state = f"retired {fields['retired'][:16]}" if fields["retired"] else "may sign"
    rows = (
        ("Name", record.name),
        ("State", state),
        ("Since", fields["created"][:16]),
        ("Key", record.key_id),
        ("Fingerprint", fields["fingerprint"]),
    )
    for label, text in rows:
        table.add_row(safe(label), safe(text.replace("T", " ") if label in {"Since", "State"} else text))
    output().print(table)
    return 0


def export_one(options: argparse.Namespace) -> int:
    """Print or write a reviewer's public key; return the exit status."""
    from openmed_agent.cli.console import notice
    from openmed_agent.text.new_files import write_new_file
    from openmed_agent.workflows.review_record import ReviewerReference
    from openmed_agent.workflows.review_trust import export_reviewer, fingerprint

    with _store() as store:
        record = _record(store, options.name)
    content = export_reviewer(ReviewerReference(name=record.name, key=record.key_id))
    if options.out is None:
        sys.stdout.write(content.decode())
    else:
        write_new_file(options.out, content)
    notice(f"Tell the fingerprint by another way than the file: {fingerprint(record.key_id)}")
    return 0


def retire_one(options: argparse.Namespace) -> int:
    """Retire a reviewer; return the exit status."""
    from datetime import UTC, datetime

    from openmed_agent.cli.console import notice, output
    from openmed_agent.cli.review_keys import ask_key, on_terminal
    from openmed_agent.workflows.reviewer import retire_reviewer

    with _store() as store:
        record = _record(store, options.name)
        if not options.yes:
            if not on_terminal():
                raise UsageError("Retiring is for good and there is no terminal to ask on.", remedy="Add --yes.")
            question = " This is for good, and approvals not yet written become void. y retire · q leave it ›"
            if ask_key(output(), "yq", question) == "q":
                raise NotPermittedError("Nothing was changed.")
        retire_reviewer(store, record.name, now=datetime.now(UTC))
    notice(f"{record.name} is retired. What was signed before stays valid.")
    return 0


def trust_one(options: argparse.Namespace) -> int:
    """Regard a key as known once its fingerprint was compared; return the exit status."""
    from openmed_agent.cli.console import notice, output, safe
    from openmed_agent.cli.review_keys import ask_key, on_terminal
    from openmed_agent.cli.verify import known_here, read_key_file
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.review_trust import add_known_reviewer, fingerprint, parse_reviewer_export

    reviewer = parse_reviewer_export(read_key_file(options.file))
    its = fingerprint(reviewer.key)
    if options.fingerprint is not None:
        if options.fingerprint.replace(" ", "").upper() != its.replace(" ", ""):
            raise NotPermittedError(
                "The fingerprint is another one.", remedy="Do not trust this file; ask for it anew."
            )
    elif not on_terminal():
        raise UsageError("A fingerprint must be compared.", remedy="Add --fingerprint TEXT as the reviewer told it.")
    else:
        console = output()
        console.print(safe(f" {reviewer.name}"))
        console.print(safe(f" {its}", "bold"))
        question = " Is this the fingerprint that the reviewer told you? y yes · q no ›"
        if ask_key(console, "yq", question) == "q":
            raise NotPermittedError("Nothing was changed.")
    paths = find_paths()
    add_known_reviewer(paths.configuration, reviewer, here=known_here(paths))
    notice(f"The key of {reviewer.name} is known here now.")
    return 0


@contextmanager
def _store() -> Iterator["Store"]:
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        yield store


def _record(store: "Store", name: str) -> "ReviewerRecord":
    import unicodedata

    return store.reviewers.get(unicodedata.normalize("NFKC", name))


def _fields(record: "ReviewerRecord") -> dict[str, Any]:
    from openmed_agent.store.times import time_text
    from openmed_agent.workflows.review_trust import fingerprint

    return {
        "name": record.name,
        "key": record.key_id,
        "fingerprint": fingerprint(record.key_id),
        "created": time_text(record.created),
        "retired": None if record.retired is None else time_text(record.retired),
    }
