"""Matches a pattern against texts in a process of its own, so that a hostile pattern can be ended.

Run as a script without this package: reads one JSON object from standard input, writes one to standard output. No
pattern can take more than the processor seconds and the memory that are set here.
"""

import json
import re
import sys

CPU_SECONDS = 2
MEMORY_BYTES = 1 << 30
LONGEST_LINE = 20_000


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
    matches: list[tuple[int, int, int, int]] = []
    for number, text in enumerate(request["texts"]):
        start = 0
        for line_number, line in enumerate(text.split("\n"), start=1):
            found = pattern.search(line, 0, LONGEST_LINE)
            if found is not None:
                matches.append((number, line_number, start + found.start(), start + found.end()))
            if len(matches) > request["limit"]:
                break
            start += len(line) + 1
        if len(matches) > request["limit"]:
            break
    json.dump({"matches": matches}, sys.stdout)


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
