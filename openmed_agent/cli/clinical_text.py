"""``openmed extract`` and ``openmed deid``: the inference plane on one file."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openmed_agent.errors import UsageError
from openmed_agent.text.terminal import terminal_safe

if TYPE_CHECKING:
    from openmed_agent.clinical.medication_direction import Direction
    from openmed_agent.planes.inference.client import DeidentifiedDocument, Entity
    from openmed_agent.settings.configuration import Configuration
    from openmed_agent.settings.paths import Paths
    from openmed_agent.text.sources import SourceDocument


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to ``groups``."""
    extract = groups.add_parser("extract", help="list clinical entities of a note", allow_abbrev=False)
    extract.add_argument("file", type=Path, metavar="FILE", help="a note as UTF-8 text")
    extract.add_argument("--json", action="store_true", help="print the entities as JSON")
    extract.set_defaults(command=extract_entities)
    deid = groups.add_parser("deid", help="write a de-identified copy of a note", allow_abbrev=False)
    deid.add_argument("file", type=Path, metavar="FILE", help="a note as UTF-8 text")
    deid.add_argument(
        "--method",
        choices=("mask", "remove", "replace", "hash", "shift_dates", "redact"),
        default="mask",
        help="default: mask; redact writes a block for each character cell",
    )
    deid.add_argument("--lang", default="en", metavar="CODE", help="language of the note; default: en")
    deid.add_argument(
        "--policy",
        default="safe-harbor",
        metavar="POLICY",
        help="safe-harbor (default), safe-harbor-parts, limited-data-set, or a YAML file",
    )
    deid.add_argument("--patient-id", metavar="ID", help="make stand-ins agree across the documents of this patient")
    deid.add_argument(
        "--surrogate-key-file", type=Path, metavar="FILE", help="the secret behind them; default: that of the store"
    )
    deid.add_argument(
        "--date-shift-days", type=int, metavar="DAYS", help="for shift_dates and replace; default: a secret"
    )
    deid.add_argument("--keep-year", action="store_true", help="keep the year of dates")
    deid.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")
    deid.set_defaults(command=deidentify)


def extract_entities(options: argparse.Namespace) -> int:
    """Print the entities of a file; return the exit status."""
    import asyncio

    from rich.table import Table

    from openmed_agent.cli.console import notice, output, print_json, safe
    from openmed_agent.text.sources import read_source

    source = read_source(options.file)
    entities = asyncio.run(_extract(source))
    if options.json:
        print_json({"source": source.digest, "entities": [_as_json(entity) for entity in entities]})
        return 0
    if not entities:
        notice("No clinical entities were found in the text.")
        return 0
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("label", "text", "place", "stated", "assertion", "section"):
        table.add_column(heading)
    for entity in entities:
        place = f"{entity.span.start}–{entity.span.end}"
        cells = (entity.label, " ".join(entity.text.split()), place, _stated(entity), _asserted(entity), entity.section)
        table.add_row(*(safe(cell) for cell in cells))
    output().print(table)
    return 0


def deidentify(options: argparse.Namespace) -> int:
    """Write the de-identified copy of a file; return the exit status."""
    import asyncio

    from openmed_agent.cli.console import notice
    from openmed_agent.text.new_files import write_new_file
    from openmed_agent.text.sources import read_source

    source = read_source(options.file)
    result = asyncio.run(_deidentify(source, options))
    if options.out is not None:
        write_new_file(options.out, result.text.encode())
        notice(f"Wrote {options.out} with {len(result.redactions)} identifiers treated. Read it before you share it.")
    elif sys.stdout.isatty():
        sys.stdout.write(terminal_safe(result.text) + "\n")
    else:
        sys.stdout.write(result.text)
    return 0


async def _extract(source: "SourceDocument") -> tuple["Entity", ...]:
    """Return the entities of every model that the plane serves; a remote one may serve a part of them.

    Raises:
        PlaneError: it serves none of them, or gave no usable answer.

    """
    from openmed_agent.cli.console import notice, progress
    from openmed_agent.planes.connection import PlaneConnections, open_inference
    from openmed_agent.planes.inference.contract import ENTITY_MODELS
    from openmed_agent.planes.inference.entities.charted import CHART_MODELS
    from openmed_agent.planes.transport import PlaneError
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    found: list[Entity] = []
    refusals: dict[str, PlaneError] = {}
    with progress() as (watcher, tell):
        tell("Reading")
        async with open_inference(PlaneConnections(load_configuration(paths), paths, watcher)) as client:
            listed = (await client.health()).models or ()
            for model in (*ENTITY_MODELS, *(name for name in CHART_MODELS if name in listed)):
                try:
                    found.extend(await client.analyze(source.text, model))
                except PlaneError as error:
                    if error.code != "model_not_served":
                        raise
                    refusals[model] = error
    if len(refusals) == len(ENTITY_MODELS):
        raise refusals[ENTITY_MODELS[0]]
    if refusals:
        notice(f"Not looked for, as the service does not serve them: {', '.join(refusals)}.")
    return tuple(sorted(found, key=lambda entity: (entity.span, entity.label)))


