"""One question of a command to the codes service, and what such commands share: terms, codes, the release."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from openmed_agent.errors import InputError

if TYPE_CHECKING:
    from openmed_agent.planes.codes.client import CodesClient
    from openmed_agent.planes.codes.contract import Release

Answer = TypeVar("Answer")

_NOT_ACCEPTED: Final = 422
_LONGEST_CODE: Final = 40  # of any code system of the contract
_FIT: Final = "For a score, age, eligibility, model and payment year must fit each other."


def asked(question: "Callable[[CodesClient], Awaitable[Answer]]", *, remedy: str = _FIT) -> Answer:
    """Return the service's answer to one question.

    Raises:
        InputError: the service refuses the values; ``remedy`` says what it accepts.
        PlaneError: no usable answer.

    """
    import asyncio

    from openmed_agent.planes.transport import PlaneError

    try:
        return asyncio.run(_ask(question))
    except PlaneError as error:
        if error.status != _NOT_ACCEPTED:
            raise
        raise InputError(
            "The codes service does not accept these values.",
            remedy=remedy,
        ) from None


async def _ask(question: "Callable[[CodesClient], Awaitable[Answer]]") -> Answer:
    from openmed_agent.cli.console import progress
    from openmed_agent.cli.outbound import recorded_outbound, remote_planes
    from openmed_agent.net.clients import DestinationKind
    from openmed_agent.planes.connection import PlaneConnections, open_codes
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    configuration = load_configuration(paths)
    leaving = remote_planes(configuration) & {DestinationKind.CODES}
    with recorded_outbound(paths, configuration, leaving) as sink, progress() as (watcher, tell):
        tell("Looking up")
        async with open_codes(PlaneConnections(configuration, paths, watcher, sink)) as client:
            return await question(client)


def one_term(words: Sequence[str]) -> str:
    """Return the words as one term.

    Raises:
        InputError: it is blank, longer than any term of a code system, or no text.

    """
    from openmed_agent.planes.codes.contract import MAXIMUM_QUERY_CHARACTERS

    term = " ".join(words).strip()
    if not 0 < len(term) <= MAXIMUM_QUERY_CHARACTERS:
        raise InputError(f"A term has 1 to {MAXIMUM_QUERY_CHARACTERS} characters.", remedy="Pass a single term.")
    _check_readable(term)
    return term


def listed_codes(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the codes, where they are so few and so short that a service may be asked.

    Raises:
        InputError: there are too many, one is too long, or no text.

    """
    from openmed_agent.planes.codes.contract import MAXIMUM_CODES

    if len(codes) > MAXIMUM_CODES:
        raise InputError(f"At most {MAXIMUM_CODES:,} codes are looked up at once.", remedy="Pass fewer.")
    for code in codes:
        if len(code) > _LONGEST_CODE:
            raise InputError(f"A code has at most {_LONGEST_CODE} characters.", remedy="Pass codes such as E11.9.")
        _check_readable(code)
    return tuple(codes)


def _check_readable(text: str) -> None:
    """Refuse bytes of a command line that are no text; Python hands them on as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("That is not text in UTF-8.", remedy="Type it anew.") from None


def print_release(release: "Release") -> None:
    """Print which release answered."""
    from openmed_agent.cli.console import output, safe

    extent = "complete" if release.complete else "partial"
    output().print(safe(f"{release.system} {release.version} ({extent}), from {release.source}", "dim"), soft_wrap=True)
