"""What leaves the machine is in the audit chain before it is sent; what stays does not need the store."""

import sys
from pathlib import Path

import pytest
from command_line import Machine, assert_refused
from test_literature import Desk

sys.path.append(str(Path(__file__).parents[1] / "planes" / "literature"))
from literature_services import services

from openmed_agent.cli.outbound import recorded_outbound, remote_planes
from openmed_agent.errors import StoreError
from openmed_agent.net.clients import DestinationKind, Outbound
from openmed_agent.settings.configuration import load_configuration
from openmed_agent.settings.paths import find_paths


def recorded(machine: Machine) -> list[tuple[str, str, int]]:
    records = machine.openmed("audit", "show", "--json").json()
    sent = [record for record in records if record["act"] == "outbound.sent"]
    return [(record["subject"], record["details"]["host"], record["details"]["bytes"]) for record in sent]


@pytest.fixture
def scanning(bare: Machine, planes: dict[str, str]) -> Desk:
    bare.settings("[literature]\nenabled = true\n")
    bare.environment.update(planes)
    return Desk(bare)


def test_a_literature_request_is_recorded_and_a_refused_one_is_not(scanning: Desk) -> None:
    with services() as served:
        assert_refused(scanning.run(["literature", "search", "MRN", "12345678", "sepsis"], served), 4, "identifier")
        assert not (scanning.machine.home / "sessions").exists()
        assert scanning.run(["literature", "topic", "M10.9", "--json"], served).status == 0
        host = served.stub.origin.removeprefix("http://")
        assert [(kind, at) for kind, at, _ in recorded(scanning.machine)] == [("literature", host)]
    assert scanning.machine.openmed("audit", "verify").status == 0


def test_what_cannot_be_recorded_is_not_sent(scanning: Desk) -> None:
    scanning.machine.home.mkdir(exist_ok=True)
    (scanning.machine.home / "sessions").write_text("in the way")
    with services() as served:
        outcome = scanning.run(["literature", "topic", "M10.9"], served)
        assert served.stub.sent == []
    assert outcome.status == 6, outcome.stderr


def test_looking_up_codes_on_this_machine_needs_no_store(machine: Machine, tmp_path: Path) -> None:
    assert Machine(tmp_path / "fresh", machine.folder, dict(machine.environment)).openmed("codes", "show", "I10")
    assert not (tmp_path / "fresh" / "sessions").exists()


def test_only_planes_on_another_machine_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENMED_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENMED_STORE_KEY", "file")
    monkeypatch.setenv("OPENMED_INFERENCE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OPENMED_MED_CODES_API_URL", "https://codes.example.org")
    paths = find_paths()
    configuration = load_configuration(paths)
    leaving = remote_planes(configuration)
    assert leaving == {DestinationKind.CODES}
    with recorded_outbound(paths, configuration, leaving) as sink:
        sink(Outbound(DestinationKind.INFERENCE, "127.0.0.1:9", 10))
        assert not (tmp_path / "home" / "sessions").exists()
        sink(Outbound(DestinationKind.CODES, "codes.example.org", 17))
    assert recorded(Machine(tmp_path / "home", tmp_path)) == [("codes", "codes.example.org", 17)]
    (tmp_path / "home" / "sessions" / "openmed.db").write_bytes(b"damaged")
    with recorded_outbound(paths, configuration, leaving) as sink, pytest.raises(StoreError):
        sink(Outbound(DestinationKind.CODES, "codes.example.org", 17))
