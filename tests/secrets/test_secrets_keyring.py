"""The real keyring of a Linux desktop, in a D-Bus session of the test's own, and what is no keyring."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from openmed_agent.secrets.system_keyring import ALLOWED_BACKENDS

SESSION = str(Path(__file__).with_name("keyring_session.py"))
INSTALLED = shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")
REAL = [
    pytest.mark.system,
    pytest.mark.skipif(not INSTALLED, reason="gnome-keyring and dbus are not installed (make system)"),
]

OPEN = """
import sys
from pathlib import Path
from openmed_agent.errors import OpenMedError
from openmed_agent.store import open_store
try:
    with open_store(Path(sys.argv[1])) as store:
        print("custody", store.custody, "notice", store.notice is not None, "ok", store.audit.verify().ok)
except OpenMedError as error:
    print("error", error)
    sys.exit(int(error.exit_status))
"""

FIND = """
import sys
from openmed_agent.secrets.system_keyring import NoKeyring, find_keyring
found = find_keyring()
print("none: " + found.reason if isinstance(found, NoKeyring) else "found: " + found.name)
"""

PLAIN_BACKEND = """
from keyring.backend import KeyringBackend
class Keyring(KeyringBackend):
    priority = 9
    kept = {}
    def get_password(self, service, username): return self.kept.get(username)
    def set_password(self, service, username, password): self.kept[username] = password
    def delete_password(self, service, username): del self.kept[username]
