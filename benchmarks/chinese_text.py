"""Measure mentions and assertions of Chinese clinical text.

    python benchmarks/chinese_text.py [FILE ...]        # default: all of benchmarks/chinese

A file has a sentence a line, mentions marked ``[mention|kind|flags]``: D disease, S symptom, M drug; n negated,
h historical, y hypothetical, f family. All are invented. What is printed is precision, recall and F of mentions (exact,
and overlapping with the same kind), and F of each flag over the mentions that were found.
"""

import argparse
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from openmed_agent.clinical.assertion import Assertion
from openmed_agent.planes.inference.entities.chinese.assertion import assess_chinese
from openmed_agent.planes.inference.entities.chinese.lexicon import TERMS
from openmed_agent.planes.inference.entities.chinese.mentions import find_chinese
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.text.spans import Span

_MARK = re.compile(r"\[([^|\]]+)\|([DSM])(?:\|([nhyf]*))?\]")
_LABELS = {"D": "DISEASE", "S": "SYMPTOM", "M": "DRUG"}


@dataclass(frozen=True)
class Marked:
    """One mention that a person marked."""

    start: int
    end: int
    label: str
    flags: str


def read_marked(line: str) -> tuple[str, list[Marked]]:
    """Return the text of a line and its marked mentions."""
    text, marked, at = "", [], 0
    for match in _MARK.finditer(line):
        text += line[at : match.start()]
        marked.append(Marked(len(text), len(text) + len(match[1]), _LABELS[match[2]], match[3] or ""))
        text, at = text + match[1], match.end()
    return text + line[at:], marked


def flags_of(assertion: Assertion) -> set[str]:
    """Return the letters of what an assertion says."""
    said = {"n": assertion.negated, "h": assertion.historical, "y": assertion.hypothetical}
    return {letter for letter, holds in said.items() if holds} | ({"f"} if assertion.experiencer == "family" else set())


def overlapping(found: EntityFinding, marked: Marked) -> bool:
    """Return whether both are of one kind and share a character."""
    return found.label == marked.label and found.start < marked.end and marked.start < found.end


def measure(file: Path, *, verbose: bool = False) -> None:
    """Print the figures of one file."""
    counts: Counter[str] = Counter()
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        text, gold = read_marked(line)
        found = find_chinese(text, TERMS)
        counts += _counted(text, gold, found, verbose=verbose)
    print(f"{file.name}: {counts['gold']} mentions")
    for kind in ("exact", "overlap"):
        found_share, right = counts[f"{kind} gold"] / counts["gold"], counts[f"{kind} found"] / max(1, counts["found"])
        print(f"  {kind:8} P {right:.3f} R {found_share:.3f} F {2 * right * found_share / (right + found_share):.3f}")
    for letter, name in zip("nhyf", ("negated", "historical", "hypothetical", "family"), strict=True):
        true, wrong, missed = (counts[f"{letter} {part}"] for part in ("true", "wrong", "missed"))
        print(f"  {name:12} F {2 * true / max(1, 2 * true + wrong + missed):.3f} ({true + missed} marked)")


def _counted(text: str, gold: list[Marked], found: tuple[EntityFinding, ...], *, verbose: bool) -> Counter[str]:
    counts: Counter[str] = Counter(gold=len(gold), found=len(found))
    exact = {(one.start, one.end, one.label) for one in found}
    for one, assertion in zip(found, assess_chinese(text, [Span(f.start, f.end) for f in found]), strict=True):
        counts["exact found"] += any((m.start, m.end, m.label) == (one.start, one.end, one.label) for m in gold)
        match = next((m for m in gold if overlapping(one, m)), None)
        counts["overlap found"] += match is not None
        if match is None:
            if verbose:
                print("  extra", text[one.start : one.end], "|", text)
            continue
        said, meant = flags_of(assertion), set(match.flags)
        for letter in "nhyf":
            counts[f"{letter} true"] += letter in said and letter in meant
            counts[f"{letter} wrong"] += letter in said and letter not in meant
            counts[f"{letter} missed"] += letter in meant and letter not in said
        if verbose and said != meant:
            print("  said", sorted(said), "meant", sorted(meant), text[one.start : one.end], "|", text)
    for marked in gold:
        counts["exact gold"] += (marked.start, marked.end, marked.label) in exact
        hit = any(overlapping(one, marked) for one in found)
        counts["overlap gold"] += hit
        if verbose and not hit:
            print("  missed", text[marked.start : marked.end], "|", text)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--verbose", action="store_true", help="show what is wrong")
    options = parser.parse_args()
    for each in options.files or sorted((Path(__file__).parent / "chinese").glob("*.txt")):
        measure(each, verbose=options.verbose)
