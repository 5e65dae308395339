"""Answers what the lock of the screen asks."""

import asyncio

from openmed_agent.store.passphrase_check import has_passphrase, is_passphrase
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.lock import CheckPassphrase, FindLock, LockKind, PassphraseChecked


async def find_lock(bench: Bench, _: FindLock) -> LockKind:
    """Say whether the store has a passphrase."""
    return LockKind(passphrase=has_passphrase(bench.paths.root))


async def check_passphrase(bench: Bench, request: CheckPassphrase) -> PassphraseChecked:
    """Try a passphrase; it takes some tenths of a second on purpose, in a thread of its own."""
    right = await asyncio.to_thread(is_passphrase, bench.paths.root, request.passphrase)
    return PassphraseChecked(right=right)


HANDLERS: tuple[Handler, ...] = (
    answered_by(FindLock, find_lock),
    answered_by(CheckPassphrase, check_passphrase),
)
