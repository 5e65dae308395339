"""A store with drafts of an invented chart and a reviewer, and the real command run on it as a process."""

import errno
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.settings.paths import content_folder
from openmed_agent.store import Store, open_store
from openmed_agent.text.sources import SourceDocument, source_from_bytes
from openmed_agent.workflows.artifacts.registry import artifact_renderer
from openmed_agent.workflows.definition import find_workflow
from openmed_agent.workflows.draft import Card, Draft, EvidenceSpan, Item, ReleaseReference, make_item
from openmed_agent.workflows.draft_store import save_draft
from openmed_agent.workflows.drafting import DraftContent, make_draft
from openmed_agent.workflows.reviewer import create_reviewer

REVIEWER = "Dr. Ada Quill"
PASSPHRASE = "tulip anvil harbour 73 quartz"
PATIENT = "Wilhelmina Zzyzxova"
HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202eevil"
NOTE = (
    f"Patient: {PATIENT}\n"
    "\n"
    "MEDICATIONS\n"
    "Warfarin 5 mg PO daily.\n"
    "Metformin 500 mg PO BID.\n"
    "Atorvastatin 40 mg PO at bedtime.\n"
    "\n"
    "HISTORY\n"
    "Denies chest pain.\n"
    "Pain of the left knee.\n"
    "Maybe early CKD?\n"
    f"Remark {HOSTILE} end.\n"
)


def source(note: str = NOTE) -> SourceDocument:
    return source_from_bytes("visit.txt", note.encode())


def evidence(document: SourceDocument, quote: str) -> tuple[EvidenceSpan, ...]:
    start = document.text.index(quote)
    return (EvidenceSpan(source=document.digest, start=start, end=start + len(quote), quote=quote),)


def items(document: SourceDocument) -> tuple[Item, ...]:
    """Return three items that must be decided alone, and four that need not."""

    def one(kind: Any, claim: str, quote: str, *, severity: Any = "normal", **more: Any) -> Item:
        found = evidence(document, quote) if quote else ()
        fields = {"support": "supported", "assertion": Assertion(), **more}
        return make_item(kind=kind, claim=claim, severity=severity, evidence=found, **fields)

    return (
        one("medication", "Warfarin 5 mg by mouth once daily", "Warfarin 5 mg PO daily", severity="high"),
        one("uncertain_finding", "Possible early CKD", "early CKD", support="uncertain"),
        one("gap", "No allergies are stated", "", support="unsupported"),
        one("medication", "Metformin 500 mg by mouth twice daily", "Metformin 500 mg PO BID"),
        one("medication", "Atorvastatin 40 mg by mouth at bedtime", "Atorvastatin 40 mg PO at bedtime"),
        one("problem", "Pain of the left knee", "Pain of the left knee"),
        one("absent_finding", "No chest pain", "chest pain", assertion=Assertion(negated=True)),
    )


def add_draft(store: Store, *, note: str = NOTE, hours: float = 12, age: float = 0) -> Draft:
    """Put a draft that was made ``age`` hours ago into a store, rendered as a run renders it."""
    document = source(note)
    chosen = items(document)
    workflow = find_workflow("chart_summary", (content_folder("workflows"),))
    content = DraftContent(
        workflow="chart_summary",
        workflow_version=workflow.definition.version,
        inputs={"note_path": (document.name,)},
        sources=(document,),
        releases=(ReleaseReference(plane="codes", system="icd10cm", version="2026", complete=True),),
        cards=(Card(id="all", type="evidence", title="Everything", items=tuple(item.digest for item in chosen)),),
        items=chosen,
    )
    artifacts = artifact_renderer(workflow.definition)(content)
    made = datetime.now(UTC) - timedelta(hours=age)
    draft = make_draft(content, artifacts, phi_mode="deid", created=made, expires=made + timedelta(hours=hours))
    save_draft(store, draft, (document,), artifacts)
    return draft


