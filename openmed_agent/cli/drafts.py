"""``openmed drafts`` and ``openmed show``: what was drafted."""

import argparse
from typing import Final

_LAST_REVISION: Final = 2**31 - 1


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    listing = groups.add_parser("drafts", help="list drafts", allow_abbrev=False)
    listing.add_argument("--json", action="store_true", help="print a JSON list")
    listing.set_defaults(command=list_all)
    show = groups.add_parser("show", help="show a draft with its evidence", allow_abbrev=False)
    show.add_argument("draft", metavar="DRAFT", help="the draft's id, or a unique start of it")
    show.add_argument("--revision", type=_revision, metavar="NUMBER", help="default: the latest")
    show.add_argument("--json", action="store_true", help="print the draft as JSON")
    show.set_defaults(command=show_one)


def _revision(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _LAST_REVISION):
        raise argparse.ArgumentTypeError(f"a revision is a number from 1 to {_LAST_REVISION}")
    return int(text)


def list_all(options: argparse.Namespace) -> int:
    """Print one line a draft, the newest first; return the exit status."""
    from rich.table import Table

    from openmed_agent.cli.console import notice, output, print_json, safe
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.decisions import must_decide_individually
    from openmed_agent.workflows.draft_store import list_drafts

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        drafts = list_drafts(store)
    if options.json:
        fields = {
            "draft_id",
            "revision",
            "workflow",
            "workflow_version",
            "created",
            "expires",
            "payload_digest",
        }
        print_json([draft.model_dump(mode="json", include=fields) for draft in drafts])
        return 0
    if not drafts:
        notice("There are no drafts yet. Next: openmed run chart_summary --input note_path=FILE")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("draft", "rev", "workflow", "created (UTC)", "items", "to decide", "sources"):
        table.add_column(heading)
    for draft in drafts:
        cells = (
            draft.draft_id[:8],
            str(draft.revision),
            draft.workflow,
            draft.created.replace("T", " ")[:16],
            str(len(draft.items)),
            str(sum(1 for item in draft.items if must_decide_individually(item))),
            ", ".join(source.name for source in draft.sources),
        )
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    return 0


def show_one(options: argparse.Namespace) -> int:
    """Print one draft; return the exit status."""
    from openmed_agent.cli.console import output, print_json
    from openmed_agent.cli.draft_view import print_draft
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.draft_store import load_draft

    paths = find_paths()
    with open_local_store(paths, load_configuration(paths)) as store:
        stored = load_draft(store, options.draft, options.revision)
    if options.json:
        print_json(stored.draft.model_dump(mode="json", by_alias=True))
    else:
        print_draft(output(), stored.draft, full=True)
    return 0
