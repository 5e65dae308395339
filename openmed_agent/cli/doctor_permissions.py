"""What ``openmed doctor`` says of permissions: which limits hold in this folder, and which rules speak of no tool."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import OpenMedError

if TYPE_CHECKING:
    from openmed_agent.cli.doctor import Finding
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths


def permission_findings(configuration: "Configuration", paths: "Paths") -> Iterator["Finding"]:
    """Yield the findings of a session that would start in the working folder."""
    from openmed_agent.cli.doctor import Finding
    from openmed_agent.runtime.permission_grants import load_grants
    from openmed_agent.runtime.permissions import session_policy
    from openmed_agent.settings.project import find_project
    from openmed_agent.tools.registry import all_tools

    try:
        project = find_project(Path.cwd())
        saved = load_grants(paths)
    except OpenMedError as error:
        yield Finding("permissions", "fault", error.message, error.remedy or "")
        return
    except FileNotFoundError:
        yield Finding("permissions", "fault", "The working folder is gone.", "Change to another one.")
        return
    if project is not None:
        configuration = project.tighten(configuration)
        yield Finding("project", "works", f"{project.file} narrows what a session may do here")
    policy = session_policy(configuration, paths=paths, saved=saved)
    rules = len(policy.allow) + len(policy.ask) + len(policy.deny)
    phi_mode = configuration.privacy.effective_phi_mode
    sentence = f"mode {policy.mode}, PHI mode {phi_mode}, {rules} rules, {len(saved)} saved answers"
    idle = policy.idle_rules(tool.name for tool in all_tools())
    if not idle:
        yield Finding("permissions", "works", sentence)
        return
    names = ", ".join(dict.fromkeys(idle))
    remedy = "Correct them under [permissions]; the names of the tools are in docs/permissions.md."
    yield Finding("permissions", "note", f"{sentence}; no tool is named {names}", remedy)
