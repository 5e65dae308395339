"""The gate before a language model: what of a session's text the model gets, and the way back.

In ``full`` text passes as it is. In ``deid`` (the default) identifiers leave as surrogates. In ``strict`` a text with
an identifier does not leave at all. Whatever the mode, nothing leaves where detection cannot be made, and the last word
is ``seal``, which sees the bytes of a request as they are sent.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Sequence
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
from openmed_agent.privacy.surrogates import Shown, SurrogateStream, escaped
from openmed_agent.privacy.vault import Vault

_MOST_TEXTS: Final = 8_192
_MOST_NAMED: Final = 5
_MOST_ROUNDS: Final = 20

Rendered = TypeVar("Rendered")


class ModelGate:
    """The gate of one session; gates of other modes of the same session share its vault."""

    def __init__(self, mode: PhiMode, vault: Vault, detect: IdentifierDetector) -> None:
        """Make a gate; ``detect`` must unite every detector that the session has."""
        self.mode = mode
        self._vault = vault
        self._detect = detect if isinstance(detect, RememberedDetection) else RememberedDetection(detect)
        self._passed: OrderedDict[bytes, int] = OrderedDict()
        self._own: set[bytes] = set()

    def with_mode(self, mode: PhiMode) -> "ModelGate":
        """Return the gate of the same session in another mode."""
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
        for passage in (text, *(encoded.text for encoded in encoded_passages(text))):
            self._vault.learn(announced_identifiers(passage))
        findings = await self._detect(text)
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
        if self.mode is PhiMode.FULL:
            return text
        findings = await self._detect(text)
        regions = local_regions(text, self._vault.spans(text), findings)
        if self.mode is PhiMode.STRICT and regions:
            raise _refusal("The text holds", regions)
        return self._replaced(text, lambda: local_regions(text, self._vault.spans(text), findings), escaped)

    async def echoed(self, text: str) -> str:
        """Return a text that came from the model, or is the program's own, as the model gets it: surrogates stay.

        Raises:
            NotPermittedError: strict mode, and the text holds an identifier. It names kinds and places only.
            UnavailableError: the detector gave no answer.
            StoreError: the vault cannot be kept.

        """
        if self.mode is PhiMode.FULL:
            return text
        findings = await self._detect(text)
        regions = self._model_regions(text, findings)
        if self.mode is PhiMode.STRICT and regions:
            raise _refusal("The text holds", regions)
        return self._replaced(text, lambda: self._model_regions(text, findings), lambda part: part)

    async def closed(self, text: str) -> str:
        """Return a text that our own code wrote of closed values, which only what is known has to be kept from.

        Raises:
            NotPermittedError: strict mode, and the text holds something known. It names kinds and places only.
            StoreError: the vault cannot be kept.

        """
        if self.mode is PhiMode.FULL:
            return text
        regions = self._model_regions(text, ())
        if self.mode is PhiMode.STRICT and regions:
            raise _refusal("The text holds", regions)
        return self._replaced(text, lambda: self._model_regions(text, ()), lambda part: part)

    def own_words(self, texts: Iterable[str]) -> None:
        """Say that ``texts`` are the program's own, such as names and descriptions of tools: no detector reads them.

        What is known is kept from them all the same: ``seal`` looks for it in the request as a whole.
        """
        self._own.update(map(digest_of, texts))

    async def seal(self, body: bytes) -> OutboundText:
        """Return the body of a request as what may leave.

        Every key, string and number must have passed this gate or hold no identifier, and no known identifier may
        stand in the bytes as a whole in any encoding.

        Raises:
            NotPermittedError: it holds an identifier, or is not JSON that can be read in only one way.
            UnavailableError: the detector gave no answer.

        """
        if self.mode is PhiMode.FULL or not body:
            return OutboundText(body)
        request = read_body(body)
        for text in request.strings:
            if not self._has_passed(text):
                regions = self._model_regions(text, await self._detect(text))
                if regions:
                    raise _refusal("A part of the request that did not pass the privacy gate holds", regions)
                self._pass(text)
        whole = request.without(lambda text: digest_of(text) in self._own)
        regions = model_regions(whole, (span for span in self._known(whole) if not span.weak), ())
        if regions:
            raise _refusal("The request holds", regions)
        self._vault.keep()
        return OutboundText(body)

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

    def _model_regions(self, text: str, findings: Sequence[PiiFinding]) -> list[Region]:
        return model_regions(text, self._known(text), findings)

    def _known(self, text: str) -> list[KnownSpan]:
        return self._vault.spans(without_surrogates(text))

    def _has_passed(self, text: str) -> bool:
        digest = digest_of(text)
        return digest in self._passed or digest in self._own

    def _replaced(self, text: str, regions: Callable[[], list[Region]], between: Callable[[str], str]) -> str:
        """Return ``text`` with surrogates for its identifiers, as of the epoch at which this returns."""
        epoch, passed = self.epoch, self._with_surrogates(text, regions(), between)
        for _ in range(_MOST_ROUNDS):
            if self.epoch == epoch:
                break
            epoch, passed = self.epoch, self._with_surrogates(text, regions(), between)
        self._vault.keep()
        self._pass(passed)
        return passed

    def _with_surrogates(self, text: str, regions: Sequence[Region], between: Callable[[str], str]) -> str:
        parts: list[str] = []
        done = 0
        for region in regions:
            name = self._vault.surrogate_of(region.kind, text[region.start : region.end], region.entity)
            parts += (between(text[done : region.start]), name)
            done = region.end
        return "".join((*parts, between(text[done:])))

    def _pass(self, text: str) -> None:
        digest = digest_of(text)
        self._passed[digest] = self.epoch
        self._passed.move_to_end(digest)
        while len(self._passed) > _MOST_TEXTS:
            self._passed.popitem(last=False)


def _refusal(where: str, regions: Sequence[Region]) -> NotPermittedError:
    named = [f"{region.kind.lower()} at characters {region.start + 1} to {region.end}" for region in regions]
    more = f" and {len(named) - _MOST_NAMED} more" if len(named) > _MOST_NAMED else ""
    return NotPermittedError(
        f"{where} what looks like an identifier ({', '.join(named[:_MOST_NAMED])}{more}), so nothing was sent.",
        remedy="Say it without; in the deid mode identifiers are replaced instead.",
    )
