"""Run inside `dbus-run-session`: a gnome-keyring of its own in a certain state, and a program in it.

`python keyring_session.py STATE PROGRAM ROOT`, STATE one of: unlocked, locked, empty, stopped.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

import secretstorage
from jeepney.bus_messages import message_bus


def start(*, unlock: bool) -> int:
    """Start the daemon and return its process id once it answers."""
    command = ["gnome-keyring-daemon", "--components=secrets", "--foreground"]
    daemon = subprocess.Popen(
        [*command, "--unlock"] if unlock else command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(b"invented passphrase" if unlock else b"")
    daemon.stdin.close()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.closing(secretstorage.dbus_init()) as connection:
            # To ask whether the service is available would make the bus start a second daemon.
            owned = connection.send_and_get_reply(message_bus.NameHasOwner("org.freedesktop.secrets"))
            if owned.body[0] and (not unlock or _is_unlocked(connection)):
                return daemon.pid
        time.sleep(0.05)
    raise TimeoutError("gnome-keyring did not start")


def _is_unlocked(connection: secretstorage.DBusConnection) -> bool:
    try:
        return not secretstorage.Collection(connection).is_locked()
    except secretstorage.ItemNotFoundException:
        return False


def run(program: str, *arguments: str) -> int:
    return subprocess.run([sys.executable, "-c", program, *arguments], timeout=60, check=False).returncode


def main(state: str, program: str, root: str) -> int:
    daemon = start(unlock=state != "empty")
    try:
        if state in {"locked", "stopped"}:
            assert run(program, root) == 0, "the program must work while the keyring is unlocked"
        if state == "locked":
            with contextlib.closing(secretstorage.dbus_init()) as connection:
                secretstorage.get_default_collection(connection).lock()
        if state == "stopped":
            os.kill(daemon, signal.SIGSTOP)
        print("---", flush=True)
        began = time.monotonic()
        status = run(program, root)
        print(f"seconds {time.monotonic() - began:.1f}")
        return status
    finally:
        os.kill(daemon, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
