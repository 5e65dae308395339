"""``openmed run``: run a workflow as a draft."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import InputError, UsageError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.net.clients import Outbound, OutboundSink
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.store.audit import AuditTrail
    from openmed_agent.text.sources import SourceDocument
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
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import content_folder, find_paths
    from openmed_agent.workflows.definition import find_workflow
    from openmed_agent.workflows.draft_store import save_draft

    paths = find_paths()
    configuration = load_configuration(paths)
    workflow = find_workflow(options.workflow, (content_folder("workflows"), paths.user_workflows))
    values = read_inputs(workflow, options.input)
    sources = _sources(workflow, values)
    destination = checked_destination(options.out, home=paths.root)
    phi_mode = configuration.privacy.chosen(options.phi_mode)
    with open_local_store(paths, configuration) as store:
        result = asyncio.run(_run(workflow, sources, values, phi_mode, store.audit, destination=destination))
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
    known = workflow.definition.inputs
    values: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator or not value:
            raise UsageError("An --input needs the form NAME=VALUE.", remedy="For example note_path=note.txt.")
        if name not in known:
            shown = terminal_safe(name, single_line=True)[:64]
            raise UsageError(f"{workflow.definition.id} has no input {shown}.", remedy=f"It takes {', '.join(known)}.")
        if known[name].type != "document" and not value.isprintable():  # lone surrogates are not printable either
            raise UsageError(f"Input {name} must be plain printable text on one line.")
        if name in values and not known[name].many:
            raise UsageError(f"Input {name} may be given only once.")
        if known[name].choices and value not in known[name].choices:
            raise UsageError(f"Input {name} must be one of {', '.join(known[name].choices)}.")
        values[name] = (*values.get(name, ()), value)
    for name, definition in known.items():
        if definition.required and name not in values:
            raise UsageError(
                f"{workflow.definition.id} needs the input {name}: {definition.description}",
                remedy=f"Add --input {name}=VALUE.",
            )
    return values


def _sources(workflow: "Workflow", values: dict[str, tuple[str, ...]]) -> tuple["SourceDocument", ...]:
    from openmed_agent.text.sources import read_source

    documents = [name for name, definition in workflow.definition.inputs.items() if definition.type == "document"]
    return tuple(read_source(Path(value)) for name in documents for value in values.get(name, ()))


def shown_inputs(workflow: "Workflow", values: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return the inputs as a draft shows them: documents by file name, so that folders do not matter."""
    from openmed_agent.text.sources import file_name

    return {
        name: tuple(file_name(Path(value)) for value in given)
        if workflow.definition.inputs[name].type == "document"
        else given
        for name, given in values.items()
    }


def checked_destination(out: Path | None, *, home: Path) -> str | None:
    """Return the absolute path of a folder that does not exist yet, or nothing where none was asked for.

    Raises:
        InputError: the destination cannot be used.

    """
    if out is None:
        return None
    from openmed_agent.workflows.approval_destination import check_destination

    try:
        destination = str(out.expanduser().parent.resolve() / out.name)
    except (OSError, RuntimeError, ValueError):
        raise InputError("The destination is not a path.", remedy="Name a folder that does not exist.") from None
    check_destination(destination, home=home)
    return destination


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
    workflow: "Workflow",
    sources: tuple["SourceDocument", ...],
    values: dict[str, tuple[str, ...]],
    phi_mode: str,
    audit: "AuditTrail",
    *,
    destination: str | None,
) -> "WorkflowResult":
    import asyncio
    from contextlib import AsyncExitStack
    from datetime import UTC, datetime

    from openmed_agent.cli.console import progress
    from openmed_agent.planes.connection import PlaneConnections, open_codes, open_inference
    from openmed_agent.privacy.gate import CodesQueryGate, check_inference_plane
    from openmed_agent.privacy.modes import PhiMode
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths
    from openmed_agent.workflows.runner import run_workflow
    from openmed_agent.workflows.work import Services

    mode = PhiMode(phi_mode)
    paths = find_paths()
    configuration = load_configuration(paths)
    check_inference_plane(mode, configuration.inference)
    with progress() as (watcher, tell):
        sink = _remote_requests_recorded(audit, configuration)
        connections = PlaneConnections(configuration, paths, watcher, sink)
        async with AsyncExitStack() as stack:
            inference = await stack.enter_async_context(open_inference(connections))
            codes = await stack.enter_async_context(open_codes(connections))
            tell("Starting the planes")
            await asyncio.gather(inference.health(), codes.health())  # side by side, each in its process

            async def holds_identifier(term: str) -> bool:
                return bool(await inference.extract_pii(term))

            gate = CodesQueryGate(mode, remote=configuration.codes.url is not None, scan=holds_identifier)
            return await run_workflow(
                workflow,
                sources,
                Services(inference, codes, gate, tell),
                inputs=shown_inputs(workflow, values),
                phi_mode=mode.value,
                now=datetime.now(UTC),
                valid_hours=configuration.review.draft_hours,
                destination=destination,
            )
