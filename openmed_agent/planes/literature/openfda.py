"""openFDA: drug labels as their manufacturers filed them."""

import re
from dataclasses import dataclass
from typing import Final

from openmed_agent.errors import InputError
from openmed_agent.planes.literature.markup import one_line
from openmed_agent.planes.literature.openfda_contract import LabelAnswer, LabelReply, LabelsReply, NoLabelsReply
from openmed_agent.planes.literature.results import Label, LabelList, LabelSection
from openmed_agent.planes.literature.transport import Raw, ServiceTransport

_OK: Final = 200
_NOT_FOUND: Final = 404
_ASKED: Final = 10
_RXCUI: Final = re.compile(r"[1-9][0-9]{0,7}")
# Letters, digits and what names of medicines hold; nothing that is an operator of openFDA's query language in quotes.
_NAME: Final = re.compile(r"[^\W_][\w '.,/%+-]{0,99}")
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SECTIONS: Final = (
    ("boxed_warning", "Boxed warning"),
    ("indications_and_usage", "Indications and usage"),
    ("contraindications", "Contraindications"),
    ("warnings_and_cautions", "Warnings and precautions"),
    ("warnings", "Warnings"),
    ("drug_interactions", "Drug interactions"),
    ("dosage_and_administration", "Dosage and administration"),
    ("use_in_specific_populations", "Use in specific populations"),
    ("pregnancy", "Pregnancy"),
    ("adverse_reactions", "Adverse reactions"),
    ("overdosage", "Overdosage"),
)


@dataclass(frozen=True, slots=True)
class DrugQuery:
    """A medicine by its RXCUI or by its name."""

    text: str
    is_rxcui: bool

    def __str__(self) -> str:
        """Return the RXCUI with the name of its system, or the name."""
        return f"RXCUI {self.text}" if self.is_rxcui else self.text

    @property
    def search(self) -> str:
        """The query in openFDA's language; a space between two terms means either."""
        if self.is_rxcui:
            return f'openfda.rxcui:"{self.text}"'
        return f'openfda.generic_name:"{self.text}" openfda.brand_name:"{self.text}"'


def read_drug_query(text: str) -> DrugQuery:
    """Return the RXCUI (digits only) or name of a medicine in ``text``.

    Raises:
        InputError: it is neither.

    """
    drug = one_line(text)
    if _RXCUI.fullmatch(drug):
        return DrugQuery(drug, is_rxcui=True)
    if not _NAME.fullmatch(drug) or drug.isdecimal():
        raise InputError(
            "That is neither an RXCUI nor the name of a medicine.", remedy="For example 861007 or metformin."
        )
    return DrugQuery(drug, is_rxcui=False)


class OpenFda:
    """Asks openFDA; what it is asked must have passed the gate."""

    def __init__(self, transport: ServiceTransport) -> None:
        self._transport = transport

    async def labels(self, drug: DrugQuery, *, limit: int) -> LabelList | None:
        """Return up to ``limit`` labels of ``drug``, those of it alone first, or nothing where openFDA has none.

        Raises:
            PlaneError: there is no usable answer.
            LimitReachedError: the rate limit leaves no time for it.

        """
        fields = {"search": drug.search, "limit": str(max(limit, _ASKED))}
        fetched = await self._transport.ask(LabelAnswer, _read, "GET", "/drug/label.json", fields)
        found = fetched.reply.found
        if found is None:
            return None
        ordered = sorted(found.results, key=lambda label: _distance(label, drug))
        return LabelList(
            total=found.meta.results.total,
            labels=tuple(_label(label) for label in ordered[:limit]),
            retrieved=fetched.received,
            notices=(f"Source: openFDA drug labels, updated {found.meta.last_updated}.", found.meta.disclaimer),
        )


def _read(raw: Raw) -> LabelAnswer:
    if raw.status == _NOT_FOUND:
        NoLabelsReply.model_validate_json(raw.body)
        return LabelAnswer(found=None)
    if raw.status != _OK:
        raise ValueError("status")
    return LabelAnswer(found=LabelsReply.model_validate_json(raw.body))


def _distance(label: LabelReply, drug: DrugQuery) -> tuple[bool, int]:
    """Return how far a label is from the drug: other names first tell, then the number of its substances."""
    names = {name.casefold() for name in (*label.openfda.generic_name, *label.openfda.brand_name)}
    return (not drug.is_rxcui and drug.text.casefold() not in names, len(label.openfda.substance_name) or 99)


def _label(label: LabelReply) -> Label:
    sections = ((title, one_line(" ".join(getattr(label, name)))) for name, title in _SECTIONS)
    date = _DATE.fullmatch(label.effective_time)
    return Label(
        brand_names=label.openfda.brand_name,
        generic_names=label.openfda.generic_name,
        manufacturers=label.openfda.manufacturer_name,
        rxcuis=label.openfda.rxcui,
        set_id=label.set_id,
        effective="-".join(date.groups()) if date else None,
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={label.set_id}",
        sections=tuple(LabelSection(title=title, text=text) for title, text in sections if text),
    )
