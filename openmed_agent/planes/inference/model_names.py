"""The model aliases of CONTRACTS A, each one call of ``/analyze``."""

from typing import Final

DISEASE_MODEL: Final = "disease_detection_superclinical"
PHARMA_MODEL: Final = "pharma_detection_superclinical"
ENTITY_MODELS: Final = (
    DISEASE_MODEL,
    PHARMA_MODEL,
    "anatomy_detection_electramed",
    "oncology_detection_superclinical",
    "genome_detection_bioclinical",
    "chemical_detection_pubmed",
)
