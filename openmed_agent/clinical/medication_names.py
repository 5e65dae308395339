"""Short names of drugs, and agents that are given once for an examination.

The short names are those that the Institute for Safe Medication Practices lists among error-prone abbreviations of
drug names, and others in common US use; only short names with one usual reading as a medicine are here.
"""

from typing import Final

_SHORT: Final = {
    "apap": "acetaminophen",
    "asa": "aspirin",
    "azt": "zidovudine",
    "hctz": "hydrochlorothiazide",
    "hcq": "hydroxychloroquine",
    "isdn": "isosorbide dinitrate",
    "ismn": "isosorbide mononitrate",
    "kcl": "potassium chloride",
    "mmf": "mycophenolate mofetil",
    "mtx": "methotrexate",
    "ntg": "nitroglycerin",
    "nph": "insulin nph",
    "pcn": "penicillin",
    "ptu": "propylthiouracil",
    "smx-tmp": "sulfamethoxazole-trimethoprim",
    "tmp-smx": "sulfamethoxazole-trimethoprim",
    "tmp/smx": "sulfamethoxazole-trimethoprim",
}
_EXAMINATION_AGENTS: Final = frozenset(
    [
        "omnipaque", "iohexol", "isovue", "iopamidol", "visipaque", "iodixanol", "optiray", "ioversol", "ultravist",
        "iopromide", "gadavist", "gadobutrol", "dotarem", "gadoterate", "multihance", "gadobenate", "magnevist",
        "prohance", "gadoteridol", "gadolinium", "definity", "perflutren", "lexiscan", "regadenoson", "technetium",
        "contrast", "iv contrast", "oral contrast", "barium", "gastrografin", "fluorodeoxyglucose",
    ]
)  # fmt: skip


def full_name(name: str) -> str:
    """Return the name that a short name of a drug stands for (MTX: methotrexate); any other name as it is."""
    return _SHORT.get(name.casefold(), name)


def is_examination_agent(name: str) -> bool:
    """Return whether the agent is given once for an examination, as contrast is, and never taken as a medicine."""
    return name.casefold() in _EXAMINATION_AGENTS
