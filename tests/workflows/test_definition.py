from pathlib import Path

import pytest

from openmed_agent.errors import InputError, UsageError
from openmed_agent.settings.paths import content_folder
from openmed_agent.workflows.definition import find_workflow, load_workflow, parse_definition

GOOD = """\
schema: openmed.workflow/1
id: mine
version: 1.0.0
title: Mine
description: A card of my own.
inputs:
  note_path: {type: document, description: a note, many: true}
steps:
  - uses: read_documents
  - uses: list_problems
cards:
  - {id: problems, type: info, title: Problems, kinds: [problem]}
artifacts:
  - {name: mine.md, renderer: markdown}
review_rules:
  - {kinds: [problem], severity: high, reason: look}
"""


def write(folder: Path, text: str, name: str = "mine") -> Path:
    (folder / name).mkdir(parents=True)
    (folder / name / "workflow.yaml").write_text(text)
    return folder / name


def test_the_built_in_workflow_is_valid() -> None:
    workflow = find_workflow("chart_summary", (content_folder("workflows"),))
    assert workflow.built_in
    assert "warfarin" in workflow.terms["high_alert_medicines.txt"]
    kinds = [kind for card in workflow.definition.cards for kind in card.kinds]
    assert len(kinds) == len(set(kinds)) == 14, "every kind of item has exactly one card"


def test_a_users_workflow_loads(tmp_path: Path) -> None:
    workflow = load_workflow(write(tmp_path, GOOD), built_in=False)
    assert workflow.definition.id == "mine"
    assert not workflow.built_in


@pytest.mark.parametrize(
    ("find", "replace", "line", "field"),
    [
        ("version: 1.0.0", "version: one", 3, "version"),
        ("title: Mine", "titel: Mine", 4, "titel"),
        ("type: document", "type: dokument", 7, "inputs.note_path.type"),
        ("uses: list_problems", "uses: list_everything", 10, "steps.1.uses"),
        ("kinds: [problem]}", "kinds: []}", 12, "cards.0.kinds"),
        ("renderer: markdown", "renderer: shell", 14, "artifacts.0.renderer"),
        ("name: mine.md", "name: ../mine.md", 14, "artifacts.0.name"),
        ("severity: high", "severity: dire", 16, "review_rules.0.severity"),
        ("openmed.workflow/1", "openmed.workflow/9", 1, "schema"),
    ],
)
def test_an_error_names_file_line_and_field(find: str, replace: str, line: int, field: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_definition(GOOD.replace(find, replace, 1), "mine/workflow.yaml")
    assert str(caught.value).startswith(f"mine/workflow.yaml, line {line}: field {field}: ")


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError, match="field title: Field required"):
        parse_definition(GOOD.replace("title: Mine\n", "", 1), "f")


def test_a_field_that_stands_there_twice_is_an_error() -> None:
    with pytest.raises(InputError, match="line 5: field title stands there twice"):
        parse_definition(GOOD.replace("description:", "title: Again\ndescription:", 1), "f")


@pytest.mark.parametrize(
    "text",
    ["", "- a", "a: [", "a: &x [1]\nb: *x", "[" * 10_000, "a: &a [*a]", "\x00", "{a: b", "!!python/object:os.system x"],
    ids=["empty", "list", "open", "alias", "deep", "circle", "nul", "brace", "tag"],
)
def test_what_is_no_workflow_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_definition(text, "f")


def test_unknown_and_hostile_names_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    for name in ("nothing", "../mine", "mine/../mine", "", "MINE", "a\x1b[2J", "mine\x00"):
        with pytest.raises(UsageError) as caught:
            find_workflow(name, (tmp_path,))
        assert "\x1b" not in str(caught.value)


def test_a_users_workflow_cannot_take_the_place_of_a_built_in_one(tmp_path: Path) -> None:
    built_in, own = tmp_path / "built_in", tmp_path / "own"
    write(built_in, GOOD)
    write(own, GOOD.replace("title: Mine", "title: Other"))
    assert find_workflow("mine", (built_in, own)).definition.title == "Mine"


def test_the_id_must_be_the_folders_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="folder's name"):
        load_workflow(write(tmp_path, GOOD, name="other"), built_in=False)


def test_rule_data_stays_in_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    text = GOOD.replace("{kinds: [problem], severity", "{terms_file: ../secret.txt, severity")
    with pytest.raises(InputError, match="plain file name"):
        load_workflow(write(tmp_path, text), built_in=False)
    missing = GOOD.replace("{kinds: [problem], severity", "{terms_file: none.txt, severity")
    with pytest.raises(InputError, match="cannot be read"):
        load_workflow(write(tmp_path / "b", missing), built_in=False)
