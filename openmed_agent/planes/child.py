"""The process of one embedded plane: ``python -m openmed_agent.planes.child inference|codes``.

It serves the same application as ``openmed serve``, on a port of its own on 127.0.0.1 or on the socket that it was
given, to whoever holds the token, and ends when its parent does, however that dies.
"""

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import OpenMedError
from openmed_agent.planes.applications import make_application
from openmed_agent.planes.messages import ChildOrder, ChildReport
from openmed_agent.secrets.core_files import forbid_core_files

if TYPE_CHECKING:
    import uvicorn

_GRACE_SECONDS: Final = 2
_BACKLOG: Final = 128


def main() -> int:
    """Serve until the parent closes the pipe; return the exit status."""
    forbid_core_files()
    kind = sys.argv[1]
    order = ChildOrder.model_validate_json(sys.stdin.readline())
    try:
        application = make_application(kind, order, _report_progress)
    except OpenMedError as error:
        _report(ChildReport(state="failed", what=str(error)))
        return int(error.exit_status)
    except ImportError as error:
        missing = error.name or "one of its packages"
        _report(ChildReport(state="failed", what=f"{missing} cannot be imported. Install OpenMed Agent again."))
        return 1
    except OSError as error:
        _report(ChildReport(state="failed", what=f"Its files cannot be used ({os.strerror(error.errno or 0)})."))
        return 1

    from openmed_agent.planes.server import (  # noqa: PLC0415 - after a failure could be reported
        GRACE_SECONDS,
        make_server,
        run_server,
    )

    grace = _GRACE_SECONDS if order.listener is None else GRACE_SECONDS
    server = make_server(application, grace_seconds=grace)
    listener = _listener(order.listener)
    threading.Thread(target=_end_with_parent, args=(server, grace), daemon=True).start()
    _report(ChildReport(state="ready", port=listener.getsockname()[1]))
    run_server(server, listener, grace_seconds=grace)
    return 0


def _listener(inherited: int | None) -> socket.socket:
    if inherited is not None:
        return socket.socket(fileno=inherited)
    # asyncio turns Nagle's delay (40 ms an answer) off only where the protocol is named
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(_BACKLOG)
    return listener


def _report_progress(what: str, done: int, total: int) -> None:
    _report(ChildReport(state="preparing", what=what, done=done, total=total))


def _report(report: ChildReport) -> None:
    sys.stdout.write(report.model_dump_json() + "\n")
    sys.stdout.flush()


def _end_with_parent(server: "uvicorn.Server", grace_seconds: int) -> None:
    while sys.stdin.read(1024):
        pass
    server.should_exit = True
    threading.Event().wait(grace_seconds)
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
