"""The Elixhauser comorbidities over ICD-10 codes, summed with the weights of van Walraven.

Codes: Quan H et al., Med Care 2005;43:1130-9, table 2. Weights for death in hospital: van Walraven C et al., A
modification of the Elixhauser comorbidity measures into a point system for hospital death using administrative
data, Med Care 2009;47:626-33; they may be negative. The table ``data/elixhauser_quan.csv`` holds those facts as
``pycomorb`` 1.20261001.1 and ``comorbidipy`` 0.5.0 carry them, which agree on every code.

AHRQ's refined measures are not used: 19 of them count only with a present-on-admission indicator and all of them
only for secondary diagnoses of a hospital stay, which a list of codes does not say.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

from openmed_agent.planes.codes.comorbidity_index import ComorbidityIndex, Condition
from openmed_agent.planes.codes.contract import Release

TABLE: Final = Path(__file__).with_name("data") / "elixhauser_quan.csv"
RELEASE: Final = Release(
    system="elixhauser",
    version="Quan 2005 codes; van Walraven 2009 weights",
    source="Quan H et al., Med Care 2005;43:1130-9; van Walraven C et al., Med Care 2009;47:626-33",
    complete=True,
    concepts=31,
)


@cache
def elixhauser() -> ComorbidityIndex:
    """Return the index."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        conditions = tuple(
            Condition(row["condition"], int(row["weight"]), tuple(row["starts"].split()), row["superseded_by"] or None)
            for row in csv.DictReader(file)
        )
    return ComorbidityIndex(name="elixhauser", release=RELEASE, conditions=conditions)
