"""``openmed runs``: what became of drafts, and what one has that another has not."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console

    from openmed_agent.workflows.diff import Comparison, ItemPair
    from openmed_agent.workflows.draft import Draft, Item


_STATE_WORDS: Final = {"draft": "open", "finalizing": "interrupted", "committed": "written", "expired": "expired"}


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    parser = groups.add_parser("runs", help="list runs and compare two of them", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    listing = commands.add_parser("list", help="list runs and what became of them", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(command=list_runs)
    diff = commands.add_parser(
        "diff",
        help="compare two drafts or bundles",
        description="A and B are drafts (ID, or ID@REVISION) or folders of bundles. Exit status 0 either way.",
        allow_abbrev=False,
    )
    diff.add_argument("before", metavar="A", help="a draft or a bundle")
    diff.add_argument("after", metavar="B", help="another one")
    diff.add_argument("--json", action="store_true", help="print the comparison as JSON")
    diff.set_defaults(command=compare)


def list_runs(options: argparse.Namespace) -> int:
    """Print one line a run, the newest first; return the exit status."""
    from rich.table import Table

    from openmed_agent.cli.console import notice, output, print_json, safe
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.draft_state import draft_state
    from openmed_agent.workflows.draft_store import list_drafts

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        found = [(draft, draft_state(store, draft)) for draft in list_drafts(store)]
    rows = [(draft, _STATE_WORDS[state], destination) for draft, (state, destination) in found]
    if options.json:
        print_json(
            [
                {
                    "draft_id": draft.draft_id,
                    "revision": draft.revision,
                    "workflow": draft.workflow,
                    "created": draft.created,
                    "state": state,
                    "destination": destination,
                }
                for draft, state, destination in rows
            ]
        )
        return 0
    if not rows:
        notice("There are no runs yet. Next: openmed run chart_summary --input note_path=FILE")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("draft", "rev", "created (UTC)", "state", "bundle"):
        table.add_column(heading, overflow="fold")
    for draft, state, destination in rows:
        cells = (
            draft.draft_id[:8],
            str(draft.revision),
            draft.created.replace("T", " ")[:16],
            state,
            destination or "",
        )
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    return 0


def compare(options: argparse.Namespace) -> int:
    """Print what B has that A has not, and the other way round; return the exit status."""
    from openmed_agent.cli.console import output, print_json
    from openmed_agent.workflows.diff import compare_drafts

    comparison = compare_drafts(_draft(options.before), _draft(options.after))
    if options.json:
        print_json(_fields(comparison))
    else:
        _print(output(), comparison)
    return 0


def _draft(name: str) -> "Draft":
    """Return the draft that a folder, ``ID`` or ``ID@REVISION`` names."""
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.errors import UsageError
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.diff import draft_of_bundle
    from openmed_agent.workflows.draft_store import load_draft

    if "/" in name or Path(name).is_dir():
        return draft_of_bundle(Path(name))
    identifier, at, revision = name.partition("@")
    if at and not (revision.isascii() and revision.isdigit() and len(revision) < 10):  # noqa: PLR2004 - below 2^31
        raise UsageError("A revision is a number.", remedy="For example 6f1c20aa@1.")
    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        return load_draft(store, identifier, int(revision) if at else None).draft


def _fields(comparison: "Comparison") -> dict[str, Any]:
    def pairs(found: tuple["ItemPair", ...]) -> list[dict[str, Any]]:
        return [
            {"before": pair.before.model_dump(mode="json"), "after": pair.after.model_dump(mode="json")}
            for pair in found
        ]

    return {
        "equal": comparison.equal,
        "same": comparison.same,
        "added": [item.model_dump(mode="json") for item in comparison.added],
        "removed": [item.model_dump(mode="json") for item in comparison.removed],
        "changed": pairs(comparison.changed),
        "conflicting": pairs(comparison.conflicting),
    }


def _print(console: "Console", comparison: "Comparison") -> None:
    from openmed_agent.cli.console import safe

    console.print(safe(f"{comparison.same} items are the same."))
    _print_pairs(console, "Conflicting: both cannot be true", comparison.conflicting, "bold yellow")
    _print_pairs(console, "Changed", comparison.changed, "bold")
    _print_items(console, "Added", comparison.added, "+", "green")
    _print_items(console, "Removed", comparison.removed, "-", "red")


def _print_pairs(console: "Console", title: str, pairs: tuple["ItemPair", ...], style: str) -> None:
    from openmed_agent.cli.console import safe

    if pairs:
        console.print()
        console.print(safe(f"{title} · {len(pairs)}", style))
    for pair in pairs:
        console.print(safe(f"  - {_words(pair.before)}", "red"))
        console.print(safe(f"  + {_words(pair.after)}", "green"))


def _print_items(console: "Console", title: str, items: tuple["Item", ...], mark: str, style: str) -> None:
    from openmed_agent.cli.console import safe

    if items:
        console.print()
        console.print(safe(f"{title} · {len(items)}", "bold"))
    for item in items:
        console.print(safe(f"  {mark} {_words(item)}", style))


def _words(item: "Item") -> str:
    from openmed_agent.workflows.review_words import kind_words

    codes = "".join(f", {code.system} {code.code}" for code in item.codes)
    return f"{item.claim} ({kind_words(item)}, {item.support}{codes})"
