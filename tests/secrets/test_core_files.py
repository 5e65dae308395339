"""A process that crashes while it holds a secret leaves no core file."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

SECRET = "tulip anvil harbour 73 quartz"
OPENMED = str(Path(sys.executable).with_name("openmed"))
COMMANDS = {
    "a new reviewer": [OPENMED, "reviewer", "create", "Dr. Ada Quill", "--passphrase-fd", "0"],
    "a plane": [sys.executable, "-P", "-m", "openmed_agent.planes.child", "inference"],
}
CONTROL = [sys.executable, "-c", "import sys; sys.stdin.readline()"]


def abort_while_reading(command: list[str], folder: Path) -> tuple[int, int, list[bytes]]:
    """Abort a process that has read the secret; return how it ended, its limit and the core files it left."""
    folder.mkdir()
    reader, writer = os.pipe()
    process = subprocess.Popen(
        ["sh", "-c", 'ulimit -c unlimited && exec "$@"', "sh", *command],
        stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
        env={"PATH": os.environ["PATH"], "OPENMED_HOME": str(folder / "home"), "OPENMED_STORE_KEY": "file"},
    )  # fmt: skip
    os.write(writer, SECRET.encode())  # no end of line: the process goes on waiting for it
    deadline = time.monotonic() + 60
    while waiting_bytes(reader) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    limit = next(line.split()[4] for line in limits if line.startswith("Max core file size"))
    process.send_signal(signal.SIGABRT)
    status = process.wait(timeout=60)
    os.close(reader)
    os.close(writer)
    cores = [path.read_bytes() for path in folder.glob("core*")]
    for path in folder.glob("core*"):
        path.unlink()
    return status, -1 if limit == "unlimited" else int(limit), cores


def waiting_bytes(descriptor: int) -> int:
    return int.from_bytes(fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4)), sys.byteorder)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_process_that_is_aborted_while_it_holds_a_secret_leaves_no_core_file(name: str, tmp_path: Path) -> None:
    status, limit, cores = abort_while_reading(CONTROL, tmp_path / "control")
    if status != -signal.SIGABRT or limit != -1:
        pytest.skip("this machine forbids core files to everyone")
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() == "core":
        assert any(SECRET.encode() in core for core in cores)  # so a core file would show it
    status, limit, cores = abort_while_reading(COMMANDS[name], tmp_path / "own")
    assert status == -signal.SIGABRT
    assert cores == []
    assert limit == 1  # one, and not none, also stops a program that core_pattern names
