"""``openmed risk``: what could still single a person out in text that was de-identified."""

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from openmed_agent.errors import ExitStatus, InputError

if TYPE_CHECKING:
    from openmed_agent.planes.inference.risk.assessment import TextRisk
    from openmed_agent.planes.inference.risk.findings import RiskFinding
    from openmed_agent.text.sources import SourceDocument

_CAUTION: Final = "No such list is complete, and it knows nothing of other sources: read the text before you share it."
_LONGEST_QUOTE: Final = 80


def register(groups: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to ``groups``."""
    parser = groups.add_parser(
        "risk", help="say what could still single a person out after de-identification", allow_abbrev=False
    )
    parser.add_argument("path", type=Path, metavar="FILE|FOLDER", help="de-identified text, or a folder of such files")
    parser.add_argument(
        "--policy",
        default="safe-harbor",
        metavar="POLICY",
        help="the policy that the text was de-identified with; default: safe-harbor",
    )
    parser.add_argument(
        "--replaced", action="store_true", help="the text holds stand-ins (method replace), which are not judged"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(command=report_risk)


def report_risk(options: argparse.Namespace) -> int:
    """Print the report; return 1 where a direct identifier is left."""
    from openmed_agent.cli.console import print_json
    from openmed_agent.planes.inference.pii.policy_file import find_policy
    from openmed_agent.planes.inference.risk.assessment import assess_text, with_unique_records
    from openmed_agent.text.sources import read_source

    policy = find_policy(options.policy)
    files = _files(options.path)
    sources = [replace(read_source(file), name=_name(file, options.path)) for file in files]
    risks = with_unique_records(
        [assess_text(source.text, policy=policy, is_replaced=options.replaced) for source in sources]
    )
    if options.json:
        print_json(_as_json(sources, risks))
    else:
        _print(sources, risks)
    return int(ExitStatus.NO if any(risk.has_direct for risk in risks) else ExitStatus.DONE)


def _name(file: Path, given: Path) -> str:
    return file.name if file == given else str(file.relative_to(given))


def _files(path: Path) -> tuple[Path, ...]:
    """Return the file, or every file below the folder in the order of names; hidden ones are left out.

    Raises:
        InputError: the folder holds none, or cannot be read.

    """
    from openmed_agent.text.terminal import terminal_safe

    if not path.is_dir():
        return (path,)
    shown = terminal_safe(str(path), single_line=True)
    try:
        below = sorted(path.rglob("*"))
    except OSError:
        raise InputError(f"The folder {shown} cannot be read.", remedy="Check its permissions.") from None
    found = tuple(
        file
        for file in below
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        raise InputError(f"The folder {shown} holds no files.", remedy="Pass a folder of de-identified text.")
    return found


def _print(sources: Sequence["SourceDocument"], risks: Sequence["TextRisk"]) -> None:
    from rich.table import Table

    from openmed_agent.cli.console import notice, output, safe

    console = output()
    # Files with direct identifiers come first.
    for source, risk in sorted(zip(sources, risks, strict=True), key=lambda pair: not pair[1].has_direct):
        if not risk.findings:
            continue
        table = Table(box=None, pad_edge=False, header_style="bold", title=safe(source.name), title_justify="left")
        for heading in ("risk", "line", "text", "why"):
            table.add_column(heading, overflow="fold")
        for finding in risk.findings:
            row = (str(finding.kind), _line(source.text, finding), _quote(source.text, finding), finding.reason)
            table.add_row(*(safe(cell) for cell in row))
        console.print(table)
        console.print()
    counts = Counter(finding.kind for risk in risks for finding in risk.findings)
    listed = ", ".join(f"{count} x {kind}" for kind, count in counts.items())
    files = f"{len(sources)} files" if len(sources) > 1 else "the file"
    notice(f"In {files}: {listed}." if listed else f"Nothing on the list was found in {files}.")
    unjudged = sum(risk.unjudged for risk in risks)
    if unjudged:
        notice(f"{unjudged} values that look like identifiers were taken for stand-ins and not judged.")
    if len(sources) == 1:
        notice("One record cannot be compared with others; pass the folder of all to find those that stand alone.")
    notice(_CAUTION)


def _as_json(sources: Sequence["SourceDocument"], risks: Sequence["TextRisk"]) -> dict[str, object]:
    from openmed_agent.planes.inference.risk.findings import RiskKind

    found = [finding for risk in risks for finding in risk.findings]
    return {
        "schema": "openmed.risk/1",
        "files": [
            {
                "name": source.name,
                "digest": source.digest,
                "unjudged": risk.unjudged,
                "findings": [_finding_json(source.text, finding) for finding in risk.findings],
            }
            for source, risk in zip(sources, risks, strict=True)
        ],
        "records": len(sources),
        "direct_identifiers": sum(finding.kind is RiskKind.DIRECT for finding in found),
        "unique_records": sum(finding.kind is RiskKind.UNIQUE for finding in found) if len(sources) > 1 else None,
        "caution": _CAUTION,
    }


def _finding_json(text: str, finding: "RiskFinding") -> dict[str, object]:
    if finding.span is None:
        return {"kind": str(finding.kind), "reason": finding.reason}
    return {
        "kind": str(finding.kind),
        "reason": finding.reason,
        "line": int(_line(text, finding)),
        "start": finding.span.start,
        "end": finding.span.end,
        "quote": finding.span.of(text),
    }


def _line(text: str, finding: "RiskFinding") -> str:
    return "" if finding.span is None else str(text.count("\n", 0, finding.span.start) + 1)


def _quote(text: str, finding: "RiskFinding") -> str:
    if finding.span is None:
        return ""
    quote = " ".join(finding.span.of(text).split())
    return quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
