"""Measure the PII detector in the languages beside English, one by one.

    .venv/bin/python benchmarks/pii_languages.py [--held-out] [--languages de,fr] [--notes N] [--misses N] [--extras N]

Notes are generated with a fixed seed from the layouts in benchmarks/pii_layouts: `tuned` was read while the detector
was written; `held_out` has other layouts, names, streets and hospitals, and was kept apart. Figures count letters
and digits. Everything in a layout outside of its placeholders is clinical text that must stay.
"""

import argparse
import random
import re
import resource
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from openmed_agent.planes.inference.pii.detector import detect
from openmed_agent.planes.inference.pii.languages import checksums
from openmed_agent.planes.inference.pii.languages.lists import names_of
from openmed_agent.planes.inference.pii.languages.registry import MODULES
from openmed_agent.planes.inference.pii.languages.spelling import folded

LAYOUTS = Path(__file__).parent / "pii_layouts"
SEED = 20_240_312
ATTEMPTS = 20_000
PLACEHOLDER = re.compile(r"\{([a-z_]+)(\d?)\}")
NATIONAL: dict[str, tuple[str, Callable[[str], bool]]] = {
    "de": ("## ### ### ###", checksums.steuer_id),
    "fr": ("2 ## 0# ## ### ### ##", checksums.nir),
    "es": ("########@", checksums.dni),
    "it": ("@@@@@@##H##@###@", checksums.codice_fiscale),
    "pt": ("###.###.###-##", checksums.cpf),
    "nl": ("#########", checksums.bsn),
    "tr": ("###########", checksums.kimlik),
    "ar": ("1#########", checksums.luhn_number),
    "hi": ("#### #### ####", checksums.verhoeff),
    "ja": ("#### #### ####", checksums.my_number),
    "zh": ("11010519#9071####x", checksums.resident_number),
}
"""Form of the national identifier of each language; # is a digit, @ a letter, x a check character."""


MAILBOXES = ("anna.k", "info", "p-x_", "kontakt")
HOSTS = ("mail.example", "praxis-nord.example", "web.example.org")


@dataclass
class Note:
    """A generated note and the half-open spans of its identifiers, with the placeholder each came from."""

    text: str
    spans: list[tuple[int, int, str]]


@dataclass
class Score:
    """Counts of letters and digits, and examples."""

    found: int = 0
    missed: int = 0
    extra: int = 0
    leaked: int = 0
    notes: int = 0
    missed_texts: Counter[str] = field(default_factory=Counter)
    extra_texts: Counter[str] = field(default_factory=Counter)

    @property
    def recall(self) -> float:
        """Share of the identifiers' characters that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def precision(self) -> float:
        """Share of the found characters that are identifiers'."""
        return self.found / max(1, self.found + self.extra)


@cache
def sections(name: str, code: str) -> dict[str, list[str]]:
    """Return the sections of a layout file: lists of values, and `layout` with whole layouts."""
    found: dict[str, list[str]] = {"layout": []}
    current: list[str] = []
    layout: list[str] | None = None
    for line in [*(LAYOUTS / name / f"{code}.txt").read_text("utf-8").splitlines(), "[end]"]:
        heading = re.fullmatch(r"\[([a-z_]+)\]", line)
        if heading is None:
            (current if layout is None else layout).append(line)
            continue
        if layout is not None:
            found["layout"].append("\n".join(layout).strip("\n"))
        layout = [] if heading[1] == "layout" else None
        current = found.setdefault(heading[1], [])
    return {key: [line for line in lines if line] if key != "layout" else lines for key, lines in found.items()}


