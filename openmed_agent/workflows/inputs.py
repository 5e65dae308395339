"""The values that a person gave for the inputs of a workflow: what is wrong with one, and the documents they name."""

from collections.abc import Mapping
from pathlib import Path

from openmed_agent.text.sources import SourceDocument, file_name, read_source
from openmed_agent.workflows.definition import InputDefinition, Workflow

Values = Mapping[str, tuple[str, ...]]
"""What was given, by the name of the input; a document by its path."""


def value_fault(name: str, definition: InputDefinition, value: str) -> str | None:
    """Return a sentence that says why ``value`` cannot be one of the input's, or None; files are not looked at."""
    if definition.type != "document" and not value.isprintable():  # lone surrogates are not printable either
        return f"Input {name} must be plain printable text on one line."
    if definition.choices and value not in definition.choices:
        return f"Input {name} must be one of {', '.join(definition.choices)}."
    return None


def read_sources(workflow: Workflow, values: Values) -> tuple[SourceDocument, ...]:
    """Return the documents that the values name, in the order of the inputs.

    Raises:
        InputError: one of them cannot be read as a source.

    """
    documents = [name for name, definition in workflow.definition.inputs.items() if definition.type == "document"]
    return tuple(read_source(Path(value)) for name in documents for value in values.get(name, ()))


def shown_inputs(workflow: Workflow, values: Values) -> dict[str, tuple[str, ...]]:
    """Return the inputs as a draft shows them: documents by file name, so that folders do not matter."""
    return {
        name: tuple(file_name(Path(value)) for value in given)
        if workflow.definition.inputs[name].type == "document"
        else given
        for name, given in values.items()
    }
