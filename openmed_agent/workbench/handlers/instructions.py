"""Answers what the screen asks about a project's ``OPENMED.md``."""

from openmed_agent.errors import InputError
from openmed_agent.runtime.instructions import accept_instructions, find_instructions, is_accepted, load_instructions
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.instructions import AcceptInstructions, InstructionsText, ShowInstructions
from openmed_agent.workbench.wire import Done


async def show_instructions(bench: Bench, _: ShowInstructions) -> InstructionsText:
    """Return the text of the project's instructions."""
    file = find_instructions(bench.options.folder)
    if file is None:
        return InstructionsText(found=False)
    instructions = load_instructions(file)
    return InstructionsText(
        found=True,
        file=str(file),
        text=instructions.text,
        digest=instructions.digest,
        accepted=is_accepted(instructions, bench.paths),
    )


async def accept(bench: Bench, request: AcceptInstructions) -> Done:
    """Remember that the person accepted the text; one that changed since it was shown is refused."""
    file = find_instructions(bench.options.folder)
    instructions = load_instructions(file) if file is not None else None
    if instructions is None or instructions.digest != request.digest:
        raise InputError("The instructions changed since they were shown.", remedy="Look at them again.")
    accept_instructions(instructions, bench.paths)
    return Done()


HANDLERS: tuple[Handler, ...] = (
    answered_by(ShowInstructions, show_instructions),
    answered_by(AcceptInstructions, accept),
)