@dataclass
class Desk:
    """A home with one draft and one reviewer, a folder for bundles, and the command."""

    folder: Path
    draft: Draft
    seen: bytes = b""
    results: list[subprocess.CompletedProcess[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "OPENMED_HOME": str(self.home),
            "TMPDIR": str(self.folder / "tmp"),
        }

    def open(self) -> Store:
        return open_store(self.home, custody="file")

    def openmed(self, *arguments: object, passphrase: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run the command; with ``passphrase``, add ``--passphrase-fd`` and put it there."""
        command = [sys.executable, "-m", "openmed_agent.cli.main", *map(str, arguments)]
        if passphrase is None:
            done = self._run(command, ())
        else:
            reading, writing = os.pipe()
            os.write(writing, passphrase.encode() + b"\n")
            os.close(writing)
            try:
                done = self._run([*command, "--passphrase-fd", str(reading)], (reading,))
            finally:
                os.close(reading)
        assert "Traceback" not in done.stderr + done.stdout
        self.results.append(done)
        return done

    def _run(self, command: list[str], descriptors: tuple[int, ...]) -> subprocess.CompletedProcess[str]:
        """Run a process, and keep what other processes could read of it while it ran."""
        with subprocess.Popen(
            command,
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            pass_fds=descriptors,
        ) as process:
            while process.poll() is None:
                for name in ("cmdline", "environ"):
                    try:
                        self.seen += Path(f"/proc/{process.pid}/{name}").read_bytes()
                    except OSError:
                        break
                if select.select([process.stdout], [], [], 0.05)[0]:
                    break  # it prints, so it is done with what it was given; a full pipe must not block it
            out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def decisions(self) -> dict[str, Any]:
        """Return a decisions file that accepts every item, with a reason where one is needed."""
        return {
            "schema": "openmed.decisions/1",
            "draft_id": self.draft.draft_id,
            "revision": 1,
            "payload_digest": self.draft.payload_digest,
            "decisions": [
                {"item": item.digest, "action": "accept"}
                | ({} if item.support == "supported" else {"reason": "checked against the chart"})
                for item in self.draft.items
            ],
        }

    def scan(self, *, without: tuple[Path, ...] = ()) -> bytes:
        """Return every byte of every file below the folder, the named ones left out."""
        files = (path for path in self.folder.rglob("*") if path.is_file() and not path.is_symlink())
        return b"\n".join(path.read_bytes() for path in files if not any(path.is_relative_to(one) for one in without))


def make_template(folder: Path) -> Draft:
    """Make what ``copy_desk`` copies: wrapping a reviewer's key takes its time."""
    with open_store(folder / "home", custody="file") as store:
        create_reviewer(store, REVIEWER, PASSPHRASE, now=datetime.now(UTC))
        return add_draft(store)


def copy_desk(template: Path, draft: Draft, folder: Path) -> Desk:
    shutil.copytree(template / "home", folder / "home")
    for name in ("out", "tmp"):
        (folder / name).mkdir()
    return Desk(folder, draft)


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a refused command said, which is one line on standard error and nothing else."""
    assert done.stdout == ""
    assert done.stderr.startswith("openmed: ")
    assert done.stderr.count("\n") == 1
    assert PATIENT not in done.stderr
    assert PASSPHRASE not in done.stderr
    return done.stderr


_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]")


class Terminal:
    """The command on a real pseudo-terminal of 80 columns and 40 lines."""

    def __init__(self, desk: Desk, *arguments: object, early: bytes = b"") -> None:
        self.raw = b""
        self._read_to = 0
        self._early = early
        self._command = [sys.executable, "-m", "openmed_agent.cli.main", *map(str, arguments)]
        self._desk = desk

    def __enter__(self) -> Self:
        self._master, slave = pty.openpty()
        termios.tcsetwinsize(self._master, (40, 80))
        self._process = subprocess.Popen(
            self._command,
            env=self._desk.environment(),
            cwd=self._desk.folder,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=lambda: _own_terminal(slave),  # noqa: PLW1509 - one thread, and Ctrl+C needs a terminal
        )
        os.close(slave)
        if self._early:
            os.write(self._master, self._early)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """Everything on the screen so far, without colours."""
        return _CONTROL.sub("", self.raw.decode("utf-8", errors="replace")).replace("\r\n", "\n")

    def expect(self, words: str, *, seconds: float = 60) -> str:
        """Wait for words after those of the last call, and return what came with them."""
        end = time.monotonic() + seconds
        while words not in self.text[self._read_to :]:
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"no {words!r} in {self.text[self._read_to :]!r}")
        found = self.text[self._read_to :]
        position = found.index(words) + len(words)
        self._read_to += position
        return found[:position]

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl+C; once more where line editing had not begun to listen, as a person would."""
        for _ in range(5):
            self.send("\x03")
            end = time.monotonic() + 5
            while time.monotonic() < end:
                self._read(0.2)
                if self._process.poll() is not None:
                    return

    def terminate(self, number: int = signal.SIGKILL) -> None:
        self._process.send_signal(number)

    def status(self) -> int:
        """Wait for the end, and return the exit status."""
        while self._read(60):
            pass
        return self._process.wait(timeout=60)

    def _read(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            piece = os.read(self._master, 65536)
        except OSError as error:
            if error.errno == errno.EIO:  # the other end is closed
                return False
            raise
        self.raw += piece
        return bool(piece)


def _own_terminal(slave: int) -> None:
    import fcntl

    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
