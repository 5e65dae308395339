"""Treats records on a Dask cluster; needs the extra ``cluster``.

The workers get original text and the key, so a scheduler that is not on this machine is spoken to over TLS only (Dask's
own settings name the certificates). Nothing is spilled to disk by a cluster that is made here; of another one its
operator must see to that (docs/inference.md).
"""

import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from openmed_agent import __version__
from openmed_agent.errors import UnavailableError, UsageError
from openmed_agent.net.clients import is_loopback
from openmed_agent.planes.inference.corpus.pools import Chunk, Pending, in_order
from openmed_agent.planes.inference.corpus.records import Outcome
from openmed_agent.planes.inference.corpus.treat import Treatment, treat_all

LOCAL: Final = "local"
"""Stands for a cluster that is made on this machine for the length of a run."""

_CHUNKS_A_WORKER: Final = 3
_CONNECT_SECONDS: Final = 10
_SILENCE_SECONDS: Final = 900
_NOTHING_ON_DISK: Final = {"distributed.worker.memory.target": False, "distributed.worker.memory.spill": False}


def checked_address(address: str) -> str:
    """Return ``address`` if text may travel there: ``local``, TLS, or plain TCP on this machine.

    Raises:
        UsageError: it may not.

    """
    if address == LOCAL:
        return address
    try:
        parts = urlsplit(address)
        known = parts.scheme in {"tcp", "tls"} and parts.hostname is not None and parts.port is not None
    except ValueError:
        raise _no_address() from None
    if not known or parts.path or parts.username:
        raise _no_address()
    if parts.scheme == "tcp" and not is_loopback(parts.hostname or ""):
        raise UsageError(
            "Text may not travel to a scheduler on another machine without TLS.",
            remedy="Use a tls:// address, with Dask's settings for its certificates.",
        )
    return address


class Cluster:
    """A cluster at ``address``, or one of ``processes`` workers made here."""

    def __init__(self, address: str, *, processes: int) -> None:
        self._address = checked_address(address)
        self._processes = processes

    def treated(self, chunks: Iterator[Chunk], treatment: Treatment) -> Iterator[tuple[Outcome, ...]]:
        """Yield what comes of each chunk, in order; Dask gives the work of a lost worker to another."""
        with _silent_dask() as distributed, self._client(distributed) as client:
            workers = _checked_workers(client)

            def submit(chunk: Chunk) -> Pending:
                # Not pure: the name of a pure task would be a digest of the text.
                return _Waited(client.submit(treat_all, chunk, treatment, pure=False))

            try:
                yield from in_order(chunks, submit, most=_CHUNKS_A_WORKER * workers, under_way=deque())
            except (distributed.KilledWorker, distributed.CancelledError, TimeoutError, OSError):
                raise UnavailableError(
                    "The Dask cluster lost its workers or its scheduler.",
                    remedy="Check it; the same command goes on where it stopped.",
                ) from None

    @contextmanager
    def _client(self, distributed: Any) -> Iterator[Any]:  # noqa: ANN401 - Dask has no types of its own
        import dask  # noqa: PLC0415 - an extra

        try:
            if self._address != LOCAL:
                with distributed.Client(self._address, timeout=_CONNECT_SECONDS, set_as_default=False) as client:
                    yield client
                return
            with (
                dask.config.set(_NOTHING_ON_DISK),
                distributed.LocalCluster(
                    n_workers=self._processes,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                    security=True,  # certificates of its own: others on this machine reach the ports too
                    silence_logs=logging.CRITICAL,
                ) as cluster,
                distributed.Client(cluster, set_as_default=False) as client,
            ):
                yield client
        except (TimeoutError, OSError):
            raise UnavailableError(
                "The Dask scheduler does not answer.", remedy="Check --scheduler and the cluster."
            ) from None


class _Waited:
    """A future of Dask whose result is waited for with a limit."""

    def __init__(self, future: Any) -> None:  # noqa: ANN401 - Dask has no types of its own
        self._future = future

    def result(self) -> tuple[Outcome, ...]:
        """Return the outcomes.

        Raises:
            TimeoutError: nobody works on it.

        """
        outcomes: tuple[Outcome, ...] = self._future.result(timeout=_SILENCE_SECONDS)
        return outcomes


@contextmanager
def _silent_dask() -> Iterator[Any]:
    """Yield Dask's module; its messages could hold what it was given."""
    try:
        import distributed  # noqa: PLC0415 - an extra
    except ImportError:
        raise UnavailableError(
            "A cluster needs the packages dask and distributed.",
            remedy="Install openmed-agent with the extra 'cluster'.",
        ) from None
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield distributed
    finally:
        logger.setLevel(before)


def release() -> str:
    """Return the release of this package, for a worker to say."""
    return __version__


def _checked_workers(client: Any) -> int:  # noqa: ANN401 - Dask has no types of its own
    """Return the number of workers, all of which run this release: another one could find other identifiers."""
    client.wait_for_workers(1, timeout=_CONNECT_SECONDS)
    try:
        releases = client.run(release)
    except (ImportError, AttributeError):
        releases = {"": None}
    if any(found != __version__ for found in releases.values()):
        raise UnavailableError(
            "A worker of the cluster does not run this release of OpenMed Agent.",
            remedy=f"Install openmed-agent {__version__} on all of them.",
        )
    return len(releases)


def _no_address() -> UsageError:
    return UsageError(
        "A scheduler is 'local', tls://HOST:PORT, or tcp://127.0.0.1:PORT.", remedy="Choose another --scheduler."
    )
