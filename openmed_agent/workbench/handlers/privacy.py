"""Answers what the screen asks about de-identification. No text is kept or logged here."""

import asyncio
import os
from collections import Counter
from pathlib import Path

from openmed_agent.errors import CheckFailedError, InputError
from openmed_agent.planes.inference.contract import Method
from openmed_agent.planes.inference.pii.policy import POLICIES, Policy
from openmed_agent.planes.inference.pii.policy_file import read_policy
from openmed_agent.planes.inference.results import DeidentifiedDocument, blocked_out
from openmed_agent.privacy.gate import check_inference_plane
from openmed_agent.privacy.modes import PhiMode
from openmed_agent.text.new_files import write_file, write_new_file
from openmed_agent.text.sources import read_source, sha256_digest
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handlers.paths import given_path
from openmed_agent.workbench.handlers.planes import plane_address
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.privacy import (
    DeidentificationPlace,
    DescribeDeidentification,
    LabelCount,
    Piece,
    Preview,
    PreviewDeidentified,
    SavedResult,
    SaveResult,
)


async def describe(bench: Bench, _: DescribeDeidentification) -> DeidentificationPlace:
    """Return where a text would go."""
    address, remote = plane_address(bench.configuration.inference)
    return DeidentificationPlace(address=address, remote=remote)


async def preview(bench: Bench, request: PreviewDeidentified) -> Preview:
    """Return what de-identification makes of a text."""
    configuration = bench.configuration
    check_inference_plane(PhiMode(configuration.privacy.effective_phi_mode), configuration.inference)
    policy = _narrowed(await _policy(bench, request), request)
    text = await _text(bench, request)
    redacts = request.method == "redact"
    document = await (await bench.inference()).deidentify(
        text,
        Method.MASK if redacts else Method(request.method),  # blocks are made here, where the width is known
        policy=policy,
        repair=True,
    )
    return await asyncio.to_thread(_preview, text, blocked_out(text, document) if redacts else document)


async def save(bench: Bench, request: SaveResult) -> SavedResult:
    """Write the bytes that were shown, and say their digest once they are on the disk."""
    content = _encoded(request.text)
    digest = sha256_digest(content)
    if digest != request.digest:
        raise CheckFailedError("This is not the text that was shown, so nothing was saved.", remedy="Preview it again.")
    return await asyncio.to_thread(_save, request, content, digest, bench.options.folder)


def _save(request: SaveResult, content: bytes, digest: str, folder: Path) -> SavedResult:
    path = given_path(request.path.strip(), folder)
    if not request.path.strip() or path.is_dir():
        raise InputError("That is a folder.", remedy="Name a file.")
    if request.source and _is_same(path, given_path(request.source, folder)):
        raise InputError("That is the original, which is never replaced.", remedy="Choose another name.")
    if request.replacing:
        write_file(path, content)
    elif os.path.lexists(path):
        return SavedResult(path=str(path), exists=True)
    else:
        write_new_file(path, content)
    return SavedResult(path=str(path), digest=digest, bytes=len(content))


async def _policy(bench: Bench, request: PreviewDeidentified) -> Policy:
    """Return the policy that is chosen; a file is read anew each time, since it may be in an editor beside."""
    if request.policy != "file":
        return POLICIES[request.policy]
    if not request.policy_file.strip():
        raise InputError("No policy file is named.", remedy="Name one, or choose another policy.")
    return await asyncio.to_thread(read_policy, given_path(request.policy_file, bench.options.folder))


def _narrowed(policy: Policy, request: PreviewDeidentified) -> Policy:
    """Return the policy without the kinds that the person keeps.

    Raises:
        InputError: one of them is no kind, or nothing is left to shift.

    """
    try:
        wanted = Policy.model_validate({**policy.model_dump(), "keep": (*policy.keep, *request.keep)})
    except ValueError:  # a ValidationError is one
        raise InputError("That kind of identifier cannot be kept.", remedy="Leave it to be treated.") from None
    if request.method == "shift_dates" and not wanted.acts_on("date"):
        raise InputError("Dates are kept, so there is nothing to shift.", remedy="Choose another method.")
    return wanted


async def _text(bench: Bench, request: PreviewDeidentified) -> str:
    if not request.path:
        _encoded(request.text)
        return request.text
    return (await asyncio.to_thread(read_source, given_path(request.path, bench.options.folder))).text


def _preview(text: str, document: DeidentifiedDocument) -> Preview:
    original: list[Piece] = []
    result: list[Piece] = []
    at = 0
    for one in document.redactions:
        between = text[at : one.span.start]
        original += (Piece(text=between), Piece(text=one.span.of(text), label=one.label))
        result += (Piece(text=between), Piece(text=one.replacement, label=one.label))
        at = one.span.end
    original.append(Piece(text=text[at:]))
    result.append(Piece(text=text[at:]))
    if "".join(piece.text for piece in result) != document.text:
        raise CheckFailedError("The result does not fit its list of changes, so it is not shown.")
    counts = Counter(one.label for one in document.redactions)
    return Preview(
        original=_filled(original),
        result=_filled(result),
        counts=tuple(LabelCount(label=label, count=counts[label]) for label in sorted(counts)),
        digest=sha256_digest(document.text.encode()),
        repaired=document.repaired,
    )


def _filled(pieces: list[Piece]) -> tuple[Piece, ...]:
    return tuple(piece for piece in pieces if piece.text)


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InputError("That is not text in UTF-8.", remedy="Paste it anew.") from None


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


HANDLERS: tuple[Handler, ...] = (
    answered_by(DescribeDeidentification, describe),
    answered_by(PreviewDeidentified, preview),
    answered_by(SaveResult, save),
)
