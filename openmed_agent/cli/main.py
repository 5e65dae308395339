"""Where ``openmed`` begins: it imports the program where Ctrl+C is caught, and nothing before.

What Python itself does until then cannot be interrupted cleanly, so this file needs no module that takes time.
"""

import sys

_INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command in ``arguments`` (default: the process's own) and return its exit status."""
    try:
        from openmed_agent.cli.program import run
    except KeyboardInterrupt:
        sys.stderr.write("openmed: Interrupted.\n")
        return _INTERRUPTED
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
