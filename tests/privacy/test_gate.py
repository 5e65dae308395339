import pytest

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.privacy.gate import CodesQueryGate, check_inference_plane
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.settings.configuration import PlaneSettings

REMOTE = PlaneSettings(url="https://inference.example.org")
TRUSTED = PlaneSettings(url="https://inference.example.org", trusted_for_strict=True)


async def holds_a_name(term: str) -> bool:
    return "Sprague" in term


async def cannot_tell(_: str) -> bool:
    raise UnavailableError("The inference service cannot be reached.")


@pytest.mark.parametrize("mode", PhiMode)
def test_an_embedded_or_trusted_inference_plane_reads_charts_in_every_mode(mode: PhiMode) -> None:
    check_inference_plane(mode, PlaneSettings())
    check_inference_plane(mode, TRUSTED)


def test_strict_refuses_a_remote_inference_plane_that_is_not_trusted() -> None:
    check_inference_plane(PhiMode.FULL, REMOTE)
    check_inference_plane(PhiMode.DEID, REMOTE)
    with pytest.raises(NotPermittedError, match="strict"):
        check_inference_plane(PhiMode.STRICT, REMOTE)


# mode, remote, vocabulary term, holds an identifier -> may be sent (DESIGN 1, row "remote codes plane")
TABLE = [
    *(
        (mode, False, vocabulary, name, True)
        for mode in PhiMode
        for vocabulary in (True, False)
        for name in (True, False)
    ),
    *((PhiMode.FULL, True, vocabulary, name, True) for vocabulary in (True, False) for name in (True, False)),
    *((PhiMode.DEID, True, vocabulary, False, True) for vocabulary in (True, False)),
    *((PhiMode.DEID, True, vocabulary, True, False) for vocabulary in (True, False)),
    (PhiMode.STRICT, True, True, False, True),
    (PhiMode.STRICT, True, True, True, False),
    (PhiMode.STRICT, True, False, False, False),
    (PhiMode.STRICT, True, False, True, False),
]


@pytest.mark.parametrize(("mode", "remote", "vocabulary", "name", "expected"), TABLE)
async def test_what_may_be_asked_of_the_codes_plane(
    mode: PhiMode, *, remote: bool, vocabulary: bool, name: bool, expected: bool
) -> None:
    gate = CodesQueryGate(mode, remote=remote, scan=holds_a_name)
    term = "gout of Sprague" if name else "gout"
    assert await gate.permits(term, vocabulary=vocabulary) is expected


@pytest.mark.parametrize(("mode", "vocabulary"), [(PhiMode.DEID, True), (PhiMode.DEID, False), (PhiMode.STRICT, True)])
async def test_a_scan_that_cannot_be_made_lets_nothing_leave(mode: PhiMode, *, vocabulary: bool) -> None:
    gate = CodesQueryGate(mode, remote=True, scan=cannot_tell)
    with pytest.raises(UnavailableError):
        await gate.permits("gout", vocabulary=vocabulary)
