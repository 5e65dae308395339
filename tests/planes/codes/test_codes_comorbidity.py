import pytest

from openmed_agent.planes.codes.charlson import CHARLSON, age_points
from openmed_agent.planes.codes.comorbidity import score_comorbidity
from openmed_agent.planes.codes.contract import ComorbidityReply, ComorbidityRequest
from openmed_agent.planes.codes.elixhauser import elixhauser
from openmed_agent.planes.codes.engine import CodesEngine


def comorbidity(engine: CodesEngine, codes: str, age: int | None, index: str = "charlson") -> ComorbidityReply:
    request = ComorbidityRequest.model_validate({"codes": tuple(codes.split()), "age": age, "index": index})
    return score_comorbidity(request, engine.concepts)


def test_charlson_known_score(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "I21.9 E11.22 I50.9", 65)
    assert (reply.score, reply.age_adjusted_score) == (4, 6)


def test_charlson_counts_the_severer_form_only(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "E11.9 E11.22 C50.919 C79.51 K76.0 K76.6", None)
    assert reply.score == 2 + 6 + 3
    assert sum(condition.superseded_by is not None for condition in reply.conditions) == 3
    assert reply.age_adjusted_score is None


def test_charlson_with_the_weights_of_2011(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "I21.9 I50.9 F03.90 E11.22 B20", None, "charlson_quan_2011")
    assert reply.score == 0 + 2 + 2 + 1 + 4


def test_charlson_reports_what_it_leaves_out(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "I10 I99.99 x", 40)
    assert [ignored.code for ignored in reply.ignored] == ["I99.99", "x", "I10"]
    assert reply.score == 0


def test_age_points() -> None:
    assert [age_points(age) for age in (0, 49, 50, 59, 60, 69, 70, 79, 80, 130)] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_codes_of_other_releases_count(engine: CodesEngine) -> None:
    """I42.0 became I42.00 and more in FY2027, C83.39 became C83.390 and more in FY2025: the index means both."""
    for code in ("I42.0", "I42.00"):
        assert comorbidity(engine, code, None).score == 1
    for code in ("C83.39", "C83.390"):
        assert comorbidity(engine, code, None).score == 2


def test_elixhauser_sums_the_weights_of_van_walraven(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "I50.9 I48.91 E66.9 F11.20 I10", 80, "elixhauser")
    assert reply.score == 7 + 5 - 4 - 7 + 0
    assert (reply.age_points, reply.age_adjusted_score) == (None, None)
    assert {condition.condition for condition in reply.conditions} == {
        "congestive heart failure", "cardiac arrhythmia", "obesity", "drug abuse", "hypertension, uncomplicated",
    }  # fmt: skip


def test_elixhauser_counts_the_severer_form_only(engine: CodesEngine) -> None:
    reply = comorbidity(engine, "C50.919 C79.51 E11.9 E11.22 I10 I11.0", None, "elixhauser")
    assert reply.score == 12 + 7  # metastatic cancer; I11.0 is heart failure too
    assert {held.condition: held.superseded_by for held in reply.conditions if held.superseded_by} == {
        "solid tumor without metastasis": "metastatic cancer",
        "diabetes, uncomplicated": "diabetes, complicated",
        "hypertension, uncomplicated": "hypertension, complicated",
    }


def test_elixhauser_has_its_31_conditions() -> None:
    conditions = elixhauser().conditions
    assert len({condition.name for condition in conditions}) == 31
    # van Walraven 2009, table 2: 21 conditions have points, from -7 to 12.
    assert sorted({condition.weight for condition in conditions if condition.weight}) == [
        -7, -4, -3, -2, -1, 2, 3, 4, 5, 6, 7, 9, 11, 12,
    ]  # fmt: skip
    assert sum(condition.weight != 0 for condition in conditions) == 21


@pytest.mark.parametrize("name", ["charlson", "elixhauser"])
def test_every_code_weighs_what_an_independent_package_says(engine: CodesEngine, name: str) -> None:
    """Each code of the release alone, against pycomorb where that is installed."""
    pycomorb = pytest.importorskip("pycomorb", reason="pycomorb, the oracle of the comorbidity lists, is not installed")
    polars = pytest.importorskip("polars")
    rows = engine.search._index.connection().execute("SELECT plain FROM concept WHERE billable").fetchall()
    codes = [plain for (plain,) in rows]
    frame = polars.DataFrame({"id": codes, "code": codes, "age": [40] * len(codes)})
    if name == "charlson":
        scores, index = pycomorb.CharlsonComorbidityIndex(frame), CHARLSON
    else:
        scores, index = pycomorb.ElixhauserComorbidityIndex(frame), elixhauser()
    column = next(held for held in scores.columns if held.endswith("Index"))
    theirs = dict(zip(scores["id"], scores[column], strict=True))
    for plain in codes:
        counted = [held for held in index.conditions if plain.startswith(held.starts)]
        above = {held.name for held in counted}
        assert sum(held.weight for held in counted if held.superseded_by not in above) == theirs[plain], plain
