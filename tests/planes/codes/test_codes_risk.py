from decimal import Decimal

import pytest

from openmed_agent.planes.codes import hcc, hcc_models, hcc_v24_v28
from openmed_agent.planes.codes.contract import (
    HccMapRequest,
    RafReply,
    RafRequest,
)
from openmed_agent.planes.codes.engine import CodesEngine


def raf(engine: CodesEngine, codes: str, **demographics: object) -> RafReply:
    request = RafRequest.model_validate({"codes": tuple(codes.split()), **demographics})
    return hcc.score(request, engine.concepts)


def coefficients(reply: RafReply) -> dict[str, Decimal]:
    terms = [*reply.demographic, *reply.interactions, *([reply.payment_count] if reply.payment_count else [])]
    named = {term.name: Decimal(term.coefficient) for term in terms}
    return named | {f"HCC{category.hcc}": Decimal(category.coefficient) for category in reply.hccs}


@pytest.mark.parametrize(
    ("codes", "age", "sex", "eligibility", "model", "raw"),
    [
        ("E11.22 I50.9 N18.4", 67, "F", "CNA", "V28", "1.658"),
        ("E1169 I509", 70, "M", "CNA", "V28", "1.034"),
        ("E1169 I5030 I509 I2111 I2109", 45, "F", "CND", "V28", "1.250"),
        ("E1169 I5030 I509 I2111", 70, "M", "CNA", "V28", "1.286"),
        ("E1169 I5030 I509 I2111 I209", 70, "M", "CNA", "V24", "1.343"),
    ],
)
def test_known_scores(
    engine: CodesEngine, codes: str, age: int, sex: str, eligibility: str, model: str, raw: str
) -> None:
    reply = raf(engine, codes, age=age, sex=sex, eligibility=eligibility, model=model)
    assert reply.raw_score == raw
    assert sum(coefficients(reply).values()) == Decimal(raw)


def test_the_score_is_itemised_and_paid_by_year(engine: CodesEngine) -> None:
    reply = raf(engine, "E11.22 I50.9 N18.4", age=67, sex="F", eligibility="CNA")
    assert {name: value for name, value in coefficients(reply).items() if value} == {
        "F65_69": Decimal("0.330"),
        "HCC37": Decimal("0.166"),
        "HCC226": Decimal("0.360"),
        "HCC327": Decimal("0.514"),
        "DIABETES_HF_V28": Decimal("0.112"),
        "HF_KIDNEY_V28": Decimal("0.176"),
    }
    assert (reply.normalization, reply.coding_adjustment, reply.payment_score) == ("1.067", "0.941", "1.462")
    later = raf(engine, "E11.22 I50.9 N18.4", age=67, sex="F", eligibility="CNA", payment_year=2027)
    assert (later.raw_score, later.normalization, later.payment_score) == ("1.658", "1.079", "1.446")
    assert [category.codes for category in reply.hccs] == [("E11.22",), ("I50.9",), ("N18.4",)]


def test_a_hierarchy_drop_names_what_stands_above(engine: CodesEngine) -> None:
    reply = raf(engine, "E11.22 E11.9", age=67, sex="F", eligibility="CNA")
    assert [(drop.hcc, drop.codes, drop.dropped_by) for drop in reply.dropped] == [("38", ("E11.9",), "37")]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("C83.39", "not specific enough"),  # split into C83.390 and C83.398 on 2024-10-01, yet the table has it
        ("E34.0", "not specific enough"),
        ("I10", "No payment HCC"),
        ("E11", "not specific enough"),
        ("E11.99", "no such code"),
        ("nonsense", "form of an ICD-10-CM code"),
    ],
)
def test_what_does_not_count_is_reported(engine: CodesEngine, code: str, reason: str) -> None:
    reply = raf(engine, f"{code} E11.9", age=67, sex="F", eligibility="CNA")
    assert [ignored.code for ignored in reply.ignored] == [code]
    assert reason in reply.ignored[0].reason
    assert [category.codes for category in reply.hccs] == [("E11.9",)]


