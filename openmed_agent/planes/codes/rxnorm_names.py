"""How a drug name, or what a clinician writes for one, becomes parts that can be compared."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_TOKEN: Final = re.compile(r"(\d+(?:[.,]\d+)*)\s*([a-z%]*)|([a-z][a-z0-9]*)")
_LONGEST_NUMBER: Final = 12
_UNITS: Final = {
    "mg": ("mg", Decimal(1)), "milligram": ("mg", Decimal(1)), "milligrams": ("mg", Decimal(1)),
    "mcg": ("mg", Decimal("0.001")), "ug": ("mg", Decimal("0.001")),
    "microgram": ("mg", Decimal("0.001")), "micrograms": ("mg", Decimal("0.001")),
    "g": ("mg", Decimal(1000)), "gm": ("mg", Decimal(1000)), "gram": ("mg", Decimal(1000)),
    "unt": ("unt", Decimal(1)), "units": ("unt", Decimal(1)), "unit": ("unt", Decimal(1)),
    "ml": ("ml", Decimal(1)), "meq": ("meq", Decimal(1)), "%": ("%", Decimal(1)), "hr": ("hr", Decimal(1)),
}  # fmt: skip
_WORDS: Final = {
    "tab": ("tablet",), "tabs": ("tablet",), "tablets": ("tablet",), "cap": ("capsule",), "caps": ("capsule",),
    "capsules": ("capsule",), "po": ("oral",), "mouth": ("oral",), "orally": ("oral",),
    "er": ("extended", "release"), "xr": ("extended", "release"), "xl": ("extended", "release"),
    "sr": ("extended", "release"), "ec": ("delayed", "release"), "dr": ("delayed", "release"),
    "inj": ("injection",), "soln": ("solution",), "susp": ("suspension",), "sl": ("sublingual",),
    "hctz": ("hydrochlorothiazide",), "asa": ("aspirin",), "apap": ("acetaminophen",),
    "tmp": ("trimethoprim",), "smx": ("sulfamethoxazole",), "hcl": ("hydrochloride",), "ntg": ("nitroglycerin",),
    "pcn": ("penicillin",), "acetylsalicylic": ("aspirin",), "paracetamol": ("acetaminophen",),
    "salbutamol": ("albuterol",), "frusemide": ("furosemide",),
}  # fmt: skip
_SIG_TEXT: Final = (
    "a an and at as bedtime bid by day daily every evening for hs in meals morning needed night of once one pain po "
    "prn q qam qd qday qhs qid qod qpm q4h q6h q8h q12h take takes the three tid times twice two weekly with"
)
_SIG: Final = frozenset(_SIG_TEXT.split())
_SALTS_TEXT: Final = (
    "acetate besylate bitartrate bromide calcium citrate disoproxil fumarate hydrochloride hydrobromide hyclate "
    "lactate maleate mesylate monohydrate phosphate potassium propionate sodium succinate sulfate tartrate"
)
_SALTS: Final = frozenset(_SALTS_TEXT.split())
_DOSE_FORM_TEXT: Final = (
    "oral tablet capsule solution suspension extended delayed release chewable sublingual injection injectable "
    "prefilled syringe cartridge pen injector auto inhalation metered dose dry powder inhaler ophthalmic topical "
    "cream transdermal system mucosal spray drug implant gel hr ml"
)
_DOSE_FORM: Final = frozenset(_DOSE_FORM_TEXT.split())


@dataclass(frozen=True, slots=True)
class DrugWords:
    """The parts of a drug name: substances and brands, salts, strengths (``500 mg``), words of the dose form.

    ``bare_numbers`` have no unit, as in "Lipitor 40"; they may rank one strength before another, no more.
    """

    substances: frozenset[str]
    salts: frozenset[str]
    strengths: frozenset[str]
    form: frozenset[str]
    bare_numbers: frozenset[str]


def drug_words(text: str) -> DrugWords:
    """Return the parts of a name or of a written order; words of a sig are left out."""
    substances: set[str] = set()
    salts: set[str] = set()
    strengths: set[str] = set()
    form: set[str] = set()
    bare_numbers: set[str] = set()
    for number, unit, word in _TOKEN.findall(text.lower()):
        if number:
            strength = _strength(number, unit)
            if strength is None:
                bare_numbers.add(number)
            else:
                (form if strength.endswith((" ml", " hr")) else strengths).add(strength)
            continue
        for part in _WORDS.get(word, (word,)):
            target = salts if part in _SALTS else form if part in _DOSE_FORM else substances
            if part not in _SIG and part not in _UNITS:
                target.add(part)
    return DrugWords(
        frozenset(substances), frozenset(salts), frozenset(strengths), frozenset(form), frozenset(bare_numbers)
    )


def _strength(number: str, unit: str) -> str | None:
    known = _UNITS.get(unit)
    if known is None or len(number) > _LONGEST_NUMBER:
        return None
    try:
        amount = Decimal(number.replace(",", "")) * known[1]
    except ArithmeticError:
        return None
    return f"{amount.normalize():f} {known[0]}"
