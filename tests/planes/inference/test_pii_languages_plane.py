"""Other languages through the service, the client and the local check."""

import httpx
import pytest

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.contract import Method
from openmed_agent.planes.inference.pii.languages.registry import MODULES
from openmed_agent.planes.inference.recheck import Redaction, recheck
from openmed_agent.text.spans import Span
from tests.planes.inference.conftest import client_of

NOTES = {
    "de": ("Patientin: Frau Erika Mustermann, geb. 12.03.1956, Tel. 0221 1234567.", ("Erika", "Mustermann", "1956")),
    "tr": ("Hasta Adı Soyadı: Ayşe Yılmaz, TC: 10000000146", ("Ayşe", "Yılmaz", "10000000146")),
    "ar": ("اسم المريض: محمد العتيبي، رقم الجوال: ٠٥٠١٢٣٤٥٦٧", ("محمد", "العتيبي", "٠٥٠١٢٣٤٥٦٧")),
    "hi": ("रोगी का नाम: राजेश शर्मा, मोबाइल: ९८७६५४३२१०", ("राजेश", "शर्मा", "९८७६५४३२१०")),
    "ja": ("氏名：山田太郎　電話：０３－１２３４－５６７８", ("山田", "太郎", "５６７８")),
    "zh": ("患者张伟，男，身份证号11010519491231002X。", ("张伟", "002X")),
}


def test_health_lists_every_language(our_origin: str) -> None:
    languages = httpx.get(f"{our_origin}/health", trust_env=False).json()["languages"]
    assert set(languages) == {"en", *MODULES}


@pytest.mark.parametrize("route", ["extract", "deidentify"])
def test_a_language_that_is_not_served_is_refused_with_those_that_are(our_origin: str, route: str) -> None:
    reply = httpx.post(f"{our_origin}/pii/{route}", json={"text": "Tere", "lang": "et"}, trust_env=False)
    assert reply.status_code == 422
    error = reply.json()["error"]
    assert error["code"] == "validation_error"
    assert "Tere" not in reply.text
    assert all(code in str(error["details"]) for code in ("de", "zh"))


@pytest.mark.parametrize("language", NOTES)
async def test_the_client_de_identifies_in_the_language(our_origin: str, language: str) -> None:
    text, gone = NOTES[language]
    async with client_of(our_origin) as client:
        document = await client.deidentify(text, Method.MASK, language=language)
        entities = await client.extract_pii(text, language=language)
    assert not [value for value in gone if value in document.text]
    assert all(text[entity.span.start : entity.span.end] == entity.text for entity in entities)


async def test_the_client_says_which_languages_there_are(our_origin: str) -> None:
    async with client_of(our_origin) as client:
        with pytest.raises(InputError) as refusal:
            await client.deidentify("Tere", Method.MASK, language="et")
    assert "de" in str(refusal.value.remedy)
    assert "zh" in str(refusal.value.remedy)


def test_the_check_reads_the_language_it_is_told() -> None:
    text = "Dirección: Calle Mayor 12, 28013 Madrid. Correo: p.x@mail.example"
    left = {span.of(text) for span, _ in recheck(text, [], language="es").found}
    assert any("Calle Mayor 12" in value for value in left)
    assert "p.x@mail.example" in left


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [("zh", "来电者欧阳雪晴。欧阳雪晴诉头痛。", "欧阳雪晴"), ("hi", "रमेशचंद्र आए। कल रमेशचंद्र जाएंगे।", "रमेशचंद्र")],
)
def test_a_repetition_is_seen_in_scripts_without_capitals(language: str, text: str, value: str) -> None:
    first = Redaction(Span(text.index(value), text.index(value) + len(value)), "person", "[person]")
    second = text.rindex(value)
    left = recheck(text, [first], language=language).found
    covered = {place for span, _ in left for place in range(span.start, span.end)}
    assert covered.issuperset(range(second, second + len(value)))
