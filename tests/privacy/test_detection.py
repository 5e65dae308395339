from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from detectors import detector_of, finding, nothing

from openmed_agent.errors import NotPermittedError, UnavailableError
from openmed_agent.planes.connection import PlaneConnections, open_inference
from openmed_agent.planes.inference.client import InferenceClient
from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.supervisor import silent_watcher
from openmed_agent.privacy.channels import ToolChannel, gets_originals, is_channel_open
from openmed_agent.privacy.detection import RememberedDetection, united_detector
from openmed_agent.privacy.gate import LiteratureQueryGate
from openmed_agent.privacy.model_gate import ModelGate
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.privacy.vault import Vault
from openmed_agent.settings.configuration import Configuration, PlaneSettings
from openmed_agent.settings.paths import find_paths

NOTE = "Seen by Dr. Xiomara Quintanilla on 03/02/2024. Ms. Okafor lives at 12 Elm Street; call 617-555-0199."


@pytest.fixture
async def embedded(tmp_path: Path) -> AsyncIterator[InferenceClient]:
    paths = find_paths({"OPENMED_HOME": str(tmp_path)})
    async with open_inference(PlaneConnections(Configuration(), paths, silent_watcher())) as client:
        yield client


async def test_the_embedded_detector_guards_a_session_and_nothing_leaves_without_it(
    embedded: InferenceClient,
) -> None:
    gate = ModelGate(PhiMode.DEID, Vault(), united_detector(embedded))
    out = await gate.outgoing(NOTE)
    for identifier in ("Quintanilla", "Okafor", "03/02/2024", "Elm", "617-555-0199"):
        assert identifier not in out
    assert gate.shown(out).text == NOTE
    with pytest.raises(NotPermittedError):
        await gate.with_mode(PhiMode.STRICT).outgoing(NOTE)
    assert await gate.echoed(out) == out


async def test_a_configured_service_that_is_down_lets_nothing_leave(embedded: InferenceClient, tmp_path: Path) -> None:
    settings = Configuration(inference=PlaneSettings(url="http://127.0.0.1:9", timeout_seconds=2))
    connections = PlaneConnections(settings, find_paths({"OPENMED_HOME": str(tmp_path)}), silent_watcher())
    async with open_inference(connections) as remote:
        gate = ModelGate(PhiMode.DEID, Vault(), united_detector(embedded, remote))
        with pytest.raises(UnavailableError):
            await gate.outgoing(NOTE)


async def test_answers_are_remembered_up_to_a_bound() -> None:
    asked: list[str] = []

    async def detect(text: str) -> Sequence[PiiFinding]:
        asked.append(text)
        return (finding(0, 1),)

    remembered = RememberedDetection(detect, most_texts=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        assert await remembered(text) == (finding(0, 1),)
    assert asked == ["a", "b", "c", "b"]


async def test_a_failure_is_not_remembered() -> None:
    answers = [UnavailableError("down"), None]

    async def detect(_: str) -> Sequence[PiiFinding]:
        error = answers.pop(0)
        if error:
            raise error
        return ()

    remembered = RememberedDetection(detect)
    with pytest.raises(UnavailableError):
        await remembered("x y")
    assert await remembered("x y") == ()


@pytest.mark.parametrize("mode", PhiMode)
def test_mcp_and_the_web_are_off_in_strict_and_get_originals_in_full_only(mode: PhiMode) -> None:
    assert is_channel_open(mode, ToolChannel.LOCAL)
    assert gets_originals(mode, ToolChannel.LOCAL)
    for channel in (ToolChannel.MCP, ToolChannel.WEB):
        assert is_channel_open(mode, channel) is (mode is not PhiMode.STRICT)
        assert gets_originals(mode, channel) is (mode is PhiMode.FULL)


async def test_a_query_to_the_literature_is_scanned_in_deid_and_refused_in_strict() -> None:
    found = detector_of(last_name="Okafor")
    await LiteratureQueryGate(PhiMode.FULL, found).check("Okafor and gout")
    await LiteratureQueryGate(PhiMode.DEID, found).check("gout")
    with pytest.raises(NotPermittedError):
        await LiteratureQueryGate(PhiMode.DEID, found).check("Okafor and gout")
    with pytest.raises(NotPermittedError):
        await LiteratureQueryGate(PhiMode.STRICT, nothing).check("gout")
