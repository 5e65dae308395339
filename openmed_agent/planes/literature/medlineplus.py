"""MedlinePlus Connect: the pages for patients that belong to a diagnosis or a medicine."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from openmed_agent.errors import InputError
from openmed_agent.planes.literature.markup import one_line, plain_text
from openmed_agent.planes.literature.medlineplus_contract import Entry, FeedReply
from openmed_agent.planes.literature.results import Topic, TopicList
from openmed_agent.planes.literature.sources import NLM_STATEMENT
from openmed_agent.planes.literature.transport import ServiceTransport, checked_json

_ICD10CM: Final = re.compile(r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?")
_RXCUI: Final = re.compile(r"[1-9][0-9]{0,7}")
_CATEGORY_LENGTH: Final = 3
_SOURCE: Final = "Topics: MedlinePlus.gov, U.S. National Library of Medicine."


@dataclass(frozen=True, slots=True)
class TopicCode:
    """A code that MedlinePlus understands, with the object identifier of its system."""

    system: str
    identifier: str
    code: str

    def __str__(self) -> str:
        """Return the code with a name that says what kind of number it is."""
        return f"RXCUI {self.code}" if self.system == "RxNorm" else f"{self.system} {self.code}"


def read_topic_code(text: str) -> TopicCode:
    """Return the ICD-10-CM code (starts with a letter; the dot may be missing) or RXCUI (digits) in ``text``.

    Raises:
        InputError: it has the form of neither.

    """
    code = text.strip().upper()
    if _ICD10CM.fullmatch(code):
        bare = code.replace(".", "")
        rest = bare[_CATEGORY_LENGTH:]
        dotted = f"{bare[:_CATEGORY_LENGTH]}.{rest}" if rest else bare
        return TopicCode("ICD-10-CM", "2.16.840.1.113883.6.90", dotted)
    if _RXCUI.fullmatch(code):
        return TopicCode("RxNorm", "2.16.840.1.113883.6.88", code)
    raise InputError(
        "That is neither an ICD-10-CM code nor an RXCUI.",
        remedy="For example E11.9 or 6809; see 'openmed codes search'.",
    )


class MedlinePlus:
    """Asks MedlinePlus Connect; what it is asked must have passed the gate."""

    def __init__(self, transport: ServiceTransport) -> None:
        self._transport = transport

    async def topics(self, code: TopicCode) -> TopicList:
        """Return the pages for ``code``; there may be none.

        Raises:
            PlaneError: there is no usable answer.
            LimitReachedError: the rate limit leaves no time for it.

        """
        fields = {
            "mainSearchCriteria.v.cs": code.identifier,
            "mainSearchCriteria.v.c": code.code,
            "knowledgeResponseType": "application/json",
            "informationRecipient.languageCode.c": "en",
        }
        fetched = await self._transport.ask(FeedReply, checked_json(FeedReply), "GET", "/service", fields)
        return TopicList(
            system=code.system,
            code=code.code,
            topics=tuple(_topic(entry) for entry in fetched.reply.feed.entry),
            retrieved=fetched.received,
            notices=(_SOURCE, NLM_STATEMENT),
        )


def _topic(entry: Entry) -> Topic:
    return Topic(
        title=one_line(plain_text(entry.title.value)),
        url=_without_tracking(entry.link[0].href),
        summary=plain_text(entry.summary.value),
    )


def _without_tracking(url: str) -> str:
    parts = urlsplit(url)
    kept = [(name, value) for name, value in parse_qsl(parts.query) if not name.startswith("utm_")]
    return urlunsplit(parts._replace(query=urlencode(kept)))
