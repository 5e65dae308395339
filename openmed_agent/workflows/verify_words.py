"""What a verification found, in words: the state of each file, who signed, and the answer in one sentence."""

import os
from pathlib import Path
from typing import Final

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.verify import VerificationReport

_FAULTS: Final = (
    "is missing.",
    "was changed.",
    "is not in the manifest.",
    "is not what the signed facts give.",
    "is not a plain file that can be read.",
)
AS_SIGNED: Final = "as signed"


def file_states(folder: Path, report: VerificationReport) -> list[tuple[str, str]]:
    """Return what was found of each file: ``as signed``, its fault, or ``not proved`` where no signature holds."""
    faults: dict[str, str] = {}
    for problem in report.problems:
        for fault in _FAULTS:
            if problem.endswith(f" {fault}"):
                faults[problem.removesuffix(f" {fault}")] = fault.removesuffix(".")
    try:
        names = {terminal_safe(name, single_line=True)[:300] for name in os.listdir(folder)}  # noqa: PTH208 - as verify
    except OSError:
        names = set()
    # A fault of the whole (a signature, the decisions) leaves no file proved, though its bytes may be right.
    whole = report.ok or len(faults) == len(report.problems)
    fine = AS_SIGNED if whole and report.signature is not None else "not proved"
    return [(name, faults.get(name, fine)) for name in sorted(names | faults.keys())]


def other_problems(report: VerificationReport) -> tuple[str, ...]:
    """Return the faults that are no single file's."""
    return tuple(problem for problem in report.problems if not any(problem.endswith(f" {one}") for one in _FAULTS))


def signature_lines(report: VerificationReport) -> list[tuple[str, str]]:
    """Return who signed and how, as labels and what they say; an empty label goes on with the one before."""
    signature = report.signature
    if signature is None:
        return [("Signed by", "nobody: there is no signature that holds")]
    if signature.known_as is None:
        known = "not known here"
    elif signature.after_retirement:
        known = "known here, but signed after the key was retired"
    elif signature.known_as == signature.name:
        known = "known here"
    else:
        known = f"known here as {signature.known_as}, not under the name that signed"
    how = "on a terminal" if signature.attestation == "interactive" else "by a script"
    others = [("Also decided", f"{name}, by the signer's word only") for name in report.vouched_for]
    return [
        ("Signed by", signature.name),
        ("Key", known),
        ("", signature.fingerprint),
        ("Reviewed", how),
        ("Signed", f"{signature.issued.replace('T', ' ')[:16]} UTC"),
        *others,
    ]


def answer_words(report: VerificationReport) -> str:
    """Return the answer; it begins with ``Yes`` where a known reviewer signed exactly this."""
    if report.trusted and report.signature is not None:
        return f"Yes: this is exactly what {report.signature.name} signed."
    if report.ok and report.signature is not None and report.signature.after_retirement:
        return "No: it is intact, but signed after the key was retired."
    if report.ok and report.signature is not None:
        return (
            "No: it is intact, but the key that signed is not known here. Compare its fingerprint with the "
            "reviewer, then: openmed reviewer trust FILE"
        )
    return "No: this is not a bundle as a reviewer signed it."
