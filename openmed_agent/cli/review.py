"""``openmed review``: decide on a draft item by item and sign it, on a terminal or by a script."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, UsageError

if TYPE_CHECKING:
    from openmed_agent.store.store import Store


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "review",
        help="decide on a draft item by item, and sign it",
        description="On a terminal, walks through the draft. With --decisions, signs what a file decides.",
        allow_abbrev=False,
    )
    parser.add_argument("draft", metavar="DRAFT", help="the draft's id, or a unique start of it")
    parser.add_argument("--reviewer", metavar="NAME", help="who reviews and signs; asked for where there are several")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the bundle is written; must not exist")
    parser.add_argument(
        "--approval-file", type=Path, metavar="FILE", help="keep the approval here, to write the bundle later"
    )
    script = parser.add_argument_group("for scripts (the sign-off is marked as scripted)")
    script.add_argument("--decisions", type=Path, metavar="FILE", help="the decisions on every item, as JSON")
    script.add_argument("--passphrase-fd", type=int, metavar="N", help="read the passphrase from this open descriptor")
    script.add_argument(
        "--decisions-template", action="store_true", help="print a decisions file to fill in, and do nothing else"
    )
    parser.set_defaults(command=review)


def review(options: argparse.Namespace) -> int:
    """Review and sign; return the exit status."""
    from openmed_agent.cli.finalize import finish_interrupted
    from openmed_agent.cli.review_keys import on_terminal
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    configuration = load_configuration(paths)
    scripted = options.decisions is not None
    if not scripted and options.passphrase_fd is not None:
        raise UsageError(
            "A passphrase from a descriptor goes with --decisions only.", remedy="On a terminal it is asked for."
        )
    if scripted:
        from openmed_agent.cli.review_scripted import check_request
        from openmed_agent.workflows.approval_signing import sign_policy

        check_request(options, sign_policy(configuration))
    elif not options.decisions_template and not on_terminal():
        raise UsageError(
            "A review needs a terminal, and this is none.",
            remedy="In a script, pass --decisions FILE --reviewer NAME --passphrase-fd N --approval-file FILE.",
        )
    with open_local_store(paths, configuration) as store:
        if options.decisions_template:
            from openmed_agent.cli.review_scripted import print_template

            return print_template(store, options.draft)
        finish_interrupted(store, paths)
        if scripted:
            from openmed_agent.cli.review_scripted import sign_scripted

            return sign_scripted(options, store, paths, configuration)
        from openmed_agent.cli.review_sitting import review_on_terminal

        return review_on_terminal(options, store, paths, configuration)


def choose_reviewer(store: "Store", name: str | None) -> str:
    """Return the reviewer's name: the one that was given, or the only one who is not retired.

    Raises:
        InputError: there is none yet, or several and none was named.

    """
    if name is not None:
        return name
    from openmed_agent.workflows.reviewer import active_reviewers

    active = active_reviewers(store)
    match active:
        case [only]:
            return only
        case []:
            raise InputError("There is no reviewer yet.", remedy='Run: openmed reviewer create "YOUR NAME"')
        case _:
            raise InputError("There are several reviewers.", remedy=f"Add --reviewer NAME: {'; '.join(active)}.")
