"""Workflows that a user added: they run, and broken ones are named by file, line and field."""

import shutil
import time
from pathlib import Path

import pytest
from command_line import Machine, assert_refused

BUILT_IN = Path(__file__).parents[2] / "workflows" / "chart_summary"
GOOD = """\
schema: openmed.workflow/1
id: mine
version: 1.0.0
title: Medicines only
description: What the patient takes.
inputs:
  chart:
    type: document
    description: A note.
    many: true
  reason:
    type: choice
    description: Why.
    choices: [visit, transfer]
    required: false
steps:
  - uses: read_documents
  - uses: list_medications
cards:
  - id: medicines
    type: info
    title: Medicines
    kinds: [medication, stopped_medication, gap, conflict, uncertain_finding]
artifacts:
  - name: medicines.md
    renderer: markdown
review_rules:
  - kinds: [medication]
    terms_file: terms.txt
    severity: high
    reason: look twice
"""


def add(machine: Machine, text: str | bytes, identifier: str = "mine", terms: str = "metformin\n") -> Path:
    folder = machine.home / "config" / "workflows" / identifier
    folder.mkdir(parents=True)
    (folder / "workflow.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "terms.txt").write_text(terms, encoding="utf-8")
    return folder


def test_a_users_workflow_runs_with_its_own_rules(machine: Machine) -> None:
    add(machine, GOOD)
    draft = machine.openmed("run", "mine", "--input", "chart=note.txt", "--input", "reason=visit", "--json").json()
    assert draft["workflow"] == "mine"
    assert draft["inputs"] == {"chart": ["note.txt"], "reason": ["visit"]}
    assert [artifact["name"] for artifact in draft["artifacts"]] == ["medicines.md"]
    kinds = {item["kind"] for item in draft["items"]}
    assert "medication" in kinds
    assert "problem" not in kinds
    plain = [item for item in draft["items"] if item["kind"] == "medication" and item["severity"] == "high"]
    assert plain
    assert all("metformin" in str(item).casefold() for item in plain)
    assert "look twice" in plain[0]["notes"]


def test_wrong_inputs_of_a_users_workflow_are_refused(machine: Machine) -> None:
    add(machine, GOOD)
    for pair, word in (("reason=lunch", "visit, transfer"), ("note_path=note.txt", "chart")):
        outcome = machine.openmed("run", "mine", "--input", "chart=note.txt", "--input", pair)
        assert_refused(outcome, 2, word)
    twice = ("--input", "reason=visit", "--input", "reason=visit")
    assert_refused(machine.openmed("run", "mine", "--input", "chart=note.txt", *twice), 2, "only once")


def broken(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


BROKEN: dict[str, tuple[str, str]] = {
    "unknown step": (broken("list_medications", "list_everything"), "line 18: field steps.1.uses"),
    "unknown field": (broken("title: Medicines only", "title: x\nscript: rm -rf"), "line 5: field script"),
    "wrong version": (broken("1.0.0", "one"), "line 3: field version"),
    "wrong schema": (broken("workflow/1", "workflow/9"), "line 1: field schema"),
    "missing title": (broken("title: Medicines only\n", ""), "field title"),
    "unknown renderer": (broken("renderer: markdown", "renderer: html"), "line 26: field artifacts.0.renderer"),
    "artifact path": (broken("medicines.md", "../medicines.md"), "line 25: field artifacts.0.name"),
    "unknown kind": (broken("kinds: [medication]", "kinds: [secret]"), "line 28: field review_rules.0.kinds.0"),
    "field twice": (broken("version: 1.0.0", "version: 1.0.0\nversion: 2.0.0"), "line 4: field version"),
    "no mapping": ("- a\n- b\n", "line 1"),
    "no yaml": (GOOD + "  - [unclosed\n", "line"),
    "tag": (broken("Medicines only", "!!python/object/apply:os.system ['true']"), "line 4"),
    "alias bomb": (
        "a: &a [x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"{b}: &{b} [{', '.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)),
        "aliases",
    ),
    "empty": ("", "line 1"),
    "merge key": ("x: &x {a: 1}\ny:\n  <<: *x\n", "aliases"),
    "other id": (broken("id: mine", "id: yours"), "mine"),
    "terms elsewhere": (broken("terms_file: terms.txt", "terms_file: ../../config.toml"), "terms_file"),
    "terms missing": (broken("terms_file: terms.txt", "terms_file: none.txt"), "none.txt"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_workflow_is_named_by_file_line_and_field(machine: Machine, kind: str) -> None:
    text, words = BROKEN[kind]
    folder = add(machine, text)
    outcome = machine.openmed("run", "mine", "--input", "chart=note.txt", timeout=30)
    assert_refused(outcome, 3, str(folder), words)
    assert machine.openmed("drafts", "--json").json() == []


HOSTILE = {
    "indented": b"a:\n" + b"".join(b" " * depth + b"a:\n" for depth in range(1, 700)),
    "large": b"# x\n" * 262_144,
    "long": b"a: [" + b"1, " * 20_000 + b"]",
    "controls": b"\x00\x01",
    "utf-16": b"\xff\xfe\x00",
    "escape": b"a: \x1b[31m",
    "escaped": b'"\\u202e\\x1b[2J": 1\n',
    "dashes": b"- " * 20_000,
    "keys": b"? " * 20_000,
    "nested": b"a: " + b"[" * 10_000 + b"]" * 10_000,
    "open": b"{" * 10_000,
}


@pytest.mark.parametrize("kind", list(HOSTILE))
def test_a_hostile_workflow_is_refused_soon(machine: Machine, kind: str) -> None:
    folder = add(machine, HOSTILE[kind])
    began = time.monotonic()
    outcome = machine.openmed("run", "mine", "--input", "chart=note.txt", timeout=60)
    assert_refused(outcome, 3, str(folder))
    assert time.monotonic() - began < 12


def test_a_users_workflow_cannot_take_the_place_of_a_built_in_one(machine: Machine) -> None:
    folder = add(machine, GOOD.replace("id: mine", "id: chart_summary"), "chart_summary")
    draft = machine.summary("note.txt")
    assert "chart_summary.fhir.json" in {artifact["name"] for artifact in draft["artifacts"]}
    shutil.rmtree(folder)
    again = machine.summary("note.txt")
    assert again["payload_digest"] == draft["payload_digest"]


def test_a_copy_of_the_built_in_workflow_under_another_name_runs(machine: Machine) -> None:
    folder = machine.home / "config" / "workflows" / "chart_copy"
    shutil.copytree(BUILT_IN, folder)
    text = (folder / "workflow.yaml").read_text(encoding="utf-8").replace("id: chart_summary", "id: chart_copy", 1)
    (folder / "workflow.yaml").write_text(text, encoding="utf-8")
    draft = machine.openmed("run", "chart_copy", "--input", "note_path=note.txt", "--json").json()
    assert draft["workflow"] == "chart_copy"
    assert draft["items"]


def test_an_unknown_workflow_names_the_known_ones_of_the_user_too(machine: Machine) -> None:
    add(machine, GOOD)
    assert_refused(machine.openmed("run", "theirs", "--input", "chart=note.txt"), 2, "chart_summary", "mine")
