"""The Charlson comorbidity index over ICD-10 codes.

Codes: Quan H et al., Coding algorithms for defining comorbidities in ICD-9-CM and ICD-10 administrative data, Med
Care 2005;43:1130-9, table 1. Weights: Charlson ME et al., J Chronic Dis 1987;40:373-83, and for
``charlson_quan_2011`` Quan H et al., Am J Epidemiol 2011;173:676-82. Points for age: Charlson M et al., J Clin
Epidemiol 1994;47:1245-51, one per decade from 50, at most four. Codes and weights were compared with ``pycomorb``
1.20261001.1 and ``comorbidipy`` 0.5.0, code by code over the whole release: no difference.
"""

from typing import Final, NamedTuple

from openmed_agent.planes.codes.comorbidity_index import ComorbidityIndex, Condition
from openmed_agent.planes.codes.contract import Release

RELEASE: Final = Release(
    system="charlson",
    version="Quan 2005 codes; weights of 1987 and 2011",
    source="Quan H et al., Med Care 2005;43:1130-9; Am J Epidemiol 2011;173:676-82",
    complete=True,
    concepts=17,
)
_FIRST_AGE, _MOST_AGE_POINTS = 50, 4


class _Row(NamedTuple):
    name: str
    weight: int
    weight_2011: int
    starts: tuple[str, ...]
    superseded_by: str | None = None


def _range(letter: str, first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{letter}{number:02d}" for number in range(first, last + 1))


def _diabetes(*fourth: str) -> tuple[str, ...]:
    return tuple(f"E{category}{character}" for category in range(10, 15) for character in fourth)


_ROWS: Final = (
    _Row("myocardial infarction", 1, 0, ("I21", "I22", "I252")),
    _Row(
        "congestive heart failure", 1, 2,
        ("I099", "I110", "I130", "I132", "I255", "I420", "I425", "I426", "I427", "I428", "I429", "I43",
         "I50", "P290"),
    ),
    _Row(
        "peripheral vascular disease", 1, 0,
        ("I70", "I71", "I731", "I738", "I739", "I771", "I790", "I792", "K551", "K558", "K559", "Z958", "Z959"),
    ),
    _Row("cerebrovascular disease", 1, 0, ("G45", "G46", "H340", *_range("I", 60, 69))),
    _Row("dementia", 1, 2, ("F00", "F01", "F02", "F03", "F051", "G30", "G311")),
    _Row(
        "chronic pulmonary disease", 1, 1,
        ("I278", "I279", *_range("J", 40, 47), *_range("J", 60, 67), "J684", "J701", "J703"),
    ),
    _Row("rheumatic disease", 1, 1, ("M05", "M06", "M315", "M32", "M33", "M34", "M351", "M353", "M360")),
    _Row("peptic ulcer disease", 1, 0, ("K25", "K26", "K27", "K28")),
    _Row(
        "mild liver disease", 1, 2,
        ("B18", "K700", "K701", "K702", "K703", "K709", "K713", "K714", "K715", "K717", "K73", "K74", "K760",
         "K762", "K763", "K764", "K768", "K769", "Z944"),
        superseded_by="moderate or severe liver disease",
    ),
    _Row(
        "diabetes without chronic complication", 1, 0, _diabetes("0", "1", "6", "8", "9"),
        superseded_by="diabetes with chronic complication",
    ),
    _Row("diabetes with chronic complication", 2, 1, _diabetes("2", "3", "4", "5", "7")),
    _Row(
        "hemiplegia or paraplegia", 2, 2,
        ("G041", "G114", "G801", "G802", "G81", "G82", "G830", "G831", "G832", "G833", "G834", "G839"),
    ),
    _Row(
        "renal disease", 2, 1,
        ("I120", "I131", *(f"N03{n}" for n in range(2, 8)), *(f"N05{n}" for n in range(2, 8)), "N18", "N19",
         "N250", "Z490", "Z491", "Z492", "Z940", "Z992"),
    ),
    _Row(
        "any malignancy", 2, 2,
        (*_range("C", 0, 26), *_range("C", 30, 34), *_range("C", 37, 41), "C43", *_range("C", 45, 58),
         *_range("C", 60, 76), *_range("C", 81, 85), "C88", *_range("C", 90, 97)),
        superseded_by="metastatic solid tumor",
    ),
    _Row(
        "moderate or severe liver disease", 3, 4,
        ("I850", "I859", "I864", "I982", "K704", "K711", "K721", "K729", "K765", "K766", "K767"),
    ),
    _Row("metastatic solid tumor", 6, 6, ("C77", "C78", "C79", "C80")),
    _Row("AIDS or HIV", 6, 4, ("B20", "B21", "B22", "B24")),
)  # fmt: skip


def _index(name: str, *, recent: bool) -> ComorbidityIndex:
    return ComorbidityIndex(
        name=name,
        release=RELEASE,
        conditions=tuple(
            Condition(row.name, row.weight_2011 if recent else row.weight, row.starts, row.superseded_by)
            for row in _ROWS
        ),
    )


CHARLSON: Final = _index("charlson", recent=False)
CHARLSON_2011: Final = _index("charlson_quan_2011", recent=True)


def age_points(age: int) -> int:
    """Return 0 below 50, then one point per started decade, at most four."""
    return min(_MOST_AGE_POINTS, max(0, (age - _FIRST_AGE) // 10 + 1))
