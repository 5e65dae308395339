"""What every tool over the codes plane shares: the gate before a query, the release behind an answer."""

import re
from collections.abc import Awaitable, Iterable
from typing import Annotated, Final, TypeVar

from pydantic import Field

from openmed_agent.errors import InputError, NotPermittedError, UnavailableError
from openmed_agent.planes.codes.contract import Ignored, Release
from openmed_agent.planes.codes.releases.systems import SYSTEMS, System
from openmed_agent.planes.transport import PlaneError
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.tools.context import ToolContext
from openmed_agent.tools.tool import Display, ToolResult
from openmed_agent.tools.values import Code, Count, Fact, Label, StrictValue, label_of

_NOT_ACCEPTED: Final = 422
_OLDEST_SENT: Final = 89
# Shapes of ICD-9-CM, ICD-10-CM and HCPCS codes and of RXCUIs: short, and of no identifier's form.
_CODE: Final = re.compile(
    r"[A-Z][0-9][0-9A-Z](?:\.?[0-9A-Z]{1,4})?|[0-9]{3}(?:\.[0-9]{1,2})?|[0-9]{4,5}", re.IGNORECASE
)

Query = Annotated[str, Field(min_length=1, max_length=300, description="A term, without a patient's details.")]
Codes = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=20)], ...],
    Field(min_length=1, max_length=200, description="Codes, such as E11.9."),
]
Answer = TypeVar("Answer")


async def check_terms(context: ToolContext, terms: Iterable[str]) -> None:
    """Check that every term may be sent to the codes plane as the PHI mode has it.

    Raises:
        NotPermittedError: a term may not leave this machine. Nothing was sent.
        OpenMedError: the check could not be made.

    """
    for term in terms:
        if not await context.codes_gate.permits(term, vocabulary=_CODE.fullmatch(term.strip()) is not None):
            raise NotPermittedError(
                "The codes service is on another machine, and the PHI mode lets this query not go there.",
                remedy="Ask for a code or a plain medical term, or unset OPENMED_MED_CODES_API_URL.",
            )


def check_age(context: ToolContext, age: int | None) -> None:
    """Check that an age may be sent: over 89 it is an identifier (45 CFR 164.514(b)(2)(i)(C)).

    Raises:
        NotPermittedError: it may not.

    """
    gate = context.codes_gate
    if age is not None and age > _OLDEST_SENT and gate.remote and gate.mode is not PhiMode.FULL:
        raise NotPermittedError(
            "An age over 89 is an identifier, and the codes service is on another machine.",
            remedy="Unset OPENMED_MED_CODES_API_URL to compute on this machine.",
        )


async def answered(
    context: ToolContext, question: Awaitable[Answer], *, system: System | None = None, fit: str = ""
) -> Answer:
    """Return the plane's answer.

    Raises:
        InputError: the plane does not accept the values; ``fit`` says what it accepts.
        UnavailableError: the code system is not installed, with the command that installs it.
        PlaneError: any other failure.

    """
    try:
        return await question
    except PlaneError as error:
        if error.status == _NOT_ACCEPTED:
            raise InputError("The codes service does not accept these values.", remedy=fit or None) from None
        if error.code == "not_offered" and not context.codes_gate.remote and system is not None:
            known = SYSTEMS[system]
            raise UnavailableError(
                f"{known.title} is not installed.", remedy=f"The person can install it: {known.command(system)}"
            ) from None
        raise


def coded(system: str, code: str, display: str) -> tuple[Code, ...]:
    """Return the concept for strict mode, or nothing where what came back is no code."""
    try:
        return (Code(label_of(system), code, display),)
    except ValueError:
        return ()


def released(*releases: Release | None) -> tuple[str, tuple[StrictValue, ...]]:
    """Return the sentence about the releases behind an answer, and whether each is complete."""
    known = [release for release in releases if release is not None]
    parts = [
        f"{release.system} {release.version} from {release.source}, "
        + ("complete" if release.complete else "PARTIAL: a miss does not mean that there is no such concept")
        + (f"; {release.stale}" if release.stale else "")
        for release in known
    ]
    values = tuple(Fact(Label("complete"), release.complete) for release in known)
    return f"Release: {'; '.join(parts) or 'not named by the service'}.", values


def result(head: str, lines: Iterable[str], values: Iterable[StrictValue], *releases: Release | None) -> ToolResult:
    """Return the result of a query with the releases behind it."""
    sentence, completeness = released(*releases)
    body = "\n".join((*lines, sentence))
    return ToolResult(text=f"{head}\n{body}", display=Display(head, body), values=(*values, *completeness))


def ignored_lines(ignored: Iterable[Ignored]) -> list[str]:
    """Return what had no part in an answer, and why."""
    return [f"ignored {one.code}: {one.reason}" for one in ignored]


def ignored_count(ignored: Iterable[Ignored]) -> Count:
    """Return how many codes had no part in an answer."""
    return Count(Label("ignored"), sum(1 for _ in ignored))
