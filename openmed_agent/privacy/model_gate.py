"""The gate before a language model: what of a session's text the model gets, and the way back.

In ``full`` text passes as it is. In ``deid`` (the default) identifiers leave as surrogates. In ``strict`` a text with
an identifier does not leave at all. Whatever the mode, nothing leaves where detection cannot be made, and the last word
is ``seal``, which sees the bytes of a request as they are sent.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final, TypeVar

from openmed_agent.errors import NotPermittedError
from openmed_agent.net.outbound_text import OutboundText
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.privacy.announced.record import announced_identifiers
from openmed_agent.privacy.bodies import JSON_STRING, json_text, read_body
from openmed_agent.privacy.detection import IdentifierDetector, RememberedDetection, digest_of
from openmed_agent.privacy.encodings import encoded_passages
from openmed_agent.privacy.identifiers import Identifier
from openmed_agent.privacy.matching import KnownSpan
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.regions import Region, local_regions, model_regions, without_surrogates
from openmed_agent.privacy.remembering import Remembered
from openmed_agent.privacy.surrogates import Shown, SurrogateStream, escaped
from openmed_agent.privacy.vault import Vault
from openmed_agent.text.spans import Span

_MOST_PASSED: Final = 16_384
_MOST_CHARACTERS: Final = 16_000_000
_MOST_NAMED: Final = 5
_MOST_ROUNDS: Final = 20

Rendered = TypeVar("Rendered")


class _Side(Enum):
    """Where a text comes from."""

    LOCAL = "local"
    MODEL = "model"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a text became at an epoch."""

    epoch: int
    text: str = field(repr=False)


