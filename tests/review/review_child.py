"""One act in a process of its own, which a test may kill or starve: finalize, recover, or review.

It prints a line for each thing that it acknowledges, and exits with the status of the error's class.
"""

import logging
import os
import sys
from pathlib import Path

from review_samples import NOON, REVIEWER, SITE, Time, accept, new_draft, render

from openmed_agent.errors import InputError, OpenMedError
from openmed_agent.store import Store, open_store
from openmed_agent.workflows.approval_file import read_approval_file, write_approval_file
from openmed_agent.workflows.approval_signing import sign_review
from openmed_agent.workflows.canonical import canonical_json
from openmed_agent.workflows.decisions import Decision
from openmed_agent.workflows.finalize import finalize, recover
from openmed_agent.workflows.review import start_review
from openmed_agent.workflows.review_revision import final_session
from openmed_agent.workflows.reviewer import create_reviewer, unlock_reviewer

MARK = "/openmed-sweep-begins-here"
WHOLE_REVIEWER = "Dr. Cleo Marsh"


def main(act: str, home: Path, *rest: str) -> None:
    with open_store(home, custody="file", clock=Time()) as store:
        canonical_json({"": ""})  # imports a codec, which is not part of the commit
        os.access(MARK, os.F_OK)  # where a sweep of system calls begins
        match act:
            case "finalize":
                token = read_approval_file(Path(rest[0]))
                done = finalize(store, token, home=home, now=NOON, policy=SITE)
                say(f"committed {done.destination}")
            case "recover":
                for one in recover(store, home=home):
                    say(f"{one.state} {one.destination}")
            case "review":
                review(store, rest[0], rounds=int(rest[1]))
            case "whole":
                logging.basicConfig(level=logging.DEBUG)
                whole(store, home, Path(rest[0]))
            case _:
                raise SystemExit(2)


def review(store: Store, draft_id: str, *, rounds: int) -> None:
    """Decide again and again, so that a kill hits at any moment, and make a revision at the end of each."""
    session = start_review(store, draft_id, REVIEWER, made="interactive", now=NOON)
    for number in range(rounds):
        for item in session.draft.items:
            reason = f"round {number}"
            decision = Decision(item=item.digest, action="accept", reason=reason)
            session.decide(decision, now=NOON)
            say(f"decided {session.draft.revision} {item.digest} {number}")
        first = session.draft.items[0]
        edit = Decision(item=first.digest, action="edit", text=f"warfarin {number + 1} mg, revision {number}")
        session.decide(edit, now=NOON)
        session = final_session(store, session, render, now=NOON)
        say(f"revision {session.draft.revision}")


def whole(store: Store, home: Path, work: Path) -> None:
    """Do everything once, with the passphrase from standard input, and then crash."""
    passphrase = sys.stdin.readline().rstrip("\n")
    create_reviewer(store, WHOLE_REVIEWER, passphrase, now=NOON)
    draft = new_draft(store)
    session = start_review(store, draft.draft_id, WHOLE_REVIEWER, made="interactive", now=NOON)
    for item in session.draft.items[1:]:
        session.decide(accept(item), now=NOON)
    first = session.draft.items[0]
    session.decide(Decision(item=first.digest, action="edit", text="warfarin 3 mg"), now=NOON)
    session = final_session(store, session, render, now=NOON)
    for wrong in (passphrase + "x", passphrase[:-1]):
        try:
            unlock_reviewer(store, WHOLE_REVIEWER, wrong)
        except OpenMedError:
            logging.getLogger("openmed").exception("wrong passphrase")
    signer = unlock_reviewer(store, WHOLE_REVIEWER, passphrase)
    token = sign_review(
        store,
        session,
        signer,
        shown=session.record().digest(),
        destination=str(work / "out" / "bundle"),
        attestation="scripted",
        home=home,
        now=NOON,
        policy=SITE,
    )
    write_approval_file(work / "approval", token)
    logging.getLogger("openmed").debug("signed %s by %s: %r", token, signer, token.statement)
    finalize(store, token, home=home, now=NOON, policy=SITE)
    say("committed")
    try:
        finalize(store, token, home=home, now=NOON, policy=SITE)
    except OpenMedError:
        logging.getLogger("openmed").exception("replayed")
    raise RuntimeError("a crash with everything in reach")


def say(line: str) -> None:
    try:
        os.write(1, line.encode() + b"\n")
    except OSError as error:
        raise InputError("The act is done, but nobody can be told.") from error


if __name__ == "__main__":
    try:
        main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
    except OpenMedError as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
        sys.exit(int(error.exit_status))
