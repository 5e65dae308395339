"""The doctor says which limits hold in a folder, and which rules speak of no tool."""

import re
from pathlib import Path

import pytest

from openmed_agent.cli.doctor import Finding
from openmed_agent.cli.doctor_permissions import permission_findings
from openmed_agent.settings.configuration import load_configuration
from openmed_agent.settings.paths import find_paths
from openmed_agent.tools.registry import all_tools

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"


def findings(folder: Path, monkeypatch: pytest.MonkeyPatch, *, own: str = "", project: str = "") -> dict[str, Finding]:
    environment = {"OPENMED_HOME": str(folder / "installation")}
    paths = find_paths(environment)
    paths.configuration.mkdir(parents=True)
    paths.configuration_file.write_text(own)
    (folder / "work" / ".openmed").mkdir(parents=True)
    if project:
        (folder / "work" / ".openmed" / "config.toml").write_text(project)
    monkeypatch.chdir(folder / "work")
    configuration = load_configuration(paths, environment, site=folder / "none")
    return {finding.subject: finding for finding in permission_findings(configuration, paths)}


def test_it_names_the_limits_and_a_rule_that_was_mistyped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(
        tmp_path,
        monkeypatch,
        own="[permissions]\nmode = 'auto'\ndeny = ['write_fil', 'grep']\n",
        project="[permissions]\nmode = 'ask'\n[privacy]\nphi_mode = 'strict'\n",
    )
    assert found["permissions"].state == "note"
    assert "mode ask, PHI mode strict, 2 rules" in found["permissions"].sentence
    assert "no tool is named write_fil" in found["permissions"].sentence
    assert str(tmp_path / "work" / ".openmed" / "config.toml") in found["project"].sentence


def test_where_all_is_well_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(tmp_path, monkeypatch, own="[permissions]\ndeny = ['write*']\n")
    assert {subject: finding.state for subject, finding in found.items()} == {"permissions": "works"}


def test_a_project_that_asks_for_more_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings(tmp_path, monkeypatch, project="[permissions]\nallow = ['*']\n")
    assert {subject: finding.state for subject, finding in found.items()} == {"permissions": "fault"}


def test_the_page_lists_every_tool_where_it_belongs() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| (`.*) \|$", PAGE.read_text(), re.MULTILINE))
    for tool in all_tools():
        reads, _, changes = rows[tool.family].partition(" |")
        assert f"`{tool.name}`" in (reads if tool.facts.read_only and not tool.facts.destructive else changes)
