"""``openmed run``: run a workflow as a draft."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import UsageError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.net.clients import Outbound, OutboundSink
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.store.audit import AuditTrail
    from openmed_agent.workflows.chart_run import ChartRun
    from openmed_agent.workflows.definition import Workflow
    from openmed_agent.workflows.runner import WorkflowResult


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser("run", help="run a workflow and keep its draft", allow_abbrev=False)
    parser.add_argument("workflow", help="the workflow, for example chart_summary")
    parser.add_argument(
        "--input",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an input of the workflow, for example note_path=note.txt; repeat it for several",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the signed bundle shall be written")
    parser.add_argument("--phi-mode", choices=("full", "deid", "strict"), help="default: deid, or the settings'")
    parser.add_argument("--json", action="store_true", help="print the draft as JSON")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    """Run the workflow, keep the draft, print it; return the exit status."""
    import asyncio

    from openmed_agent.cli.console import notice, output, print_json
    from openmed_agent.cli.draft_view import print_draft
    from openmed_agent.cli.session import open_local_store
    from openmed_agent.privacy.modes import PhiMode
    from openmed_agent.settings.paths import content_folder, find_paths
    from openmed_agent.settings.project import load_configuration_in
    from openmed_agent.workflows.chart_run import ChartRun
    from openmed_agent.workflows.definition import find_workflow
    from openmed_agent.workflows.draft_store import save_draft
    from openmed_agent.workflows.inputs import read_sources

    paths = find_paths()
    configuration = load_configuration_in(Path.cwd(), paths)
    workflow = find_workflow(options.workflow, (content_folder("workflows"), paths.user_workflows))
    values = read_inputs(workflow, options.input)
    asked = ChartRun(
        workflow=workflow,
        values=values,
        sources=read_sources(workflow, values),
        destination=asked_destination(options.out, home=paths.root),
        phi_mode=PhiMode(configuration.privacy.chosen(options.phi_mode)),
    )
    with open_local_store(paths, configuration) as store:
        result = asyncio.run(_run(asked, paths, configuration, store.audit))
        save_draft(store, result.draft, result.sources, result.artifacts)
    for warning in result.warnings:
        notice(warning)
    if options.json:
        print_json(result.draft.model_dump(mode="json", by_alias=True))
    else:
        print_draft(output(), result.draft, full=False)
    return 0


def read_inputs(workflow: "Workflow", pairs: list[str]) -> dict[str, tuple[str, ...]]:
    """Return the values of ``NAME=VALUE`` pairs by input name.

    Raises:
        UsageError: a pair has no ``=``, an input is unknown, missing, repeated or not one of its choices.

    """
    from openmed_agent.workflows.inputs import value_fault

    known = workflow.definition.inputs
    values: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not value:
            raise UsageError("An --input needs the form NAME=VALUE.", remedy="For example note_path=note.txt.")
        if name not in known:
            shown = terminal_safe(name, single_line=True)[:64]
            raise UsageError(f"{workflow.definition.id} has no input {shown}.", remedy=f"It takes {', '.join(known)}.")
        if name in values and not known[name].many:
            raise UsageError(f"Input {name} may be given only once.")
        if fault := value_fault(name, known[name], value):
            raise UsageError(fault)
        values[name] = (*values.get(name, ()), value)
    for name, definition in known.items():
        if definition.required and name not in values:
            raise UsageError(
                f"{workflow.definition.id} needs the input {name}: {definition.description}",
                remedy=f"Add --input {name}=VALUE.",
            )
    return values


def asked_destination(out: Path | None, *, home: Path) -> str | None:
    """Return the absolute path of a folder that does not exist yet, or nothing where none was asked for.

    Raises:
        InputError: the destination cannot be used.

    """
    if out is None:
        return None
    from openmed_agent.workflows.approval_destination import checked_destination

    return checked_destination(out, home=home)


def _remote_requests_recorded(audit: "AuditTrail", configuration: "Configuration") -> "OutboundSink":
    """Return a sink that records, before it is sent, every request to a plane on another machine."""
    from openmed_agent.net.clients import DestinationKind

    planes = {DestinationKind.INFERENCE: configuration.inference, DestinationKind.CODES: configuration.codes}

    def record(outbound: "Outbound") -> None:
        if planes[outbound.kind].url is not None:
            details: dict[str, str | int | None] = {"host": outbound.host, "bytes": outbound.sent_bytes}
            audit.append("openmed", "outbound.sent", str(outbound.kind), details)

    return record


async def _run(
    run: "ChartRun", paths: "Paths", configuration: "Configuration", audit: "AuditTrail"
) -> "WorkflowResult":
    from openmed_agent.cli.console import progress
    from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference
    from openmed_agent.workflows.chart_run import RunWatcher, run_chart

    with progress() as (watcher, tell):
        sink = _remote_requests_recorded(audit, configuration)
        connections = PlaneConnections(configuration, paths, watcher, sink)
        async with open_inference(connections) as inference, open_codes(connections) as codes:
            return await run_chart(run, configuration, inference, codes, RunWatcher(step=lambda _: None, said=tell))