def filled(form: str, draw: random.Random) -> str:
    """Return a form with random digits and letters."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    kinds = {"#": "0123456789", "@": letters, "x": "0123456789X"}
    return "".join(draw.choice(kinds[character]) if character in kinds else character for character in form)


def national(code: str, draw: random.Random) -> str:
    """Return a national identifier with a right check digit, drawn until it is one."""
    form, valid = NATIONAL[code]
    for _ in range(ATTEMPTS):
        candidate = filled(form, draw)
        if valid(candidate):
            return candidate
    raise RuntimeError("No valid identifier was drawn.")


def dated(form: str, draw: random.Random, values: dict[str, list[str]], years: tuple[int, int]) -> str:
    """Return a date in a form of day D, month M or its name N, year Y or two-digit y, and native digits n..n."""
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(*years)
    names = values["months"][0].split(",")
    parts = {"DD": f"{day:02}", "MM": f"{month:02}", "YYYY": str(year), "YY": f"{year % 100:02}"}
    parts |= {"D": str(day), "M": str(month), "N": names[month - 1].strip(), "E": str(max(1, year - 2018))}
    text = re.sub(r"YYYY|YY|DD|MM|[DMNE]", lambda match: parts[match.group()], form.removesuffix("~"))
    native = values.get("digits", ["0123456789"])[0]
    return text.translate(str.maketrans("0123456789", native)) if form.endswith("~") else text


class Generator:
    """Fills layouts of one language with values; a placeholder with a number keeps its value within a note."""

    def __init__(self, name: str, code: str) -> None:
        self._code = code
        self._values = sections(name, code)
        self._draw = random.Random(f"{SEED} {name} {code}")  # noqa: S311 - reproducible test text
        self._kept: dict[str, str] = {}

    def note(self, number: int) -> Note:
        """Return the next note, of the layouts in turn."""
        layouts = self._values["layout"]
        self._kept = {}
        parts: list[str] = []
        spans: list[tuple[int, int, str]] = []
        position = length = 0
        layout = layouts[number % len(layouts)]
        for match in PLACEHOLDER.finditer(layout):
            value = self._value(match[1], match[2])
            parts += (layout[position : match.start()], value)
            length += match.start() - position
            spans.append((length, length + len(value), match[1]))
            length += len(value)
            position = match.end()
        return Note("".join([*parts, layout[position:]]), spans)

    def _value(self, kind: str, number: str) -> str:
        base, upper = (kind.removesuffix("_up"), kind.endswith("_up"))
        key = f"{base}{number}"
        if not number or key not in self._kept:
            self._kept[key] = self._drawn(base)
        return self._kept[key].upper() if upper else self._kept[key]

    def _drawn(self, kind: str) -> str:
        values, draw = self._values, self._draw
        match kind:
            case "date":
                return dated(draw.choice(values["date"]), draw, values, (2015, 2025))
            case "dob":
                return dated(draw.choice(values.get("dob", values["date"])), draw, values, (1935, 2012))
            case "short":
                return dated(draw.choice(values["short"]), draw, values, (2020, 2025))
            case "nid":
                return national(self._code, draw)
            case "old":
                return str(draw.randint(90, 103))
            case "email":
                return f"{draw.choice(MAILBOXES)}{draw.randint(10, 99)}@{draw.choice(HOSTS)}"
            case "given" | "surname" | "street" | "city" | "hospital":
                return draw.choice(values[kind])
            case _:
                return filled(draw.choice(values[kind]), draw)


def characters(text: str, start: int, end: int) -> set[int]:
    """Return the positions of letters and digits in a span."""
    return {position for position in range(start, end) if text[position].isalnum()}


def measure(name: str, code: str, notes: int) -> Score:
    """Return the figures of one language over generated notes."""
    generator = Generator(name, code)
    score = Score()
    for number in range(notes):
        note = generator.note(number)
        gold: set[int] = set().union(*(characters(note.text, start, end) for start, end, _ in note.spans))
        findings = detect(note.text, language=code)
        found: set[int] = set().union(*(characters(note.text, f.start, f.end) for f in findings))
        score.found += len(gold & found)
        score.missed += len(gold - found)
        score.extra += len(found - gold)
        score.notes += 1
        score.leaked += bool(gold - found)
        for start, end, kind in note.spans:
            if characters(note.text, start, end) - found:
                context = note.text[max(0, start - 24) : end + 16]
                score.missed_texts[f"{kind} {note.text[start:end]!r} in {context!r}"] += 1
        for finding in findings:
            if characters(note.text, finding.start, finding.end) - gold:
                context = note.text[max(0, finding.start - 24) : finding.end + 16]
                score.extra_texts[f"{finding.label} {note.text[finding.start : finding.end]!r} in {context!r}"] += 1
    return score


def unknown_share(name: str, code: str) -> float:
    """Return the share of the generator's surnames that the detector's own list does not have."""
    known = names_of(code).surnames
    surnames = sections(name, code)["surname"]
    return sum(not known.intersection(folded(surname).split()) for surname in surnames) / len(surnames)


def main() -> None:
    """Print a line for each language."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--held-out", action="store_true", help="use the layouts and names kept apart")
    parser.add_argument("--languages", default=",".join(MODULES), help="default: all")
    parser.add_argument("--notes", type=int, default=400, help="notes of each language")
    parser.add_argument("--misses", type=int, default=0, help="print this many missed identifiers")
    parser.add_argument("--extras", type=int, default=0, help="print this many false findings")
    options = parser.parse_args()
    name = "held_out" if options.held_out else "tuned"
    print(f"{name}, seed {SEED}, {options.notes} notes of each language")
    print("language  recall  precision  leaked notes  unlisted surnames  characters/s")
    for code in options.languages.split(","):
        generator = Generator(name, code)
        text = "\n".join(generator.note(number).text for number in range(min(200, options.notes)))
        detect(text[:200], language=code)
        began = time.process_time()
        detect(text, language=code)
        speed = len(text) / max(1e-6, time.process_time() - began)
        score = measure(name, code, options.notes)
        print(
            f"{code:<8} {score.recall:>7.3f} {score.precision:>10.3f} {score.leaked:>6}/{score.notes:<6}"
            f" {unknown_share(name, code):>15.0%} {speed:>16,.0f}"
        )
        for example, count in score.missed_texts.most_common(options.misses):
            print(f"    missed {count}x {example}")
        for example, count in score.extra_texts.most_common(options.extras):
            print(f"    false  {count}x {example}")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    main()
