"""Our reading of the classification's files against the tree that the package itself makes of them."""

import subprocess
import sys

COMPARE = """
from simple_icd_10_cm import simple_icd_10_cm as package
from openmed_agent.planes.codes.icd_source import read_concepts

read = {concept.code: concept for concept in read_concepts()}
names = {"chapter": "chapter", "section": "block", "category": "category", "subcategory": "subcategory",
         "extended subcategory": "extension"}
pending, compared = list(package._chapter_list), set()
while pending:
    node = pending.pop()
    pending.extend(node.children)
    if node.type == "section" and any(child.name == node.name for child in node.children):
        continue
    ours = read[node.name]
    compared.add(node.name)
    assert ours.kind == names[node.type], node.name
    assert ours.display == " ".join(node.description.split()), node.name
    assert ours.includes == tuple(node.includes) and ours.inclusion_terms == tuple(node.inclusion_term), node.name
    assert ours.excludes1 == tuple(node.excludes1) and ours.excludes2 == tuple(node.excludes2), node.name
    assert " ".join(ours.code_first).split() == node.code_first.split(), node.name
    assert " ".join(ours.use_additional).split() == node.use_additional_code.split(), node.name
    assert " ".join(ours.code_also).split() == node.code_also.split(), node.name
    assert " ".join(ours.notes).split() == node.notes.split(), node.name
    assert dict(ours.seventh_characters) == node.seven_chr_def, node.name
    assert ours.billable == (node.type not in {"chapter", "section"} and not node.children), node.name
assert compared == read.keys()
print(len(compared))
"""


def test_every_concept_is_the_one_that_the_package_reads() -> None:
    result = subprocess.run([sys.executable, "-c", COMPARE], capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "98466"
