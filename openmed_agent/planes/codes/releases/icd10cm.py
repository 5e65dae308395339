"""Other releases of ICD-10-CM than the packaged one: which is in force on a day, and what can be reported then.

A release of a fiscal year holds from 1 October to 30 September, its April update from 1 April on.
"""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Final

from openmed_agent.planes.codes.contract import Concept, IcdValidateReply, IcdValidation
from openmed_agent.planes.codes.icd_concepts import normal_code
from openmed_agent.planes.codes.releases.term_index import TermIndex

_VERSION: Final = re.compile(r"FY(20[0-9]{2})( April update)?")
_SUGGESTED: Final = 10
_OCTOBER, _APRIL = 10, 4


class IcdReleases:
    """The installed releases, the last installed first."""

    def __init__(self, indexes: Sequence[TermIndex]) -> None:
        self._indexes = tuple(indexes)

    def named(self, version: str) -> TermIndex | None:
        """Return the release with this version, such as ``FY2027``."""
        return next((index for index in self._indexes if index.release.version == version), None)

    def on(self, date: dt.date) -> TermIndex | None:
        """Return the release in force on ``date``; an April update goes before the release it updates."""
        covering = [
            (begins, index)
            for index in self._indexes
            if (begins := _in_force_from(index.release.version)) is not None and begins <= date <= _until(begins)
        ]
        return max(covering, key=lambda pair: pair[0], default=(None, None))[1]


def validate_codes(index: TermIndex, codes: Sequence[str], date: dt.date) -> IcdValidateReply:
    """Return for each code whether it can be reported on ``date``, which ``index`` covers."""
    begins = _in_force_from(index.release.version)
    note = ""
    if begins is not None and begins.month == _OCTOBER and date >= dt.date(begins.year + 1, _APRIL, 1):
        note = f"{index.release.version} is its October release; an update may be in force since 1 April."
    validated = {code: _validated(index, code, note) for code in dict.fromkeys(codes)}
    return IcdValidateReply(
        results=tuple(validated[code] for code in codes), date=date, date_covered=True, release=index.release
    )


def _validated(index: TermIndex, text: str, note: str) -> IcdValidation:
    plain = normal_code(text)
    if plain is None:
        return _invalid(text, "This does not have the form of an ICD-10-CM code.", ())
    found = index.title(plain)
    if found is None:
        nearest = next((plain[:size] for size in range(len(plain) - 1, 2, -1) if index.title(plain[:size])), None)
        suggestions = index.billable_from(nearest, _SUGGESTED) if nearest else ()
        return _invalid(text, f"There is no such code in {index.release.version}.", suggestions)
    if found.billable:
        return IcdValidation(code=found.code, valid=True, exists=True, billable=True, reason=note)
    return IcdValidation(
        code=found.code,
        valid=False,
        exists=True,
        billable=False,
        reason=f"{found.code} is not specific enough to be reported; choose a code below it.",
        suggestions=index.billable_from(plain, _SUGGESTED),
    )


def _invalid(code: str, reason: str, suggestions: tuple[Concept, ...]) -> IcdValidation:
    return IcdValidation(code=code, valid=False, exists=False, billable=False, reason=reason, suggestions=suggestions)


def _in_force_from(version: str) -> dt.date | None:
    found = _VERSION.fullmatch(version)
    if found is None:
        return None
    year = int(found.group(1))
    return dt.date(year, _APRIL, 1) if found.group(2) else dt.date(year - 1, _OCTOBER, 1)


def _until(begins: dt.date) -> dt.date:
    year = begins.year + 1 if begins.month == _OCTOBER else begins.year
    return dt.date(year, 9, 30)
