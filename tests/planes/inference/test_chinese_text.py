"""Chinese clinical text: mentions between the borders of words, what is said of them, and how they are served."""

import subprocess
import sys

import httpx
import pytest
from conftest import client_of
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.planes.inference.entities.chinese.assertion import assess_chinese
from openmed_agent.planes.inference.entities.chinese.lexicon import TERMS, WordKind
from openmed_agent.planes.inference.entities.chinese.mentions import find_chinese
from openmed_agent.planes.inference.entities.chinese.script import is_chinese
from openmed_agent.text.spans import Span

DISEASE = "disease_detection_superclinical"
DRUG = "pharma_detection_superclinical"


def found(text: str, *kinds: WordKind) -> list[str]:
    return [text[one.start : one.end] for one in find_chinese(text, frozenset(kinds) or TERMS)]


def said(text: str) -> dict[str, str]:
    """Return for each mention the letters of what is said: negated, historical, hypothetical (y), family, other."""
    mentions = find_chinese(text, TERMS)
    spans = [Span(one.start, one.end) for one in mentions]
    return {span.of(text): letters(one) for span, one in zip(spans, assess_chinese(text, spans), strict=True)}


def letters(assertion: Assertion) -> str:
    flags = (("n", assertion.negated), ("h", assertion.historical), ("y", assertion.hypothetical))
    person = {"patient": "", "family": "f", "other": "o"}[assertion.experiencer]
    return "".join(letter for letter, holds in flags if holds) + person


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("患者高血压十年，服用氨氯地平。", ["高血压", "氨氯地平"]),
        ("诊断：急性下壁心肌梗死", ["急性下壁心肌梗死"]),
        ("右侧膝关节积液三月", ["右侧膝关节积液"]),
        ("有高血压病史", ["高血压"]),
        ("ＣＯＰＤ急性加重，hiv感染", ["ＣＯＰＤ", "hiv感染"]),
        ("2型糖尿病", ["2型糖尿病"]),
    ],
)
def test_a_mention_is_found_whole(text: str, mentions: list[str]) -> None:
    assert found(text) == mentions


@pytest.mark.parametrize(
    "text",
    [
        "转感染科门诊，接种流感疫苗。",
        "抗感染、止痛治疗。",
        "提高热量摄入。",  # 高热 stands across the border of two words
        "结核菌素试验，乙肝抗体",
        "今天天气很好，我们一起去公园散步。",
    ],
)
def test_a_term_inside_another_word_or_beside_a_word_of_another_meaning_is_none(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("否认高血压、糖尿病及冠心病病史。", {"高血压": "n", "糖尿病": "n", "冠心病": "n"}),
        ("无胸痛，心悸，咯血，伴头晕。", {"胸痛": "n", "心悸": "n", "咯血": "n", "头晕": ""}),
        ("未见皮疹，双下肢水肿。", {"皮疹": "n", "双下肢水肿": "n"}),
        ("黄疸阴性，肝脾肿大未触及。", {"黄疸": "n", "肝脾肿大": "n"}),
        ("无明显诱因出现腹痛，发热未见好转。", {"腹痛": "", "发热": ""}),
        ("没有发烧，但是咳嗽。", {"发烧": "n", "咳嗽": ""}),
        ("既往哮喘，幼年患麻疹。", {"哮喘": "h", "麻疹": "h"}),
        ("痛风病史5年，目前关节痛。", {"痛风": "h", "关节痛": ""}),
        ("既往史：2010年类风湿关节炎，口服甲氨蝶呤；否认结核。", {"类风湿关节炎": "h", "甲氨蝶呤": "", "结核": "n"}),
        ("父亲患肺癌，母亲有痛风，患者本人有哮喘。", {"肺癌": "f", "痛风": "f", "哮喘": ""}),
        ("丈夫感冒，患者咽痛。", {"感冒": "o", "咽痛": ""}),
        ("疑似肺炎，不能排除肺栓塞。", {"肺炎": "y", "肺栓塞": "y"}),
        ("肺癌待排，阑尾炎可能性大。", {"肺癌": "y", "阑尾炎": "y"}),
        ("建议进一步检查以排除肝癌。", {"肝癌": "y"}),
        ("已排除肝癌。", {"肝癌": "n"}),
        ("如出现胸闷、晕厥，请复诊。", {"胸闷": "y", "晕厥": "y"}),
        ("青霉素皮试阴性。", {"青霉素": ""}),
        ("停用华法林，改用利伐沙班。", {"华法林": "n", "利伐沙班": ""}),
    ],
)
def test_what_is_said_of_a_mention(text: str, expected: dict[str, str]) -> None:
    assert said(text) == expected