def test_age_and_sex_edits(engine: CodesEngine) -> None:
    child = raf(engine, "J44.9", age=17, sex="M", eligibility="CND")
    assert "age or sex edit" in child.ignored[0].reason
    assert child.hccs == ()
    woman = raf(engine, "D66", age=70, sex="F", eligibility="CNA")
    man = raf(engine, "D66", age=70, sex="M", eligibility="CNA")
    assert [category.hcc for category in woman.hccs] == ["112"]
    assert [category.hcc for category in man.hccs] != ["112"]
    assert any("D66" in note for note in woman.notes)


def test_segments_contradicting_the_age_are_refused(engine: CodesEngine) -> None:
    for eligibility, age in (("CNA", 64), ("CND", 65), ("CFA", 40), ("CPD", 80)):
        with pytest.raises(hcc_models.SegmentError):
            raf(engine, "E11.9", age=age, sex="F", eligibility=eligibility)


@pytest.mark.parametrize("eligibility", ["CNA", "CFA", "CPA", "INS", "NE", "SNPNE"])
@pytest.mark.parametrize("age", [65, 67, 72, 95, 130])
@pytest.mark.parametrize("model", ["V24", "V28"])
def test_every_aged_segment_has_a_demographic_term(engine: CodesEngine, eligibility: str, age: int, model: str) -> None:
    reply = raf(engine, "", age=age, sex="M", eligibility=eligibility, model=model)
    assert Decimal(reply.raw_score) > 0
    assert sum(coefficients(reply).values()) == Decimal(reply.raw_score)


def test_a_year_that_is_not_paid_by_the_model_has_a_raw_score_only(engine: CodesEngine) -> None:
    reply = raf(engine, "E11.9", age=70, sex="M", eligibility="CNA", model="V24", payment_year=2026)
    assert reply.payment_score is None
    assert reply.normalization is None
    assert reply.unpaid is not None
    assert reply.unpaid.cause == "model_not_paid"
    assert reply.unpaid.reason in reply.notes


@pytest.mark.parametrize(
    ("model", "eligibility", "normalization"),
    [("V22", "CNA", "1.187"), ("ESRD-V24", "DIAL", "1.062"), ("ESRD-V24", "GRAFT_COMM", "1.104")],
)
def test_what_no_source_confirms_is_not_applied(model: str, eligibility: str, normalization: str) -> None:
    request = RafRequest.model_validate(
        {"codes": (), "age": 70, "sex": "F", "eligibility": eligibility, "model": model, "payment_year": 2026}
    )
    assert hcc_models.factors(request) == hcc_models.Factors(Decimal(normalization), None)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"model": "V99"}, "The models are V24, V28"),
        ({"model": "RxHCC"}, "RXHCC-Y2"),
        ({"payment_year": 2031}, "V28 is here for payment years 2025, 2026, 2027."),
        ({"eligibility": "DIAL"}, "V28 has the segments CFA"),
        ({"age": 40}, "must fit each other"),
    ],
)
def test_a_refused_request_is_told_what_to_change(wrong: dict[str, object], told: str) -> None:
    body = {"codes": (), "age": 70, "sex": "F", "eligibility": "CNA", **wrong}
    assert told in hcc_models.advice(RafRequest.model_validate(body))


@pytest.mark.parametrize("name", ["V24", "V28"])
def test_released_counts_are_those_of_the_tables(name: str) -> None:
    for year, codes in hcc_models.MODELS[name].codes_by_year.items():
        assert hcc_v24_v28.calculator(name, year).mapped_codes() == codes


def test_mapping(engine: CodesEngine) -> None:
    reply = hcc.map_codes(HccMapRequest(codes=("e1122", "I10", "E11.99")), engine.concepts)
    assert [(result.hcc, result.mapped) for result in reply.results] == [("37", True), (None, False), (None, False)]
    assert reply.results[0].label == "Diabetes with Chronic Complications"
    assert all(result.reason for result in reply.results[1:])
