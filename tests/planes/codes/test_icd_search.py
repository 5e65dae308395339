import csv
import shutil
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openmed_agent.planes.codes.engine import CodesEngine
from openmed_agent.planes.codes.icd_body_mass import body_mass_code
from openmed_agent.planes.codes.icd_build import read_terms
from openmed_agent.planes.codes.icd_validation import validate
from openmed_agent.planes.codes.icd_variants import stem
from openmed_agent.planes.codes.icd_words import query_words, title_words
from openmed_agent.planes.codes.progress import ignore_progress
from openmed_agent.planes.codes.releases.install import install_release
from openmed_agent.planes.codes.releases.installed import InstalledSystems
from openmed_agent.planes.codes.spelling import Speller, edit_distance

LISTS = sorted(path.name for path in Path(__file__).parent.glob("coder_queries*.csv"))
QUERIES = [
    row for name in LISTS for row in csv.DictReader((Path(__file__).parent / name).read_text("utf-8").splitlines())
]


def first(engine: CodesEngine, query: str) -> tuple[str, str]:
    found = engine.search.search(query, limit=1, billable_only=True)
    return (found[0].code, found[0].matched) if found else ("", "")


def test_the_query_list_is_large_and_its_codes_are_billable(engine: CodesEngine) -> None:
    assert len(QUERIES) >= 300
    assert len({row["specialty"] for row in QUERIES}) >= 20
    wrong = [row["code"] for row in QUERIES if not validate(engine.concepts, (row["code"],), None).results[0].valid]
    assert wrong == []


def test_a_coder_finds_the_expected_code_first(engine: CodesEngine) -> None:
    misses = [
        (row["query"], row["code"], first(engine, row["query"])[0])
        for row in QUERIES
        if first(engine, row["query"])[0] != row["code"]
    ]
    assert len(misses) <= len(QUERIES) * 0.03, misses


@pytest.mark.parametrize(
    ("query", "code", "matched"),
    [
        ("E11.22", "E11.22", "exact_code"),
        ("e1122", "E11.22", "exact_code"),
        (" E11 .22 ", "E11.22", "exact_code"),
        ("b12 deficiency", "E53.8", "synonym"),  # no code with a space in it
        ("acute on chronic systolic heart failure", "I50.23", "exact_term"),
        ("COPD", "J44.9", "synonym"),
        ("heart attack", "I21.9", "synonym"),
        ("paroxysmal supraventricular tachycardia of atrium", "", ""),
        ("hypertenson", "I10", "fuzzy"),
        ("hypothyroi", "E03.9", "prefix"),
    ],
)
def test_matched_says_how(engine: CodesEngine, query: str, code: str, matched: str) -> None:
    found = first(engine, query)
    if code:
        assert found == (code, matched)
    else:
        assert found[1] not in {"exact_code", "exact_term", "synonym"}


def test_the_unspecified_code_stands_above_its_rare_kin(engine: CodesEngine) -> None:
    found = [candidate.code for candidate in engine.search.search("heart failure", limit=20)]
    assert found[0] == "I50.9"
    assert "I50.814" not in found or found.index("I50.9") < found.index("I50.814")


def test_a_said_complication_is_not_dropped(engine: CodesEngine) -> None:
    assert first(engine, "type 2 diabetes with ketoacidosis without coma")[0] == "E11.10"
    assert first(engine, "GERD with esophagitis")[0] != "K21.9"


@pytest.mark.parametrize(
    ("query", "code"),
    [("BMI 42", "Z68.41"), ("bmi of 19.9", "Z68.1"), ("BMI 20", "Z68.20"), ("body mass index 39.9", "Z68.39"),
     ("BMI 44.9", "Z68.41"), ("BMI 45", "Z68.42"), ("BMI 69.9", "Z68.44"), ("BMI 70", "Z68.45")],
)  # fmt: skip
def test_a_body_mass_index_has_the_code_of_its_range(engine: CodesEngine, query: str, code: str) -> None:
    assert first(engine, query) == (code, "synonym")


