"""A review on a terminal, from the first look to the signed bundle."""

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from openmed_agent.cli.console import safe
from openmed_agent.cli.review import choose_reviewer
from openmed_agent.cli.review_keys import ask_key
from openmed_agent.cli.review_screen import facts_table
from openmed_agent.cli.review_walk import ReviewWalk, material_for
from openmed_agent.errors import ExitStatus, InputError, NotPermittedError

if TYPE_CHECKING:
    from rich.console import Console

    from openmed_agent.cli.review_walk import Material
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.store import Store
    from openmed_agent.workflows.review import ReviewSession


def review_on_terminal(
    options: argparse.Namespace, store: "Store", paths: "Paths", configuration: "Configuration"
) -> int:
    """Walk through the draft and sign it; return the exit status."""
    from openmed_agent.cli.console import output
    from openmed_agent.workflows.review import start_review

    console = output()
    session = start_review(
        store, options.draft, choose_reviewer(store, options.reviewer), made="interactive", now=_now()
    )
    try:
        finished = _sit(console, session, options, store, paths, configuration)
    except KeyboardInterrupt:
        console.print()
        _print_kept(console, session)
        return int(ExitStatus.INTERRUPTED)
    if not finished:
        _print_kept(console, session)
    return 0


def _sit(
    console: "Console",
    session: "ReviewSession",
    options: argparse.Namespace,
    store: "Store",
    paths: "Paths",
    configuration: "Configuration",
) -> bool:
    """Return whether the draft was signed; False where the reviewer stopped before."""
    from openmed_agent.cli.sign_off import SignOff
    from openmed_agent.workflows.draft_renderer import renderer_of
    from openmed_agent.workflows.draft_store import load_draft
    from openmed_agent.workflows.review_revision import final_session

    look_again = False
    while True:
        stored = load_draft(store, session.draft.draft_id, session.draft.revision)
        material = material_for(session.draft, stored.sources)
        walk = ReviewWalk(console, session, material)
        if not look_again:
            _print_summary(console, session, material)
        if not (walk.look_again() if look_again else walk.decide()):
            return False
        try:
            session = final_session(store, session, renderer_of(stored, paths), now=_now())
        except (InputError, NotPermittedError) as error:
            if not session.summary().undecided and session.summary().accepted < len(session.draft.items):
                console.print(safe(f"\n {error}", "yellow"))
                if ask_key(console, "wq", " w look at the items again · q quit ›") == "w":
                    look_again = True
                    continue
            raise
        outcome = SignOff(console, store, session, paths, configuration).ask(options.out, options.approval_file)
        if outcome != "again":
            return outcome == "signed"
        look_again = True


def _print_summary(console: "Console", session: "ReviewSession", material: "Material") -> None:
    from rich.rule import Rule

    from openmed_agent.workflows.review_order import in_order_of_review

    draft, so_far = session.draft, session.summary()
    alone, rest = in_order_of_review(draft, material.warnings)
    console.print()
    console.print(Rule(safe(f"Review · {draft.workflow} · draft {draft.draft_id[:8]} revision {draft.revision}")))
    table = facts_table()
    rows = [
        ("Sources", ", ".join(source.name for source in draft.sources)),
        ("Reviewer", session.reviewer.name),
        ("PHI mode", draft.phi_mode),
        ("Expires", f"{draft.expires.replace('T', ' ')[:16]} UTC"),
        ("Items", f"{len(draft.items)}: {len(alone)} to decide one by one, {len(rest)} may be accepted together"),
    ]
    if material.warnings:
        count = len(material.warnings)
        rows.append(("⚠ Check", f"{count} {'item disagrees' if count == 1 else 'items disagree'} with the source"))
    if so_far.undecided < len(draft.items):
        rows.append(("Decided", f"{len(draft.items) - so_far.undecided} already, {so_far.undecided} left"))
    for label, text in rows:
        table.add_row(safe(f" {label}"), safe(text))
    console.print(table)
    console.print(safe(" Every decision is kept at once. Ctrl+C or q stops; the same command goes on.", "dim"))


def _print_kept(console: "Console", session: "ReviewSession") -> None:
    items = len(session.draft.items)
    decided = items - session.summary().undecided
    console.print(safe(f" Stopped. {decided} of {items} decisions are kept, and nothing was written."))
    console.print(safe(f" Go on with: openmed review {session.draft.draft_id[:8]}", "bold"))


def _now() -> datetime:
    return datetime.now(UTC)
