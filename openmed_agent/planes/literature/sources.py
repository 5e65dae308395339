"""The public services that are asked, what they allow, and what they want said with their data.

Limits: NCBI E-utilities 3 requests a second, 10 with a key (NBK25497); MedlinePlus Connect 100 a minute; openFDA 240 a
minute. Requests are spaced a tenth wider than that.
"""

from dataclasses import dataclass
from typing import Final

_MARGIN: Final = 1.1

NLM_STATEMENT: Final = (
    "This product uses publicly available data from the U.S. National Library of Medicine (NLM), National Institutes "
    "of Health, Department of Health and Human Services; NLM is not responsible for the product and does not endorse "
    "or recommend this or any other product."
)
"""The statement that NLM's terms of service ask for wherever its data is shown."""

PUBMED_COPYRIGHT: Final = "Abstracts may be protected by copyright of their publishers."


@dataclass(frozen=True, slots=True)
class Service:
    """One public service: its name, its only origin, and the seconds between two requests."""

    name: str
    origin: str
    interval_seconds: float


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the services answer; only tests ask elsewhere."""

    pubmed: str = "https://eutils.ncbi.nlm.nih.gov"
    medlineplus: str = "https://connect.medlineplus.gov"
    openfda: str = "https://api.fda.gov"


def pubmed_service(origin: str, *, has_key: bool) -> Service:
    """Return PubMed at ``origin``."""
    return Service("PubMed", origin, _MARGIN / (10 if has_key else 3))


def medlineplus_service(origin: str) -> Service:
    """Return MedlinePlus Connect at ``origin``."""
    return Service("MedlinePlus", origin, _MARGIN * 60 / 100)


def openfda_service(origin: str) -> Service:
    """Return openFDA at ``origin``."""
    return Service("openFDA", origin, _MARGIN * 60 / 240)
