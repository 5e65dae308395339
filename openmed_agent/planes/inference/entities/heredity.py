"""Tells a text about heredity, whose corpus counts some names of diseases otherwise than that about drugs."""

from typing import Final

from openmed_agent.planes.inference.entities.lexicon import word_set
from openmed_agent.planes.inference.entities.normal import Tokens

_OF_HEREDITY: Final = word_set(
    "gene mutation allele chromosome chromosomal locus loci linkage exon intron codon missense heterozygous "
    "heterozygote homozygous homozygote hemizygous inherited inheritance hereditary pedigree kindred haplotype "
    "germline autosomal recessive proband mapped"
)
_FEWEST: Final = 3
_LOOKED_AT: Final = 600


def speaks_of_heredity(tokens: Tokens) -> bool:
    """Return whether at least three of the first words are those of genetics; one alone stands in many a chart."""
    return sum(word in _OF_HEREDITY for word in tokens.words[:_LOOKED_AT]) >= _FEWEST
