"""The detectors of other languages: check digits, offsets, clinical text, held-out notes, hostile text."""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openmed_agent.planes.inference.pii.detector import LANGUAGES, detect
from openmed_agent.planes.inference.pii.labels import CANONICAL_LABELS
from openmed_agent.planes.inference.pii.languages import checksums
from openmed_agent.planes.inference.pii.languages.registry import MODULES

OTHERS = tuple(MODULES)
BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "pii_languages.py"


def found(text: str, language: str) -> str:
    """Return the characters that were found, one mark between findings."""
    return "|".join(text[finding.start : finding.end] for finding in detect(text, language=language))


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pii_languages", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["pii_languages"] = module
    spec.loader.exec_module(module)
    return module


def test_twelve_languages_are_served() -> None:
    assert set(LANGUAGES) == {"en", "de", "fr", "es", "it", "pt", "nl", "tr", "ar", "hi", "ja", "zh"}


# Specimens that the issuing authorities or the standards themselves publish.
PUBLISHED = (
    (checksums.steuer_id, "86095742719"),
    (checksums.ahv, "756.9217.0769.85"),
    (checksums.nir, "2 55 08 14 168 025 38"),
    (checksums.dni, "12345678Z"),
    (checksums.dni, "X1234567L"),
    (checksums.codice_fiscale, "RSSMRA85T10A562S"),
    (checksums.cpf, "111.444.777-35"),
    (checksums.cnpj, "11.222.333/0001-81"),
    (checksums.nif, "123456789"),
    (checksums.bsn, "111222333"),
    (checksums.kimlik, "10000000146"),
    (checksums.verhoeff, "2363"),
    (checksums.my_number, "123456789018"),
    (checksums.resident_number, "11010519491231002X"),
    (checksums.taiwan_identity, "A123456789"),
    (checksums.rut, "12.345.678-5"),
    (checksums.belgian_register, "85.07.30-033 28"),
    (checksums.cuit, "20-12345678-6"),
    (checksums.pension_number, "15 070649 C 103"),
    (checksums.health_insured_number, "A123456780"),
)


@pytest.mark.parametrize(("valid", "specimen"), PUBLISHED)
def test_published_specimens_are_valid(valid: object, specimen: str) -> None:
    assert callable(valid)
    assert valid(specimen)


@pytest.mark.parametrize(("valid", "specimen"), [pair for pair in PUBLISHED if pair[0] is not checksums.nir])
def test_one_wrong_digit_is_noticed(valid: object, specimen: str) -> None:
    assert callable(valid)
    place = next(index for index, character in enumerate(specimen) if character.isdigit() and index > 1)
    wrong = specimen[:place] + str((int(specimen[place]) + 1) % 10) + specimen[place + 1 :]
    assert not valid(wrong)


NATIONAL = (
    ("de", "Steuer 86 095 742 719 liegt vor."),
    ("fr", "Assuré 2 55 08 14 168 025 38 connu."),
    ("es", "Consta 12345678Z en archivo."),
    ("it", "Risulta RSSMRA85T10A562S in archivio."),
    ("pt", "Consta 111.444.777-35 no sistema."),
    ("nl", "Bekend als 111222333 in het systeem."),
    ("tr", "Kayıtta 10000000146 görünüyor."),
    ("ar", "مسجل تحت 784-1990-1234567-6 في النظام."),
    ("hi", "प्रणाली में 2341 2341 2346 दर्ज है।"),
    ("ja", "記録は1234 5678 9018です。"),
    ("zh", "登记为11010519491231002X。"),
)


@pytest.mark.parametrize(("language", "text"), NATIONAL)
def test_national_identifiers_need_no_word_beside_them(language: str, text: str) -> None:
    if language == "hi":
        assert checksums.verhoeff("2341 2341 2346")
    digits = [place for place, character in enumerate(text) if character.isdigit()]
    covered = {place for f in detect(text, language=language) for place in range(f.start, f.end)}
    assert covered.issuperset(digits)


CLEAN = {
    "de": "Morbus Crohn, Parkinson-Syndrom, Babinski-Zeichen negativ. Ramipril 5 mg 1-0-1, RR 120/80 mmHg, INR 2,3. "
    "Befund seit 2019 stabil, 45-jähriger Patient, Kontrolle in 3 Monaten.",
    "fr": "Maladie de Crohn, syndrome de Guillain-Barré, signe de Babinski absent. Metformine 500 mg x 2/j, "
    "TA 120/80, patient de 67 ans suivi depuis 2019 en France.",
    "es": "Enfermedad de Parkinson, síndrome de Cushing, signo de Murphy negativo. Enalapril 10 mg cada 12 h, "
    "TA 120/80, varón de 67 años diagnosticado en 2019.",
    "it": "Morbo di Crohn, sindrome di Cushing, segno di Murphy negativo. Ramipril 5 mg, PA 120/80, uomo di 67 anni, "
    "diagnosi nel 2019.",
    "pt": "Doença de Parkinson, síndrome de Cushing, sinal de Murphy negativo. Losartana 50 mg de 12/12 horas, "
    "PA 120/80, homem de 67 anos, diagnóstico em 2019.",
    "nl": "Ziekte van Crohn, syndroom van Cushing, teken van Babinski negatief. Metoprolol 50 mg 1dd1, "
    "RR 120/80, man van 67 jaar, sinds 2019 bekend.",
    "tr": "Crohn hastalığı, Cushing sendromu, Babinski bulgusu negatif. Ramipril 5 mg 1x1, TA 120/80 mmHg, 67 yaşında "
    "erkek hasta, 2019 yılında tanı aldı.",
    "ar": "داء كرون، متلازمة كوشينغ، علامة بابنسكي سلبية. راميبريل 5 ملغ يومياً، ضغط الدم 120/80، رجل عمره 67 سنة.",
    "hi": "क्रोहन रोग, कुशिंग सिंड्रोम, बाबिन्सकी चिह्न नकारात्मक। रामिप्रिल 5 मि.ग्रा., रक्तचाप 120/80, आयु 67 वर्ष, 2019 से मधुमेह।",
    "ja": "クローン病、クッシング症候群、バビンスキー反射陰性。アムロジピン5mg 1錠分1、"
    "血圧120/80mmHg、67歳男性、2019年に診断。",
    "zh": "克罗恩病、库欣综合征,巴宾斯基征阴性。氨氯地平5mg qd,血压120/80mmHg,67岁男性,2019年确诊高血压。",
}


