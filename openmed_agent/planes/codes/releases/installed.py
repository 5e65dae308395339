"""What is installed, opened for the service: at most one served release a system, more of ICD-10-CM."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.releases.catalog import InstalledRelease, installed_releases, list_path
from openmed_agent.planes.codes.releases.icd10cm import IcdReleases, InstalledIcd
from openmed_agent.planes.codes.releases.index_file import IndexFile
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System
from openmed_agent.planes.codes.releases.term_index import TermIndex
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex

_TERMINOLOGIES: Final[tuple[System, ...]] = ("loinc", "snomed", "cpt", "icd10pcs", "cvx")

_Stamp = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Served:
    """The releases that were installed at one moment; a request asks one of these from its begin to its end."""

    rxnorm: RxNormIndex | None
    terms: Mapping[System, TermIndex]
    icd10cm: IcdReleases
    releases: tuple[Release, ...]
    files: Mapping[str, IndexFile] = field(repr=False)


class InstalledSystems:
    """The installed releases, as they are: whatever any process installs or removes is noticed at the next request.

    The lists of releases are replaced as a whole, never changed, so that a look at their file status tells. Indexes
    that stay are not opened, nor verified, again. Safe to use from many threads.

    Raises:
        UnavailableError: a list of releases is damaged.

    """

    def __init__(self, index_folder: Path) -> None:
        self._index_folder = index_folder
        self._lock = threading.Lock()
        self._stamp = self._current_stamp()
        self._served = _opened(index_folder, {})

    def now(self) -> Served:
        """Return what is installed now.

        Raises:
            UnavailableError: a list of releases is damaged.

        """
        stamp = self._current_stamp()  # before reading: a list that changes meanwhile is read again next time
        with self._lock:
            if stamp != self._stamp:
                self._served = _opened(self._index_folder, self._served.files)
                self._stamp = stamp
            return self._served

    @property
    def rxnorm(self) -> RxNormIndex | None:
        """The served release of RxNorm."""
        return self.now().rxnorm

    @property
    def terms(self) -> Mapping[System, TermIndex]:
        """The served releases of the terminologies."""
        return self.now().terms

    @property
    def icd10cm(self) -> IcdReleases:
        """The releases of ICD-10-CM beside the packaged one."""
        return self.now().icd10cm

    def releases(self) -> tuple[Release, ...]:
        """Return every release that can be asked, but RxNorm."""
        return self.now().releases

    def _current_stamp(self) -> _Stamp:
        return tuple(_status(list_path(self._index_folder, system)) for system in SYSTEMS)


def _status(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None  # reading it says what is wrong, if anything is
    return (found.st_ino, found.st_mtime_ns, found.st_size)


def _opened(index_folder: Path, held: Mapping[str, IndexFile]) -> Served:
    files: dict[str, IndexFile] = {}

    def index_file(release: InstalledRelease) -> IndexFile:
        key = release.model_dump_json(by_alias=True)
        files[key] = held.get(key) or IndexFile(index_folder, release)
        return files[key]

    served = {
        system: index_file(releases[0])
        for system in ("rxnorm", *_TERMINOLOGIES)
        if (releases := installed_releases(index_folder, system))
    }
    drugs = served.pop("rxnorm", None)
    terms: dict[System, TermIndex] = {system: TermIndex(file) for system, file in served.items()}
    classifications = [InstalledIcd(index_file(release)) for release in installed_releases(index_folder, "icd10cm")]
    return Served(
        rxnorm=None if drugs is None else RxNormIndex(drugs),
        terms=terms,
        icd10cm=IcdReleases(classifications),
        releases=(*(held.release for held in classifications), *(index.release for index in terms.values())),
        files=files,
    )