def test_a_cue_does_not_reach_the_next_line_or_sentence() -> None:
    assert said("无发热\n咳嗽三天") == {"发热": "n", "咳嗽": ""}
    assert said("家族史：母亲高血压。\n现病史：头晕") == {"高血压": "f", "头晕": ""}


def test_offsets_are_those_of_the_text_as_it_was_sent(our_origin: str) -> None:
    text = "𝒳主诉：咳嗽。\r\n既往史：高血压\u3000病史；否认ＣＯＰＤ。"
    reply = httpx.post(f"{our_origin}/analyze", json={"text": text, "model_name": DISEASE}, trust_env=False).json()
    entities = {entity["text"]: entity for entity in reply["entities"]}
    assert set(entities) == {"咳嗽", "高血压", "ＣＯＰＤ"}
    for entity in entities.values():
        assert text[entity["start"] : entity["end"]] == entity["text"]
    assert entities["咳嗽"]["label"] == "SYMPTOM"
    assert entities["高血压"]["label"] == "DISEASE"
    assert entities["高血压"]["metadata"]["section"] == "past_medical_history"
    assert entities["高血压"]["metadata"]["assertion"]["historical"] is True
    assert entities["ＣＯＰＤ"]["metadata"]["assertion"]["negated"] is True


def test_the_language_may_be_told_and_an_unknown_one_is_refused(our_origin: str) -> None:
    def asked(lang: str) -> httpx.Response:
        body = {"text": "服用aspirin和阿司匹林", "model_name": DRUG, "lang": lang}
        return httpx.post(f"{our_origin}/analyze", json=body, trust_env=False)

    assert [entity["text"] for entity in asked("zh").json()["entities"]] == ["阿司匹林"]
    assert "阿司匹林" not in [entity["text"] for entity in asked("en").json()["entities"]]
    refused = asked("de")
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "validation_error")


async def test_a_long_document_keeps_its_assertions(our_origin: str) -> None:
    text = "患者否认糖尿病。继续观察生命体征变化情况。\n" * 700
    async with client_of(our_origin) as client:
        entities = await client.analyze(text, DISEASE)
    assert len(text) > 8_000
    assert len(entities) == 700
    assert all(entity.assertion.negated and entity.span.of(text) == "糖尿病" for entity in entities)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("患者发热", True),
        ("CT: 右肺 nodule 12mm, FEV1 75%", False),
        ("CT示右肺结节12mm，FEV1 75%", True),
        ("患者は発熱がある", False),
        ("The word 病 alone", False),
        ("", False),
    ],
)
def test_chinese_is_told_by_its_script(text: str, expected: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert is_chinese(text) is expected


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("无否认高血压病史发热、，。\n2型aＡ（）既往父亲患疑\u200b𝒳"), max_size=60))
def test_any_text_is_read_in_order_and_without_overlap(text: str) -> None:
    end = 0
    mentions = find_chinese(text, TERMS)
    for one in mentions:
        assert end <= one.start < one.end <= len(text)
        end = one.end
    assert len(assess_chinese(text, [Span(one.start, one.end) for one in mentions])) == len(mentions)


def test_time_grows_with_the_length_only() -> None:
    """CPU of its own process; the larger text is four times the smaller one."""
    program = (
        "import sys, time\n"
        "from openmed_agent.planes.inference.entities.chinese.lexicon import TERMS\n"
        "from openmed_agent.planes.inference.entities.chinese.mentions import find_chinese\n"
        "from openmed_agent.planes.inference.entities.chinese.assertion import assess_chinese\n"
        "from openmed_agent.text.spans import Span\n"
        "def seconds(text):\n"
        "    began = time.process_time()\n"
        "    assess_chinese(text, [Span(o.start, o.end) for o in find_chinese(text, TERMS)])\n"
        "    return time.process_time() - began\n"
        "seconds('无')\n"
        "for piece in ('否认高血压、', '，', '无发热'):\n"
        "    print(seconds(piece * (40_000 // len(piece))) / seconds(piece * (10_000 // len(piece))))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert all(float(ratio) < 12 for ratio in done.stdout.split()), done.stdout
