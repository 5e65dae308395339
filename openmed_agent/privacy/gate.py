"""What may reach the planes and the literature services in each PHI mode.

Embedded planes run on this machine and get the original in every mode. A remote inference plane gets it
too, in ``strict`` only where it is marked as trusted for strict. A remote codes plane gets queries that were
scanned: in ``deid`` an identifier refuses the query, in ``strict`` only vocabulary terms pass. A query to a public
literature service is scanned in ``deid`` and refused if it holds an identifier; in ``strict`` there is none.
"""

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from openmed_agent.errors import NotPermittedError
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import PlaneSettings

IdentifierScan = Callable[[str], Awaitable[bool]]
"""Returns whether a text holds an identifier; raises when it cannot tell."""

IdentifierDetector = Callable[[str], Awaitable[Sequence[PiiFinding]]]
"""Returns the identifiers in a text; raises when it cannot tell."""

_WORD: Final = re.compile(r"\S+")


def check_inference_plane(mode: PhiMode, settings: PlaneSettings) -> None:
    """Check that chart text may go to the configured inference plane.

    Raises:
        NotPermittedError: the mode is strict and the remote plane is not marked as trusted for it.

    """
    if mode is PhiMode.STRICT and settings.url is not None and not settings.trusted_for_strict:
        raise NotPermittedError(
            "In strict mode no chart text goes to a remote inference service that is not marked as trusted.",
            remedy="Unset OPENMED_INFERENCE_URL, or set trusted_for_strict under [inference] in config.toml.",
        )


@dataclass(frozen=True, slots=True)
class CodesQueryGate:
    """Decides whether a term from a chart may be sent to the codes plane."""

    mode: PhiMode
    remote: bool
    scan: IdentifierScan

    async def permits(self, term: str, *, vocabulary: bool) -> bool:
        """Return whether ``term`` may be sent; ``vocabulary`` says that it is a dictionary's own term.

        Raises:
            OpenMedError: the scan that the mode asks for could not be made.

        """
        if not self.remote or self.mode is PhiMode.FULL:
            return True
        if self.mode is PhiMode.STRICT and not vocabulary:
            return False
        return not await self.scan(term)


@dataclass(frozen=True, slots=True)
class LiteratureQueryGate:
    """Decides whether a query may be sent to a public literature service."""

    mode: PhiMode
    detect: IdentifierDetector

    async def check(self, query: str) -> None:
        """Check that ``query`` may leave this machine, exactly as it is given.

        People type queries in lower case, where names are hard to tell from words, so the query is read as it is and
        once more with capital initials, where only a first name before a last name counts.

        Raises:
            NotPermittedError: the mode is strict, or the query holds an identifier. It names kinds and places only.
            OpenMedError: the detector gave no answer, so nothing may leave.

        """
        if self.mode is PhiMode.FULL:
            return
        if self.mode is PhiMode.STRICT:
            raise NotPermittedError(
                "In strict mode no query goes to a literature service.", remedy="Use another PHI mode for it."
            )
        capitals = _with_capital_initials(query)
        found = [*await self.detect(query), *_full_names(capitals, await self.detect(capitals))]
        if found:
            places = sorted({(finding.start, finding.end, finding.label) for finding in found})
            start, end, label = places[0]
            kind = label.replace("_", " ")[:40]
            raise NotPermittedError(
                f"The query holds what looks like an identifier ({kind}, characters {start + 1} to {end}), so nothing "
                "was sent.",
                remedy="Ask without it; --phi-mode full sends a query as it is.",
            )


def _with_capital_initials(text: str) -> str:
    """Return ``text`` with each word's first letter in upper case, and the same offsets."""

    def capital(word: re.Match[str]) -> str:
        first = word.group()[0].upper()
        return (first if len(first) == 1 else word.group()[0]) + word.group()[1:]

    return _WORD.sub(capital, text)


def _full_names(text: str, findings: Sequence[PiiFinding]) -> Iterator[PiiFinding]:
    """Yield the first names in ``text`` that a last name follows, other than common words such as cancer."""
    from openmed_agent.planes.inference.pii.lexicon import lexicon, plain  # noqa: PLC0415 - reads word lists

    words = lexicon()
    for first, last in pairwise(sorted(findings, key=lambda finding: finding.start)):
        if (first.label, last.label) != ("first_name", "last_name") or text[first.end : last.start] != " ":
            continue
        surname = plain(text[last.start : last.end])
        known = surname in words.surnames or surname in words.surnames_ambiguous
        if known and surname not in words.common:
            yield first