class ModelGate:
    """The gate of one session; gates of other modes of the same session share its vault."""

    def __init__(self, mode: PhiMode, vault: Vault, detect: IdentifierDetector) -> None:
        """Make a gate; ``detect`` must unite every detector that the session has."""
        self.mode = mode
        self._vault = vault
        self._detect = detect if isinstance(detect, RememberedDetection) else RememberedDetection(detect)
        self._outcomes: Remembered[tuple[_Side, bytes], _Outcome] = Remembered(_MOST_CHARACTERS)
        self._passed: Remembered[bytes, None] = Remembered(_MOST_PASSED)
        self._own: frozenset[bytes] = frozenset()

    def with_mode(self, mode: PhiMode) -> "ModelGate":
        """Return the gate of the same session in another mode; nothing that passed this one has passed that one."""
        gate = ModelGate(mode, self._vault, self._detect)
        gate._own = self._own
        return gate

    @property
    def epoch(self) -> int:
        """A number that grows when an identifier becomes known; texts that passed before may hold it."""
        return self._vault.epoch

    async def settled(self, render: Callable[[], Awaitable[Rendered]]) -> Rendered:
        """Return what ``render`` returns once nothing became known while it ran, so that ``seal`` will pass it.

        Rendering again costs little: what was detected is remembered.
        """
        epoch, rendered = self.epoch, await render()
        for _ in range(_MOST_ROUNDS):
            if self.epoch == epoch:
                break
            epoch, rendered = self.epoch, await render()
        return rendered

    async def learn(self, text: str) -> None:
        """Make known what a whole record announces and what the detector finds in it.

        Raises:
            UnavailableError: the detector gave no answer.
            StoreError: the vault cannot be kept.

        """
        if self.mode is PhiMode.FULL:
            return
        findings = await self._detect(text)
        self._learn_announced(text)
        regions = local_regions(text, (), findings)
        self._vault.learn(Identifier(region.kind, text[region.start : region.end]) for region in regions)
        self._vault.keep()

    async def outgoing(self, text: str) -> str:
        """Return a local text as the model gets it.

        Raises:
            NotPermittedError: strict mode, and the text holds an identifier. It names kinds and places only.
            UnavailableError: the detector gave no answer.
            StoreError: the vault cannot be kept.

        """
        return await self._cleared(text, _Side.LOCAL)

    async def echoed(self, text: str) -> str:
        """Return a text that came from the model, or is the program's own, as the model gets it: surrogates stay.

        Raises:
            NotPermittedError: strict mode, and the text holds an identifier. It names kinds and places only.
            UnavailableError: the detector gave no answer.
            StoreError: the vault cannot be kept.

        """
        return await self._cleared(text, _Side.MODEL)

    async def closed(self, text: str) -> str:
        """Return a text that our own code wrote of closed values: no detector reads it, what is known is kept from it.

        Raises:
            NotPermittedError: strict mode, and the text holds something known. It names kinds and places only.
            StoreError: the vault cannot be kept.

        """
        return await self._cleared(text, _Side.CLOSED)

    def own_words(self, texts: Iterable[str]) -> None:
        """Say that ``texts`` are the program's own, such as names and descriptions of tools.

        They were written before there was a patient: no detector reads them, and a name in them is an ordinary word.
        """
        self._own |= frozenset(map(digest_of, texts))

    async def seal(self, body: bytes) -> OutboundText:
        """Return the body of a request as what may leave.

        Every key and string must have passed this gate or hold no identifier, and nothing that is known may stand in
        the body as a whole, in any encoding and across its parts.

        Raises:
            NotPermittedError: it holds an identifier, or is not JSON that can be read in only one way.
            UnavailableError: the detector gave no answer.

        """
        if self.mode is PhiMode.FULL or not body:
            return OutboundText(body)
        request = read_body(body)
        for text in request.strings:
            unseen = self._unseen(text)
            regions = model_regions(unseen, self._known(unseen), await self._detect(unseen)) if unseen else []
            if regions:
                raise _refusal("A part of the request that did not pass the privacy gate holds", regions)
            self._passed.put(digest_of(text), None)
        # From here on nothing is awaited, so what is known now is all that is known when the bytes leave.
        for whole in (request.read(self._is_own), request.joined(self._is_own)):
            regions = model_regions(whole, (span for span in self._known(whole) if not span.weak), ())
            if regions:
                raise _refusal("The request as a whole holds", regions)
        self._vault.keep()
        return OutboundText(body)

    async def identifiers(self, text: str) -> tuple[Span, ...]:
        """Return where a local text holds identifiers that the model does not get; none in full mode.

        Raises:
            UnavailableError: the detector gave no answer.

        """
        if self.mode is PhiMode.FULL:
            return ()
        findings = await self._detect(text)
        return tuple(Span(region.start, region.end) for region in self._regions(text, _Side.LOCAL, findings))

    def shown(self, text: str) -> Shown:
        """Return a model's text for the person: surrogates as what they stand for, unknown ones marked."""
        return Shown(text) if self._never_replaced() else self._vault.restored(text)

    def arguments(self, text: str) -> str:
        """Return the JSON text of a call's arguments for a tool of this machine, re-identified inside its strings.

        Raises:
            NotPermittedError: a surrogate stands for nothing known, or could be meant and is not written as one.

        """
        if self._never_replaced():
            return text
        return JSON_STRING.sub(self._argument, text)

    def stream(self) -> SurrogateStream:
        """Return what makes a model's text that comes in pieces fit for the person."""
        return SurrogateStream(self.shown)

    def _argument(self, match: re.Match[str]) -> str:
        try:
            text = json_text(match.group())
        except json.JSONDecodeError:
            return match.group()
        shown = self._vault.restored(text)
        if shown.unknown:
            raise NotPermittedError(
                "The call names something by a surrogate that stands for nothing in this session, so it was not run.",
                remedy="Use surrogates exactly as they were given.",
            )
        return match.group() if shown.text == text else json.dumps(shown.text, ensure_ascii=False)

    def _never_replaced(self) -> bool:
        """Return whether this session has only ever been in full mode, where text is what it is."""
        return self.mode is PhiMode.FULL and not len(self._vault)

    def _unseen(self, text: str) -> str:
        """Return what of a string of a request has not passed: nothing, its heading above a text that has, or all."""
        if self._has_passed(text):
            return ""
        heading, _, rest = text.partition("\n")
        return heading if rest and self._has_passed(rest) else text

    def _is_own(self, text: str) -> bool:
        return digest_of(text) in self._own

    def _has_passed(self, text: str) -> bool:
        digest = digest_of(text)
        return digest in self._passed or digest in self._own

    async def _cleared(self, text: str, side: _Side) -> str:
        """Return ``text`` as the model gets it, from memory where nothing became known since."""
        if self.mode is PhiMode.FULL:
            return text
        digest = digest_of(text)
        before = self._outcomes.get((side, digest))
        if before is not None and before.epoch == self.epoch:
            self._passed.put(digest_of(before.text), None)
            return before.text
        findings = () if side is _Side.CLOSED else await self._detect(text)
        # From here on nothing is awaited: the outcome is of one epoch.
        if side is _Side.LOCAL and before is None:
            self._learn_announced(text)
        if self.mode is PhiMode.STRICT and (regions := self._regions(text, side, findings)):
            raise _refusal("The text holds", regions)
        outcome = self._replaced(text, side, findings)
        self._vault.keep()
        self._outcomes.put((side, digest), outcome, size=len(text) + len(outcome.text))
        self._passed.put(digest_of(outcome.text), None)
        return outcome.text

    def _replaced(self, text: str, side: _Side, findings: Sequence[PiiFinding]) -> _Outcome:
        """Return ``text`` with surrogates for its identifiers: what becomes known by it is replaced all over it."""
        outcome = self._with_surrogates(text, side, findings)
        for _ in range(_MOST_ROUNDS):
            if self.epoch == outcome.epoch:
                break
            outcome = self._with_surrogates(text, side, findings)
        return outcome

    def _with_surrogates(self, text: str, side: _Side, findings: Sequence[PiiFinding]) -> _Outcome:
        epoch = self.epoch
        between = escaped if side is _Side.LOCAL else str
        parts: list[str] = []
        done = 0
        for region in self._regions(text, side, findings):
            name = self._vault.surrogate_of(region.kind, text[region.start : region.end], region.entity)
            parts += (between(text[done : region.start]), name)
            done = region.end
        return _Outcome(epoch, "".join((*parts, between(text[done:]))))

    def _regions(self, text: str, side: _Side, findings: Sequence[PiiFinding]) -> list[Region]:
        if side is _Side.LOCAL:
            return local_regions(text, self._vault.spans(text), findings)
        known = self._known(text)
        if side is _Side.CLOSED:
            known = [span for span in known if not span.weak]
        return model_regions(text, known, findings)

    def _known(self, text: str) -> list[KnownSpan]:
        return self._vault.spans(without_surrogates(text))

    def _learn_announced(self, text: str) -> None:
        for passage in (text, *(encoded.text for encoded in encoded_passages(text))):
            self._vault.learn(announced_identifiers(passage))


def _refusal(where: str, regions: Sequence[Region]) -> NotPermittedError:
    named = [f"{region.kind.lower()} at characters {region.start + 1} to {region.end}" for region in regions]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return NotPermittedError(
        f"{where} what looks like an identifier ({', '.join(named[:_MOST_NAMED])}{more}), so nothing was sent.",
        remedy="Say it without; in the deid mode identifiers are replaced instead.",
    )
