"""``openmed finalize``: write the bundle that an approval file approves."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, NotPermittedError

if TYPE_CHECKING:
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store
    from openmed_agent.workflows.approval import ApprovalToken
    from openmed_agent.workflows.finalize_recovery import Recovered


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("finalize", help="write the bundle that was signed", allow_abbrev=False)
    parser.add_argument("draft", metavar="DRAFT", help="the draft's id, or a unique start of it")
    parser.add_argument(
        "--approval-file", type=Path, metavar="FILE", required=True, help="the file that the sign-off wrote"
    )
    parser.add_argument("--json", action="store_true", help="print what was written as JSON")
    parser.set_defaults(command=finalize_draft)


def finalize_draft(options: argparse.Namespace) -> int:
    """Finish what was interrupted, write the bundle, say where it is; return the exit status."""
    from datetime import UTC, datetime

    from openmed_agent.cli.console import output, print_json, safe
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.approval_file import read_approval_file
    from openmed_agent.workflows.approval_signing import sign_policy
    from openmed_agent.workflows.finalize import finalize
    from openmed_agent.workflows.finalize_check import check_recorded

    paths = find_paths()
    configuration = load_configuration(paths)
    token = read_approval_file(options.approval_file)
    with open_local_store(paths, configuration) as store:
        _check_draft(store, options.draft, token)
        check_recorded(store, token)
        if not _was_finished(token, finish_interrupted(store, paths)):
            finalize(store, token, home=paths.root, now=datetime.now(UTC), policy=sign_policy(configuration))
    statement = token.statement
    if options.json:
        print_json(
            {
                "draft_id": statement.draft_id,
                "revision": statement.revision,
                "destination": statement.destination,
                "reviewer": statement.reviewer.name,
                "attestation": statement.attestation,
            }
        )
        return 0
    console = output()
    console.print(safe(f"Draft {statement.draft_id[:8]} revision {statement.revision} was written to"))
    console.print(safe(f"  {statement.destination}", "bold"), soft_wrap=True)
    console.print(safe(f"Next: openmed verify {statement.destination}", "bold"), soft_wrap=True)
    return 0


def finish_interrupted(store: "Store", paths: "Paths") -> tuple["Recovered", ...]:
    """Finish or give up what a crash interrupted, say so, and return what became of it."""
    from openmed_agent.cli.console import notice
    from openmed_agent.workflows.finalize import recover

    recovered = recover(store, home=paths.root)
    for one in recovered:
        notice(one.told())
    return recovered


def _check_draft(store: "Store", draft: str, token: "ApprovalToken") -> None:
    """Refuse an approval of another draft than the one that was named.

    Raises:
        InputError: there is no such draft.
        NotPermittedError: the approval is for another one.

    """
    if store.drafts.get(draft, None).draft_id != token.statement.draft_id:
        raise NotPermittedError(
            "The approval is for another draft.", remedy="Name the draft that was signed, or pass its approval file."
        )


def _was_finished(token: "ApprovalToken", recovered: tuple["Recovered", ...]) -> bool:
    """Return whether finishing what was interrupted wrote this approval's bundle.

    Raises:
        InputError: it was given up.

    """
    for one in recovered:
        if one.nonce == token.statement.nonce:
            if one.state == "abandoned":
                raise InputError(one.reason or "The approval was given up.", remedy="Review and sign the draft again.")
            return one.state == "committed"
    return False
