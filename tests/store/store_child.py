"""What a process of its own does to a store: `python store_child.py ACT ROOT [ARGUMENT...]`."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from store_samples import CHART, NOON, digest, draft, open_with_file

from openmed_agent.errors import OpenMedError
from openmed_agent.store import open_store


def start(root: Path, name: str) -> None:
    """Make or open the store and add a draft of one's own."""
    with open_with_file(root) as store:
        store.drafts.add(draft(f"draft-{name}"), {})


def finalize(root: Path, nonce: str) -> None:
    """Wait for the signal, then try to begin finalizing; say who won."""
    with open_with_file(root) as store:
        print("ready", flush=True)
        sys.stdin.readline()
        store.approvals.begin_finalizing(nonce, f"/staging/{nonce}")


def decide(root: Path, first: str) -> None:
    """Make decisions for ever, and acknowledge each once it is durable."""
    with open_with_file(root) as store:
        number = int(first)
        while True:
            store.decisions.put("d-one", 1, "Dr. Ada Example", f"item-{number}", b"accept", NOON)
            print(number, flush=True)
            number += 1


def draft_once(root: Path) -> None:
    """Add one draft with a blob, and acknowledge it."""
    with open_with_file(root) as store:
        store.drafts.add(draft("d-new", document=CHART), {digest(CHART): CHART})
        print("acknowledged", flush=True)


def hold(root: Path) -> None:
    """Hold the write lock."""
    with open_with_file(root) as store, store.transaction():
        print("ready", flush=True)
        time.sleep(120)


def look(root: Path) -> None:
    """Open the store and verify it, with whatever keyring there is."""
    with open_store(root) as store:
        print(store.custody, store.audit.verify().ok, store.notice)


ACTS = {act.__name__: act for act in (start, finalize, decide, draft_once, hold, look)}

if __name__ == "__main__":
    try:
        ACTS[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
    except OpenMedError as error:
        print(error, file=sys.stderr)
        sys.exit(int(error.exit_status))
