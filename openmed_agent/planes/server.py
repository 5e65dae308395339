"""Runs an application on a socket that listens already, and stops it without dropping what it is at."""

import os
import socket
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import uvicorn
    from fastapi import FastAPI

GRACE_SECONDS: Final = 20
"""How long requests that run may take to end once the service is told to stop."""

_MARGIN_SECONDS: Final = 2.0


def make_server(application: "FastAPI", *, grace_seconds: int = GRACE_SECONDS) -> "uvicorn.Server":
    """Return a server that logs nothing; ``should_exit`` stops it once its requests are done, or after the grace."""
    import uvicorn  # noqa: PLC0415 - only who serves needs it

    return uvicorn.Server(
        uvicorn.Config(
            application,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=grace_seconds,
        )
    )


def run_server(server: "uvicorn.Server", listener: socket.socket, *, grace_seconds: int = GRACE_SECONDS) -> None:
    """Serve on ``listener`` until told to stop.

    Work in threads cannot be cancelled, and the interpreter would wait for it; past the grace the process just ends.
    """
    try:
        server.run(sockets=[listener])
    finally:
        end_after(grace_seconds + _MARGIN_SECONDS)


def end_after(seconds: float) -> None:
    """End this process, with status 0, if it has not ended by itself in time."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