async def _deidentify(source: "SourceDocument", options: argparse.Namespace) -> "DeidentifiedDocument":
    from openmed_agent.cli.console import notice, progress
    from openmed_agent.cli.deid_options import check_dates, not_detected
    from openmed_agent.planes.connection import PlaneConnections, open_inference
    from openmed_agent.planes.inference.contract import Capability, Method
    from openmed_agent.planes.inference.pii.policy_file import find_policy
    from openmed_agent.planes.inference.results import blocked_out
    from openmed_agent.settings.configuration import load_configuration
    from openmed_agent.settings.paths import find_paths

    paths = find_paths()
    configuration = load_configuration(paths)
    policy = find_policy(options.policy)
    check_dates(policy, method=options.method, keep_year=options.keep_year, days=options.date_shift_days)
    if missing := not_detected(policy):
        notice(f"The detector of this machine does not find what the policy names: {', '.join(missing)}.")
    key = _surrogate_key(options, paths, configuration)
    is_redaction = options.method == "redact"
    with progress() as (watcher, tell):
        tell("De-identifying")
        connections = PlaneConnections(configuration, paths, watcher, surrogate_key=key)
        async with open_inference(connections) as client:
            document = await client.deidentify(
                source.text,
                # A service masks, and the blocks are made here, where the width of characters is known.
                Method.MASK if is_redaction else Method(options.method),
                language=options.lang,
                keep_year=options.keep_year,
                date_shift_days=options.date_shift_days,
                scope=options.patient_id,
                policy=policy,
                repair=True,
            )
            if options.patient_id and not (await client.health()).has(Capability.KEPT_SURROGATE_KEY):
                notice(
                    "The inference service does not say that it keeps its surrogate key, so stand-ins may differ once "
                    "it restarts. Start it with --surrogate-key-file."
                )
    return blocked_out(source.text, document) if is_redaction else document


def _surrogate_key(options: argparse.Namespace, paths: "Paths", configuration: "Configuration") -> bytes | None:
    """Return the secret of an embedded plane, where the stand-ins of a patient are to agree."""
    from openmed_agent.cli.surrogate_keys import read_surrogate_key, stored_surrogate_key

    if options.patient_id is None:
        if options.surrogate_key_file is not None:
            raise UsageError("A surrogate key is of use with --patient-id ID only.")
        return None
    if configuration.inference.url is not None:
        if options.surrogate_key_file is not None:
            raise UsageError("The configured inference service has a surrogate key of its own; leave the file out.")
        return None
    if options.surrogate_key_file is not None:
        return read_surrogate_key(options.surrogate_key_file)
    return stored_surrogate_key(paths, configuration)


def _asserted(entity: "Entity") -> str:
    assertion = entity.assertion
    words = [name for name in ("negated", "historical", "hypothetical", "uncertain") if getattr(assertion, name)]
    if assertion.experiencer != "patient":
        words.append(assertion.experiencer)
    return ", ".join(words)


def _stated(entity: "Entity") -> str:
    """Return value, unit and flag, a drug's direction, or when a procedure is done, as a cell of the table."""
    if entity.direction is not None:
        return _directed(entity.direction)
    parts = entity.stated
    if parts is None:
        return ""
    said = (parts.name, parts.comparator, parts.value, parts.unit, parts.flag, parts.timing)
    return " ".join(part for part in said if part and part != "unknown")


def _directed(direction: "Direction") -> str:
    said = [direction.dose, direction.strength, direction.form, direction.route, direction.frequency, direction.timing]
    said += ["as needed" if direction.as_needed else None, direction.reason and f"for {direction.reason}"]
    said += [direction.duration, direction.indication and f"for {direction.indication}"]
    said += [f"({direction.status})" if direction.status != "unknown" else None]
    return " ".join(" ".join(part.split()) for part in said if part)


def _as_json(entity: "Entity") -> dict[str, object]:
    return {
        "text": entity.text,
        "label": entity.label,
        "start": entity.span.start,
        "end": entity.span.end,
        "confidence": entity.confidence,
        "assertion": entity.assertion.model_dump(mode="json"),
        "section": entity.section,
        "sources": list(entity.sources),
        **(entity.stated.model_dump(mode="json", exclude_none=True) if entity.stated else {}),
        **({"direction": entity.direction.model_dump(mode="json", exclude_none=True)} if entity.direction else {}),
    }
