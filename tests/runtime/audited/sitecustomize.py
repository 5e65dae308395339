"""Runs in every Python process of a test that puts this folder on PYTHONPATH: writes down what the process reaches for.

One line of JSON for each connection, name that is looked up, process that is started, and file opened to be written.
"""

import json
import os
import sys

_RECORD = os.environ.get("RECORD_ACTS_IN", "")
_WATCHED = {
    "socket.bind",
    "socket.connect",
    "socket.sendto",
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def _record(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open":
        path, _mode, flags = arguments
        if not isinstance(flags, int) or not flags & _WRITES or not isinstance(path, (str, bytes)):
            return
        details = [os.fsdecode(path)]
    elif event in _WATCHED:
        details = [str(argument) for argument in arguments[1 if event.startswith("socket.") else 0 :]]
        if event == "socket.getaddrinfo":
            details = [str(argument) for argument in arguments]
    else:
        return
    line = json.dumps({"process": os.getpid(), "act": event, "details": details}) + "\n"
    os.write(_DESCRIPTOR, line.encode())


if _RECORD:
    _DESCRIPTOR = os.open(_RECORD, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.addaudithook(_record)