@pytest.mark.parametrize("language", OTHERS)
def test_clinical_text_is_left_alone(language: str) -> None:
    assert found(CLEAN[language], language) == ""


@pytest.mark.parametrize("language", OTHERS)
def test_addresses_of_the_net_and_cards_are_found_in_every_language(language: str) -> None:
    text = f"{CLEAN[language]} p.x@mail.example.org https://portal.example.org/a1 4111 1111 1111 1111 192.0.2.17"
    seen = found(text, language)
    for value in ("p.x@mail.example.org", "https://portal.example.org/a1", "4111 1111 1111 1111", "192.0.2.17"):
        assert value in seen


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Herr Dr. Zwickelmayr sah den Patienten. Zwickelmayr empfiehlt Ruhe.", ["Zwickelmayr", "Zwickelmayr"]),
        ("nl", "Mevrouw van 't Hof-Terwijn belde.", ["van", "'t Hof-Terwijn"]),
        ("tr", "Ayşe Hanım'ın tansiyonu yüksek.", ["Ayşe"]),
        ("ar", "راجع المريض محمد العتيبي العيادة.", ["محمد", "العتيبي"]),
        ("hi", "डॉ. वैशाली भटनागर ने देखा।", ["वैशाली", "भटनागर"]),
        ("zh", "患者张伟因胸痛入院。张伟诉气促。", ["张伟", "张伟"]),
        ("ja", "山田太郎様が来院。山田太郎は安定。", ["山田太郎", "山田太郎"]),
    ],
)
def test_names_by_title_and_their_repetitions(language: str, text: str, words: list[str]) -> None:
    covered = {place for f in detect(text, language=language) for place in range(f.start, f.end)}
    position = 0
    for word in words:
        start = text.index(word, position)
        position = start + len(word)
        assert {p for p in range(start, position) if text[p].isalnum()} <= covered


def test_offsets_are_of_the_original_in_scripts_with_marks_and_invisible_characters() -> None:
    text = "اسم المريض: محمد العتيبي\u200f، الهاتف: ٠٥٠١٢\u200e٣٤٥٦٧"
    phone = next(f for f in detect(text, language="ar") if f.label == "phone")
    assert text[phone.start : phone.end].replace("\u200e", "") == "٠٥٠١٢٣٤٥٦٧"
    full_width = "氏名：山田太郎　電話：０３－１２３４－５６７８"
    seen = found(full_width, "ja")
    assert "０３－１２３４－５６７８" in seen
    assert "太郎" in seen


@pytest.mark.parametrize("language", OTHERS)
@given(text=st.text(alphabet="Aaé1 .,-:\n'٣اسअम张山市号年月日様/@()", max_size=120))
@settings(max_examples=25, deadline=None)
def test_findings_are_ordered_apart_and_inside(language: str, text: str) -> None:
    at = 0
    for finding in detect(text, language=language):
        assert at <= finding.start < finding.end <= len(text)
        assert 0 < finding.confidence <= 1
        assert finding.label in CANONICAL_LABELS
        at = finding.end


@pytest.mark.parametrize("language", OTHERS)
def test_held_out_notes_meet_the_target(benchmark: ModuleType, language: str) -> None:
    score = benchmark.measure("held_out", language, 40)
    assert score.recall >= 0.93  # 40 notes scatter about the 0.95 of the whole run
    assert score.precision >= 0.90


HOSTILE = ("A ", "1.", "A-", "Dr. ", "de la ", "张", "市区", "شارع محمد ", "राम नगर ", "a@", "  ")


@pytest.mark.parametrize("language", OTHERS)
def test_time_grows_with_the_length_only(language: str) -> None:
    detect("x", language=language)
    for seed in HOSTILE:
        seconds = []
        for size in (1_000, 4_000):
            text = (seed * size)[:size]
            began = time.process_time()
            detect(text, language=language)
            seconds.append(time.process_time() - began)
        assert seconds[1] < 12 * seconds[0] + 0.1, seed  # linear is 4, quadratic 16


@pytest.mark.parametrize(("language", "piece"), [("zh", "北京市区"), ("de", "Am "), ("es", "Calle de la ")])
def test_places_without_a_number_are_not_tried_in_every_division(language: str, piece: str) -> None:
    detect("x", language=language)
    began = time.process_time()
    detect((piece * 10_000)[:10_000], language=language)
    assert time.process_time() - began < 1


def test_english_loads_nothing_of_the_other_languages() -> None:
    program = (
        "import sys, json; from openmed_agent.planes.inference.pii.detector import detect; detect('Dr. Adams.');"
        "print(json.dumps([name for name in sys.modules if '.pii.languages.' in name]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.rsplit(".", 1)[1] for name in json.loads(done.stdout)}
    assert loaded.isdisjoint(MODULES.values())
    assert "lists" not in loaded