@pytest.mark.parametrize("query", ["BMI", "BMI 0", "BMI 5", "BMI 999", "BMI ٤٢", "BMI 42 43", "BMI -42"])
def test_a_number_that_nobody_has_gets_no_code_for_it(query: str) -> None:
    assert body_mass_code(query) is None


def test_a_number_is_never_respelt(engine: CodesEngine) -> None:
    found = engine.search.search("CKD stage 7", limit=5)
    assert all(candidate.matched == "fuzzy" for candidate in found)


def test_ambiguous_abbreviations_are_not_strong(engine: CodesEngine) -> None:
    for query in ("PE", "RA", "MS"):
        assert float(engine.search.search(query, limit=1)[0].score) < 0.9


def test_a_prefix_of_a_code_lists_what_is_below(engine: CodesEngine) -> None:
    found = [candidate.code for candidate in engine.search.search("E11.2", limit=10)]
    assert found == ["E11.2", "E11.21", "E11.22", "E11.29"]
    assert all(candidate.billable for candidate in engine.search.search("E11.2", limit=9, billable_only=True))


def test_nothing_fits_nonsense(engine: CodesEngine) -> None:
    assert engine.search.search("zzzqqq xxyyzz", limit=5) == ()
    assert engine.search.search("!!!", limit=5) == ()


def test_look_alike_letters_are_no_code(engine: CodesEngine) -> None:
    assert all(found.matched != "exact_code" for found in engine.search.search("Е11.9", limit=5))
    assert all(found.matched != "exact_code" for found in engine.search.search("ſ72.001A", limit=5))


