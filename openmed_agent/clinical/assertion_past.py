"""Tell what a past medical history lists that is over: an illness that passes, a tumour that was treated.

A history lists chronic conditions too, so its title alone says nothing; these rules ask for more and leave a
mention as it is where a word says that the condition or its treatment goes on.
"""

import re
from collections.abc import Iterator, Sequence

from openmed_agent.clinical.assertion_words import word_set

_PASSING = word_set(
    "rsv bronchiolitis croup pneumonia influenza flu bronchitis gastroenteritis tonsillitis pharyngitis otitis "
    "appendicitis cellulitis meningitis pyelonephritis uri uti mononucleosis chickenpox varicella measles mumps "
    "pertussis covid concussion aki sepsis preeclampsia eclampsia"
)
_PASSING_NAMES = (("febrile", "seizure"), ("febrile", "seizures"), ("acute", "kidney", "injury"), ("strep", "throat"))
_TUMOURS = word_set("cancer leukemia melanoma malignancy myeloma seminoma tumor tumour neoplasm ca")
_TUMOUR_ENDINGS = ("carcinoma", "sarcoma", "lymphoma", "blastoma")
# What says that a condition or its treatment goes on, or is yet to come.
_GOING_ON = word_set(
    "currently current ongoing active today undergoing receiving taking chronic recurrent recurring frequent long "
    "metastatic metastases metastasis mets relapse relapsed progressive persistent untreated scheduled planned "
    "pending awaiting upcoming will recurrence started starting continues"
)
_OVER = word_set("resected resection excised excision removed treated completed cured remission ned mohs")
_TREATMENTS = word_set("radiation radiotherapy xrt chemo chemotherapy chemoradiation brachytherapy surgery ablation")
# Which removals treat a tumour of which organ; another stands in the list for itself.
_REMOVALS = {
    "breast": "mastectomy lumpectomy",
    "colon": "colectomy hemicolectomy",
    "colorectal": "colectomy hemicolectomy proctectomy",
    "rectal": "proctectomy colectomy",
    "prostate": "prostatectomy",
    "renal": "nephrectomy",
    "kidney": "nephrectomy",
    "thyroid": "thyroidectomy",
    "uterine": "hysterectomy",
    "endometrial": "hysterectomy",
    "cervical": "hysterectomy",
    "ovarian": "oophorectomy hysterectomy",
    "lung": "lobectomy pneumonectomy",
    "testicular": "orchiectomy",
    "gastric": "gastrectomy",
    "stomach": "gastrectomy",
    "bladder": "cystectomy",
    "pancreatic": "pancreatectomy",
}
_YEAR = re.compile(r"(?:19[2-9]\d|20\d\d)")
_ITEM = 40  # words after a mention that can still be of its item
_LEAD = 3  # words by which a part of an item after a comma shows that it belongs to it
_RECENT = 2


def is_over(mention: Sequence[str], before: Sequence[str], after: Sequence[str], *, reference: int | None) -> bool:
    """Return whether an item of a past medical history tells of what is over.

    `mention`, `before` and `after` are words in lower case, those around only of the mention's sentence.
    `reference` is the year of the note; without it every year counts as past.
    """
    passing = not _PASSING.isdisjoint(mention) or any(_holds(mention, name) for name in _PASSING_NAMES)
    tumour = any(form in _TUMOURS or form.endswith(_TUMOUR_ENDINGS) for form in mention)
    if not (passing or tumour):
        return False
    item = [*before[-2:], *mention, *(form for part in _parts_of_item(mention, after) for form in part)]
    if _goes_on(item) or any(_is_recent(form, reference) for form in item):
        return False
    return passing if not tumour else _is_treated(item, mention)


def _parts_of_item(mention: Sequence[str], after: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield what stands behind a mention up to the comma, and the parts after it that tell how it went on."""
    start = 0
    nearby = [*after[:_ITEM], ","]
    while start < len(nearby):
        end = nearby.index(",", start)
        part = nearby[start:end]
        if start and not any(_tells_of_course(form, mention) for form in part[:_LEAD]):
            return
        yield part
        start = end + 1


def _tells_of_course(form: str, mention: Sequence[str]) -> bool:
    if form.endswith("ectomy"):
        return _treats(form, mention)
    return form in _GOING_ON | _OVER | _TREATMENTS | {"s", "status", "on", "no"} or bool(_YEAR.fullmatch(form))


def _treats(removal: str, mention: Sequence[str]) -> bool:
    return any(removal in _REMOVALS.get(organ, "").split() for organ in mention)


def _goes_on(item: Sequence[str]) -> bool:
    for at, form in enumerate(item):
        if form in _GOING_ON and "no" not in item[max(0, at - 3) : at]:
            return True
        if form == "on":
            following = item[at + 1] if at + 1 < len(item) else ""
            if not following.isdecimal() and following not in {"the", "left", "right", "both"}:
                return True
    return False


def _is_treated(item: Sequence[str], mention: Sequence[str]) -> bool:
    done = any(form in _OVER or _treats(form, mention) for form in item)
    done = done or _holds(item, ("s", "/", "p")) or _holds(item, ("status", "post"))
    dated = any(_YEAR.fullmatch(form) for form in item)
    return done or (dated and not _TREATMENTS.isdisjoint(item))


def _is_recent(form: str, reference: int | None) -> bool:
    return reference is not None and bool(_YEAR.fullmatch(form)) and reference - int(form) < _RECENT


def _holds(forms: Sequence[str], name: tuple[str, ...]) -> bool:
    return any(tuple(forms[at : at + len(name)]) == name for at in range(len(forms) - len(name) + 1))
