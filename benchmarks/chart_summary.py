"""Time `openmed run chart_summary` on a 10 kB note: first ever, with embedded planes, with planes already serving.

Usage: python benchmarks/chart_summary.py [RUNS]. Whole processes, with an OPENMED_HOME of their own; the note is
the example note repeated with other numbers up to 10 kB.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

OPENMED = str(Path(sys.executable).with_name("openmed"))
EXAMPLE = Path(__file__).parent.parent / "examples" / "progress_note.txt"
SIZE = 10_000


def note_of(size: int) -> str:
    """Return a note of ``size`` characters."""
    text, number = EXAMPLE.read_text(), 0
    whole = text
    while len(whole) < size:
        number += 1
        whole += _with_other_digits(text, number)
    return whole[:size]


def _with_other_digits(text: str, shift: int) -> str:
    return re.sub(r"\d\b", lambda match: str((int(match.group()) + shift) % 10), text)


@contextmanager
def serving(plane: str, environment: dict[str, str]) -> Iterator[str]:
    """Yield the address of a served plane."""
    process = subprocess.Popen(
        [OPENMED, "serve", plane, "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        for line in process.stderr or ():
            if match := re.search(r"http://\S+?:\d+", line):
                break
        else:
            raise SystemExit(f"{plane} does not serve")
        yield match.group()
    finally:
        process.terminate()
        process.wait()


def seconds(note: Path, environment: dict[str, str]) -> float:
    """Return the wall time of one run."""
    command = [OPENMED, "run", "chart_summary", "--input", f"note_path={note}", "--json"]
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def main(runs: int) -> None:
    """Print one line a situation."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        note = Path(folder) / "note.txt"
        note.write_text(note_of(SIZE))
        environment = {**os.environ, "OPENMED_HOME": f"{folder}/home"}
        print(f"note of {note.stat().st_size} bytes")
        print(f"first run ever, with index   {seconds(note, environment):6.2f} s")
        cold = [seconds(note, environment) for _ in range(runs)]
        print(f"cold, embedded planes        {statistics.median(cold):6.2f} s   {min(cold):.2f} to {max(cold):.2f}")
        environment["OPENMED_INFERENCE_URL"] = stack.enter_context(serving("inference", environment))
        environment["OPENMED_MED_CODES_API_URL"] = stack.enter_context(serving("codes", environment))
        seconds(note, environment)
        warm = [seconds(note, environment) for _ in range(runs)]
        print(f"planes already serving       {statistics.median(warm):6.2f} s   {min(warm):.2f} to {max(warm):.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
