"""A review by script: a decisions file, a passphrase from a descriptor, an approval file, and no questions."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, UsageError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store
    from openmed_agent.workflows.approval_signing import SignPolicy


def check_request(options: argparse.Namespace, policy: "SignPolicy") -> None:
    """Check what a scripted sign-off needs before anything is opened.

    Raises:
        UsageError: an option is missing.
        NotPermittedError: the policy refuses scripts.
        InputError: something is at the approval file's path already.

    """
    from openmed_agent.workflows.approval_signing import check_attestation

    needed = {
        "--reviewer": options.reviewer,
        "--passphrase-fd": options.passphrase_fd,
        "--approval-file": options.approval_file,
    }
    missing = [name for name, value in needed.items() if value is None]
    if missing:
        raise UsageError(f"A scripted review also needs {' and '.join(missing)}.")
    check_attestation("scripted", policy)
    check_approval_path(options.approval_file)


def check_approval_path(path: Path) -> None:
    """Check that an approval file could be written to ``path``.

    Raises:
        InputError: something is there already, or its folder is missing.

    """
    shown = terminal_safe(str(path), single_line=True)
    if os.path.lexists(path):
        raise InputError(f"{shown} exists already.", remedy="Name an approval file that does not exist.")
    if not path.absolute().parent.is_dir():
        raise InputError(f"The folder of {shown} does not exist.", remedy="Make it, or name another file.")


def sign_scripted(options: argparse.Namespace, store: "Store", paths: "Paths", configuration: "Configuration") -> int:
    """Record the decisions of a file, sign, and write the approval file; return the exit status.

    The destination and the passphrase are checked before the first decision is recorded, so that a script
    that cannot sign changes nothing.
    """
    from datetime import UTC, datetime

    from openmed_agent.cli.console import output, safe
    from openmed_agent.cli.sign_passphrase import passphrase_from_descriptor
    from openmed_agent.workflows.approval_destination import checked_destination
    from openmed_agent.workflows.approval_file import write_approval_file
    from openmed_agent.workflows.approval_signing import sign_policy, sign_review
    from openmed_agent.workflows.decisions import check_decisions, parse_decisions
    from openmed_agent.workflows.draft_renderer import renderer_of
    from openmed_agent.workflows.draft_store import load_draft
    from openmed_agent.workflows.review import start_review
    from openmed_agent.workflows.review_revision import final_session
    from openmed_agent.workflows.reviewer import unlock_reviewer

    file = parse_decisions(_read(options.decisions))
    now = datetime.now(UTC)
    session = start_review(store, options.draft, options.reviewer, made="scripted", now=now)
    stored = load_draft(store, session.draft.draft_id, session.draft.revision)
    decisions = check_decisions(session.draft, file)
    out = options.out or (Path(session.draft.destination) if session.draft.destination else None)
    if out is None:
        raise UsageError("A scripted review needs a destination.", remedy="Add --out DIR.")
    destination = checked_destination(out, home=paths.root)
    signer = unlock_reviewer(store, options.reviewer, passphrase_from_descriptor(options.passphrase_fd))
    session.decide_all(file, now=now)
    session = final_session(store, session, renderer_of(stored, paths), now=now)
    token = sign_review(
        store,
        session,
        signer,
        shown=session.record().digest(),
        destination=destination,
        attestation="scripted",
        home=paths.root,
        now=now,
        policy=sign_policy(configuration),
    )
    write_approval_file(options.approval_file.absolute(), token)
    changed = sum(1 for decision in decisions if decision.action != "accept")
    short = session.draft.draft_id[:8]
    console = output()
    console.print(
        safe(
            f"Signed draft {short} revision {session.draft.revision} as {session.reviewer.name}, by a script: "
            f"{len(decisions)} items decided, {changed} changed."
        )
    )
    console.print(
        safe(f"Next: openmed finalize {short} --approval-file {options.approval_file}", "bold"), soft_wrap=True
    )
    return 0


def print_template(store: "Store", draft_id: str) -> int:
    """Print a decisions file whose actions are empty, so that it is refused until someone filled it in."""
    from openmed_agent.cli.console import print_json
    from openmed_agent.workflows.decisions import must_decide_individually
    from openmed_agent.workflows.draft_store import load_draft

    draft = load_draft(store, draft_id).draft
    print_json(
        {
            "schema": "openmed.decisions/1",
            "draft_id": draft.draft_id,
            "revision": draft.revision,
            "payload_digest": draft.payload_digest,
            "decisions": [
                {"item": item.digest, "action": "", **({"reason": ""} if must_decide_individually(item) else {})}
                for item in draft.items
            ],
        }
    )
    return 0


def _read(path: Path) -> bytes:
    from openmed_agent.workflows.decisions import MAXIMUM_DECISIONS_BYTES

    shown = terminal_safe(str(path), single_line=True)
    try:
        with path.open("rb") as file:
            return file.read(MAXIMUM_DECISIONS_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"There is no file {shown}.", remedy="Check the path.") from None
    except (OSError, ValueError):
        raise InputError(f"{shown} cannot be read.", remedy="Check the path and its permissions.") from None
