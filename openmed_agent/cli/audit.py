"""``openmed audit``: what was done in this store, whether its record was tampered with, and its clock."""

import argparse
import json
from typing import Final

from openmed_agent.errors import NotPermittedError, UsageError

_DEFAULT_LIMIT: Final = 20


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    parser = groups.add_parser("audit", help="check and show the record of every act", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verify = commands.add_parser("verify", help="check the chain against its signed head", allow_abbrev=False)
    verify.add_argument("--json", action="store_true", help="print the report as JSON")
    verify.set_defaults(command=verify_chain)
    show = commands.add_parser("show", help="show the latest records", allow_abbrev=False)
    show.add_argument("--limit", type=_count, default=_DEFAULT_LIMIT, metavar="N", help="default: %(default)s")
    show.add_argument("--json", action="store_true", help="print a JSON list")
    show.set_defaults(command=show_records)
    clock = commands.add_parser("clock", help="show the latest time the store has seen", allow_abbrev=False)
    clock.add_argument("--reset", action="store_true", help="forget times later than now; voids open approvals")
    clock.add_argument("--yes", action="store_true", help="do not ask")
    clock.set_defaults(command=show_clock)


def verify_chain(options: argparse.Namespace) -> int:
    """Say whether every record is in its place; return 1 where one is not."""
    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        report = store.audit.verify()
    if options.json:
        print_json({"intact": report.ok, "records": report.records, "problems": list(report.problems)})
        return 0 if report.ok else 1
    console = output()
    for problem in report.problems:
        console.print(safe(f" ✗ {problem}", "red"))
    if report.ok:
        console.print(
            safe(f"Yes: {report.records} records, each as it was written, up to the signed head.", "bold green")
        )
        return 0
    console.print(safe("No: the audit chain is not as it was written.", "bold red"))
    return 1


def show_records(options: argparse.Namespace) -> int:
    """Print the latest records, the newest last; return the exit status."""
    from dataclasses import asdict

    from rich.table import Table

    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        records = tuple(store.audit.records())[-options.limit :]
        names = {reviewer.key_id: reviewer.name for reviewer in store.reviewers.list()}
    if options.json:
        print_json([{**asdict(record), "details": json.loads(record.details)} for record in records])
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("no.", "time (UTC)", "who", "act", "on"):
        table.add_column(heading, overflow="fold")
    for record in records:
        who = names.get(record.actor, record.actor)
        subject = names.get(record.subject, record.subject[:8])
        cells = (str(record.sequence), record.time.replace("T", " ")[:19], who, record.act, subject)
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    return 0


def show_clock(options: argparse.Namespace) -> int:
    """Print the latest time the store has seen, or set it back to this machine's clock; return the exit status."""
    from datetime import UTC, datetime

    from openmed_agent.cli.console import notice, output, safe
    from openmed_agent.cli.review_keys import ask_key, on_terminal
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    console = output()
    with open_local_store(paths, load_configuration(paths)) as store:
        now = datetime.now(UTC)
        seen = store.clock_floor or now
        console.print(safe(f"latest time seen (UTC)  {seen:%Y-%m-%d %H:%M:%S}"))
        console.print(safe(f"this machine's clock    {now:%Y-%m-%d %H:%M:%S}"))
        if not options.reset:
            return 0
        if not options.yes:
            if not on_terminal():
                raise UsageError("A reset voids approvals and there is no terminal to ask on.", remedy="Add --yes.")
            question = (
                " Approvals that were not used yet become void. Is this machine's clock right? y reset · q leave ›"
            )
            if ask_key(console, "yq", question) == "q":
                raise NotPermittedError("Nothing was changed.")
        voided = store.lower_clock_floor(datetime.now(UTC))
    notice(f"The clock of the store is reset; {voided} approval{'' if voided == 1 else 's'} became void.")
    return 0


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
