"""How inputs and steps of a workflow are said."""

from openmed_agent.workbench.requests.workflows import WorkflowInput


def tags_of(one: WorkflowInput) -> str:
    """Return what an input is, in words: ``document, needed, several``."""
    many = ", several" if one.many else ""
    return f"{one.type}, {'needed' if one.required else 'may be left out'}{many}"


def step_words(step: str) -> str:
    """Return a step's name in words."""
    return step.replace("_", " ")
