"""Ctrl+C while the program is still being loaded: one sentence and status 130, whatever it is at."""

import subprocess
import sys

import pytest

# As the script that is installed does it, with a Ctrl+C at the moment when one module is looked for.
PROGRAM = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from openmed_agent.cli.main import main
sys.exit(main(["--version"]))
"""


@pytest.mark.parametrize(
    "module",
    [
        "openmed_agent.cli.program",
        "argparse",
        "openmed_agent.cli.interrupts",
        "openmed_agent.errors",
        "openmed_agent.text.terminal",
        "openmed_agent.cli.audit",
        "openmed_agent.cli.doctor",
    ],
)
def test_ctrl_c_while_the_program_is_loaded(module: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM, module], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "openmed: Interrupted.\n")
