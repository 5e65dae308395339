"""What is installed, opened for the service: at most one served release a system, more of ICD-10-CM."""

from pathlib import Path
from typing import Final

from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.releases.catalog import installed_releases
from openmed_agent.planes.codes.releases.icd10cm import IcdReleases
from openmed_agent.planes.codes.releases.index_file import IndexFile
from openmed_agent.planes.codes.releases.systems import System
from openmed_agent.planes.codes.releases.term_index import TermIndex
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex

_TERMINOLOGIES: Final[tuple[System, ...]] = ("loinc", "snomed", "cpt", "icd10pcs", "cvx")


class InstalledSystems:
    """The installed releases as they were at the start; a later installation is served after the next one.

    Raises:
        UnavailableError: a list of releases is damaged.

    """

    def __init__(self, index_folder: Path) -> None:
        served = {
            system: IndexFile(index_folder, held[0])
            for system in ("rxnorm", *_TERMINOLOGIES)
            if (held := installed_releases(index_folder, system))
        }
        drugs = served.pop("rxnorm", None)
        self.rxnorm = None if drugs is None else RxNormIndex(drugs)
        self.terms: dict[System, TermIndex] = {system: TermIndex(file) for system, file in served.items()}
        classifications = [
            TermIndex(IndexFile(index_folder, release)) for release in installed_releases(index_folder, "icd10cm")
        ]
        self.icd10cm = IcdReleases(classifications)
        self._icd10cm_releases = tuple(index.release for index in classifications)

    def releases(self) -> tuple[Release, ...]:
        """Return every release that can be asked, but RxNorm."""
        return (*self._icd10cm_releases, *(index.release for index in self.terms.values()))
