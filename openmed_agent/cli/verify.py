"""``openmed verify``: whether a bundle is exactly what a known reviewer signed. Needs no network and no store."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from openmed_agent.errors import InputError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from rich.console import Console

    from openmed_agent.settings.paths import Paths
    from openmed_agent.workflows.review_trust import KnownKeys
    from openmed_agent.workflows.verify import VerificationReport

_MOST_KEY_BYTES: Final = 64 * 1024


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "verify",
        help="check a signed bundle",
        description="Exit status 0: intact and signed by a reviewer known here. 1: anything else.",
        allow_abbrev=False,
    )
    parser.add_argument("bundle", metavar="DIR", type=Path, help="the bundle's folder")
    parser.add_argument("--known", metavar="FILE", type=Path, help="a reviewer's exported key to regard as known")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(command=verify)


def verify(options: argparse.Namespace) -> int:
    """Print the report; return 1 unless a known reviewer signed exactly this."""
    from openmed_agent.cli.console import output, print_json
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.review_trust import KnownKey, parse_reviewer_export
    from openmed_agent.workflows.verify import verify_bundle

    known = dict(known_here(find_paths()))
    if options.known is not None:
        reviewer = parse_reviewer_export(read_key_file(options.known))
        known.setdefault(reviewer.key, KnownKey(reviewer.name))
    report = verify_bundle(options.bundle, known)
    if options.json:
        print_json(report_fields(options.bundle, report))
    else:
        print_report(output(), options.bundle, report)
    return 0 if report.trusted else 1


def read_key_file(path: Path) -> bytes:
    """Return what an exported key's file holds.

    Raises:
        InputError: it cannot be read.

    """
    try:
        with path.open("rb") as file:
            return file.read(_MOST_KEY_BYTES)
    except (OSError, ValueError):
        shown = terminal_safe(str(path), single_line=True)
        raise InputError(f"{shown} cannot be read.", remedy="Pass the file that reviewer export wrote.") from None


def report_fields(folder: Path, report: "VerificationReport") -> dict[str, Any]:
    """Return the report for JSON."""
    from openmed_agent.workflows.verify_words import file_states

    signature = report.signature
    return {
        "bundle": terminal_safe(str(folder), single_line=True),
        "intact": report.ok,
        "known": report.known,
        "trusted": report.trusted,
        "problems": list(report.problems),
        "files": [{"name": name, "state": state} for name, state in file_states(folder, report)],
        "signature": None
        if signature is None
        else {
            "name": signature.name,
            "key": signature.key,
            "fingerprint": signature.fingerprint,
            "known_as": signature.known_as,
            "after_retirement": signature.after_retirement,
            "attestation": signature.attestation,
            "issued": signature.issued,
        },
        "vouched_for": list(report.vouched_for),
        "draft": None
        if report.draft is None
        else {
            "draft_id": report.draft.draft_id,
            "revision": report.draft.revision,
            "payload_digest": report.draft.payload_digest,
            "items": len(report.draft.items),
        },
    }


def print_report(console: "Console", folder: Path, report: "VerificationReport") -> None:
    """Print each file's state, who signed, and the answer in one sentence."""
    from rich.table import Table

    from openmed_agent.cli.console import safe
    from openmed_agent.cli.review_screen import facts_table
    from openmed_agent.workflows.verify_words import AS_SIGNED, file_states, other_problems, signature_lines

    table = Table.grid(padding=(0, 1))
    table.add_column(width=2, justify="right")
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, state in file_states(folder, report):
        good = state == AS_SIGNED
        table.add_row(
            safe("✓" if good else "✗", "green" if good else "red"), safe(name), safe(state, "dim" if good else "")
        )
    console.print(safe(str(folder), "bold"))
    console.print(table)
    facts = facts_table()
    for label, text in signature_lines(report):
        facts.add_row(safe(f" {label}"), safe(text))
    console.print()
    console.print(facts)
    for problem in other_problems(report):
        console.print(safe(f" {problem}", "red"))
    console.print()
    console.print(_answer(report), soft_wrap=False)


def _answer(report: "VerificationReport") -> Any:  # noqa: ANN401 - Rich's text, imported late
    from openmed_agent.cli.console import safe
    from openmed_agent.workflows.verify_words import answer_words

    colour = "green" if report.trusted else "yellow" if report.ok else "red"
    return safe(answer_words(report), f"bold {colour}")


def known_here(paths: "Paths") -> "KnownKeys":
    """Return the keys that are known here; a store that cannot be opened only makes its reviewers unknown."""
    from openmed_agent.cli.console import notice
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.errors import StoreError
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.store.layout import StoreLayout
    from openmed_agent.workflows.review_trust import known_keys

    if not StoreLayout(paths.root).database.exists():
        return known_keys(None, paths.configuration)
    try:
        with open_local_store(paths, load_configuration(paths)) as store:
            return known_keys(store, paths.configuration)
    except StoreError as error:
        notice(f"The store cannot be asked for its reviewers: {error.message}")
        return known_keys(None, paths.configuration)
