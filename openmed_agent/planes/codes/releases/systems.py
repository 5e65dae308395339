"""Which code systems a person can install, from what, and under whose licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

System = Literal["rxnorm", "loinc", "snomed", "icd10cm", "icd10pcs", "cvx", "cpt"]


@dataclass(frozen=True, slots=True)
class CodeSystem:
    """One system; ``file`` names its usual release, ``source`` its publisher and licence."""

    title: str
    file: str
    source: str

    def command(self, system: str) -> str:
        """Return the command that installs it."""
        return f"openmed codes install {system} --from {self.file}"


SYSTEMS: Final[Mapping[System, CodeSystem]] = {
    "rxnorm": CodeSystem("RxNorm", "RxNorm_full_prescribe_MMDDYYYY.zip", "NLM, RxNorm"),
    "loinc": CodeSystem("LOINC", "Loinc_VERSION.zip", "Regenstrief Institute, http://loinc.org/license"),
    "snomed": CodeSystem("SNOMED CT", "SnomedCT_RELEASE.zip", "SNOMED International, licence of the installing user"),
    "icd10cm": CodeSystem("ICD-10-CM", "ICD-10-CM-ORDER-FILE.zip", "CDC/NCHS and CMS, public domain"),
    "icd10pcs": CodeSystem("ICD-10-PCS", "ICD-10-PCS-ORDER-FILE.zip", "CMS, public domain"),
    "cvx": CodeSystem("CVX", "cvx.txt", "CDC, public domain"),
    "cpt": CodeSystem("CPT", "YOUR_CPT_TABLE.csv", "table of the installing user, licence of the AMA"),
}
