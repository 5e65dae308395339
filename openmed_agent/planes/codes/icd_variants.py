"""Other words for the same: adjectives and nouns of one organ, forms of a word, and the limb of a part.

Titles say "Polyp of stomach" and "Renal artery"; a query may say either. A part of a limb is wider in titles such as
"Cellulitis of right upper limb": what is found by that is a candidate, never what the query says.
"""

from collections.abc import Iterator, Mapping
from typing import Final

_ORGANS_TEXT: Final = """
renal kidney; hepatic liver; gastric stomach; cardiac heart; pulmonary lung; cerebral brain; ocular eye; nasal nose;
oral mouth; lingual tongue; dental tooth; laryngeal larynx; pharyngeal pharynx; tracheal trachea; bronchial bronchus;
esophageal esophagus; duodenal duodenum; colonic colon; rectal rectum; anal anus; pancreatic pancreas;
splenic spleen; adrenal suprarenal; uterine uterus; ovarian ovary; vaginal vagina; vulvar vulva; testicular testis;
penile penis; prostatic prostate; urethral urethra; ureteral ureter; ureteric ureter; vesical bladder; corneal cornea;
retinal retina; conjunctival conjunctiva; femoral femur; humeral humerus; tibial tibia; fibular fibula; ulnar ulna;
clavicular clavicle; scapular scapula; patellar patella; sternal sternum; vertebral vertebra; mandibular mandible;
maxillary maxilla; endometrial endometrium; mammary breast; cutaneous skin; neonatal newborn; umbilical umbilicus;
osseous bone
"""
_ORGANS: Final = tuple(tuple(pair.split()) for pair in _ORGANS_TEXT.split(";"))
_NOUN: Final[Mapping[str, tuple[str, ...]]] = {adjective: (noun,) for adjective, noun in _ORGANS}
_ADJECTIVE: Final[Mapping[str, tuple[str, ...]]] = {noun: (adjective,) for adjective, noun in _ORGANS}
_DISEASE: Final[Mapping[str, tuple[str, ...]]] = {
    "carcinoma": ("malignant", "neoplasm"), "hematoma": ("hemorrhage",), "hemiparesis": ("hemiplegia",),
}  # fmt: skip
_SHORTEST_STEM: Final = 5
_ENDINGS_TEXT: Final = (
    "ational ations ation ating ated ates ate esis etic ative ion ive ing ism ist ity ous ary ory ant ent ance ence "
    "ment ed es ic al ar is us um er or y e s"
)
_ENDINGS: Final = tuple(_ENDINGS_TEXT.split())
_DIABETES: Final = frozenset({"diabete", "diabetic"})
_KINDS_TEXT: Final = (
    "type 1 2 gestational insipidus drug chemical underlying other secondary pregnancy childbirth puerperium mother "
    "history family screening neonatal newborn postprocedural bronze"
)
_KINDS_OF_DIABETES: Final = frozenset(_KINDS_TEXT.split())
_UPPER, _LOWER = ("upper", "limb"), ("lower", "limb")
_LIMB: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys(("arm", "hand", "forearm", "wrist", "elbow", "shoulder"), _UPPER),
    **dict.fromkeys(("leg", "foot", "thigh", "ankle", "calf", "knee"), _LOWER),
}


def same_place(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the query with the organs as nouns or as adjectives, and with the disease by its other name."""
    placed = [words, *(_replaced(words, table) for table in (_NOUN, _ADJECTIVE))]
    for other in dict.fromkeys([*placed, *(_replaced(held, _DISEASE) for held in placed)]):
        if other != words:
            yield other


def assumed(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield a query for diabetes of no said kind as one for type 2 (guideline I.C.4.a.2)."""
    if not _DIABETES.isdisjoint(words) and _KINDS_OF_DIABETES.isdisjoint(words):
        yield (*words, *(word for word in ("type", "2", "diabete") if word not in words))


def wider_place(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the query with the limb in the place of its part, as titles say it: limb or extremity."""
    limb = _replaced(words, _LIMB)
    if limb != words:
        yield limb
        yield tuple("extremity" if word == "limb" else word for word in limb)


def _replaced(words: tuple[str, ...], table: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for word in words for part in table.get(word, (word,))))


def stem(word: str) -> str:
    """Return the begin that forms of a word share: "dislocated", "dislocation"; the word itself if it is short."""
    if not word.isalpha():
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word
