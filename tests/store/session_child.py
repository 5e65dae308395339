"""What a process of its own does to sessions: `python session_child.py ACT ROOT [ARGUMENT...]`."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from session_samples import make_session
from store_samples import open_with_file

from openmed_agent.errors import OpenMedError
from openmed_agent.store import Store, WentOnElsewhereError


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def live(root: Path, seed: str) -> None:
    """Make, go on with, fork and delete sessions for ever; acknowledge each act once it is done."""
    chance = random.Random(seed)
    with open_with_file(root) as store:
        lengths = {one.session_id: store.sessions.last_sequence(one.session_id) for one in store.sessions.list()}
        while True:
            deletions = 0 if len(lengths) < 5 else 2 if len(lengths) < 12 else 12  # so that a long run stays small
            act = chance.choices(["create", "append", "fork", "delete"], [2, 12, 2, deletions])[0]
            session = chance.choice(list(lengths)) if lengths else ""
            if act == "create" or not session:
                session = make_session(store)
                lengths[session] = 0
                say(act="create", session=session)
            elif act == "append":
                append_some(store, session, lengths, chance.randint(1, 4))
            elif act == "fork":
                at = chance.randint(0, lengths[session])
                fork = store.sessions.fork(session, at).session_id
                lengths[fork] = at
                say(act="fork", session=fork, parent=session, at=at)
            else:
                say(act="will delete", session=session)
                store.sessions.delete(session)
                del lengths[session]
                say(act="delete", session=session)


def append_some(store: Store, session: str, lengths: dict[str, int], count: int) -> None:
    with store.sessions.lease(session):
        for _ in range(count):
            number = lengths[session] + 1
            text = f"{session} {number}"
            if number % 5 == 0:
                handle = store.sessions.keep_result(session, f"result {text}")
                text += f" {handle}"
            store.sessions.append(session, "answered", text.encode(), expected=number - 1, searchable=text)
            lengths[session] = number
            say(act="append", session=session, sequence=number, text=text)


def race(root: Path, session: str, name: str, count: str) -> None:
    """Append numbered events to a session that another process appends to as well."""
    with open_with_file(root) as store:
        say(act="ready")
        sys.stdin.readline()
        refused = 0
        for number in range(int(count)):
            while True:
                last = store.sessions.last_sequence(session)
                try:
                    sequence = store.sessions.append(session, "answered", f"{name} {number}".encode(), expected=last)
                except WentOnElsewhereError:
                    refused += 1
                else:
                    say(act="append", sequence=sequence, text=f"{name} {number}")
                    break
        say(act="done", refused=refused)


def hold(root: Path, session: str) -> None:
    """Hold a session, beside a process of one's own that lives on."""
    with open_with_file(root) as store, store.sessions.lease(session):
        beside = subprocess.Popen(["sleep", "60"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        say(act="ready", beside=beside.pid)
        time.sleep(120)


def change(root: Path, session: str, deleted: str) -> None:
    """Append to one session and delete another."""
    with open_with_file(root) as store:
        store.sessions.append(session, "answered", b"new", expected=1, searchable="new")
        say(act="append")
        if store.sessions.delete(deleted).erased:
            say(act="delete")


ACTS = {act.__name__: act for act in (live, race, hold, change)}

if __name__ == "__main__":
    try:
        ACTS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
    except OpenMedError as error:
        print(error, file=sys.stderr)
        sys.exit(int(error.exit_status))