def test_every_code_of_our_table_is_billable(engine: CodesEngine) -> None:
    terms = read_terms()
    codes = tuple(value for _, kind, value, _ in terms if kind == "code")
    assert sum(kind == "phrase" for _, kind, _, _ in terms) >= 150
    assert [found.code for found in validate(engine.concepts, codes, None).results if not found.valid] == []


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_answered_in_order(engine: CodesEngine, query: str) -> None:
    found = engine.search.search(query, limit=10)
    scores = [float(candidate.score) for candidate in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({candidate.code for candidate in found}) == len(found)


def test_hostile_text_costs_little() -> None:
    started = time.monotonic()
    query_words("(" * 500_000 + "a" * 500_000)
    title_words("without " * 100_000)
    assert time.monotonic() - started < 10


def test_words_follow_the_conventions_of_the_classification() -> None:
    words = title_words("Acute on chronic systolic (congestive) heart failure")
    assert words.essential == ("acute", "chronic", "systolic", "heart", "failure")
    assert words.free == ("congestive",)
    plain = title_words("Type 2 diabetes mellitus without complications")
    assert plain.essential == query_words("type 2 diabetes")
    assert (plain.minor, plain.negated) == (("without",), ("complication",))
    assert query_words("stage IV") == query_words("Stage 4")
    assert query_words("post-traumatic") == query_words("posttraumatic") == query_words("post traumatic")


def test_edit_distance_is_bounded_and_counts_a_swap_once() -> None:
    assert edit_distance("pnuemonia", "pneumonia", 2) == 1
    assert edit_distance("asthma", "astma", 1) == 1
    assert edit_distance("asthma", "plasma", 1) is None
    assert Speller([("pneumonia", 9), ("pneumonitis", 3)]).nearest("pnumonia") == "pneumonia"


@pytest.mark.parametrize(
    ("query", "code", "matched"),
    [
        ("stomach polyp", "K31.7", "synonym"),
        ("laryngeal carcinoma in situ", "D02.0", "synonym"),
        ("cellulitis of right hand", "L03.113", "fuzzy"),  # a hand is a part of the limb that the title names
        ("subconjunctival hemorrhage, left eye", "H11.32", "exact_term"),  # a name of the title above
        ("twin pregnancy first trimester", "O30.001", "exact_term"),  # nothing "unspecified" has to be said
        ("pancytopenia", "D61.818", "exact_term"),  # no unspecified code: the index leads to "other"
        ("status post colostomy", "Z93.3", "exact_term"),
        ("dyslipedemia", "E78.5", "fuzzy"),  # a slip in a word that only our table has
    ],
)
def test_other_words_for_the_same(engine: CodesEngine, query: str, code: str, matched: str) -> None:
    assert first(engine, query) == (code, matched)


@pytest.mark.parametrize(
    ("query", "code", "matched"),
    [
        ("COPD w/ exac", "J44.1", "synonym"),  # a slash, and a short form
        ("preterm labor w/o delivery, 2nd tri", "O60.02", "synonym"),  # what is denied is in the title
        ("severe persistent asthma, no exacerbation", "J45.50", "fuzzy"),  # the title says it of no other case
        ("acute diastolic CHF no HTN", "I50.31", "fuzzy"),
        ("hfpef, chronic", "I50.32", "synonym"),  # a term that is a code, with a word more
        ("carotid stenosis b/l", "I65.23", "all_words"),
        ("colon ca", "C18.9", "synonym"),  # ambiguous alone, hardly beside an organ
        ("hemiparesis left side", "G81.94", "synonym"),  # guideline I.C.6.a: the left is taken as nondominant
        ("hemiparesis right side", "G81.91", "synonym"),
        ("diabtes w/ gastroparesis", "E11.43", "fuzzy"),  # guideline I.C.4.a.2: without a type it is type 2
        ("diabetic with cataract", "E11.36", "synonym"),
        ("type 1 diabetes with cataract", "E10.36", "all_words"),
    ],
)
def test_the_shorthand_of_a_note(engine: CodesEngine, query: str, code: str, matched: str) -> None:
    assert first(engine, query) == (code, matched)


def test_what_is_left_out_or_taken_another_way_is_never_strong(engine: CodesEngine) -> None:
    for query in ("colon ca", "no diabetes", "no chest pain", "zorbing accident fracture", "dislocating left shoulder"):
        found = engine.search.search(query, limit=5)
        assert all(float(hit.score) < 0.9 for hit in found), (query, found)


def test_the_stem_of_a_word_is_never_short() -> None:
    assert (stem("dislocated"), stem("dislocation")) == ("disloc", "disloc")
    words = ("needed", "burning", "oral", "renal", "women", "ears", "stage")
    assert [stem(word) for word in words] == list(words)
    assert stem("3a") == "3a"


def test_a_wider_place_is_never_strong(engine: CodesEngine) -> None:
    for query in ("cellulitis of right hand", "abscess of left foot", "contracture of muscle of right calf"):
        found = engine.search.search(query, limit=20)
        by_limb = [hit for hit in found if "limb" in hit.display or "extremity" in hit.display]
        assert all(float(hit.score) < 0.9 for hit in by_limb), query


def test_an_installed_release_is_searched_as_well_as_the_packaged_one(tmp_path: Path) -> None:
    """The very tabular list that a package carries, installed as a release of its own."""
    spec = find_spec("simple_icd_10_cm")
    assert spec is not None
    assert spec.origin is not None
    carried = next(Path(spec.origin).parent.rglob("icd10c-tabular-*.xml"))
    source = shutil.copy(carried, tmp_path / "icd10cm-tabular-2026.xml")
    install_release("icd10cm", Path(source), tmp_path, version="FY2026", progress=ignore_progress)
    release = InstalledSystems(tmp_path).icd10cm.named("FY2026")
    assert release is not None
    misses = [
        (row["query"], row["code"])
        for row in QUERIES
        if [hit.code for hit in release.search.search(row["query"], limit=1, billable_only=True)] != [row["code"]]
    ]
    assert len(misses) <= len(QUERIES) * 0.04, misses
