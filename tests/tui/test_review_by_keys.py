"""The whole way by keys alone, in a real terminal: draft, review, new reviewer, sign, verify."""

import json
import re
import subprocess
import time
from pathlib import Path

import pytest
from terminal_driver import HAS_TMUX, OPENMED, TmuxTerminal, environment, installation, wait_until

NOTE = Path(__file__).parents[2] / "examples" / "progress_note.txt"
NAME = "Dr. Ada Quill"
PASSPHRASE = "tulip anvil harbour 73 quartz"
_BESIDE = re.compile(r"[\s▁-█]")  # blanks and the scroll bar
_LEFT = re.compile(r"(\d+) of (\d+) left to decide")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.system,
    pytest.mark.skipif(not HAS_TMUX, reason="tmux is not installed"),
]


def left(terminal: TmuxTerminal) -> int:
    """Return how many items are left to decide."""
    found = _LEFT.search(terminal.screen())
    return int(found[1]) if found else 0


def decided(terminal: TmuxTerminal, before: int) -> None:
    """Wait until one item fewer is left."""
    wait_until(lambda: left(terminal) == before - 1, what=terminal.screen)


def answer(terminal: TmuxTerminal, question: str, words: str) -> None:
    terminal.wait_for(question)
    terminal.type(words)
    terminal.keys("Enter")


def create_reviewer(terminal: TmuxTerminal) -> None:
    """Fill in the three fields, as fast as a person types."""
    terminal.wait_for("Create a reviewer", "Dr. Ada Quill")
    for words, seen in ((NAME, NAME), (PASSPHRASE, "•" * len(PASSPHRASE)), (PASSPHRASE, "")):
        time.sleep(0.5)
        terminal.type(words)
        terminal.wait_for(seen)
        terminal.keys("Enter")


def accept_pages(terminal: TmuxTerminal, remaining: int) -> None:
    """Accept page after page of what may be accepted together, until the others remain."""
    while (before := left(terminal)) > remaining:
        terminal.wait_for("y accept")
        terminal.keys("y")
        wait_until(lambda before=before: left(terminal) < before, what=terminal.screen)  # type: ignore[misc]


def decide_alone(terminal: TmuxTerminal) -> None:
    """Accept what must be decided one by one, with a reason where one is asked."""
    while before := left(terminal):
        terminal.keys("n", "a")
        wait_until(
            lambda before=before: left(terminal) < before or "Reason for accepting" in terminal.screen(),  # type: ignore[misc]
            what=terminal.screen,
        )
        if left(terminal) == before:
            terminal.type("seen in the chart")
            terminal.keys("Enter")
            decided(terminal, before)


def review_and_sign(terminal: TmuxTerminal, count: int, alone: int, bundle: Path) -> None:
    """Edit one item, reject one, accept the rest, and sign."""
    terminal.wait_for(f"{count} of {count} left to decide", "MUST DECIDE", "⟦")
    terminal.keys("r")
    create_reviewer(terminal)
    answer(terminal, "Reason for rejecting", "not a finding of this visit")
    decided(terminal, count)
    terminal.keys("n", "e")
    answer(terminal, "New claim", ", as she says")
    decided(terminal, count - 1)
    terminal.keys("s")
    terminal.wait_for(f"{count - 2} of {count} left to decide. n goes")
    terminal.keys("A")
    accept_pages(terminal, alone - 2)
    decide_alone(terminal)
    terminal.wait_for(f"all {count} decided")
    assert not bundle.exists()
    terminal.keys("s")
    shown = terminal.wait_for("Sign draft", "rev 2", "Passphrase of", NAME)
    assert f"{count - 2} accepted, 1 edited, 1 rejected" in shown
    assert str(bundle) in _BESIDE.sub("", shown), shown  # in full, over as many lines as it takes
    for passphrase, answer_words in (("not the passphrase", "2 tries left"), (PASSPHRASE, "Yes: this is exactly")):
        assert not bundle.exists()
        terminal.type(passphrase)
        terminal.wait_for("•" * len(passphrase))
        terminal.keys("Enter")
        terminal.wait_for(answer_words)
    terminal.wait_for(f"Yes: this is exactly what {NAME} signed.", "✓ manifest.json", "on a terminal")
    terminal.keys("Enter")
    wait_until(lambda: "Signed by" not in terminal.screen(), what=terminal.screen)


def test_from_a_draft_to_a_verified_bundle_by_keys_alone(tmp_path: Path) -> None:
    variables = environment(installation(tmp_path / "home", '[privacy]\nphi_mode = "deid"\n'))
    work = tmp_path / "charts"
    work.mkdir()
    (work / "note.txt").write_bytes(NOTE.read_bytes())
    run = [OPENMED, "run", "chart_summary", "--input", "note_path=note.txt", "--json"]
    made = subprocess.run(run, env=variables, cwd=work, capture_output=True, text=True, check=True)
    draft = json.loads(made.stdout)
    bundle = work / f"bundle-{draft['draft_id'][:8]}"
    count = len(draft["items"])
    alone = sum(1 for item in draft["items"] if item["severity"] == "high" or item["support"] != "supported")
    with TmuxTerminal([OPENMED], variables, folder=work, size=(100, 36)) as terminal:
        terminal.wait_for("F1 help")
        terminal.keys("F4")
        terminal.wait_for("chart_summary")
        terminal.keys("Enter")
        review_and_sign(terminal, count, alone, bundle)
        terminal.keys("C-q")
        assert terminal.wait_for_end() == 0
    verify = [OPENMED, "verify", str(bundle), "--json"]
    report = json.loads(subprocess.run(verify, env=variables, capture_output=True, text=True, check=True).stdout)
    assert report["trusted"] is True
    assert report["signature"]["name"] == NAME
    assert report["signature"]["attestation"] == "interactive"
    assert report["draft"]["revision"] == 2
    assert report["draft"]["items"] == count - 1
    assert "as she says" in (bundle / "chart_summary.md").read_text()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSPHRASE.encode() not in kept