"""


def in_session(state: str, program: str, root: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    home = root / "user"
    runtime = root / "run"
    for folder in (home / ".local" / "share" / "keyrings", runtime):
        folder.mkdir(parents=True, mode=0o700)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        **extra,
    }
    return subprocess.run(
        ["dbus-run-session", "--", sys.executable, SESSION, state, program, str(root / "openmed")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def last_part(done: subprocess.CompletedProcess[str]) -> str:
    assert "---" in done.stdout, done.stderr
    return done.stdout.partition("---")[2]


class TestRealKeyring:
    pytestmark = REAL

    def test_an_unlocked_keyring_keeps_the_key_and_no_file_does(self, tmp_path: Path) -> None:
        twice = OPEN + OPEN
        done = in_session("unlocked", twice, tmp_path)
        assert done.returncode == 0, done.stderr
        assert last_part(done).count("custody keyring notice False ok True") == 2
        assert not list((tmp_path / "openmed").rglob("*.key*"))

    def test_a_locked_keyring_is_an_error_at_once_and_no_prompt(self, tmp_path: Path) -> None:
        done = in_session("locked", OPEN, tmp_path)
        assert done.returncode == 6, done.stderr
        assert "The keyring is locked. Unlock it" in last_part(done)
        assert float(last_part(done).split("seconds ")[1]) < 5

    def test_a_locked_keyring_is_no_reason_for_a_new_store_with_a_key_file(self, tmp_path: Path) -> None:
        elsewhere = OPEN.replace("Path(sys.argv[1])", "Path(sys.argv[1]) / str(__import__('os').getpid())")
        done = in_session("locked", elsewhere, tmp_path)
        assert done.returncode == 6, done.stderr
        assert "The keyring is locked" in last_part(done)
        assert not list((tmp_path / "openmed").rglob("*.key*"))

    @pytest.mark.slow
    def test_a_keyring_that_does_not_answer_is_given_up(self, tmp_path: Path) -> None:
        done = in_session("stopped", OPEN, tmp_path)
        assert done.returncode == 6, done.stderr
        assert "did not answer within 10 seconds" in last_part(done)
        assert float(last_part(done).split("seconds ")[-1]) < 20

    def test_a_keyring_without_a_collection_counts_as_none(self, tmp_path: Path) -> None:
        done = in_session("empty", OPEN, tmp_path)
        assert done.returncode == 0, done.stderr
        assert "custody file notice True ok True" in last_part(done)

    def test_a_store_of_the_keyring_is_an_error_where_there_is_none(self, tmp_path: Path) -> None:
        done = in_session("unlocked", OPEN, tmp_path)
        assert done.returncode == 0, done.stderr
        there = subprocess.run(
            [sys.executable, "-c", OPEN, str(tmp_path / "openmed")],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert there.returncode == 6
        assert "belongs in the keyring" in there.stdout
        assert not list((tmp_path / "openmed").rglob("*.key*"))

    def test_a_store_whose_entry_was_deleted_is_an_error(self, tmp_path: Path) -> None:
        delete = (
            "import keyring, sys, json; from pathlib import Path\n"
            "text = (Path(sys.argv[1]) / 'sessions' / 'store.json').read_text()\n"
            "keyring.delete_password('openmed-agent', json.loads(text)['store_id'])\n"
        )
        done = in_session("unlocked", OPEN + delete + OPEN, tmp_path)
        assert done.returncode == 6, done.stderr
        assert "custody keyring" in last_part(done)
        assert "its key is missing (custody: keyring)" in last_part(done)

    def test_of_a_chain_the_best_trusted_member_is_taken(self, tmp_path: Path) -> None:
        plugin = tmp_path / "plugin"
        information = plugin / "loudplain-1.0.dist-info"
        information.mkdir(parents=True)
        (plugin / "loudplain.py").write_text(PLAIN_BACKEND)
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: loudplain\nVersion: 1.0\n")
        (information / "entry_points.txt").write_text("[keyring.backends]\nloudplain = loudplain\n")
        chosen = "import keyring; print(type(keyring.get_keyring()).__module__)\n"
        done = in_session("unlocked", chosen + FIND, tmp_path, PYTHONPATH=str(plugin))
        assert done.returncode == 0, done.stderr
        assert "keyring.backends.chainer" in last_part(done)  # two members, so the chainer is the default
        assert "found: keyring.backends.SecretService.Keyring" in last_part(done)


def find(tmp_path: Path, **extra: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", FIND],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **extra},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a keyring always")
def test_a_machine_without_a_session_has_no_keyring(tmp_path: Path) -> None:
    assert find(tmp_path).startswith("none: this machine offers none")


@pytest.mark.parametrize(
    "backend",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "plaintext.Keyring",
        "no.such.module.Keyring",
        "keyring.backends.null.Missing",
        "",
    ],
)
def test_a_backend_that_protects_nothing_is_no_keyring(tmp_path: Path, backend: str) -> None:
    (tmp_path / "plaintext.py").write_text(PLAIN_BACKEND)
    assert find(tmp_path, PYTHON_KEYRING_BACKEND=backend, PYTHONPATH=str(tmp_path)).startswith("none: ")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have a keyring always")
def test_a_chain_of_untrusted_members_is_no_keyring(tmp_path: Path) -> None:
    (tmp_path / "plaintext.py").write_text(PLAIN_BACKEND)
    (tmp_path / "second.py").write_text(PLAIN_BACKEND)
    program = "import plaintext, second, keyring\n" + FIND
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(tmp_path),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.chainer.ChainerBackend",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("none: keyring.backends.chainer.ChainerBackend")


def test_the_allowed_classes_are_named_as_the_package_names_them() -> None:
    """A class that `keyring` renames would never be found again: hold the list against its source files."""
    import keyring.backends

    folder = Path(keyring.backends.__path__[0])
    for path in ALLOWED_BACKENDS:
        module, _, name = path.rpartition(".")
        file = folder.joinpath(*module.split(".")[2:])
        source = file.with_suffix(".py") if file.with_suffix(".py").exists() else file / "__init__.py"
        assert f"class {name}(" in source.read_text()


def test_keyring_is_imported_only_when_it_is_needed() -> None:
    program = (
        "import sys, openmed_agent.store, openmed_agent.secrets.custody\n"
        "print([name for name in ('keyring', 'secretstorage') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_demanded_keyring_that_is_missing_is_an_error(tmp_path: Path) -> None:
    program = OPEN.replace("sys.argv[1])", "sys.argv[1]), custody='keyring'", 1)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "openmed")],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 6
    assert "no usable one" in done.stdout
    assert not (tmp_path / "openmed" / "sessions" / "openmed.db").exists()


LOGIN = """
import sys
from pathlib import Path
from openmed_agent.login.accounts import Account
from openmed_agent.login.credentials import Credentials
root, url = Path(sys.argv[1]), "https://models.example.org/v1"
credentials = Credentials(root, {})
credentials.keep(Account(purpose="model", url=url, kept="keyring"), "sk-" + "k" * 900)
found = Credentials(root, {}).find("model", url)
print("found", found.source, len(found.key))
print("on disk", any(b"sk-kkk" in file.read_bytes() for file in root.iterdir()))
account = credentials.accounts().latest("model")
credentials.forget(account)
print("left", credentials.find("model", url), len(credentials.accounts().accounts))
"""


@pytest.mark.system
@pytest.mark.skipif(not INSTALLED, reason="gnome-keyring and dbus are not installed (make system)")
def test_the_key_of_a_service_is_kept_in_the_keyring_and_removed_from_it(tmp_path: Path) -> None:
    done = in_session("unlocked", LOGIN, tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.partition("---")[2].split("seconds")[0].split("\n")
    assert [line for line in said if line] == ["found keyring 903", "on disk False", "left None 0"]
