"""Other releases of ICD-10-CM than the packaged one: which is in force on a day, and what can be reported then.

A release of a fiscal year holds from 1 October to 30 September, its April update from 1 April on.
"""

import datetime as dt
import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from openmed_agent.planes.codes import icd_validation
from openmed_agent.planes.codes.contract import IcdValidateReply, Release
from openmed_agent.planes.codes.icd_concepts import IcdConcepts
from openmed_agent.planes.codes.icd_search import IcdSearch
from openmed_agent.planes.codes.releases.index_file import IndexFile

_VERSION: Final = re.compile(r"FY(20[0-9]{2})( April update)?")
_OCTOBER, _APRIL = 10, 4


class InstalledIcd:
    """One installed release, searched and looked up as the packaged one is."""

    def __init__(self, file: IndexFile) -> None:
        self.release: Release = file.release
        self.concepts = IcdConcepts(file)
        self._file = file

    @cached_property
    def search(self) -> IcdSearch:
        """The search, whose vocabulary is read at its first use."""
        return IcdSearch(self._file)


class IcdReleases:
    """The installed releases, the last installed first."""

    def __init__(self, installed: Sequence[InstalledIcd]) -> None:
        self._installed = tuple(installed)

    def named(self, version: str) -> InstalledIcd | None:
        """Return the release with this version, such as ``FY2027``."""
        return next((held for held in self._installed if held.release.version == version), None)

    def on(self, date: dt.date) -> InstalledIcd | None:
        """Return the release in force on ``date``; an April update goes before the release it updates."""
        covering = [
            (begins, held)
            for held in self._installed
            if (begins := _in_force_from(held.release.version)) is not None and begins <= date <= _until(begins)
        ]
        return max(covering, key=lambda pair: pair[0], default=(None, None))[1]


def validate_codes(installed: InstalledIcd, codes: tuple[str, ...], date: dt.date) -> IcdValidateReply:
    """Return for each code whether it can be reported on ``date``, which the release covers."""
    reply = icd_validation.validate(installed.concepts, codes, None)
    begins = _in_force_from(installed.release.version)
    note = ""
    if begins is not None and begins.month == _OCTOBER and date >= dt.date(begins.year + 1, _APRIL, 1):
        note = f"{installed.release.version} is its October release; an update may be in force since 1 April."
    results = tuple(
        found.model_copy(update={"reason": note}) if found.valid and note else found for found in reply.results
    )
    return reply.model_copy(update={"results": results, "date": date, "date_covered": True})


def _in_force_from(version: str) -> dt.date | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    year = int(found.group(1))
    return dt.date(year, _APRIL, 1) if found.group(2) else dt.date(year - 1, _OCTOBER, 1)


def _until(begins: dt.date) -> dt.date:
    year = begins.year + 1 if begins.month == _OCTOBER else begins.year
    return dt.date(year, 9, 30)
