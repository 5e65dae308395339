"""Time `openmed --help` beside `python -c pass`, in turns, as whole processes.

Usage: python benchmarks/start_up.py [RUNS]. Prints the median and the spread in milliseconds, and peak memory.
"""

import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

OPENMED = Path(sys.executable).with_name("openmed")
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "openmed --version": [str(OPENMED), "--version"],
    "openmed --help": [str(OPENMED), "--help"],
    "openmed run --help": [str(OPENMED), "run", "--help"],
}


def milliseconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return 1000 * (time.perf_counter() - began)


def main(runs: int) -> None:
    """Print one line a command."""
    for command in COMMANDS.values():
        milliseconds(command)
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, command in COMMANDS.items():
            times[name].append(milliseconds(command))
    for name, taken in times.items():
        print(f"{name:<20} median {statistics.median(taken):6.1f} ms   min {min(taken):6.1f}   max {max(taken):6.1f}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"largest of them: {peak:.0f} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
