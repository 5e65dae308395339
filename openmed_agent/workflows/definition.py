"""Workflow definitions: a folder ``<id>/`` with ``workflow.yaml``, validated before anything runs.

Errors name the file, the line and the field. A user's workflow has the same format as a built-in one; the
steps, renderers and finding kinds that it may name are a closed list.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from openmed_agent.errors import InputError, UsageError
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.draft import CardType, ItemKind, PlainName, Severity, Support

FILE_NAME: Final = "workflow.yaml"
_MAXIMUM_BYTES: Final = 64 * 1024
_MOST_BRACKETS: Final = 1000
_IDENTIFIER: Final = r"^[a-z][a-z0-9_]{1,63}$"

StepName = Literal[
    "read_documents",
    "compare_patients",
    "list_problems",
    "list_medications",
    "list_allergies",
    "list_measurements",
    "list_procedures",
    "list_follow_ups",
    "assign_codes",
    "merge_mentions",
    "find_conflicts",
    "find_gaps",
]
RendererName = Literal["markdown", "evidence_json", "fhir_bundle"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class InputDefinition(_Part):
    """One input: what it is, whether it must be given, and whether it may be given several times."""

    type: Literal["document", "text", "choice"]
    description: str
    required: bool = True
    many: bool = False
    choices: tuple[str, ...] = ()


class StepDefinition(_Part):
    """One step, by the name of a registered function."""

    uses: StepName


class CardDefinition(_Part):
    """One card and the kinds of items that it shows."""

    id: Annotated[str, Field(pattern=_IDENTIFIER)]
    type: CardType
    title: str
    kinds: Annotated[tuple[ItemKind, ...], Field(min_length=1)]


class ArtifactDefinition(_Part):
    """One file to render."""

    name: PlainName
    renderer: RendererName


class ReviewRule(_Part):
    """Gives a severity to the items that fit all of its conditions; the first rule that fits counts."""

    kinds: tuple[ItemKind, ...] = ()
    support: tuple[Support, ...] = ()
    terms_file: str | None = None
    words: tuple[str, ...] = ()
    severity: Severity
    reason: str


class WorkflowDefinition(_Part):
    """The content of ``workflow.yaml``."""

    schema_: Annotated[Literal["openmed.workflow/1"], Field(alias="schema")]
    id: Annotated[str, Field(pattern=_IDENTIFIER)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: str
    description: str
    inputs: Mapping[str, InputDefinition]
    steps: Annotated[tuple[StepDefinition, ...], Field(min_length=1)]
    cards: Annotated[tuple[CardDefinition, ...], Field(min_length=1)]
    artifacts: Annotated[tuple[ArtifactDefinition, ...], Field(min_length=1)]
    review_rules: tuple[ReviewRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A definition with the rule data of its folder; ``terms`` is keyed by file name."""

    definition: WorkflowDefinition
    terms: Mapping[str, frozenset[str]]
    built_in: bool


def find_workflow(identifier: str, folders: tuple[Path, ...]) -> Workflow:
    """Return the workflow ``identifier`` from the first of ``folders`` that has it; built-in ones come first.

    Raises:
        UsageError: no folder has it.
        InputError: its definition is not valid.

    """
    if re.fullmatch(_IDENTIFIER, identifier):
        for number, folder in enumerate(folders):
            if (folder / identifier / FILE_NAME).is_file():
                return load_workflow(folder / identifier, built_in=number == 0)
    shown = terminal_safe(identifier, single_line=True)[:64]
    known = ", ".join(sorted(path.name for path in workflow_folders(folders)))
    raise UsageError(f"There is no workflow {shown}.", remedy=f"Known workflows: {known}.")


def workflow_folders(folders: tuple[Path, ...]) -> Iterator[Path]:
    """Yield the folder of every workflow in ``folders``."""
    for folder in folders:
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if (path / FILE_NAME).is_file())


def load_workflow(folder: Path, *, built_in: bool) -> Workflow:
    """Return the workflow in ``folder``.

    Raises:
        InputError: a file is missing, unreadable or not valid; the message names file, line and field.

    """
    file = folder / FILE_NAME
    definition = parse_definition(_read_text(file), str(file))
    if definition.id != folder.name:
        raise InputError(f"{file}: the id must be the folder's name, {folder.name}.")
    names = {rule.terms_file for rule in definition.review_rules if rule.terms_file}
    terms = {name: _read_terms(folder, name) for name in sorted(names)}
    return Workflow(definition=definition, terms=terms, built_in=built_in)


def parse_definition(text: str, name: str) -> WorkflowDefinition:
    """Return the definition in ``text``; ``name`` stands for the file in errors.

    Raises:
        InputError: the text is not YAML or not a workflow; the message names file, line and field.

    """
    if sum(text.count(bracket) for bracket in "[{") > _MOST_BRACKETS:
        raise InputError(f"{name} has too many brackets for a workflow.", remedy="Write lists on lines of their own.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = dict(_lines(node, (), set())) if node is not None else {}
        data = yaml.SafeLoader("").construct_document(node) if node is not None else None
    except _AliasError:
        raise InputError(f"{name}: YAML aliases are not supported here.", remedy="Write the value out.") from None
    except RecursionError:
        raise InputError(f"{name} is nested too deeply.") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise InputError(f"{name}, line {line}: this is not valid YAML.") from None
    if not isinstance(node, yaml.MappingNode):
        raise InputError(f"{name}, line 1: a workflow is a mapping of fields.")
    repeated = _repeated_key(node)
    if repeated is not None:
        raise InputError(f"{name}, line {repeated[1]}: field {repeated[0]} stands there twice.")
    try:
        return WorkflowDefinition.model_validate(data)
    except ValidationError as error:
        errors = error.errors(include_input=False, include_url=False)
        # a misspelt field is both unknown and missing; its unknown name has a line
        first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
        place = tuple(str(part) for part in first["loc"])
        line = _line_of(place, lines)
        raise InputError(f"{name}, line {line}: field {'.'.join(place)}: {first['msg']}.") from None


def _line_of(place: tuple[str, ...], lines: Mapping[tuple[str, ...], int]) -> int:
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


class _AliasError(Exception):
    """A node stands in two places: one of them is an alias, which could make a small file huge."""


def _lines(node: yaml.Node, place: tuple[str, ...], seen: set[int]) -> Iterator[tuple[tuple[str, ...], int]]:
    if id(node) in seen:
        raise _AliasError
    seen.add(id(node))
    yield place, node.start_mark.line + 1
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                here = (*place, str(key.value))
                yield here, key.start_mark.line + 1
                yield from ((deeper, line) for deeper, line in _lines(value, here, seen) if deeper != here)
        case yaml.SequenceNode():
            for number, value in enumerate(node.value):
                yield from _lines(value, (*place, str(number)), seen)


def _repeated_key(node: yaml.Node) -> tuple[str, int] | None:
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                return str(key.value), key.start_mark.line + 1
            seen.add(key.value)
            children.append(value)
    elif isinstance(node, yaml.SequenceNode):
        children = list(node.value)
    return next((found for child in children if (found := _repeated_key(child))), None)


def _read_terms(folder: Path, name: str) -> frozenset[str]:
    if Path(name).name != name:
        raise InputError(f"{folder / FILE_NAME}: terms_file {name} must be a plain file name.")
    lines = _read_text(folder / name).splitlines()
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def _read_text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError:
        raise InputError(f"{file} cannot be read.", remedy="Check that it is there.") from None
    if len(content) > _MAXIMUM_BYTES:
        raise InputError(f"{file} is larger than {_MAXIMUM_BYTES // 1024} kB.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8 text.") from None
