"""What the embedded entity models find and leave alone, with offsets and in bounded time."""

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openmed_agent.planes.inference.contract import ENTITY_MODELS
from openmed_agent.planes.inference.entities.engine import MODELS, find_entities
from openmed_agent.planes.inference.entities.normal import normal_phrase

DISEASE = "disease_detection_superclinical"
DRUG = "pharma_detection_superclinical"


def found(text: str, model: str = DISEASE) -> list[str]:
    return [text[entity.start : entity.end] for entity in find_entities(text, model=model)]


def test_the_models_are_those_of_the_contract() -> None:
    assert tuple(MODELS) == ENTITY_MODELS


@pytest.mark.parametrize(
    "mention",
    [
        "HTN",
        "T2DM",
        "CKD stage 4",
        "CKD stage 3b",
        "CKD3b",
        "NSVT",
        "chronic kidney disease, stage 4",
        "left knee osteoarthritis",
        "osteoarthritis of the left knee",
        "type 2 diabetes mellitus with diabetic nephropathy",
        "acute on chronic systolic heart failure",
        "breast and ovarian cancer",
        "Parkinson's disease",
        "Crohn’s disease",
        "right hip fracture",
        "haemorrhoids",
        "pulmonary oedema",
        "diarrhoea",
        "chest pain",
        "dys\u200bpnea",
        "COPD",
        "OSA",
        "GERD",
    ],
)
def test_a_problem_is_found_whole(mention: str) -> None:
    assert found(f"She has {mention} since May.") == [mention]


@pytest.mark.parametrize(
    "text",
    [
        "Seen in May, will follow up in the fall.",
        "Feels the cold weather. Cold compress applied.",
        "PT evaluation in the morning, OR at noon.",
        "Sat 98% on RA.",
        "PE: alert and oriented.",
        "Lives in Detroit, MI 48201.",
        "Body mass index 31. Muscle mass normal.",
        "MS Contin 15 mg twice daily.",
        "Got a flu shot and the hepatitis B vaccine.",
        "DVT prophylaxis given.",
        "Mammogram for breast cancer screening.",
        "Referred by Dr. Crohn and Mrs. Gout.",
        "Pain management clinic referral.",
        "NPH 10 units at bedtime.",
    ],
)
def test_a_word_that_only_looks_like_a_problem_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "mention"),
    [
        ("She has a cold since Monday.", "cold"),
        ("MS flare in 2019.", "MS"),
        ("History of RA and MI.", "RA"),
        ("CT showed a saddle PE.", "PE"),
        ("PMH: HTN, DM, RA", "DM"),
        ("denies CP, SOB", "CP"),
    ],
)
def test_an_ambiguous_word_counts_where_its_place_says_so(text: str, mention: str) -> None:
    assert mention in found(text)


def test_a_short_form_that_the_text_defines_is_known_afterwards() -> None:
    text = "Moderate renal artery stenosis (RAS) was seen. RAS is stable. Unlike TRAS."
    assert found(text).count("RAS") == 2
    assert "TRAS" not in found(text)


def test_severity_is_told_beside_the_mention() -> None:
    (entity,) = find_entities("She has severe aortic stenosis.", model=DISEASE)
    assert entity.severity == "severe"


@pytest.mark.parametrize(
    "mention",
    [
        "metformin",
        "Lasix",
        "lisinipril",
        "atorvastatin",
        "insulin glargine",
        "MS Contin",
        "Z-Pak",
        "ASA",
        "KCl",
        "ferrous sulfate",
        "Tylenol",
        "semaglutide",
        "TMP/SMX",
    ],
)
def test_a_drug_is_found(mention: str) -> None:
    assert found(f"Takes {mention} daily.", DRUG) == [mention]


@pytest.mark.parametrize(
    "text",
    [
        "Potassium 4.2, sodium 138, glucose 180 mg/dL, calcium 9.1.",
        "Low iron level, lead level pending.",
        "Insulin resistance suspected.",
        "May lead a normal life at home on the weekend.",
        "Drinks alcohol, denies cocaine.",
    ],
)
def test_a_laboratory_value_or_exposure_is_no_drug(text: str) -> None:
    assert found(text, DRUG) == []


@pytest.mark.parametrize(
    ("text", "mention"),
    [("potassium 20 mEq daily", "potassium"), ("takes calcium with food", "calcium"), ("iron tablets", "iron")],
)
def test_a_given_mineral_is_a_drug(text: str, mention: str) -> None:
    assert found(text, DRUG) == [mention]


@pytest.mark.parametrize(
    ("model", "text", "mention"),
    [
        ("anatomy_detection_electramed", "CT of the left lower lobe.", "left lower lobe"),
        ("oncology_detection_superclinical", "Stage IV lung adenocarcinoma.", "lung adenocarcinoma"),
        ("genome_detection_bioclinical", "EGFR exon 19 deletion found.", "EGFR"),
        ("chemical_detection_pubmed", "Serum creatinine and dopamine rose.", "creatinine"),
    ],
)
def test_the_small_models_find_their_kind(model: str, text: str, mention: str) -> None:
    assert any(mention in name for name in found(text, model))


PARTS = st.sampled_from(
    [
        "chest pain",
        "HTN",
        "(HTN)",
        "left",
        "knee",
        " ",
        "\n",
        "é日𝒳",
        "'s",
        "-",
        "\u200b",
        "stage 3",
        "of the",
        "with",
        "5 mg",
    ]
)


@pytest.mark.parametrize("model", ENTITY_MODELS)
@given(parts=st.lists(PARTS, max_size=40))
def test_findings_are_in_order_apart_and_inside(model: str, parts: list[str]) -> None:
    text = "".join(parts)
    entities = find_entities(text, model=model)
    ends = [0, *(entity.end for entity in entities)]
    for entity, end in zip(entities, ends, strict=False):
        assert end <= entity.start < entity.end <= len(text)
        assert 0 <= entity.confidence <= 1
        assert entity.sources


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for entity in find_entities(text, model=DISEASE):
        assert text[entity.start : entity.end].strip()


@given(st.text(alphabet="abceisoxé'- ", max_size=40))
def test_the_normal_form_is_stable_under_case(term: str) -> None:
    assert normal_phrase(term) == normal_phrase(term.upper())


@pytest.mark.parametrize(
    "unit",
    [
        "a-",
        "(",
        "left ",
        "cancer ",
        "diabetes with diabetic ",
        "x (AB) ",
        "stage 3 ",
        "of the left ",
        "A\u200b",
        "'s ",
        "pain (PN), ",
    ],
)
@pytest.mark.slow
def test_a_hostile_text_is_read_in_linear_time(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    started = time.process_time()  # of this process alone: a busy machine fails nothing
    find_entities(text, model=DISEASE)
    find_entities(text, model=DRUG)
    assert time.process_time() - started < 12  # 3 s on an idle core, in every case linear in the text


def test_the_engine_is_ready_fast_and_small() -> None:
    program = (
        "import pathlib, time; start = time.process_time();"
        "from openmed_agent.planes.inference.entities.engine import MODELS, find_entities;"
        "[find_entities('HTN', model=model) for model in MODELS];"
        "lines = pathlib.Path('/proc/self/status').read_text().splitlines();"
        "print(time.process_time() - start, *[line.split()[1] for line in lines if line.startswith('VmHWM')])"
    )
    if sys.platform != "linux":
        pytest.skip("peak memory is read from /proc")
    best = min(
        tuple(
            map(float, subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.split())
        )
        for _ in range(3)
    )
    seconds, kilobytes = best
    assert seconds < 1.5, "0.3 s on an idle machine"
    assert kilobytes < 150 * 1024
