"""What the handlers share: settings, the store, the planes, and the one session that is open."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from weakref import WeakSet

from openmed_agent.settings.configuration import Configuration, KeyCustody
from openmed_agent.settings.paths import Paths
from openmed_agent.settings.project import load_configuration_in
from openmed_agent.workbench.wire import StoreLockedError

if TYPE_CHECKING:
    from openmed_agent.planes.codes.client import CodesClient
    from openmed_agent.planes.connection import PlaneConnections
    from openmed_agent.planes.inference.client import InferenceClient
    from openmed_agent.planes.supervisor import EmbeddedPlane, Preparation
    from openmed_agent.store.store import Store
    from openmed_agent.workbench.folder_files import FolderFiles
    from openmed_agent.workbench.review_desk import ReviewDesk
    from openmed_agent.workbench.session_desk import SessionDesk

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """What the command line of the screen said."""

    folder: Path
    allow: tuple[str, ...] = ()


@dataclass
class _Planes:
    inference: "InferenceClient | None" = None
    codes: "CodesClient | None" = None


class Bench:
    """The working place of one screen; everything in it opens when it is first needed."""

    def __init__(self, paths: Paths, options: BenchOptions) -> None:
        self.paths = paths
        self.options = options
        self.plane_notices: list[str] = []
        self.embedded_planes: WeakSet[EmbeddedPlane] = WeakSet()
        self.told_of_preparations: set[Callable[[Preparation], None]] = set()
        self._configuration: Configuration | None = None
        self._store: Store | None = None
        self._desk: SessionDesk | None = None
        self._reviews: ReviewDesk | None = None
        self._files: FolderFiles | None = None
        self._planes = _Planes()
        self._stack = AsyncExitStack()

    @property
    def configuration(self) -> Configuration:
        """The settings, narrowed by the project that the folder belongs to.

        Raises:
            InputError: a file of settings is wrong.

        """
        if self._configuration is None:
            self._configuration = load_configuration_in(self.options.folder, self.paths)
        return self._configuration

    def forget_configuration(self) -> None:
        """Read the settings anew when they are next needed, since a file of them was changed."""
        self._configuration = None
        self._files = None

    @property
    def store(self) -> "Store":
        """The store, made where there is none.

        Raises:
            StoreLockedError: it needs a passphrase that was not given yet.
            StoreError: the store or its key cannot be had.

        """
        return self._store or self.unlock(None)

    @property
    def store_is_open(self) -> bool:
        """Whether the store is open already."""
        return self._store is not None

    def unlock(self, passphrase: str | None, *, custody: KeyCustody | None = None) -> "Store":
        """Open the store, with a passphrase where its key needs one, and return it.

        ``custody`` is how the key of a new store is kept; None as the settings say.

        Raises:
            StoreLockedError: it needs one and none was given.
            StoreError: the store or its key cannot be had.

        """
        if self._store is None:
            from openmed_agent.store.opening import open_store

            self._store = open_store(
                self.paths.root,
                custody=custody or self.configuration.store.key,
                passphrase=_given(passphrase),
            )
            self._stack.callback(self._store.close)
        return self._store

    async def beside(self, work: Callable[["Store"], Made]) -> Made:
        """Return what work makes of the store, in a thread with a connection of its own; the loop goes on meanwhile.

        What has begun comes to its end: whoever is cancelled while waiting for it goes only then.

        Raises:
            OpenMedError: as ``work`` does, or the store cannot be had.

        """
        connect = self.store.connect

        def whole() -> Made:
            with connect() as store:
                return work(store)

        running = asyncio.ensure_future(asyncio.to_thread(whole))
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            await asyncio.gather(running, return_exceptions=True)
            raise

    @property
    def desk(self) -> "SessionDesk":
        """Where the open session is."""
        if self._desk is None:
            from openmed_agent.workbench.session_desk import SessionDesk

            self._desk = SessionDesk(self)
            self._stack.push_async_callback(self._desk.close)
        return self._desk

    @property
    def open_session(self) -> str | None:
        """The id of the session that is open, or None."""
        return self._desk.session_id if self._desk is not None else None

    @property
    def reviews(self) -> "ReviewDesk":
        """Where the open review is."""
        if self._reviews is None:
            from openmed_agent.workbench.review_desk import ReviewDesk

            self._reviews = ReviewDesk(self)
        return self._reviews

    @property
    def files(self) -> "FolderFiles":
        """The files that a prompt may name.

        Raises:
            InputError: a file of settings is wrong.

        """
        if self._files is None:
            from openmed_agent.tools.granted_files import GrantedFiles, refused_folders
            from openmed_agent.workbench.folder_files import FolderFiles

            settings = self.configuration.files
            closed = (*refused_folders(self.paths), *settings.refused())
            self._files = FolderFiles(GrantedFiles(roots=settings.granted(self.options.folder), refused=closed))
        return self._files

    @property
    def connections(self) -> "PlaneConnections":
        """How planes are reached from here."""
        from openmed_agent.planes.connection import PlaneConnections
        from openmed_agent.planes.supervisor import PlaneWatcher
        from openmed_agent.runtime.outbound_audit import outbound_recorded

        watcher = PlaneWatcher(
            prepared=self._tell_prepared, notice=self.plane_notices.append, opened=self.embedded_planes.add
        )
        store = self.store
        return PlaneConnections(
            self.configuration, self.paths, watcher, outbound_recorded(store.audit), surrogate_key=store.surrogate_key
        )

    def _tell_prepared(self, preparation: "Preparation") -> None:
        for tell in tuple(self.told_of_preparations):
            tell(preparation)

    async def inference(self) -> "InferenceClient":
        """Return a client of the inference plane for work outside a session."""
        if self._planes.inference is None:
            from openmed_agent.planes.connection import open_inference

            self._planes.inference = await self._stack.enter_async_context(open_inference(self.connections))
        return self._planes.inference

    async def codes(self) -> "CodesClient":
        """Return a client of the codes plane for work outside a session."""
        if self._planes.codes is None:
            from openmed_agent.planes.connection import open_codes

            self._planes.codes = await self._stack.enter_async_context(open_codes(self.connections))
        return self._planes.codes

    async def __aenter__(self) -> Self:
        """Return the bench."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session, end the planes, close the store."""
        await self._stack.aclose()


def _given(passphrase: str | None) -> Callable[[str], str]:
    def answer(_: str) -> str:
        if passphrase is None:
            raise StoreLockedError
        return passphrase

    return answer
