"""The keyring of the operating system, and only a real one.

The package `keyring` silently falls back to backends that keep secrets in plain text or nowhere at all.
So a backend is used only when its class is on the list below. Its calls are bounded in time, since a
keyring that is locked may wait for a prompt that nobody sees.
"""

import binascii
import configparser
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeVar

from openmed_agent.errors import StoreError

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "openmed-agent"
KEY_BYTES = 32
ANSWER_SECONDS = 10.0

_LINUX_DESKTOP = "keyring.backends.SecretService.Keyring"
ALLOWED_BACKENDS = frozenset(
    {
        _LINUX_DESKTOP,
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.macOS.Keyring",
    }
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_NONE = "keyring.backends.fail.Keyring"
_UNLOCK = "Unlock it (logging in to the desktop does) and try again."

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class NoKeyring:
    """There is no keyring that could be trusted with a key; the reason is a clause for a person to read."""

    reason: str


class SystemKeyring:
    """A trusted keyring that holds keys of stores and of services, under the service `openmed-agent`."""

    def __init__(self, backend: "KeyringBackend") -> None:
        self._backend = backend

    @property
    def name(self) -> str:
        """The class of the backend, as the package `keyring` writes it."""
        return _class_path(self._backend)

    def get(self, account: str) -> bytes | None:
        """Return the key of an account, or None where the keyring has none.

        Raises:
            StoreError: the keyring is locked, does not answer, fails, or holds something that is no key.

        """
        text = self.get_text(account)
        if text is None:
            return None
        try:
            key = binascii.unhexlify(text)
        except ValueError:
            key = b""
        if len(key) != KEY_BYTES:
            raise StoreError(
                "The keyring's entry for the store is not a key.",
                remedy=f'Restore the entry of service "{SERVICE}", account "{account}".',
            )
        return key

    def put(self, account: str, key: bytes) -> None:
        """Keep a key and read it back: some backends lose what they are given without saying so.

        Raises:
            StoreError: the keyring is locked, does not answer, or did not keep the key.

        """
        self.put_text(account, key.hex())

    def get_text(self, account: str) -> str | None:
        """Return what the keyring holds for an account, or None.

        Raises:
            StoreError: the keyring is locked, does not answer or fails.

        """
        return _ask(lambda: self._backend.get_password(SERVICE, account))

    def put_text(self, account: str, text: str) -> None:
        """Keep a text and read it back.

        Raises:
            StoreError: the keyring is locked, does not answer, or did not keep the text.

        """
        _ask(lambda: self._backend.set_password(SERVICE, account, text))
        if self.get_text(account) != text:
            raise StoreError(
                "The keyring did not keep the key it was given.", remedy="Keep it in another place: a private file."
            )

    def remove(self, account: str) -> None:
        """Remove an account's entry; one that is not there is removed already.

        Raises:
            StoreError: the keyring is locked, does not answer, or still holds the entry.

        """
        if self.get_text(account) is None:
            return
        _ask(lambda: self._backend.delete_password(SERVICE, account))
        if self.get_text(account) is not None:
            raise StoreError("The keyring did not remove the key.", remedy=f'Remove "{account}" of "{SERVICE}" there.')


def find_keyring() -> SystemKeyring | NoKeyring:
    """Return the keyring to use, or why there is none. Nothing is created and nobody is prompted.

    Raises:
        StoreError: the keyring is there but locked, or does not answer.

    """
    return _ask(_find_keyring)


def _find_keyring() -> SystemKeyring | NoKeyring:
    import keyring  # noqa: PLC0415 - costs tens of milliseconds and looks for services

    try:
        chosen = keyring.get_keyring()
    except (ImportError, AttributeError, RuntimeError, ValueError, configparser.Error) as error:
        return NoKeyring(f"the configured keyring cannot be loaded: {type(error).__name__}")
    backend = next((one for one in _members(chosen) if _class_path(one) in ALLOWED_BACKENDS), None)
    if backend is None:
        if _class_path(chosen) == _NONE:
            return NoKeyring("this machine offers none")
        return NoKeyring(f"{_class_path(chosen)} does not protect a key")
    if _class_path(backend) == _LINUX_DESKTOP and _default_collection(backend) == "missing":
        return NoKeyring("the Secret Service has no default collection yet")
    return SystemKeyring(backend)


def _members(chosen: "KeyringBackend") -> tuple["KeyringBackend", ...]:
    """Return the backends behind a chainer, best first; any other backend stands for itself."""
    if _class_path(chosen) == _CHAINER:
        return tuple(chosen.backends)  # type: ignore[attr-defined]  # only a chainer has members
    return (chosen,)


def _class_path(backend: "KeyringBackend") -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def _default_collection(backend: "KeyringBackend") -> Literal["unlocked", "missing"]:
    """Look at the collection without touching it: to use a locked or missing one would open a prompt."""
    import secretstorage  # noqa: PLC0415 - exists on Linux only
    from secretstorage.collection import DEFAULT_COLLECTION  # noqa: PLC0415

    path = getattr(backend, "preferred_collection", DEFAULT_COLLECTION)
    with contextlib.closing(secretstorage.dbus_init()) as connection:
        try:
            collection = secretstorage.Collection(connection, path)
            if collection.is_locked():
                raise StoreError("The keyring is locked.", remedy=_UNLOCK)
        except secretstorage.ItemNotFoundException:
            return "missing"
    return "unlocked"


def _ask(question: Callable[[], Answer]) -> Answer:
    """Put a question to a backend; whatever it raises becomes one sentence without the secret."""
    from keyring.errors import InitError, KeyringLocked  # noqa: PLC0415 - loaded with the backend

    try:
        return _bounded(question)
    except StoreError:
        raise
    except (KeyringLocked, InitError) as error:
        raise StoreError("The keyring is locked.", remedy=_UNLOCK) from error
    except Exception as error:  # backends raise errors of D-Bus, of GLib and of the system
        raise StoreError(f"The keyring failed ({type(error).__name__}).", remedy=_UNLOCK) from error


def _bounded(work: Callable[[], Answer]) -> Answer:
    """Do the work in a thread of its own, for as long as a person would wait."""
    answer: Future[Answer] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            answer.set_exception(error)

    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        return answer.result(timeout=ANSWER_SECONDS)
    except TimeoutError as error:
        raise StoreError(
            f"The keyring did not answer within {ANSWER_SECONDS:.0f} seconds; it may be locked.",
            remedy=_UNLOCK,
        ) from error
