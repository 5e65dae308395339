"""What the screen asks about a project's ``OPENMED.md``."""

from typing import ClassVar

from openmed_agent.workbench.wire import Request, WireModel


class ShowInstructions(Request):
    """Show the project's instructions. Answered by ``InstructionsText``."""

    kind: ClassVar[str] = "instructions.show"


class InstructionsText(WireModel):
    """The text of the file here, or that there is none."""

    found: bool
    file: str = ""
    text: str = ""
    digest: str = ""
    accepted: bool = False


class AcceptInstructions(Request):
    """Use the text with this digest, which the person has seen, until it changes. Answered by ``Done``."""

    kind: ClassVar[str] = "instructions.accept"
    digest: str
