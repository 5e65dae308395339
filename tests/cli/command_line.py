"""Runs the installed command `openmed` as a person would, on a machine of the test's own.

Whatever a command does, it must print nothing that acts on a terminal and no traceback: every call checks that.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SCRIPT = Path(sys.executable).with_name("openmed")
EXAMPLES = Path(__file__).parents[2] / "examples"

# C0 without tab and newline, DEL, C1, zero-width and bidirectional characters, tags: nothing of it may be printed.
ACTS_ON_TERMINAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)


@dataclass(frozen=True)
class Outcome:
    status: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        assert self.status == 0, self.stderr
        return json.loads(self.stdout)


@dataclass(frozen=True)
class Machine:
    """A home folder, a working folder and an environment."""

    home: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def variables(self, **more: str) -> dict[str, str]:
        base = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder.parent),
            "LANG": "C.UTF-8",
            "OPENMED_HOME": str(self.home),
            "OPENMED_STORE_KEY": "file",
        }
        return {name: value for name, value in (base | self.environment | more).items() if value}

    def openmed(
        self,
        *arguments: str | Path,
        timeout: float = 120,
        stdin: str | bytes = "",
        **environment: str,
    ) -> Outcome:
        """Run a command to its end; an empty value in `environment` unsets a variable."""
        done = subprocess.run(
            [SCRIPT, *arguments],
            cwd=self.folder,
            env=self.variables(**environment),
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        outcome = Outcome(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
        for stream in (outcome.stdout, outcome.stderr):
            acting = ACTS_ON_TERMINAL.search(stream)
            assert acting is None, f"U+{ord(acting.group()):04X} in {stream[:2000]!r}"
            assert "Traceback" not in stream
            assert "fault of its own" not in stream, stream
        return outcome

    def start(self, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [SCRIPT, *arguments],
            cwd=self.folder,
            env=self.variables(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file into the working folder; text is written byte for byte."""
        file = self.folder / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def settings(self, text: str) -> None:
        (self.home / "config").mkdir(parents=True, exist_ok=True)
        (self.home / "config" / "config.toml").write_text(text, encoding="utf-8")

    def summary(self, *files: str | Path, **environment: str) -> Any:
        """Return the draft, as JSON, of chart_summary over `files`."""
        return self.openmed(*summary_arguments(*files), "--json", **environment).json()

    def leftovers(self) -> list[str]:
        """Return files that a finished command must not leave: temporary and half-written ones."""
        found = [*self.home.rglob("*"), *self.folder.rglob("*")] if self.home.is_dir() else [*self.folder.rglob("*")]
        return [path.name for path in found if re.search(r"^\.openmed|\.tmp|\.partial|~$", path.name)]


def summary_arguments(*files: str | Path) -> list[str]:
    inputs = [part for file in files for part in ("--input", f"note_path={file}")]
    return ["run", "chart_summary", *inputs]


def assert_refused(outcome: Outcome, status: int, *words: str) -> None:
    """Check that a command failed with this status and one sentence that holds `words`, and printed nothing else."""
    assert outcome.status == status, (outcome.status, outcome.stderr)
    assert outcome.stdout == ""
    lines = outcome.stderr.splitlines()
    assert len(lines) == 1, outcome.stderr
    assert lines[0].startswith("openmed: "), lines[0]
    for word in words:
        assert word in lines[0], lines[0]


def claims(draft: Any, *kinds: str) -> list[str]:
    return [item["claim"] for item in draft["items"] if not kinds or item["kind"] in kinds]
