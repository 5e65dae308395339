"""Gene and protein symbols: a small list of those that charts report, and the shapes of reported variants."""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens

_SYMBOLS: Final = frozenset(
    """ABL1 AKT1 ALK APC APOB APOE AR ARID1A ASXL1 ATM ATRX BAP1 BCL2 BCL6 BCR BMPR2 BRAF BRCA1 BRCA2 BRIP1 BTK CALR CCND1
    CD20 CD274 CDH1 CDK4 CDKN2A CFTR CHEK2 COL3A1 CTNNB1 CYP2C19 CYP2C9 CYP2D6 CYP3A4 DMD DNMT3A DPYD EGFR EPCAM ERBB2
    ESR1 EZH2 F5 FBN1 FGFR1 FGFR2 FGFR3 FLT3 FMR1 G6PD GBA GNAQ GNAS HBB HER2 HFE HLA-B27 HTT IDH1 IDH2 IGHV JAK2 KCNQ1 KDR
    KEAP1 KIT KMT2A KRAS LDLR LRRK2 MEN1 MET MGMT MLH1 MPL MSH2 MSH6 MTHFR MUTYH MYBPC3 MYC MYCN MYD88 MYH7 NF1 NF2 NOTCH1
    NPM1 NRAS NTRK1 NTRK2 NTRK3 PALB2 PCSK9 PDGFRA PD-L1 PIK3CA PKD1 PKD2 PML PMS2 POLE PTCH1 PTEN PTPN11 RAD51C RAD51D RB1
    RET ROS1 RUNX1 RYR1 SCN1A SCN5A SDHB SERPINA1 SF3B1 SMAD4 SMN1 SOD1 STK11 TERT TET2 TMPRSS2 TP53 TPMT TSC1 TSC2 TTN TTR
    UGT1A1 VEGF VHL VKORC1 WT1""".split()  # noqa: SIM905
)
# These are also words or units; they count only beside a word of genetics.
_AMBIGUOUS: Final = frozenset(["AR", "KIT", "MET", "RET", "F5", "POLE", "APC", "PML", "DMD"])
_GENETIC_WORDS: Final = frozenset(
    "gene mutation variant amplification fusion deletion rearrangement exon expression mutant wild".split()  # noqa: SIM905
)
_LONGEST = 2
_SHAPE = re.compile(r"[A-Z][A-Z0-9]{1,9}(?:-[A-Z]?[0-9]{1,2})?")


def gene_symbols(tokens: Tokens) -> Iterator[Mention]:
    """Yield the listed symbols, and capitals before "gene", "mutation" and the like."""
    for index in range(len(tokens)):
        for last in range(min(len(tokens), index + _LONGEST) - 1, index - 1, -1):
            if last > index and not tokens.joined[last]:
                continue
            raw = tokens.text[tokens.starts[index] : tokens.ends[last]]
            beside = last + 1 < len(tokens) and tokens.words[last + 1] in _GENETIC_WORDS
            if raw in _SYMBOLS and (beside or raw not in _AMBIGUOUS):
                yield Mention(index, last, 0.9, ("symbol",))
                break
            if last == index and beside and _SHAPE.fullmatch(raw) and len(raw) > 2:  # noqa: PLR2004
                yield Mention(index, last, 0.7, ("shape",))
