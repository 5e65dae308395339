"""Detection of identifiers: the union of the detector of this machine and a remote one, remembered by text."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.merge import unite
from openmed_agent.privacy.encodings import encoded_passages
from openmed_agent.privacy.remembering import Remembered

IdentifierDetector = Callable[[str], Awaitable[Sequence[PiiFinding]]]
"""Returns the identifiers in a text, in order and apart; raises when it cannot tell."""

_MOST_TEXTS: Final = 4_096
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def digest_of(text: str) -> bytes:
    """Return the SHA-256 of a text, also of one that UTF-8 cannot hold."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def united_detector(
    embedded: InferenceClient, remote: InferenceClient | None = None, *, language: str = "en"
) -> IdentifierDetector:
    """Return a detector that asks both planes and finds what either finds; where one cannot answer, neither does it."""

    async def detect(text: str) -> Sequence[PiiFinding]:
        if not text.strip():
            return ()
        clients = [client for client in (embedded, remote) if client is not None]
        replies = await asyncio.gather(*(client.extract_pii(text, language=language) for client in clients))
        findings = [
            PiiFinding(entity.span.start, entity.span.end, entity.label, entity.confidence, entity.sources)
            for reply in replies
            for entity in reply
        ]
        return tuple(unite(findings, text))

    return detect


class RememberedDetection:
    """A detector's answers by the digest of the text, as many as ``most_texts``, the least recently asked go first.

    It also reads what stands in base64 or hexadecimal digits: where that holds an identifier, all of it is one.
    Answers are of one release of the detector: an object lives no longer than the detector it was made with.
    """

    def __init__(self, detect: IdentifierDetector, *, most_texts: int = _MOST_TEXTS) -> None:
        self._detect = detect
        self._answers: Remembered[bytes, tuple[PiiFinding, ...]] = Remembered(most_texts)

    async def __call__(self, text: str) -> tuple[PiiFinding, ...]:
        """Return what the detector finds in ``text``.

        Raises:
            UnavailableError: the detector cannot be reached or its answer is none.

        """
        digest = digest_of(text)
        answer = self._answers.get(digest)
        if answer is None:
            answer = (*await self._answer(text), *await self._encoded(text))
            self._answers.put(digest, answer)
        return answer

    async def _answer(self, text: str) -> tuple[PiiFinding, ...]:
        # No detector is sent what UTF-8 cannot hold; the replacement is as long.
        return _checked(await self._detect(_LONE_SURROGATE.sub("\ufffd", text)), text)

    async def _encoded(self, text: str) -> list[PiiFinding]:
        return [
            PiiFinding(passage.start, passage.end, "unique_id", 1.0, ("encoded",))
            for passage in encoded_passages(text)
            if await self._answer(passage.text)
        ]


def _checked(findings: Sequence[PiiFinding], text: str) -> tuple[PiiFinding, ...]:
    if any(not 0 <= finding.start < finding.end <= len(text) for finding in findings):
        raise UnavailableError(
            "The detector of identifiers gave an answer that cannot be right, so nothing was sent.",
            remedy="Run 'openmed doctor'.",
        )
    return tuple(findings)
