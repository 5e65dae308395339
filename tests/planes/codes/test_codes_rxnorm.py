import csv
from collections import Counter

from openmed_agent.planes.codes import rxnorm
from openmed_agent.planes.codes.drug_brands import INGREDIENT_OF_BRAND
from openmed_agent.planes.codes.rxnorm import load_subset
from openmed_agent.planes.codes.rxnorm_names import drug_words

SUBSET = load_subset()


def best(term: str) -> str:
    found = SUBSET.approximate(term, limit=1)
    return found[0].drug.rxcui if found else ""


def test_wrong_rxcuis_seen_elsewhere_are_not_here() -> None:
    rows = list(csv.DictReader(rxnorm._FILE.read_text("utf-8").splitlines()))
    names = {row["rxcui"]: row["name"].lower() for row in rows}
    assert "10156" not in names
    assert "ticagrelor" in names.get("1116635", "ticagrelor")
    assert "atorvastatin 10 mg" in names["617312"]
    assert "amlodipine" in names["308135"]
    assert not {"999998", "999999", "1234"} & set(names)
    assert max(Counter(names.values()).values()) == 1
    assert max(Counter(row["rxcui"] for row in rows).values()) == 1
    assert {row["tty"] for row in rows} == {"IN", "SCD", "SBD", ""}
    assert all(("[" in row["name"]) == (row["tty"] == "SBD") for row in rows)


def test_the_subset_says_that_it_is_one() -> None:
    assert not SUBSET.release.complete
    assert SUBSET.release.concepts == 487


def test_names() -> None:
    assert SUBSET.by_name("Lisinopril", normalized=False) == ("29046",)
    assert SUBSET.by_name("METFORMIN HYDROCHLORIDE 500 mg oral tablet", normalized=False) == ("861007",)
    assert SUBSET.by_name("metformin 500mg oral tab", normalized=False) == ()
    assert SUBSET.by_name("metformin 500mg oral tab", normalized=True) == ("861007",)
    assert SUBSET.by_name("levothyroxine 50 mcg po tabs daily", normalized=True) == ("966221",)
    assert SUBSET.by_name("metformin", normalized=False) == ("6809",)
    assert SUBSET.by_name("furosemide", normalized=True) == ()
    assert SUBSET.by_name("Zestril", normalized=True) == ()


def test_written_drugs() -> None:
    assert best("metformin 500mg bid") == "861007"
    assert best("hctz 25 mg daily") == "310798"
    assert best("Lipitor 40") == "617320"
    assert best("lisinopril 10 mg") == "314076"
    assert best("Zestril") == "29046"
    assert best("Lasix") == best("lasix 40 mg po daily") == "313988"
    assert best("hctz") == "310798"
    assert best("Glucophage") == best("metformin") == "6809"
    assert best("metoprlol tartrate 25mg") == "866924"
    assert best("metformin 500 mg ER") == "860975"


def test_a_brand_is_a_hint_and_never_the_answer() -> None:
    assert SUBSET.approximate("Lasix 40 mg oral tablet", limit=1)[0].score < 75
    assert best("Lasix 45 mg") == ""
    assert SUBSET.approximate("furosemide 40 mg oral tablet", limit=1)[0].score == 100
    ingredients = {word for drug in SUBSET._drugs.values() for word in drug.words.substances}
    assert {found for found in INGREDIENT_OF_BRAND.values() if found not in ingredients} == set()


def test_another_strength_is_no_match() -> None:
    assert best("metformin 850 mg") == ""
    assert best("lisinopril 7 mg") == ""
    assert best("unobtainium 10 mg") == ""


def test_relations_are_those_that_names_state() -> None:
    branded = SUBSET.drug("617320")
    aspirin = SUBSET.drug("1191")
    assert branded is not None
    assert aspirin is not None
    assert [drug.rxcui for drug in SUBSET.related(branded)["SCD"]] == ["617311"]
    tablets = {drug.rxcui for drug in SUBSET.related(aspirin)["SCD"]}
    assert "243670" in tablets
    assert "314076" not in tablets


def test_units_are_compared_in_milligrams() -> None:
    assert drug_words("levothyroxine 50 mcg").strengths == drug_words("levothyroxine 0.05 MG").strengths
    assert drug_words("cefazolin 2 g").strengths == drug_words("cefazolin 2000 MG").strengths
    assert drug_words("9" * 100_000 + " mg").strengths == frozenset()
