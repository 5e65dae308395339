"""No core files: the memory of a process that crashes holds passphrases, keys and charts."""

import sys


def forbid_core_files() -> None:
    """Keep the memory of this process, and of those it starts, out of every core file.

    On Linux the limit is one byte and not none: a program that core_pattern(5) names as a pipe is given the
    memory whatever the limit is, unless it is exactly one. A file is refused by either.
    """
    try:
        import resource  # noqa: PLC0415 - exists on POSIX only
    except ImportError:
        return
    least = 1 if sys.platform == "linux" else 0
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard != resource.RLIM_INFINITY:
        least = min(least, hard)  # a limit that was set before cannot be raised
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))
