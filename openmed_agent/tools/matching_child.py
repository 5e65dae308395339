"""Matches a pattern against texts in a process of its own, so that a hostile pattern can be ended.

Run as a script without this package: reads one JSON object from standard input, writes one to standard output. No
pattern can take more than the processor seconds and the memory that are set here.
"""

import json
import re
import sys
from collections.abc import Iterator
from itertools import islice

CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
LONGEST_LINE = 20_000
MOST_ON_A_LINE = 10


def main() -> None:
    """Answer one request: ``pattern``, ``ignore_case``, ``texts`` and ``limit`` in, ``matches`` or ``error`` out."""
    _bound()
    request = json.load(sys.stdin)
    flags = re.IGNORECASE if request["ignore_case"] else re.NOFLAG
    try:
        pattern = re.compile(request["pattern"], flags)
    except (re.error, OverflowError, RecursionError, MemoryError):
        json.dump({"error": "pattern"}, sys.stdout)
        return
    json.dump({"matches": list(islice(_matches(pattern, request["texts"]), request["limit"]))}, sys.stdout)


def _matches(pattern: re.Pattern[str], texts: list[str]) -> Iterator[tuple[int, int, int, int]]:
    """Yield number of the text, number of the line, start and end of the first matches of each line."""
    for number, text in enumerate(texts):
        start = 0
        for line_number, line in enumerate(text.split("\n"), start=1):
            for found in islice(pattern.finditer(line, 0, LONGEST_LINE), MOST_ON_A_LINE):
                yield number, line_number, start + found.start(), start + found.end()
            start += len(line) + 1


def _bound() -> None:
    try:
        import resource  # noqa: PLC0415 - exists on POSIX only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform == "linux":  # macOS counts shared libraries too
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
