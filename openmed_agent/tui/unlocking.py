"""Asks for the store's passphrase when a screen needs the store; wherever that happens it looks the same."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeVar

from textual.worker import NoActiveWorker, get_current_worker

from openmed_agent.errors import OpenMedError, StoreError
from openmed_agent.workbench.requests.sessions import StoreOpened, UnlockStore
from openmed_agent.workbench.wire import StoreLockedError

if TYPE_CHECKING:
    from openmed_agent.tui.app import OpenMedApp

Reply = TypeVar("Reply")

_QUESTION: Final = "Passphrase of the store"


async def once_unlocked(face: "OpenMedApp", ask: Callable[[], Awaitable[Reply]]) -> Reply:
    """Return what ``ask`` returns, after asking for the passphrase where the store waits for it.

    Raises:
        OpenMedError: it was refused, or the person did not give the passphrase.

    """
    while True:
        try:
            return await ask()
        except StoreLockedError as error:
            if not await unlock_store(face, error):
                raise


async def unlock_store(face: "OpenMedApp", locked: OpenMedError) -> bool:
    """Open the store, asking as often as it takes; False where the person leaves, or nobody can be asked here."""
    from openmed_agent.tui.chrome.dialogs import LineDialog

    try:
        get_current_worker()
    except NoActiveWorker:
        face.report(locked)
        return False
    while passphrase := await face.push_screen_wait(LineDialog(_QUESTION, secret=True)):
        try:
            opened = await face.workbench.ask(UnlockStore(passphrase=passphrase), StoreOpened)
        except StoreError as error:
            face.report(error)
            continue
        return not opened.locked
    return False
