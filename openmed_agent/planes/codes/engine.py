"""The embedded codes engine: everything the service answers from, over one read-only index folder."""

from pathlib import Path

from openmed_agent.planes.codes import charlson, elixhauser, hcc_models, icd9_crosswalk
from openmed_agent.planes.codes.contract import Release
from openmed_agent.planes.codes.icd_concepts import IcdConcepts
from openmed_agent.planes.codes.icd_index import ensure_index
from openmed_agent.planes.codes.icd_search import IcdSearch
from openmed_agent.planes.codes.progress import ProgressCallback, ignore_progress
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.codes.rxnorm import RxNormSubset, load_subset
from openmed_agent.planes.codes.rxnorm_index import RxNormIndex


class CodesEngine:
    """Search, concepts, risk adjustment and drugs; safe to use from many threads."""

    def __init__(self, index_folder: Path, progress: ProgressCallback = ignore_progress) -> None:
        index = ensure_index(index_folder, progress)
        self.search = IcdSearch(index)
        self.concepts = IcdConcepts(index)
        self.installed = InstalledSystems(index_folder)

    @property
    def rxnorm(self) -> RxNormSubset | RxNormIndex:
        """Return the installed release, or the packaged subset where none is."""
        return self.installed.rxnorm or load_subset()

    @property
    def icd_release(self) -> Release:
        """Return the release of ICD-10-CM, with what is wrong with its age today."""
        return self.concepts.release

    def releases(self) -> tuple[Release, ...]:
        """Return every release that is installed."""
        return (
            self.icd_release,
            *hcc_models.releases(),
            charlson.RELEASE,
            elixhauser.RELEASE,
            icd9_crosswalk.RELEASE,
            self.rxnorm.release,
            *self.installed.releases(),
        )


def prepare(index_folder: Path, progress: ProgressCallback) -> None:
    """Build what is missing in ``index_folder``, so that the service can answer at once.

    Raises:
        UnavailableError: the index is not there and cannot be made.

    """
    ensure_index(index_folder, progress)
